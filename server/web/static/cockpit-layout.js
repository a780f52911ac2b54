// Layout of the cockpit: header, plan, transcript, and the panels with all commands.

import { meterBar } from "./cockpit-charts.js";
import { make } from "./dom.js";

/** The keys, as the help shows them. */
export const KEYS = [
  ["L", "Listen, or stop listening"],
  ["H", "Write a hint"],
  ["P", "Pause, or go on"],
  ["X", "Five more minutes"],
  ["S", "Skip the question"],
  ["F", "Take the floor, or hand it back"],
  ["T", "Hold it to talk, while you have the floor"],
  ["E", "End the interview"],
  ["Shift", "With P, S, F or E: at once, not at the end of the turn"],
  ["B", "Back to all live interviews"],
  ["?", "These keys"],
];

/** `id`: of the interview. */
export function cockpitLayout(id) {
  return make("div", { class: "cockpit", testid: "cockpit" }, header(id), trouble(), board(), help());
}

function header(id) {
  return make(
    "header",
    { class: "cockpit-head" },
    make("a", { class: "back", href: "/recruiter/live", testid: "back" }, "‹ Live"),
    make("a", { class: "back", href: `/recruiter/interviews/${id}`, testid: "page" }, "Interview page"),
    make(
      "div",
      { class: "cockpit-title" },
      make("h1", { tabindex: "-1", "data-heading": true, testid: "cockpit-name" }, "Interview"),
      make("p", { class: "hint", testid: "cockpit-about" }),
    ),
    make("p", { class: "phase", role: "status", testid: "phase" }),
    make("p", { class: "pill", role: "status", testid: "line-state" }),
    make(
      "p",
      { class: "clock" },
      make("span", { class: "clock-label" }, "Time left"),
      make("span", { role: "timer", testid: "cockpit-time" }, "–:––"),
    ),
    button("help-open", "?", { class: "secondary", "aria-label": "Keyboard shortcuts" }),
  );
}

function trouble() {
  return make(
    "div",
    { class: "cockpit-messages" },
    make("p", { class: "notice bad", role: "alert", testid: "refusal", hidden: true }),
    make("p", { class: "notice", role: "status", testid: "cockpit-notice", hidden: true }),
  );
}

function board() {
  return make("div", { class: "board" }, plan(), transcript(), commands());
}

function plan() {
  return make(
    "section",
    { class: "panel plan-panel", "aria-labelledby": "plan-title" },
    panelHead("plan-title", "Plan", "coverage"),
    make("div", { class: "plan-list", tabindex: "0", "aria-label": "Plan", testid: "plan-list" }),
  );
}

function transcript() {
  return make(
    "section",
    { class: "panel transcript-panel", "aria-labelledby": "said-title" },
    panelHead("said-title", "Transcript", "parties"),
    make("ol", {
      class: "lines",
      tabindex: "0",
      "aria-label": "Transcript",
      testid: "lines",
    }),
    button("lines-latest", "Latest ↓", { class: "latest", hidden: true }),
  );
}

function commands() {
  return make("div", { class: "commands" }, sound(), hints(), controls(), floor(), actions());
}

function sound() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.dataset.testid = "sparkline";
  svg.setAttribute("class", "sparkline");
  svg.setAttribute("aria-hidden", "true");
  return panel(
    "sound-title",
    "Sound",
    "audience",
    make("canvas", { class: "waveform", "aria-hidden": "true", testid: "waveform" }),
    make(
      "div",
      { class: "sides" },
      make("span", { class: "side-name" }, "Candidate"),
      meterBar("Candidate's level", "level-candidate"),
      make("span", { class: "side-name", testid: "right-name" }, "Interviewer"),
      meterBar("Interviewer's level", "level-interviewer"),
    ),
    make(
      "div",
      { class: "row spread" },
      button("listen", "Listen", { "aria-pressed": "false", "data-right": "listen", "data-key": "L" }),
      make(
        "div",
        { class: "latency" },
        svg,
        make("span", { class: "hint", testid: "latency" }, "No reply yet"),
      ),
    ),
    reason("listen"),
  );
}

function hints() {
  return panel(
    "hint-title",
    "Hint",
    null,
    make(
      "form",
      { class: "hint-form", testid: "hint-form" },
      make("input", {
        testid: "hint-text",
        "aria-labelledby": "hint-title",
        placeholder: "ask about the migration",
        title: "It becomes the interviewer's next question. The candidate never sees it.",
        maxlength: "300",
        minlength: "2",
        required: true,
        autocomplete: "off",
        "data-right": "hint",
      }),
      make(
        "button",
        { type: "submit", class: "primary", testid: "hint-send", "data-right": "hint" },
        "Send hint",
      ),
    ),
    make("ul", { class: "suggestions", "aria-label": "From the plan", testid: "suggestions" }),
    reason("hint"),
  );
}

function controls() {
  const may = { "data-right": "control" };
  return panel(
    "control-title",
    "The interview",
    null,
    make(
      "div",
      { class: "row" },
      button("pause", "Pause", { ...may, "data-key": "P" }),
      button("extend", "+5 min", { ...may, "data-key": "X" }),
      button("skip", "Skip", { ...may, "data-key": "S" }),
      button("end-it", "End", { ...may, class: "secondary bad-text", "data-key": "E" }),
    ),
    make(
      "label",
      { class: "at-once" },
      make("input", { type: "checkbox", testid: "at-once", ...may }),
      make("span", {}, "At once, not at the end of the turn"),
    ),
    reason("control"),
  );
}

function floor() {
  const may = { "data-right": "take_over" };
  return panel(
    "floor-title",
    "The floor",
    "floor-state",
    make(
      "div",
      { class: "row" },
      button("floor", "Take the floor", { ...may, class: "primary", "data-key": "F" }),
      button("talk", "Hold to talk", { ...may, "aria-pressed": "false", "data-key": "T" }),
    ),
    make(
      "label",
      { class: "at-once" },
      make("input", { type: "checkbox", testid: "keep-talking", ...may }),
      make("span", {}, "Keep my microphone open"),
    ),
    make("p", { class: "hint", id: reasonId("talk") }, "To talk, first take the floor."),
    reason("take_over"),
  );
}

function actions() {
  return panel(
    "actions-title",
    "What was asked for",
    "cost",
    make("ol", { class: "actions", testid: "actions", tabindex: "0", "aria-live": "polite" }),
  );
}

function help() {
  const rows = KEYS.map(([key, what]) =>
    make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)),
  );
  return make(
    "dialog",
    { testid: "help", "aria-labelledby": "help-title" },
    make(
      "form",
      { method: "dialog" },
      make("h2", { id: "help-title" }, "Keys"),
      make("p", { class: "hint" }, "With Alt: Alt+P pauses, for instance. Shift as well acts at once."),
      make("dl", { class: "keys" }, ...rows),
      make(
        "label",
        { class: "at-once" },
        make("input", { type: "checkbox", testid: "single-keys" }),
        "The keys act without Alt, too",
      ),
      make(
        "div",
        { class: "dialog-buttons" },
        make("button", { class: "primary", testid: "help-close" }, "Close"),
      ),
    ),
  );
}

function panel(id, title, aside, ...children) {
  const attributes = { class: "panel", "aria-labelledby": id };
  return make("section", attributes, panelHead(id, title, aside), ...children);
}

function panelHead(id, title, aside) {
  const note = aside ? make("p", { class: "hint", testid: aside }) : null;
  return make("div", { class: "panel-head" }, make("h2", { id }, title), note);
}

function button(testid, text, attributes = {}) {
  const { class: kind = "secondary", "data-key": key, ...rest } = attributes;
  const label = make("span", { class: "label" }, text);
  const shown = key ? make("kbd", { "aria-hidden": "true" }, key) : null;
  const shortcut = key ? { "aria-keyshortcuts": `Alt+${key}` } : {};
  return make("button", { type: "button", class: kind, testid, ...shortcut, ...rest }, label, shown);
}

/** Why a panel's controls are held back; empty while they are not. */
function reason(right) {
  return make("p", { class: "hint reason", id: reasonId(right), "data-reason": right, hidden: true });
}

export function reasonId(right) {
  return `reason-${right}`;
}
