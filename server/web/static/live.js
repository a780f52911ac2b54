// Screen of the interview: who speaks, the state in words, time left, notices; it decides nothing.

import { clockText, part, write } from "./dom.js";
import { levelOf } from "./meter.js";

const LITTLE_TIME_MS = 60_000;
const NOTICE_MS = 12_000;
const LONG_RETRY = 6; // attempts, about 12 s: then say what the person can do

export class Live {
  constructor() {
    this.root = part("live");
    this.left = null;
    this.persona = "The interviewer";
    this.thresholdAnnounced = false;
    this.standing = new Map(); // code -> message, of notices that hold for as long as they are true
    this.reset();
  }

  reset() {
    this.candidate = "quiet";
    this.interviewer = "idle";
    this.floor = "interviewer";
    this.recruiterSpeaks = false;
    this.connected = "connecting";
    this.muted = false;
    this.weak = "";
  }

  show({ persona_name: persona, candidate_name: name, title, organisation }) {
    this.persona = persona;
    write(part("live-title"), title);
    write(part("live-organisation"), organisation);
    write(part("persona"), persona);
    write(part("own-initials"), initials(name));
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), 250);
    this.refresh();
  }

  hide() {
    clearInterval(this.timer);
  }

  /** The time that is left now. */
  setTimeLeft(ms) {
    this.left = ms;
    this.leftAt = performance.now();
    this.tick();
  }

  setState({ candidate, interviewer, floor = "interviewer", recruiter_speaks: speaks = false }) {
    this.candidate = candidate;
    this.interviewer = interviewer;
    this.floor = floor; // who leads the talk; when nobody does, the clock stands still
    this.recruiterSpeaks = speaks;
    this.refresh();
  }

  setConnection(state, { attempt = 0 } = {}) {
    this.connected = state;
    this.attempt = attempt;
    if (state !== "open") this.clearNotices();
    this.refresh();
  }

  /** The line is weak: what becomes of the words meanwhile, "kept" or "lost"; "" once it is good. */
  setWeak(how) {
    this.weak = how;
    this.refresh();
    if (how === "") return this.settle("weak");
    return this.stand("weak", WEAK[how]);
  }

  setMuted(muted) {
    this.muted = muted;
    const button = part("mute");
    button.setAttribute("aria-pressed", String(muted));
    write(part("mute-label"), muted ? "Unmute" : "Mute");
    this.refresh();
  }

  ownLevel(rms) {
    this.root.style.setProperty("--own-level", levelOf(rms).toFixed(3));
  }

  voiceLevel(rms) {
    this.root.style.setProperty("--voice-level", levelOf(rms).toFixed(3));
  }

  notice({ code, message }) {
    if (code === "listened") this.standing.set(code, message);
    if (code === "listened_no_more") this.standing.delete("listened");
    this.showNotice({ code, message });
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => this.showStanding(), NOTICE_MS);
  }

  /** A notice that stays until `settle`; after a passing one it comes back. */
  stand(code, message) {
    this.standing.set(code, message);
    clearTimeout(this.noticeTimer);
    this.showStanding();
  }

  settle(code) {
    if (!this.standing.delete(code)) return;
    if (part("notice").dataset.code === code) this.showStanding();
  }

  showStanding() {
    const [code, message] = [...this.standing].at(-1) ?? [];
    this.showNotice(code && { code, message });
  }

  showNotice(notice) {
    const place = part("notice");
    place.hidden = !notice;
    if (!notice) return;
    place.dataset.code = notice.code;
    write(place, notice.message);
  }

  /** The server sends again, on the next connection, what still holds of its own. */
  clearNotices() {
    clearTimeout(this.noticeTimer);
    this.standing.delete("listened");
    this.showStanding();
  }

  refresh() {
    const state = this.describe();
    this.root.dataset.state = state.name;
    this.root.dataset.muted = String(this.muted);
    this.root.dataset.connection = this.connected;
    part("continue").hidden = state.name !== "waiting";
    const label = part("state");
    label.dataset.state = state.name;
    write(label, state.label);
    write(part("state-hint"), state.hint);
    const own = this.candidate === "speaking" && !this.muted;
    part("own").dataset.speaking = String(own);
    const connection = part("connection");
    const line = this.connected === "open" && this.weak ? "weak" : this.connected;
    connection.dataset.connection = line;
    write(connection, CONNECTION[line]);
  }

  describe() {
    if (this.connected === "connecting") {
      return { name: "connecting", label: "Connecting", hint: "One moment…" };
    }
    if (this.connected === "retrying") {
      const patience = "Please wait: you will be back in a moment.";
      const help = "Still trying. Please check your internet connection.";
      const hint = this.attempt >= LONG_RETRY ? help : patience;
      return { name: "reconnecting", label: "Reconnecting", hint };
    }
    if (this.floor === "paused") {
      const hint = "The clock is stopped, and nobody listens. Please stay.";
      return { name: "paused", label: "Paused", hint };
    }
    if (this.floor === "waiting" && this.candidate === "quiet") {
      return { name: "waiting", label: "Paused", hint: this.waitingHint() };
    }
    if (this.floor === "recruiter") return this.withRecruiter();
    if (this.interviewer === "speaking") {
      return {
        name: "speaking",
        label: "Speaking",
        hint: "You may interrupt at any time.",
      };
    }
    if (this.interviewer === "thinking") {
      return { name: "thinking", label: "Thinking", hint: "One moment…" };
    }
    return { name: "listening", label: "Listening", hint: this.listeningHint() };
  }

  /** While somebody from the hiring team speaks in the interviewer's place. */
  withRecruiter() {
    if (this.recruiterSpeaks) {
      return { name: "speaking", label: "Hiring team", hint: "Somebody is speaking with you." };
    }
    const hint = this.muted ? this.listeningHint() : "Somebody from the hiring team is listening.";
    return { name: "listening", label: "Hiring team", hint };
  }

  /** While the clock is stopped, since the candidate has answered no prompt. */
  waitingHint() {
    if (this.muted) return "The clock is stopped. You are muted: unmute to speak, or press Continue.";
    return "The clock is stopped. Speak, or press Continue, when you are ready.";
  }

  listeningHint() {
    if (this.muted) return "You are muted: nobody hears you.";
    if (this.candidate === "speaking") return `${this.persona} is listening to you.`;
    if (this.candidate === "quiet") return "Your turn: speak when you are ready.";
    return "Take your time.";
  }

  tick() {
    if (this.left === null) return;
    const runs = this.floor !== "paused" && this.floor !== "waiting";
    const left = this.left - (runs ? performance.now() - this.leftAt : 0);
    const clock = part("time-left");
    write(clock, clockText(left));
    clock.dataset.low = String(left < LITTLE_TIME_MS);
    if (left < LITTLE_TIME_MS && left > 0 && !this.thresholdAnnounced) {
      this.thresholdAnnounced = true;
      write(part("time-announcer"), "Less than a minute is left.");
    }
  }
}

const WEAK = {
  kept: "Weak connection: we keep what you say.",
  lost: "No connection: please wait. Only the last seconds of what you say are kept.",
};
const CONNECTION = {
  connecting: "Connecting",
  open: "Connected",
  weak: "Weak connection",
  retrying: "Reconnecting",
};

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}
