// Listen worklet: a monitor's stereo PCM16 16 kHz in, the device's own rate out.

import { ListenQueue, RATE } from "./listen-queue.js";
import { Leveller } from "./loudness.js";
import { Resampler } from "./resampler.js";

const REPORT_EVERY = 0.2; // seconds between two reports of what is being played

class ListenProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    const room = Math.ceil((128 * RATE) / sampleRate) + 2;
    this.queue = new ListenQueue();
    this.sides = [0, 1].map(() => ({
      resampler: new Resampler(RATE, sampleRate),
      input: new Float32Array(room),
      leveller: new Leveller(RATE),
    }));
    this.onlyCandidate = false;
    this.counted = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.type === "audio") this.queue.push(new Int16Array(message.pcm), message.startMs);
    else if (message.type === "only-candidate") this.onlyCandidate = message.on;
    else this.queue.clear();
  }

  process(_inputs, [out]) {
    const [candidate, interviewer] = this.sides;
    const need = candidate.resampler.need(out[0].length);
    const left = candidate.input.subarray(0, need);
    const right = interviewer.input.subarray(0, need);
    this.queue.pull(left, right);
    candidate.leveller.process(left);
    interviewer.leveller.process(right);
    candidate.resampler.process(left, out[0]);
    interviewer.resampler.process(right, out[1]);
    if (this.onlyCandidate) out[1].set(out[0]); // one's own voice, late, would be an echo
    this.report(out[0].length);
    return true;
  }

  report(samples) {
    this.counted += samples;
    if (this.counted < REPORT_EVERY * sampleRate) return;
    this.counted = 0;
    const { playingMs, dropped } = this.queue;
    if (playingMs !== null) this.port.postMessage({ playingMs, dropped });
  }
}

registerProcessor("viva-listen", ListenProcessor);
