// Loudness: every voice at -18 LUFS (ITU-R BS.1770-4), by a gain that follows slowly, and a limiter.
// Pure (no audio API), so that the worklets that drive it stay thin and it can be tested by itself.

export const TARGET_LUFS = -18; // usual for speech on headphones, and what the chime is set to
const CEILING = 10 ** (-1.5 / 20); // no sample is louder
const STEP_S = 0.1; // a block begins every 100 ms
const STEPS_A_BLOCK = 4; // and lasts 400 ms
const REMEMBERED = 150; // steps with a voice: 15 s, so that another speaker is followed
const SILENT_LUFS = -55; // quieter is a room, and no voice: it is not made louder
const BELOW_MEAN = 10; // LU: pauses within speech do not count
const MOST_DB = 20; // either way
const FIRST_STEPS = 15; // until a voice is known the gain follows fast
const FAST_S = 0.1;
const SLOW_S = 2;
const RELEASE_S = 0.08; // of the limiter

export class Leveller {
  constructor(rate) {
    this.rate = rate;
    this.filters = [shelf(rate), highPass(rate)].map((filter) => ({ ...filter, z1: 0, z2: 0 }));
    this.step = Math.round(STEP_S * rate);
    this.counted = 0;
    this.energy = 0;
    this.recent = []; // energies of the last steps
    this.blocks = []; // mean squares of blocks with a voice
    this.gain = 1;
    this.wanted = 1;
    this.follow = 1;
    this.limit = 1;
    this.release = 1 - Math.exp(-1 / (RELEASE_S * rate));
  }

  /** Levels the samples in place. */
  process(samples) {
    for (let i = 0; i < samples.length; i++) {
      this.measure(samples[i]);
      this.gain += (this.wanted - this.gain) * this.follow;
      const louder = samples[i] * this.gain;
      this.limit += (1 - this.limit) * this.release;
      if (Math.abs(louder) * this.limit > CEILING) this.limit = CEILING / Math.abs(louder);
      samples[i] = louder * this.limit;
    }
  }

  measure(sample) {
    let weighted = sample;
    for (const filter of this.filters) weighted = filtered(filter, weighted);
    this.energy += weighted * weighted;
    if (++this.counted < this.step) return;
    this.recent.push(this.energy / this.counted);
    this.counted = this.energy = 0;
    if (this.recent.length > STEPS_A_BLOCK) this.recent.shift();
    this.judge(mean(this.recent)); // of the first words less than a block: they count at once
  }

  judge(block) {
    if (lufs(block) < SILENT_LUFS) return;
    this.blocks.push(block);
    if (this.blocks.length > REMEMBERED) this.blocks.shift();
    const floor = mean(this.blocks) * 10 ** (-BELOW_MEAN / 10);
    const voiced = this.blocks.filter((one) => one > floor);
    const db = Math.max(-MOST_DB, Math.min(MOST_DB, TARGET_LUFS - lufs(mean(voiced))));
    this.wanted = 10 ** (db / 20);
    const seconds = this.blocks.length < FIRST_STEPS ? FAST_S : SLOW_S;
    this.follow = 1 - Math.exp(-1 / (seconds * this.rate));
  }
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lufs(meanSquare) {
  return -0.691 + 10 * Math.log10(Math.max(meanSquare, 1e-12));
}

function filtered(filter, x) {
  const y = filter.b0 * x + filter.z1;
  filter.z1 = filter.b1 * x - filter.a1 * y + filter.z2;
  filter.z2 = filter.b2 * x - filter.a2 * y;
  return y;
}

/** The two filters of K-weighting, by their analogue values, for any rate. */
function shelf(rate) {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b0: (high + (band * k) / q + k * k) / a0,
    b1: (2 * (k * k - high)) / a0,
    b2: (high - (band * k) / q + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / q + k * k) / a0,
  };
}

function highPass(rate) {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / q + k * k) / a0 };
}
