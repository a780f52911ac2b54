// Playback queue: what is to be played and what was; generations, marks and flushes, at 24 kHz.
// Pure (no audio API), so that the worklet that drives it stays thin and it can be tested by itself.

export const RATE = 24_000;
const FADE = 120; // 5 ms: long enough to hide a click, too short to hear
const PREBUFFER = 960; // 40 ms before the first sound, against uneven arrival
const PROGRESS = 2_400; // 100 ms between two reports
const REMEMBERED = 8; // generations whose counts are kept after they ended

export class PlaybackQueue {
  /** `report(message)` gets {type: "played" | "marked" | "flushed" | "gap" | "empty", ...}. */
  constructor(report) {
    this.report = report;
    this.counts = new Map(); // generation -> samples played
    this.clock = 0; // samples pulled since the beginning
    this.reset();
  }

  /** Drops everything, without a report: the connection is gone. */
  reset() {
    this.items = [];
    this.buffered = 0;
    this.arriving = null; // generation that frames from the socket belong to
    this.current = null; // generation at the loudspeaker
    this.waiting = true; // for the first samples, or for more
    this.arrivedAt = 0;
    this.dryAt = null;
    this.afterMark = false;
    this.reported = 0;
    this.gain = 0;
    this.last = 0;
    this.tail = new Float32Array(0);
    this.tailAt = 0;
  }

  begin(generation, offset) {
    this.arriving = generation;
    this.items.push({ kind: "begin", generation, offset });
  }

  /** `pcm`: Int16Array. Returns false for audio of no generation, which is dropped. */
  push(pcm) {
    if (this.arriving === null) return false;
    if (pcm.length === 0) return true;
    if (this.buffered === 0) this.arrivedAt = this.clock;
    this.items.push({ kind: "audio", generation: this.arriving, pcm, at: 0 });
    this.buffered += pcm.length;
    return true;
  }

  mark(generation, id) {
    this.items.push({ kind: "mark", generation, id });
  }

  /** Drops what is buffered of the generation but a 5 ms fade-out, and reports the total count. */
  flush(generation) {
    const unheard = this.items.find((i) => i.kind === "begin" && i.generation === generation);
    if (this.current === generation && !this.waiting) this.makeTail(generation);
    this.items = this.items.filter((item) => item.generation !== generation);
    this.buffered = 0;
    for (const item of this.items) if (item.pcm) this.buffered += item.pcm.length - item.at;
    if (this.arriving === generation) this.arriving = null;
    const samples = unheard?.offset ?? this.counts.get(generation) ?? 0;
    if (this.current === generation) this.reported = samples;
    this.report({ type: "flushed", generation, samples });
  }

  /** Fills `out` with the next samples, or with silence. */
  pull(out) {
    this.advance();
    if (this.waiting && this.ready()) this.resume();
    for (let i = 0; i < out.length; i++) {
      out[i] = this.waiting ? this.fading() : this.next();
      this.clock++;
    }
    if (!this.waiting && this.played() - this.reported >= PROGRESS) this.reportPlayed();
  }

  played() {
    return this.counts.get(this.current) ?? 0;
  }

  // --- steps of `pull`

  next() {
    const head = this.items[0];
    if (!head) return this.runDry();
    const value = head.pcm[head.at++] / 32768;
    this.buffered--;
    this.counts.set(this.current, this.played() + 1);
    if (this.gain < 1) this.gain = Math.min(1, this.gain + 1 / FADE);
    this.afterMark = false;
    if (head.at === head.pcm.length) {
      this.items.shift();
      this.advance();
    }
    this.last = value * this.gain;
    return this.last;
  }

  /** Takes the begins and marks that lie before the next audio. */
  advance() {
    while (this.items.length > 0 && this.items[0].kind !== "audio") {
      const item = this.items.shift();
      if (item.kind === "begin") this.startGeneration(item);
      else this.reportMark(item);
    }
  }

  startGeneration({ generation, offset }) {
    if (this.current !== null && this.played() > this.reported) this.reportPlayed();
    this.current = generation;
    this.counts.delete(generation); // so that the newest is the last in the map's order
    this.counts.set(generation, offset);
    if (this.counts.size > REMEMBERED) this.counts.delete(this.counts.keys().next().value);
    this.reported = offset;
    this.dryAt = null;
  }

  reportMark({ generation, id }) {
    if (this.current === generation && this.played() > this.reported) this.reportPlayed();
    this.afterMark = true;
    this.report({ type: "marked", generation, id });
  }

  /** Enough to begin: 40 ms, or all there is for now, or 40 ms of waiting for more. */
  ready() {
    if (this.buffered === 0 || this.tailAt < this.tail.length) return false;
    return (
      this.buffered >= PREBUFFER ||
      this.items[this.items.length - 1].kind !== "audio" ||
      this.clock - this.arrivedAt >= PREBUFFER
    );
  }

  resume() {
    this.waiting = false;
    if (this.dryAt === null) return;
    const ms = ((this.clock - this.dryAt) * 1000) / RATE;
    this.report({ type: "gap", ms, afterMark: this.afterMark });
    this.dryAt = null;
  }

  runDry() {
    this.waiting = true;
    this.dryAt = this.clock;
    this.reportPlayed();
    this.report({ type: "empty" });
    return this.fading();
  }

  /** After the end of sound: the flushed tail, else the last value let down to zero in 5 ms. */
  fading() {
    if (this.tailAt < this.tail.length) return this.tail[this.tailAt++];
    if (this.gain === 0) return 0;
    const before = this.gain;
    this.gain = Math.max(0, this.gain - 1 / FADE);
    this.last *= this.gain / before;
    return this.last;
  }

  /** Makes the tail: the next 5 ms of the generation, counted as played, falling to zero. */
  makeTail(generation) {
    const tail = [];
    for (const item of this.items) {
      if (item.kind !== "audio" || item.generation !== generation) continue;
      while (item.at < item.pcm.length && tail.length < FADE)
        tail.push(item.pcm[item.at++] / 32768);
    }
    this.counts.set(generation, this.played() + tail.length);
    this.tail = Float32Array.from(tail, (v, i) => v * this.gain * (1 - (i + 1) / tail.length));
    this.tailAt = 0;
    if (tail.length > 0) this.gain = 0;
    this.waiting = true;
    this.dryAt = null;
  }

  reportPlayed() {
    this.reported = this.played();
    this.report({ type: "played", generation: this.current, samples: this.reported });
  }
}
