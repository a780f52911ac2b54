// Interview view: the status of one interview, its actions, and its transcript.

import { costText } from "./cost.js";
import { make } from "./dom.js";
import {
  confirmed,
  dateText,
  errorPlace,
  linkBox,
  notAllowed,
  repeat,
  statusBadge,
  watchLink,
} from "./recruiter-parts.js";
import { toDoList, transcriptList } from "./recruiter-transcript.js";

const REFRESH_MS = 3_000;

export function interviewView(root, { session, id }) {
  const one = new InterviewPanel(session, id);
  root.replaceChildren(backLink(), ...one.elements);
  one.load();
  return repeat(REFRESH_MS, () => one.over || one.load());
}

class InterviewPanel {
  constructor(session, id) {
    const [errors, showError, showLoading] = errorPlace();
    this.session = session;
    this.path = `/interviews/${id}`;
    this.showLoading = showLoading;
    this.top = make("div");
    this.link = make("div", { testid: "new-link-place" });
    this.toDo = make("div");
    this.said = make("section", { class: "card transcript-card", "aria-label": "Transcript" });
    this.elements = [errors, this.top, this.link, this.toDo, this.said];
    this.seen = "";
    this.over = false;
    const work = {
      "new-link": () => this.renewLink(),
      call: () => this.call(),
      "end-interview": () => this.end(),
    };
    this.top.addEventListener("click", (event) => {
      const chosen = work[event.target.closest("button")?.dataset.testid];
      chosen?.().then(() => showError(null), showError);
    });
  }

  async load() {
    try {
      const [interview, transcript, cost] = await Promise.all([
        this.session.api("GET", this.path),
        this.session.api("GET", `${this.path}/transcript`),
        this.session.api("GET", `${this.path}/cost`).catch(() => ({})), // the rest is worth more
      ]);
      this.showLoading(null);
      this.show(interview, transcript, cost);
    } catch (error) {
      this.showLoading(error);
    }
  }

  /** Nothing new: focus and selection are left alone. */
  show(interview, { turns, to_dos: toDos }, cost) {
    const now = JSON.stringify([interview, turns, cost]);
    if (now === this.seen) return;
    this.seen = now;
    this.over = over(interview) && !RENEWABLE.has(interview.end_reason);
    this.top.replaceChildren(
      summary(interview, cost),
      notAsked(interview) ?? "",
      this.over ? "" : actions(interview, this.session),
    );
    this.toDo.replaceChildren(toDoList(toDos) ?? "");
    this.said.replaceChildren(...transcriptList(interview, turns));
  }

  async renewLink() {
    const text = "The link that the candidate has stops working at once. What was said stays.";
    if (!(await confirmed("Make a new link?", text, "Make a new link"))) return;
    const answer = await this.session.api("POST", `${this.path}/link`);
    const until = dateText(answer.join_expires_at);
    const hint = `This link replaces the old one, which no longer works. It works until ${until}.`;
    const box = linkBox(answer.join_url);
    this.link.replaceChildren(
      make("div", { class: "card form" }, make("p", { class: "hint" }, hint), box),
    );
    box.querySelector("button").focus();
    await this.load();
  }

  async call() {
    const { number } = await this.session.api("POST", `${this.path}/call`, { body: {} });
    this.link.replaceChildren(
      make("p", { class: "hint", role: "status", testid: "calling" }, `Calling ${number} ...`),
    );
  }

  async end() {
    const text =
      "The candidate is told, and nobody can enter the interview any more. What was said stays.";
    if (!(await confirmed("End this interview?", text, "End the interview"))) return;
    await this.session.api("POST", `${this.path}/end`);
    this.link.replaceChildren();
    await this.load();
  }
}

/** Ends that nobody wanted: a new link opens the interview again. */
const RENEWABLE = new Set(["expired", "not_begun", "interrupted"]);

function over({ status }) {
  return status !== "invited" && status !== "running";
}

function backLink() {
  return make("a", { class: "back", href: "/recruiter" }, "‹ Interviews");
}

function summary(interview, cost) {
  const facts = [
    ["E-mail", interview.candidate_email],
    ["Telephone", interview.candidate_phone],
    ["Invited", dateText(interview.created_at)],
    ["Link works until", over(interview) ? null : dateText(interview.join_expires_at)],
    ["Started", interview.started_at && dateText(interview.started_at)],
    ["Ended", interview.ended_at && dateText(interview.ended_at)],
    ["How it ended", interview.end?.text ?? interview.end_reason?.replaceAll("_", " ")],
    ["Cost", costText(cost)],
    ["Time limit", `${Math.round(interview.time_limit_s / 60)} min`],
  ];
  return make(
    "header",
    { class: "summary" },
    make(
      "div",
      { class: "view-head" },
      make("h1", { tabindex: "-1", "data-heading": true }, interview.candidate_name),
      statusBadge(interview),
    ),
    make("p", { class: "lead" }, interview.title),
    make(
      "dl",
      { class: "facts" },
      ...facts
        .filter(([, value]) => value)
        .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
    ),
  );
}

/** The questions that were left open when the interview ended. */
function notAsked({ coverage }) {
  const open = (coverage ?? []).filter(({ state }) => state === "not_asked");
  if (open.length === 0) return null;
  return make(
    "details",
    { class: "card", testid: "not-asked" },
    make("summary", {}, "Not asked"),
    make(
      "ul",
      {},
      ...open.map(({ text, must_ask: must }) =>
        make("li", {}, must ? make("strong", {}, "Must-ask: ") : null, text),
      ),
    ),
  );
}

/** What the role allows of what can be done; what it does not allow is told, not shown. */
function actions(interview, session) {
  const runs = !over(interview);
  const call = make("button", { type: "button", class: "secondary", testid: "call" }, "Call now");
  const link = make("button", { type: "button", class: "secondary", testid: "new-link" }, "New link");
  const offered = [
    runs && interview.candidate_phone ? ["call", call] : null,
    ["invite", link],
    runs ? ["control", endButton()] : null,
  ].filter(Boolean);
  const allowed = offered.filter(([right]) => session.may(right));
  return make(
    "div",
    { class: "row" },
    interview.live ? watchLink(interview) : null,
    ...allowed.map(([, button]) => button),
    allowed.length < offered.length ? notAllowed(READ_ONLY) : null,
  );
}

const READ_ONLY =
  "Your role lets you read this interview; calling, new links and ending it are for recruiters.";

function endButton() {
  const looks = { type: "button", class: "secondary bad-text", testid: "end-interview" };
  return make("button", looks, "End the interview");
}
