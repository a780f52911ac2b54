// Cockpit: the recruiter's view of one running interview. Connects its parts to the monitor socket.

import { Sparkline, Waveform, showLevel } from "./cockpit-charts.js";
import { Commands } from "./cockpit-commands.js";
import { cockpitLayout } from "./cockpit-layout.js";
import { coverageText, planList, suggestions } from "./cockpit-plan.js";
import { MonitorSocket } from "./cockpit-socket.js";
import { CockpitSound } from "./cockpit-sound.js";
import { LiveTranscript } from "./cockpit-transcript.js";
import { costText } from "./cost.js";
import { clockText, make, part, write } from "./dom.js";

const LITTLE_TIME_MS = 60_000;
const TICK_MS = 250;
const ACTIONS_KEPT = 30;

export function cockpitView(root, { session, go, id }) {
  const cockpit = new Cockpit(session, go, id);
  root.replaceChildren(cockpit.root);
  cockpit.socket.connect();
  return () => cockpit.close();
}

class Cockpit {
  constructor(session, go, id) {
    this.root = cockpitLayout(id);
    this.id = id;
    this.sound = new CockpitSound(({ frame }) => this.commands.held && this.socket.sendFrame(frame));
    this.socket = new MonitorSocket(() => session.api("POST", `/live/${id}/ticket`), {
      message: (message) => this.take(message),
      audio: (message) => this.sound.take(message),
      connection: (state, sentence) => this.connection(state, sentence),
      closed: (kind, sentence) => this.over(kind, sentence),
    });
    this.commands = new Commands(this.root, this.socket, this.sound, {
      leave: () => go("/recruiter/live"),
      checkHint: (text) => session.api("POST", "/live/hint-check", { body: { text } }),
    });
    this.transcript = new LiveTranscript(this.part("lines"), this.part("lines-latest"));
    this.waveform = new Waveform(this.part("waveform"));
    this.sparkline = new Sparkline(this.part("sparkline"), this.part("latency"));
    this.actions = new Map(); // id -> its line
    this.plan = [];
    this.parties = { candidate: "quiet", interviewer: "idle", recruiter: "quiet" };
    this.connected = true;
    this.commands.disable();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  part(name) {
    return part(name, this.root);
  }

  close() {
    clearInterval(this.ticking);
    this.socket.close();
    this.commands.close();
    this.sound.close();
  }

  take(message) {
    switch (message.type) {
      case "snapshot":
        return this.snapshot(message);
      case "resumed":
        this.commands.allow(message.rights);
        return this.commands.listenAgain();
      case "caption":
        return this.transcript.caption(message);
      case "turn.committed":
        return this.transcript.commit(message.turn, message.seq);
      case "turn.reopened":
        return this.transcript.reopen(message.index);
      case "state":
        return this.state(message);
      case "floor":
        return this.floor(message);
      case "coverage":
        return this.coverage(message);
      case "latency":
        return this.sparkline.take(message);
      case "levels":
        return this.levels(message);
      case "connection":
        this.connected = message.connected;
        return this.phase();
      case "cost":
        return this.cost(message);
      case "listeners":
        return this.listeners(message.people);
      case "action":
        return this.action(message);
      case "notice":
        return this.notice(message.message);
      case "refused":
        return this.commands.refused(message.message);
      default:
        return undefined; // audio.quality and ended have no place of their own here
    }
  }

  snapshot(message) {
    this.ownId = message.user_id;
    this.plan = message.plan;
    this.connected = message.connected;
    write(this.part("cockpit-name"), message.candidate_name);
    write(this.part("cockpit-about"), message.title);
    this.transcript.replace(message);
    this.sparkline.replace(message.latencies);
    this.coverage(message.coverage);
    this.cost(message.cost);
    this.listeners(message.listeners);
    this.actions.clear();
    this.part("actions").replaceChildren();
    for (const { id, text, user_name: name } of message.hints) {
      this.action({ id, text, user_name: name, action: "hint", state: "asked" });
    }
    this.commands.allow(message.rights);
    this.begun = message.transcript.length > 0 || message.captions.length > 0;
    this.state(message);
    this.floor({ ...message.floor, time_left_ms: message.time_left_ms });
    this.commands.listenAgain();
  }

  state({ candidate, interviewer, recruiter, time_left_ms: left }) {
    this.parties = { candidate, interviewer, recruiter };
    this.begun ||= interviewer !== "idle" || candidate !== "quiet";
    this.timeLeft(left);
    this.phase();
  }

  floor(message) {
    this.holder = message;
    this.commands.setFloor(message, this.ownId);
    write(this.part("floor-state"), floorText(message, this.ownId));
    write(this.part("right-name"), message.holder === "recruiter" ? "Recruiter" : "Interviewer");
    this.timeLeft(message.time_left_ms);
    this.phase();
  }

  phase() {
    const { candidate, interviewer, recruiter } = this.parties;
    const [name, words] = phaseOf(this.parties, this.holder, this.connected, this.begun);
    const place = this.part("phase");
    place.dataset.phase = name;
    write(place, words);
    const parties = [`Candidate ${CANDIDATE[candidate]}`, `interviewer ${INTERVIEWER[interviewer]}`];
    if (this.holder?.holder === "recruiter") parties[1] = `recruiter ${recruiter}`;
    write(this.part("parties"), this.connected ? parties.join(", ") : "Candidate not connected");
  }

  timeLeft(ms) {
    this.left = ms;
    this.leftAt = performance.now();
    this.tick();
  }

  /** The time stands still in a pause, and before the interview has begun. */
  tick() {
    if (this.left === undefined) return;
    const runs = this.begun && !STOPPED.includes(this.holder?.state) && !this.ended;
    const left = this.left - (runs ? performance.now() - this.leftAt : 0);
    const clock = this.part("cockpit-time");
    write(clock, clockText(left));
    clock.dataset.low = String(left < LITTLE_TIME_MS);
  }

  coverage(message) {
    const states = Object.fromEntries(message.questions.map(({ id, state }) => [id, state]));
    this.part("plan-list").replaceChildren(...planList(this.plan, states));
    write(this.part("coverage"), coverageText(this.plan, states));
    const texts = suggestions(this.plan, message, states);
    const may = { type: "button", testid: "suggestion", "data-right": "hint" };
    const items = texts.map((text) => make("li", {}, make("button", may, text)));
    const list = this.part("suggestions");
    list.replaceChildren(...items);
    for (const button of list.querySelectorAll("button")) {
      this.commands.holdBack(button);
    }
    const now = this.root.querySelector('[data-state="current"]');
    if (now) this.part("plan-list").scrollTop = now.offsetTop - 80;
  }

  levels(message) {
    this.waveform.take(message);
    for (const side of ["candidate", "interviewer"]) {
      showLevel(this.part(`level-${side}`), Math.max(-100, ...message[side]));
    }
  }

  cost(message) {
    const text = costText(message);
    const capped = message.capped ? ", at its cap: no drafts, no live captions" : "";
    write(this.part("cost"), text && `${text} so far${capped}`);
  }

  listeners(people) {
    const names = people.map(({ name, listening }) => (listening ? `${name} (listening)` : name));
    write(this.part("audience"), [...new Set(names)].join(", "));
  }

  action(message) {
    const known = this.actions.get(message.id);
    const line = actionLine(message);
    if (known) known.replaceWith(line);
    else this.part("actions").prepend(line);
    this.actions.set(message.id, line);
    if (this.part("actions").children.length > ACTIONS_KEPT) {
      this.part("actions").lastElementChild.remove();
    }
  }

  notice(sentence) {
    const place = this.part("cockpit-notice");
    write(place, sentence);
    place.hidden = sentence === "";
  }

  connection(state, sentence) {
    const place = this.part("line-state");
    place.dataset.connection = state;
    write(place, LINE[state]);
    this.notice(state === "open" ? "" : sentence);
    if (state !== "open") this.commands.talk(false);
  }

  /** For good: what was said stays on the page. */
  over(kind, sentence) {
    this.ended = true;
    this.commands.disable();
    this.sound.close();
    const place = this.part("line-state");
    place.dataset.connection = "closed";
    write(place, kind === "over" ? "Over" : "Closed");
    const phase = this.part("phase");
    phase.dataset.phase = "over";
    write(phase, kind === "over" ? "Over" : "Not followed");
    const fallback = kind === "over" ? "This interview is over." : "This cannot be followed here.";
    this.notice(sentence || fallback);
    const address = `/recruiter/interviews/${this.id}`;
    this.part("cockpit-notice").append(" ", make("a", { href: address }, "Read the transcript"));
  }
}

const LINE = {
  connecting: "Connecting",
  open: "Live",
  retrying: "Reconnecting",
  waiting: "Not live yet",
};
const CANDIDATE = {
  quiet: "quiet",
  speaking: "speaking",
  pausing: "pausing",
  awaiting_transcript: "done",
};
const STOPPED = ["paused", "waiting"]; // states of the floor in which the clock stands still
const INTERVIEWER = { idle: "listening", thinking: "thinking", speaking: "speaking", held: "silent" };
const ACTIONS = {
  hint: "Hint",
  pause: "Pause",
  resume: "Go on",
  extend: "More time",
  skip: "Skip",
  end: "End",
  take_over: "Take the floor",
  hand_back: "Hand back",
};
const OUTCOMES = { asked: "waits", done: "done", dropped: "dropped" };

function phaseOf({ interviewer }, floor, connected, begun) {
  if (!connected) return ["away", "Candidate away"];
  if (STOPPED.includes(floor?.state)) return ["paused", "Paused"];
  if (floor?.holder === "recruiter") return ["taken_over", "Taken over"];
  if (!begun) return ["waiting", "Waiting to begin"];
  if (interviewer === "speaking") return ["asking", "Asking"];
  if (interviewer === "thinking") return ["thinking", "Thinking"];
  return ["answering", "Answering"];
}

function floorText({ holder, state, user_id: id, user_name: name }, ownId) {
  if (state === "paused") return "Nobody: paused";
  if (state === "waiting") return "Nobody: the candidate is waited for";
  if (holder !== "recruiter") return "The interviewer";
  const who = id === ownId ? "You" : name;
  if (state === "passing") return `${who}, after the announcement`;
  return state === "lost" ? `${who}, not connected` : who;
}

function actionLine({ action, state, text, minutes, user_name: name }) {
  const what = text ? `${ACTIONS[action]}: ${text}` : ACTIONS[action];
  return make(
    "li",
    { testid: "action", "data-state": state },
    make("span", {}, minutes ? `${what} (${minutes} min)` : what),
    make("span", { class: "hint" }, `${name} · ${OUTCOMES[state]}`),
  );
}
