// Wall: every interview that runs just now, with levels, phase and time left.

import { heightOf, meterBar, showLevel } from "./cockpit-charts.js";
import { clockText, make, part, write } from "./dom.js";
import { errorPlace, repeat } from "./recruiter-parts.js";

const REFRESH_MS = 1_000; // well within the API's rate limit
const LITTLE_TIME_MS = 60_000;

export const PHASES = {
  waiting: "Waiting to begin",
  asking: "Asking",
  answering: "Answering",
  thinking: "Thinking",
  paused: "Paused",
  taken_over: "Taken over",
  away: "Candidate away",
};

export function wallView(root, { session }) {
  const wall = new Wall(session);
  root.replaceChildren(wall.element);
  wall.load();
  document.addEventListener("keydown", wall.keys);
  const stop = repeat(REFRESH_MS, () => wall.load());
  return () => {
    stop();
    document.removeEventListener("keydown", wall.keys);
  };
}

class Wall {
  constructor(session) {
    const [errors, , showLoading] = errorPlace();
    this.session = session;
    this.showLoading = showLoading;
    this.tiles = new Map(); // interview id -> its tile
    this.list = make("ul", { class: "wall", testid: "wall", "aria-label": "Running interviews" });
    this.count = make("p", { class: "hint", role: "status", testid: "wall-count" });
    this.empty = make(
      "div",
      { class: "card empty", testid: "wall-empty", hidden: true },
      make("h2", {}, "No interview is running"),
      make("p", { class: "hint" }, "As soon as a candidate begins, the interview appears here."),
      make("a", { class: "button secondary", href: "/recruiter" }, "All interviews"),
    );
    this.element = make(
      "div",
      { class: "wall-view" },
      make(
        "div",
        { class: "view-head" },
        make("h1", { tabindex: "-1", "data-heading": true }, "Live"),
        this.count,
      ),
      errors,
      this.empty,
      this.list,
      make("p", { class: "hint keys-hint" }, "Arrow keys move between the tiles, Enter opens one."),
    );
    this.keys = (event) => this.move(event);
  }

  async load() {
    try {
      const { items } = await this.session.api("GET", "/live");
      this.showLoading(null);
      this.place(items);
    } catch (error) {
      this.showLoading(error);
    }
  }

  /** Tiles are changed in place, so that the focus stays where it is. */
  place(items) {
    const ids = new Set(items.map((item) => item.interview_id));
    for (const [id, tile] of this.tiles) {
      if (ids.has(id)) continue;
      tile.remove();
      this.tiles.delete(id);
    }
    for (const item of items) {
      let tile = this.tiles.get(item.interview_id);
      if (!tile) {
        tile = makeTile(item);
        this.tiles.set(item.interview_id, tile);
        this.list.append(tile);
      }
      fill(tile, item);
    }
    this.empty.hidden = items.length > 0;
    write(this.count, items.length === 1 ? "1 interview" : `${items.length} interviews`);
  }

  move(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...this.list.querySelectorAll("a.tile")];
    const at = links.indexOf(document.activeElement);
    const to = links[nextIndex(event.key, at, links)];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }
}

/** Where an arrow key leads among tiles laid out in rows; undefined for other keys. */
function nextIndex(key, at, links) {
  const top = links[0]?.getBoundingClientRect().top;
  const columns = links.filter((link) => Math.abs(link.getBoundingClientRect().top - top) < 4).length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (key === "Home") return 0;
  if (key === "End") return links.length - 1;
  if (!(key in steps)) return undefined;
  return at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + steps[key]));
}

function makeTile({ interview_id: id }) {
  return make(
    "li",
    { testid: "tile", "data-id": id },
    make(
      "a",
      { class: "tile", href: `/recruiter/live/${id}`, testid: "tile-open" },
      make(
        "span",
        { class: "tile-head" },
        make("strong", { testid: "tile-name" }),
        make("span", { class: "phase", testid: "tile-phase" }),
      ),
      make("span", { class: "hint", testid: "tile-title" }),
      make("span", { class: "tile-question", testid: "tile-question" }),
      make(
        "span",
        { class: "tile-levels" },
        make("span", { class: "side-name" }, "Candidate"),
        meterBar("Candidate's level", "tile-candidate"),
        make("span", { class: "side-name" }, "Interviewer"),
        meterBar("Interviewer's level", "tile-interviewer"),
      ),
      make(
        "span",
        { class: "tile-foot" },
        make("span", { class: "tile-watchers", testid: "tile-watchers" }),
        make("span", { class: "tile-time", testid: "tile-time" }),
      ),
    ),
    make("a", { class: "tile-page", href: `/recruiter/interviews/${id}`, testid: "tile-page" }),
  );
}

function fill(tile, item) {
  const says = (name, text) => write(part(`tile-${name}`, tile), text);
  says("name", item.candidate_name);
  says("title", item.title);
  says("page", "Interview page");
  part("tile-page", tile).setAttribute("aria-label", `Interview page: ${item.candidate_name}`);
  says("phase", PHASES[item.phase] ?? item.phase);
  says("question", questionText(item.question));
  says("watchers", watchersText(item));
  says("time", `${clockText(item.time_left_ms)} left`);
  part("tile-time", tile).dataset.low = String(item.time_left_ms < LITTLE_TIME_MS);
  part("tile-phase", tile).dataset.phase = item.phase;
  tile.dataset.connected = String(item.connected);
  tile.dataset.here = String(item.here);
  tile.querySelector(".tile-levels").hidden = item.levels === null;
  for (const side of ["candidate", "interviewer"]) {
    const db = item.levels?.[side] ?? -100;
    const bar = part(`tile-${side}`, tile);
    showLevel(bar, db);
    bar.dataset.sounding = String(heightOf(db) > 0.2);
  }
}

function questionText(question) {
  if (!question) return "Before the first question";
  return `Question ${question.number} of ${question.of}: ${question.text}`;
}

function watchersText({ monitors, listeners, connected }) {
  const words = [connected ? "Connected" : "Not connected"];
  if (monitors > 0) words.push(`${monitors} watching`);
  if (listeners > 0) words.push(`${listeners} listening`);
  return words.join(" · ");
}
