// Interviews view: the list, newest first; running ones are kept up to date.

import { make } from "./dom.js";
import { dateText, errorPlace, repeat, statusBadge } from "./recruiter-parts.js";

const REFRESH_MS = 4_000;
const PAGE = 25;
const LONGEST_PAGE = 100; // the API's own limit
const OPEN = new Set(["invited", "running"]);

export function interviewsView(root, { session, go }) {
  const list = new InterviewList(session, go);
  root.replaceChildren(heading(), ...list.elements);
  list.load();
  return repeat(REFRESH_MS, () => list.refresh());
}

class InterviewList {
  constructor(session, go) {
    const [errors, showError] = errorPlace();
    this.session = session;
    this.go = go;
    this.showError = showError;
    this.shown = new Map(); // id -> {row, item, as: what the row was made of}
    this.next = null; // cursor of the next page
    this.rows = make("tbody", { testid: "interviews" });
    this.table = make("table", { class: "interviews", hidden: true }, head(), this.rows);
    this.empty = emptyState();
    this.more = make(
      "button",
      { type: "button", class: "secondary", testid: "more", hidden: true },
      "Show more",
    );
    this.more.addEventListener("click", () => this.load());
    this.elements = [errors, this.table, this.empty, this.more];
  }

  /** The first page, or the one after those shown. */
  async load() {
    const page = await this.ask(PAGE, this.next);
    if (!page) return;
    this.next = page.next_cursor;
    this.place(page.items);
  }

  /** What is shown, anew: only where something may have changed. */
  async refresh() {
    if (![...this.shown.values()].some(({ item }) => OPEN.has(item.status))) return;
    const page = await this.ask(Math.min(LONGEST_PAGE, Math.max(PAGE, this.shown.size)), null);
    if (page) this.place(page.items.filter((item) => this.shown.has(item.id)));
  }

  async ask(limit, cursor) {
    const query = new URLSearchParams(cursor ? { limit, cursor } : { limit });
    try {
      const page = await this.session.api("GET", `/interviews?${query}`);
      this.showError(null);
      return page;
    } catch (error) {
      this.showError(error);
      return null;
    }
  }

  /** Adds or replaces rows; one that has not changed is left alone, and so is the focus in it. */
  place(items) {
    for (const item of items) {
      const as = JSON.stringify(item);
      const known = this.shown.get(item.id);
      if (known?.as === as) continue;
      const row = interviewRow(item, this.go);
      if (known) known.row.replaceWith(row);
      else this.rows.append(row);
      this.shown.set(item.id, { row, item, as });
    }
    this.table.hidden = this.shown.size === 0;
    this.empty.hidden = this.shown.size > 0;
    this.more.hidden = this.next === null;
  }
}

function heading() {
  return make(
    "div",
    { class: "view-head" },
    make("h1", { tabindex: "-1", "data-heading": true }, "Interviews"),
    make(
      "a",
      { class: "button primary", href: "/recruiter/invite", testid: "invite" },
      "Invite a candidate",
    ),
  );
}

function emptyState() {
  return make(
    "div",
    { class: "card empty", hidden: true, testid: "no-interviews" },
    make("h2", {}, "No interviews yet"),
    make(
      "p",
      { class: "hint" },
      "Invite your first candidate: choose a plan, give a name, and send the link.",
    ),
  );
}

function head() {
  const names = ["Candidate", "Interview", "Status", "Invited"];
  return make(
    "thead",
    {},
    make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))),
  );
}

function interviewRow(item, go) {
  const address = `/recruiter/interviews/${item.id}`;
  const row = make(
    "tr",
    { testid: "interview", "data-id": item.id },
    make(
      "td",
      {},
      make("a", { href: address, testid: "open" }, item.candidate_name),
      make("span", { class: "hint" }, item.candidate_email ?? ""),
    ),
    make("td", { "data-label": "Interview" }, item.title),
    make("td", { "data-label": "Status" }, statusBadge(item)),
    make("td", { "data-label": "Invited" }, dateText(item.created_at)),
  );
  row.addEventListener("click", (event) => event.target.closest("a") ?? go(address));
  return row;
}
