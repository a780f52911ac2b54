// Level meter of the device check: how loud, and advice in words.

import { write } from "./dom.js";

const FLOOR_DB = -60;
const DEAD_PEAK = 1e-4; // below: digital silence, which no microphone that works gives
const DEAD_AFTER_MS = 1_500;
const WINDOW = 94; // frames of 32 ms: the hint looks at the last 3 s
const HINTS = {
  waiting: "Say a few words…",
  good: "We hear you",
  quiet: "Very quiet: move closer, or raise the microphone's level",
  clipping: "Too loud, the sound is clipping: move back a little",
  nothing: "No sound at all: is the microphone muted?",
};

export class Meter {
  /** `bar`: role=meter element, `hint`: where the words go. */
  constructor(bar, hint) {
    this.bar = bar;
    this.hint = hint;
    this.clear();
  }

  clear() {
    this.recent = [];
    this.shown = 0;
    this.best = "waiting";
    this.heard = false; // anything at all since it was cleared
    this.show("waiting");
  }

  /** One frame of the microphone: {peak, rms, clipped}, 0..1. */
  take({ peak, rms, clipped }) {
    if (peak >= DEAD_PEAK) this.heard = true;
    this.recent.push({ peak, db: 20 * Math.log10(Math.max(rms, 1e-6)), clipped });
    if (this.recent.length > WINDOW) this.recent.shift();
    const level = levelOf(rms);
    this.shown = Math.max(level, this.shown - 0.06); // falls slower than it rises
    this.bar.style.setProperty("--level", this.shown.toFixed(3));
    this.bar.setAttribute("aria-valuenow", String(Math.round(this.shown * 100)));
    this.show(this.judge());
  }

  /** Waits until the microphone has given anything at all; false where it gives nothing. */
  async hears() {
    const until = performance.now() + DEAD_AFTER_MS;
    while (!this.heard && performance.now() < until) {
      await new Promise((done) => setTimeout(done, 50));
    }
    return this.heard;
  }

  judge() {
    const seconds = this.recent.length / 25;
    if (this.recent.every((frame) => frame.peak < DEAD_PEAK))
      return seconds > 1.5 ? "nothing" : "waiting";
    const overloaded = this.recent.reduce((sum, frame) => sum + frame.clipped, 0);
    if (overloaded > 20) return "clipping";
    const loudest = Math.max(...this.recent.map((frame) => frame.db));
    if (loudest > -42) return "good";
    if (loudest > -54) return "quiet";
    return "waiting";
  }

  show(state) {
    this.hint.dataset.level = state;
    write(this.hint, HINTS[state]);
  }
}

/** Loudness on a scale of decibels, 0 (silence) to 1 (as loud as speech gets). */
export function levelOf(rms) {
  const db = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (-10 - FLOOR_DB)));
}
