// Playback worklet: PCM16 24 kHz in, the device's own rate out.

import { Leveller } from "./loudness.js";
import { PlaybackQueue, RATE } from "./playback-queue.js";
import { Resampler } from "./resampler.js";

const LEVEL_EVERY = 0.05; // seconds between two reports of loudness

class PlaybackProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = new PlaybackQueue((message) => this.port.postMessage(message));
    this.resampler = new Resampler(RATE, sampleRate);
    this.leveller = new Leveller(RATE);
    this.input = new Float32Array(Math.ceil((128 * RATE) / sampleRate) + 2);
    this.energy = 0;
    this.counted = 0;
    this.quiet = true;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    switch (message.type) {
      case "begin":
        return this.queue.begin(message.generation, message.offset);
      case "audio":
        if (!this.queue.push(new Int16Array(message.pcm))) this.port.postMessage({ type: "stray" });
        return undefined;
      case "mark":
        return this.queue.mark(message.generation, message.id);
      case "flush":
        return this.queue.flush(message.generation);
      default:
        return this.queue.reset();
    }
  }

  process(_inputs, outputs) {
    const out = outputs[0][0];
    const input = this.input.subarray(0, this.resampler.need(out.length));
    this.queue.pull(input);
    this.leveller.process(input);
    this.resampler.process(input, out);
    this.measure(out);
    return true;
  }

  measure(out) {
    for (let i = 0; i < out.length; i++) this.energy += out[i] * out[i];
    this.counted += out.length;
    if (this.counted < LEVEL_EVERY * sampleRate) return;
    const rms = Math.sqrt(this.energy / this.counted);
    if (rms > 0 || !this.quiet) this.port.postMessage({ type: "level", rms });
    this.quiet = rms === 0;
    this.energy = 0;
    this.counted = 0;
  }
}

registerProcessor("viva-playback", PlaybackProcessor);
