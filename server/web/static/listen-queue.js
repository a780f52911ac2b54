// Listen queue: a monitor's sound, stereo at 16 kHz, played soon, and dropped rather than late.
// Pure (no audio API), so that the worklet that drives it stays thin and it can be tested by itself.

export const RATE = 16_000;
const A_MS = RATE / 1000;
const PREBUFFER = 40 * A_MS; // against uneven arrival
const LONGEST = 160 * A_MS; // two frames at most; what comes in is 110 to 200 ms old, and 300 is the limit
const FADE = 5 * A_MS; // long enough to hide a click, too short to hear

export class ListenQueue {
  constructor() {
    this.clock = 0; // samples pulled since the beginning
    this.dropped = 0; // samples
    this.clear();
  }

  clear() {
    this.frames = []; // {pcm, at: samples taken, startMs}
    this.buffered = 0;
    this.waiting = true;
    this.arrivedAt = 0;
    this.gain = 0;
    this.last = [0, 0];
  }

  /** `pcm`: Int16Array of pairs, candidate first; `startMs`: session time of the first pair. */
  push(pcm, startMs) {
    if (pcm.length < 2) return;
    if (this.buffered === 0) this.arrivedAt = this.clock;
    this.frames.push({ pcm, at: 0, startMs });
    this.buffered += pcm.length >> 1;
    while (this.buffered > LONGEST && this.frames.length > 1) this.dropOldest();
  }

  dropOldest() {
    const { pcm, at } = this.frames.shift();
    const left = (pcm.length >> 1) - at;
    this.buffered -= left;
    this.dropped += left;
    this.gain = 0; // fades in again, without a click
  }

  /** Fills both channels with the next samples, or with silence. */
  pull(left, right) {
    for (let i = 0; i < left.length; i++, this.clock++) {
      if (this.waiting && this.buffered > 0 && this.clock - this.arrivedAt >= PREBUFFER) {
        this.waiting = false;
      }
      if (this.waiting) this.fading(left, right, i);
      else this.next(left, right, i);
    }
  }

  next(left, right, i) {
    const head = this.frames[0];
    this.gain = Math.min(1, this.gain + 1 / FADE);
    left[i] = this.last[0] = (head.pcm[2 * head.at] / 32768) * this.gain;
    right[i] = this.last[1] = (head.pcm[2 * head.at + 1] / 32768) * this.gain;
    head.at++;
    this.buffered--;
    if (2 * head.at < head.pcm.length) return;
    this.frames.shift();
    if (this.buffered === 0) this.waiting = true;
  }

  /** After the end of sound, the last values are let down to zero. */
  fading(left, right, i) {
    const before = this.gain;
    this.gain = Math.max(0, this.gain - 1 / FADE);
    const part = before > 0 ? this.gain / before : 0;
    left[i] = this.last[0] *= part;
    right[i] = this.last[1] *= part;
  }

  /** Session time of what is played now, in ms; null where nothing is. */
  get playingMs() {
    const [head] = this.frames;
    return this.waiting || !head ? null : head.startMs + head.at / A_MS;
  }
}
