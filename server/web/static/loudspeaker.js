// Loudspeaker: passes the interviewer's PCM16 24 kHz to the audio thread, its counts to the socket.

import { stats } from "./stats.js";

const FLUSH_PATIENCE_MS = 250; // a suspended audio thread does not answer: then we do

export class Loudspeaker {
  /** `onReport({type: "audio.played" | "audio.marked" | "audio.flushed", ...})`, `onLevel(rms)`. */
  constructor(context, { onReport, onLevel }) {
    this.onReport = onReport;
    this.onLevel = onLevel;
    this.flushes = new Map(); // generation -> {at, timer}
    this.sounding = false;
    this.whenEmpty = () => {};
    this.node = new AudioWorkletNode(context, "viva-playback", {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }) => this.take(data);
    this.node.connect(context.destination);
  }

  begin(generation, offset) {
    stats.played[generation] = offset;
    this.node.port.postMessage({ type: "begin", generation, offset });
  }

  audio(pcm) {
    this.sounding = true;
    this.node.port.postMessage({ type: "audio", pcm }, [pcm]);
  }

  mark(generation, id) {
    this.node.port.postMessage({ type: "mark", generation, id });
  }

  flush(generation) {
    const timer = setTimeout(
      () => this.flushed(generation, stats.played[generation] ?? 0),
      FLUSH_PATIENCE_MS,
    );
    this.flushes.set(generation, { at: performance.now(), timer });
    this.node.port.postMessage({ type: "flush", generation });
  }

  /** Drops everything and tells nobody. */
  reset() {
    for (const { timer } of this.flushes.values()) clearTimeout(timer);
    this.flushes.clear();
    this.silent();
    this.node.port.postMessage({ type: "reset" });
  }

  /** Settles when the last sample has been played, or after `limitMs`. */
  async drained(limitMs) {
    if (!this.sounding) return;
    const limit = new Promise((done) => setTimeout(done, limitMs));
    await Promise.race([limit, new Promise((done) => (this.whenEmpty = done))]);
  }

  silent() {
    this.sounding = false;
    this.whenEmpty();
  }

  take(message) {
    switch (message.type) {
      case "played":
        stats.played[message.generation] = message.samples;
        return this.onReport(report("audio.played", message, "samples"));
      case "marked":
        stats.marks.push(message.id);
        return this.onReport(report("audio.marked", message, "id"));
      case "flushed":
        return this.flushed(message.generation, message.samples);
      case "gap":
        return countGap(message);
      case "level":
        return this.onLevel(message.rms);
      case "stray":
        stats.stray++;
        return undefined;
      default: // "empty"
        return this.silent();
    }
  }

  flushed(generation, samples) {
    const pending = this.flushes.get(generation);
    if (!pending) return; // answered already
    clearTimeout(pending.timer);
    this.flushes.delete(generation);
    stats.flushMs.push(performance.now() - pending.at);
    stats.played[generation] = samples;
    this.onReport({ type: "audio.flushed", generation, samples });
  }
}

function report(type, message, field) {
  return { type, generation: message.generation, [field]: message[field] };
}

function countGap({ ms, afterMark }) {
  stats.gaps.push({ ms, afterMark });
  if (stats.gaps.length > 500) stats.gaps.shift();
  if (afterMark) return;
  stats.underruns++;
  stats.maxGapMs = Math.max(stats.maxGapMs, ms);
}
