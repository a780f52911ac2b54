// Interviews view: the list, newest first; it brings in what is new by itself.

import { make } from "./dom.js";
import { dateText, errorPlace, repeat, statusBadge, watchLink } from "./recruiter-parts.js";
import { RowList } from "./row-list.js";

const REFRESH_MS = 4_000;
const PAGE = 25;
const LONGEST_PAGE = 100; // the API's own limit

export function interviewsView(root, { session, go }) {
  const list = new InterviewList(session, go);
  root.replaceChildren(heading(session), ...list.elements);
  list.load();
  return repeat(REFRESH_MS, () => list.refresh());
}

class InterviewList {
  constructor(session, go) {
    const [errors, , showLoading] = errorPlace();
    this.session = session;
    this.showLoading = showLoading;
    this.next = null; // cursor of the next page
    const body = make("tbody", { testid: "interviews" });
    this.rows = new RowList(body, (item) => interviewRow(item, go));
    this.table = make("table", { class: "interviews", hidden: true }, head(), body);
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
    this.rows.append(page.items);
    this.shown();
  }

  /** What is shown, anew, with what has come in above it. */
  async refresh() {
    const known = this.rows.size;
    const page = await this.ask(Math.min(LONGEST_PAGE, Math.max(PAGE, known)), null);
    if (!page) return;
    if (known === 0) this.next = page.next_cursor;
    this.rows.place(page.items, { all: page.next_cursor === null });
    this.shown();
  }

  async ask(limit, cursor) {
    const query = new URLSearchParams(cursor ? { limit, cursor } : { limit });
    try {
      const page = await this.session.api("GET", `/interviews?${query}`);
      this.showLoading(null);
      return page;
    } catch (error) {
      this.showLoading(error);
      return null;
    }
  }

  shown() {
    this.table.hidden = this.rows.size === 0;
    this.empty.hidden = this.rows.size > 0;
    this.more.hidden = this.next === null;
  }
}

function heading(session) {
  const invite = { class: "button primary", href: "/recruiter/invite", testid: "invite" };
  return make(
    "div",
    { class: "view-head" },
    make("h1", { tabindex: "-1", "data-heading": true }, "Interviews"),
    session.may("invite") ? make("a", invite, "Invite a candidate") : null,
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
    make("td", { "data-label": "Status" }, statusBadge(item), item.live ? watchLink(item) : null),
    make("td", { "data-label": "Invited" }, dateText(item.created_at)),
  );
  row.addEventListener("click", (event) => event.target.closest("a") ?? go(address));
  return row;
}
