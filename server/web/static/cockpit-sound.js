// Sound of the cockpit: playback through an AudioWorklet, and the microphone during a takeover.

import { openContext, resume } from "./audio.js";
import { Microphone } from "./microphone.js";
import { stats } from "./stats.js";

const HEADER_BYTES = 8; // of a frame: its number and its session time, 32 bits each
const REMEMBERED = 600; // reports of what was played, for measurements

export class CockpitSound {
  /** `onFrame({frame, rms})`: the microphone, silence too, while it is open. */
  constructor(onFrame) {
    this.onFrame = onFrame;
    this.listening = false;
    this.talking = false;
    this.context = null;
    stats.listened = []; // {playingMs: session time, at: when it was played, by the wall clock}
  }

  /** Needs a click or a key before it: browsers keep a page silent that nobody has touched. */
  async open() {
    this.opening ??= this.build();
    await this.opening;
    await resume(this.context);
  }

  async build() {
    this.context = await openContext();
    await this.context.audioWorklet.addModule(new URL("listen-worklet.js", import.meta.url));
    this.player = new AudioWorkletNode(this.context, "viva-listen", {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [2],
    });
    this.player.port.onmessage = ({ data }) => this.count(data);
    this.player.connect(this.context.destination);
  }

  listen(on) {
    this.listening = on;
    if (!on) this.player?.port.postMessage({ type: "clear" });
  }

  /** Without the right channel: it holds one's own voice while one has the floor. */
  onlyCandidate(on) {
    this.player?.port.postMessage({ type: "only-candidate", on });
  }

  /** One binary message of the socket. */
  take(message) {
    if (!this.listening || !this.player) return;
    const startMs = new DataView(message).getUint32(4, true);
    const pcm = message.slice(HEADER_BYTES);
    this.player.port.postMessage({ type: "audio", pcm, startMs }, [pcm]);
  }

  /** Opens the microphone, muted. Throws MicrophoneError. */
  async openMicrophone() {
    await this.open();
    const raw = new URLSearchParams(location.search).has("raw"); // for measuring
    this.microphone ??= new Microphone(this.context, {
      onFrame: (frame) => this.microphone.isOpen && this.onFrame(frame),
      onLost: () => this.microphone.release(),
      raw,
    });
    this.microphone.mute(!this.talking);
    if (!this.microphone.isOpen) await this.microphone.open();
  }

  talk(on) {
    this.talking = on;
    this.microphone?.mute(!on);
  }

  closeMicrophone() {
    this.talk(false);
    this.microphone?.release();
  }

  close() {
    this.listen(false);
    this.microphone?.release();
    this.context?.close();
  }

  count({ playingMs, dropped }) {
    stats.listenDropped = dropped;
    stats.listened.push({ playingMs, at: performance.timeOrigin + performance.now() });
    if (stats.listened.length > REMEMBERED) stats.listened.shift();
  }
}
