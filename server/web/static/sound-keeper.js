// Sound keeper: within the interview, wakes sound that fell asleep and reopens a microphone that went.

import { resume } from "./audio.js";
import { part } from "./dom.js";

const TRY_AGAIN_MS = 4_000; // no event tells that another program let go of the device

/** What is said while there is no microphone, by MicrophoneError.kind; and while it is silenced. */
const GONE = {
  missing:
    "Your microphone was unplugged. Plug it in again, or another one: it is picked up by itself.",
  busy: "Another program uses your microphone. Close it: the microphone is picked up by itself.",
  denied:
    "The microphone is blocked. Allow it again at the left of the address bar: it is picked up by itself.",
};
const SILENCED =
  "Your device has silenced the microphone, as in a telephone call. Nobody hears you until it is over.";

export class SoundKeeper {
  /**
   * `notices` holds stand(code, message), settle(code) and notice({code, message}), as Live has them.
   * From here on, and until `close`, it is told by the microphone what becomes of it.
   */
  constructor(context, microphone, notices) {
    this.context = context;
    this.microphone = microphone;
    this.notices = notices;
    this.lost = false;
    this.closing = new AbortController();
    const { signal } = this.closing;
    context.addEventListener("statechange", () => this.check(), { signal });
    document.addEventListener("visibilitychange", () => this.seen(), { signal });
    navigator.mediaDevices.addEventListener("devicechange", () => this.reopen(), { signal });
    part("hear").addEventListener("click", () => this.wake(), { signal });
    this.before = { onLost: microphone.onLost, onSilenced: microphone.onSilenced };
    microphone.onLost = () => this.microphoneLost();
    microphone.onSilenced = (silenced) => this.silenced(silenced);
    this.silenced(microphone.silenced);
    this.check();
  }

  close() {
    this.closing.abort();
    clearTimeout(this.timer);
    this.lost = false;
    Object.assign(this.microphone, this.before);
    for (const code of ["microphone_gone", "microphone_silenced"]) this.notices.settle(code);
  }

  /** The microphone that the candidate chose; the one so far goes on where it cannot be opened.
   * Throws MicrophoneError. */
  async use(deviceId) {
    await this.microphone.open(deviceId);
    if (this.lost) this.notices.settle("microphone_gone");
    this.lost = false;
    clearTimeout(this.timer);
    this.silenced(this.microphone.silenced);
  }

  /** Offers to wake sound in every state in which it does not run ("interrupted" on telephones). */
  check() {
    part("hear").hidden = this.context.state === "running" || this.context.state === "closed";
  }

  async wake() {
    await resume(this.context);
    this.check();
  }

  /** The page is looked at again: what was stopped behind its back goes on. */
  seen() {
    if (document.visibilityState !== "visible") return;
    if (this.context.state !== "closed") this.wake();
    this.reopen();
  }

  silenced(silenced) {
    if (silenced) this.notices.stand("microphone_silenced", SILENCED);
    else this.notices.settle("microphone_silenced");
  }

  /** Silence goes on, and the microphone, or any other, is opened as soon as there is one. */
  microphoneLost() {
    this.lost = true;
    this.tries = 0;
    this.silenced(false);
    return this.reopen();
  }

  /** One try at a time; what changes during a try is answered by another. */
  async reopen() {
    if (!this.lost) return;
    this.changed = true;
    if (this.opening) return;
    this.opening = true;
    clearTimeout(this.timer);
    let kind = null;
    while (this.changed && this.lost) {
      this.changed = false;
      kind = await this.microphone.open().then(
        () => null,
        (error) => error.kind ?? "unsupported",
      );
      this.tries++;
      if (kind === null) break;
    }
    this.opening = false;
    this.tried(kind);
  }

  tried(kind) {
    if (this.closing.signal.aborted) return this.microphone.release();
    if (kind === null) return this.found();
    if (kind !== "denied") this.timer = setTimeout(() => this.reopen(), TRY_AGAIN_MS);
    else this.whenAllowed();
    return this.notices.stand("microphone_gone", GONE[kind] ?? GONE.missing);
  }

  found() {
    this.lost = false;
    this.notices.settle("microphone_gone");
    const message =
      this.tries === 1
        ? "Your microphone was unplugged. Another one is used now."
        : "Your microphone works again.";
    this.notices.notice({ code: "microphone_found", message });
  }

  async whenAllowed() {
    const asked = { name: "microphone" };
    const status = await navigator.permissions?.query(asked).catch(() => null);
    if (status) status.onchange = () => this.reopen();
  }
}
