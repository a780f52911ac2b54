// Streaming resampler (windowed sinc, polyphase) for the worklets: no allocation while it runs.

const ZERO_CROSSINGS = 24; // of the sinc, on either side
const KAISER_BETA = 8; // side lobes about 80 dB down
const ROLL_OFF = 0.9; // pass band, as a part of the lower Nyquist frequency

export class Resampler {
  /** Rates in Hz, whole numbers. Filter delay: ZERO_CROSSINGS periods of the lower rate / ROLL_OFF. */
  constructor(inRate, outRate) {
    const divisor = greatestCommonDivisor(inRate, outRate);
    this.up = outRate / divisor;
    this.down = inRate / divisor;
    this.phase = 0; // of the next output, in 1/up input samples
    this.ahead = 1; // input samples still to be taken before the next output
    this.same = this.up === this.down;
    this.bank = this.same ? null : filterBank(this.up, Math.min(1, outRate / inRate));
    this.taps = this.same ? 0 : this.bank.length / this.up;
    this.history = new Float32Array(2 * this.taps); // written twice: always readable in one run
    this.at = 0;
  }

  /** How many input samples `process` takes for exactly `outputs` output samples. */
  need(outputs) {
    if (this.same) return outputs;
    return this.ahead + Math.floor((this.phase + (outputs - 1) * this.down) / this.up);
  }

  /** Takes all of `input`, fills `output` from its beginning, returns how many were written. */
  process(input, output) {
    if (this.same) {
      output.set(input);
      return input.length;
    }
    let taken = 0;
    let written = 0;
    for (;;) {
      while (this.ahead > 0) {
        if (taken === input.length) return written;
        this.remember(input[taken++]);
        this.ahead--;
      }
      if (written === output.length) return written;
      output[written++] = this.filtered();
      this.phase += this.down;
      this.ahead = Math.floor(this.phase / this.up);
      this.phase -= this.ahead * this.up;
    }
  }

  remember(sample) {
    this.history[this.at] = sample;
    this.history[this.at + this.taps] = sample;
    this.at = (this.at + 1) % this.taps;
  }

  filtered() {
    const offset = this.phase * this.taps;
    let sum = 0;
    for (let k = 0; k < this.taps; k++) sum += this.bank[offset + k] * this.history[this.at + k];
    return sum;
  }
}

/** `phases` filters one after another, each normalised to a gain of 1 at 0 Hz. */
function filterBank(phases, ratio) {
  const cutoff = 0.5 * ratio * ROLL_OFF; // cycles an input sample
  const half = Math.ceil(ZERO_CROSSINGS / (2 * cutoff));
  const bank = new Float32Array(phases * 2 * half);
  for (let phase = 0; phase < phases; phase++) {
    const filter = bank.subarray(phase * 2 * half, (phase + 1) * 2 * half);
    let sum = 0;
    for (let k = 0; k < filter.length; k++) {
      const distance = phase / phases + half - 1 - k;
      filter[k] = sinc(2 * cutoff * distance) * kaiser(distance / half);
      sum += filter[k];
    }
    for (let k = 0; k < filter.length; k++) filter[k] /= sum;
  }
  return bank;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x) {
  return Math.abs(x) > 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
