// Capture worklet: the microphone at any rate in, 32 ms frames of PCM16 16 kHz mono out.

import { Resampler } from "./resampler.js";

const RATE = 16_000;
// A window of the server's voice detector: it waits for no second frame to judge the first.
const FRAME_SAMPLES = 512; // 32 ms
const CLIPPED = 0.99;

class CaptureProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.silence = new Float32Array(128);
    this.resampled = new Float32Array(Math.ceil((128 * RATE) / sampleRate) + 1);
    this.muted = false;
    this.newFrame();
    this.port.onmessage = ({ data }) => {
      this.muted = data.muted;
    };
  }

  newFrame() {
    this.frame = new Int16Array(FRAME_SAMPLES); // little-endian wherever browsers run
    this.filled = 0;
    this.peak = 0;
    this.energy = 0;
    this.clipped = 0;
  }

  process(inputs) {
    // An unplugged or muted microphone gives silence: the stream itself must go on, since the
    // server counts time by samples.
    const input = (!this.muted && inputs[0][0]) || this.silence;
    const count = this.resampler.process(input, this.resampled);
    for (let i = 0; i < count; i++) this.add(this.resampled[i]);
    return true;
  }

  add(sample) {
    const bounded = Math.max(-1, Math.min(1, sample));
    this.frame[this.filled++] = Math.round(bounded * 32767);
    const size = Math.abs(bounded);
    if (size > this.peak) this.peak = size;
    if (size >= CLIPPED) this.clipped++;
    this.energy += bounded * bounded;
    if (this.filled === FRAME_SAMPLES) this.send();
  }

  send() {
    const message = {
      frame: this.frame.buffer,
      peak: this.peak,
      rms: Math.sqrt(this.energy / FRAME_SAMPLES),
      clipped: this.clipped,
    };
    this.port.postMessage(message, [message.frame]);
    this.newFrame();
  }
}

registerProcessor("viva-capture", CaptureProcessor);
