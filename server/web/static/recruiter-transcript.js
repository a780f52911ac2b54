// Transcript of an interview: who said what and when, what was not heard, and how fast.

import { clockText, make } from "./dom.js";

/** The children of the transcript's card. `turns` are those of the API. */
export function transcriptList(interview, turns) {
  const title = make("h2", {}, "Transcript");
  if (turns.length === 0) {
    const waiting =
      interview.status === "invited"
        ? "The candidate has not begun yet."
        : "Nothing has been said yet.";
    return [title, make("p", { class: "hint", testid: "no-turns" }, waiting)];
  }
  const items = turns.map((turn, index) => turnItem(interview, turn, turns[index - 1]));
  return [title, make("ol", { class: "transcript", testid: "transcript" }, ...items)];
}

/** What the interviewer has promised to pass on, each with a link to the turn it came from; null
 * where that is nothing. */
export function toDoList(toDos) {
  if (!toDos?.length) return null;
  const items = toDos.map((one) => {
    const link = make("a", { href: `#${turnId(one)}`, testid: "to-do-turn" }, `Turn ${one.index + 1}`);
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the address, and every link that bubbles up, belong to the views
      event.stopPropagation();
      const turn = document.getElementById(turnId(one));
      turn?.scrollIntoView({ block: "center" });
      turn?.focus();
    });
    return make("li", { testid: "to-do" }, `“${one.text}” `, link);
  });
  return make(
    "section",
    { class: "card", "aria-label": "To do", testid: "to-dos" },
    make("h2", {}, "To do"),
    make("p", { class: "hint" }, "The candidate was told that you will get back on this."),
    make("ul", {}, ...items),
  );
}

function turnId(turn) {
  return `turn-${turn.session_id}-${turn.index}`;
}

function turnItem(interview, turn, previous) {
  const names = {
    candidate: interview.candidate_name,
    interviewer: "Interviewer",
    recruiter: "Recruiter",
  };
  return make(
    "li",
    {
      class: "turn",
      id: turnId(turn),
      tabindex: "-1",
      "data-speaker": turn.speaker,
      testid: "turn",
    },
    make(
      "p",
      { class: "turn-head" },
      make("strong", {}, names[turn.speaker] ?? turn.speaker),
      make("span", { class: "hint" }, timesText(turn, previous)),
      turn.interrupted
        ? make("span", { class: "badge", "data-status": "waiting" }, "Interrupted")
        : null,
    ),
    make("p", { class: "turn-text", testid: "turn-text" }, ...spoken(turn)),
    stages(turn),
  );
}

/** The text, with what was not heard of it struck through. */
function spoken({ text, heard_text: heard, interrupted }) {
  if (!interrupted || heard === text) return [text];
  const start = text.startsWith(heard) ? heard : "";
  if (!start && heard) return [heard, " ", unheard(`(meant to say: ${text})`)];
  return [start, unheard(text.slice(start.length))];
}

function unheard(text) {
  return make("s", { title: "Not heard by the candidate", testid: "unheard" }, text);
}

function timesText(turn, previous) {
  const span = `${clockText(turn.started_ms)} – ${clockText(turn.ended_ms)}`;
  if (turn.speaker !== "interviewer" || previous?.speaker !== "candidate") return span;
  if (previous.session_id !== turn.session_id) return span;
  const measured = turn.latency?.voice_to_voice_ms ?? turn.started_ms - previous.ended_ms;
  return `${span} · replied after ${(Math.max(0, measured) / 1000).toFixed(1)} s`;
}

/** The stages behind the reply, for whoever wants to know. */
function stages({ latency }) {
  const entries = Object.entries(latency ?? {}).filter(([, value]) => typeof value === "number");
  if (entries.length === 0) return null;
  return make(
    "details",
    { class: "stages" },
    make("summary", {}, "Timing"),
    make(
      "dl",
      {},
      ...entries.map(([name, value]) =>
        make(
          "div",
          {},
          make("dt", {}, name.replace(/_ms$/, "").replaceAll("_", " ")),
          make("dd", {}, stageText(name, value)),
        ),
      ),
    ),
  );
}

/** A length of time ends in _ms; anything else is a moment of the session, in milliseconds too. */
function stageText(name, value) {
  return name.endsWith("_ms") ? `${Math.round(value)} ms` : `at ${(value / 1000).toFixed(2)} s`;
}
