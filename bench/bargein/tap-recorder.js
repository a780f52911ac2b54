// Records two inputs side by side, sample for sample: what the microphone gave, what was played.

const BLOCKS_A_SECOND = 2;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.begin();
  }

  begin() {
    this.block = new Int16Array(2 * Math.round(sampleRate / BLOCKS_A_SECOND));
    this.filled = 0;
  }

  process([microphone, loudspeaker]) {
    for (let i = 0; i < 128; i++) {
      this.block[this.filled++] = sample(microphone, i);
      this.block[this.filled++] = sample(loudspeaker, i);
      if (this.filled === this.block.length) {
        this.port.postMessage(this.block.buffer, [this.block.buffer]);
        this.begin();
      }
    }
    return true;
  }
}

/** What is faint but not nothing stays so: only exact silence becomes zero. */
function sample(input, i) {
  const value = input[0]?.[i] ?? 0;
  if (value === 0) return 0;
  const rounded = Math.round(Math.max(-1, Math.min(1, value)) * 32767);
  return rounded === 0 ? Math.sign(value) : rounded;
}

registerProcessor("bench-recorder", Recorder);
