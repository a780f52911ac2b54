// Plan of the interview in the cockpit: what is covered, and hints for what is not.

import { make } from "./dom.js";

const SUGGESTIONS = 3;
const MAX_HINT_CHARS = 300; // the protocol's own limit
const WORDS = {
  open: "to come",
  current: "now",
  answered: "covered",
  skipped: "skipped",
  dropped: "no time",
};

/** `states`: question id -> its state. The children of the plan's panel. */
export function planList(sections, states) {
  return sections.map(({ title, questions }) =>
    make(
      "section",
      { class: "plan-section" },
      make("h3", {}, title),
      make("ol", { class: "plan-questions" }, ...questions.map((q) => planQuestion(q, states[q.id]))),
    ),
  );
}

function planQuestion({ id, text, must_ask: must }, state = "open") {
  return make(
    "li",
    {
      testid: "plan-question",
      "data-id": id,
      "data-state": state,
      "aria-current": state === "current" && "step",
    },
    make("span", { class: "plan-text" }, text),
    make("span", { class: "plan-state" }, must && state === "open" ? "must be asked" : WORDS[state]),
  );
}

/** "3 of 8 covered" */
export function coverageText(sections, states) {
  const ids = sections.flatMap(({ questions }) => questions.map(({ id }) => id));
  const covered = ids.filter((id) => states[id] === "answered").length;
  return `${covered} of ${ids.length} covered`;
}

/** Hints that suggest themselves: follow-ups to the question now, then questions not yet covered (what
 * must be asked before the rest). The one that comes next anyway is left out. */
export function suggestions(sections, { current, next }, states) {
  const questions = sections.flatMap((section) => section.questions);
  const now = questions.find(({ id }) => id === current);
  const open = questions.filter(
    ({ id }) => id !== next && ["open", "skipped", "dropped"].includes(states[id] ?? "open"),
  );
  const ordered = [...open.filter((q) => q.must_ask), ...open.filter((q) => !q.must_ask)];
  const texts = [...(now?.probes ?? []).slice(0, 2), ...ordered].map(({ text }) => text);
  return [...new Set(texts)].filter((text) => text.length <= MAX_HINT_CHARS).slice(0, SUGGESTIONS);
}
