// Audio context of the page, one for all sound, and the chime of the loudspeaker check.
// One context at the device's own rate, for both directions: Firefox refuses a microphone in a
// context of another rate, and its echo canceller hears only what is played in the same one.

export async function openContext() {
  const context = new AudioContext({ latencyHint: "interactive" });
  await Promise.all(
    ["capture-worklet.js", "playback-worklet.js"].map((file) =>
      context.audioWorklet.addModule(new URL(file, import.meta.url)),
    ),
  );
  return context;
}

/** Resumes sound; false where the browser still wants a click. */
export async function resume(context) {
  if (context.state === "running") return true;
  // A refusal never settles in some browsers.
  await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  return context.state === "running";
}

const CHIME = [523.25, 659.25, 783.99]; // Hz: C5, E5, G5
const CHIME_PEAK = 0.38; // of one note: all of it is as loud as a voice, see TARGET_LUFS in loudness.js

/** Three soft notes; settles when they have ended. */
export async function playChime(context) {
  await resume(context);
  const notes = scheduleChime(context, context.currentTime + 0.05);
  await new Promise((done) => notes[notes.length - 1].addEventListener("ended", done));
}

/** The notes, about to sound from `begin` on. */
export function scheduleChime(context, begin) {
  return CHIME.map((pitch, index) => chimeNote(context, pitch, begin + index * 0.18));
}

function chimeNote(context, pitch, at) {
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(CHIME_PEAK, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
  const note = new OscillatorNode(context, { frequency: pitch, type: "sine" });
  note.connect(gain).connect(context.destination);
  note.start(at);
  note.stop(at + 0.75);
  return note;
}
