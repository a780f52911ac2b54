// Charts of the cockpit: how loud both sides were, and how long the replies took.

import { make, write } from "./dom.js";

const KEPT = 300; // levels of 40 ms: 12 s
const FLOOR_DB = -60;
const NAMESPACE = "http://www.w3.org/2000/svg";
const SPARKS = 30; // replies shown at most, and room for FEWEST at least
const FEWEST = 8;
const WIDTH = 240;
const HEIGHT = 44;

/** Levels of both sides as they come, the candidate above the line and the interviewer below. */
export class Waveform {
  constructor(canvas) {
    this.canvas = canvas;
    this.sides = { candidate: [], interviewer: [] };
    this.frame = 0;
  }

  take({ candidate, interviewer }) {
    this.add("candidate", candidate);
    this.add("interviewer", interviewer);
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  add(side, levels) {
    const kept = this.sides[side];
    kept.push(...levels);
    if (kept.length > KEPT) kept.splice(0, kept.length - KEPT);
  }

  draw() {
    this.frame = 0;
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const half = canvas.height / 2;
    const step = canvas.width / KEPT;
    const bars = (levels, colour, direction) => {
      pen.fillStyle = style.getPropertyValue(colour);
      levels.forEach((db, index) => {
        const x = canvas.width - (levels.length - index) * step;
        const size = Math.max(ratio, heightOf(db) * (half - 2 * ratio));
        pen.fillRect(x, direction < 0 ? half - size : half, Math.max(1, step * 0.7), size);
      });
    };
    bars(this.sides.candidate, "--violet", -1);
    bars(this.sides.interviewer, "--accent", 1);
  }
}

/** dBFS on a scale from 0 (silence) to 1 (as loud as speech gets). */
export function heightOf(db) {
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (-10 - FLOOR_DB)));
}

/** A level meter's bar: `bar` has role=meter. */
export function showLevel(bar, db) {
  const level = heightOf(db);
  bar.style.setProperty("--level", level.toFixed(3));
  bar.setAttribute("aria-valuenow", String(Math.round(level * 100)));
}

export function meterBar(label, testid) {
  return make("div", {
    class: "side-level",
    role: "meter",
    "aria-label": label,
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    "aria-valuenow": "0",
    testid,
  });
}

/** How long the candidate waited for each reply: the last of them, and the latest in words. */
export class Sparkline {
  constructor(svg, words) {
    this.svg = svg;
    this.words = words;
    this.values = new Map(); // index of the turn -> ms
  }

  replace(latencies) {
    this.values.clear();
    for (const latency of latencies) this.values.set(latency.index, latency.voice_to_voice_ms);
    this.draw();
  }

  take({ index, voice_to_voice_ms: ms }) {
    this.values.set(index, ms);
    this.draw();
  }

  draw() {
    const values = [...this.values.values()].slice(-SPARKS);
    const highest = Math.max(1_500, ...values);
    const apart = (WIDTH - 8) / (Math.max(FEWEST, values.length) - 1);
    const points = values.map((ms, index) => {
      const x = WIDTH - 4 - (values.length - 1 - index) * apart;
      return [x, HEIGHT - 4 - (ms / highest) * (HEIGHT - 8)];
    });
    this.svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.svg.replaceChildren();
    if (points.length === 0) return write(this.words, "No reply yet");
    this.svg.append(shape("polyline", { points: points.map((p) => p.join(",")).join(" ") }));
    const [x, y] = points[points.length - 1];
    this.svg.append(shape("circle", { cx: x, cy: y, r: 3 }));
    const sorted = [...values].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    return write(this.words, `${seconds(values[values.length - 1])} last, ${seconds(median)} median`);
  }
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function shape(name, attributes) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
