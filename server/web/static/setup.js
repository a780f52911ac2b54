// Setup screen: welcome, microphone and loudspeaker check, consent.

import { openContext, playChime, resume } from "./audio.js";
import { DeviceMenu } from "./devices.js";
import { hold, part, make, write } from "./dom.js";
import { Meter } from "./meter.js";
import { Microphone, MicrophoneError, permission } from "./microphone.js";

const SILENT =
  "Your microphone gives no sound at all, so the interviewer would not hear you. Is it muted, by a " +
  "switch on it perhaps? Turn it on, or choose another microphone above.";
const CONSENT = "Please read the text above and tick its box: then the interview can start.";
const RAW = new URLSearchParams(location.search).get("raw") === "1";

export class Setup {
  /** `onStart()` runs once sound is open and consent given. */
  constructor(onStart) {
    this.onStart = onStart;
    this.context = null;
    this.microphone = null;
    this.onFrame = (frame) => this.meter.take(frame); // the interview puts its own in this place
    this.meter = new Meter(part("level"), part("level-hint"));
    this.consent = part("consent");
    this.startButton = part("start");
    part("allow-mic").addEventListener("click", () => this.open());
    part("mic-retry").addEventListener("click", () => this.open());
    this.devices = new DeviceMenu(
      { microphone: part("mic-select"), loudspeaker: part("speaker-select") },
      { sound: () => this, open: (deviceId) => this.open(deviceId) },
    );
    part("test-sound").addEventListener("click", () => this.testSound());
    this.consent.addEventListener("change", () => this.refresh());
    part("setup-form").addEventListener("submit", (event) => this.submit(event));
  }

  /** Fills the screen from the join answer. */
  show(interview) {
    const again = interview.begun;
    write(
      part("welcome-title"),
      again ? `Welcome back, ${interview.candidate_name}` : `Hello, ${interview.candidate_name}`,
    );
    write(part("welcome-organisation"), interview.organisation);
    write(part("welcome-facts"), factsText(interview));
    write(part("welcome-text"), again ? returnText(interview) : welcomeText(interview));
    write(part("consent-text"), interview.consent_text);
    // Consent was given, and kept, when the interview began.
    this.consent.checked = again;
    this.startButton.dataset.label = again ? "Continue the interview" : "Start the interview";
    this.refresh();
    this.prepare();
  }

  /** Opens the microphone at once where it was allowed before: nobody is asked twice. */
  async prepare() {
    if (!window.isSecureContext) return this.showProblem(new MicrophoneError("insecure"));
    if (!navigator.mediaDevices) return this.showProblem(new MicrophoneError("unsupported"));
    navigator.mediaDevices.addEventListener("devicechange", () => this.devices.fill());
    const state = await permission();
    if (state === "granted") return this.open();
    if (state === "denied") return this.showProblem(new MicrophoneError("denied"));
    return undefined;
  }

  /** Asks for the microphone, once at a time. True when it is open. */
  async open(deviceId) {
    this.opening ??= this.tryOpen(deviceId).finally(() => (this.opening = null));
    return this.opening;
  }

  async tryOpen(deviceId) {
    part("mic-panel").dataset.state = "asking";
    try {
      this.context ??= await openContext();
      this.microphone ??= new Microphone(this.context, {
        onFrame: (frame) => this.onFrame(frame),
        onLost: () => this.lost(),
        raw: RAW,
      });
      await this.microphone.open(deviceId);
    } catch (error) {
      this.showProblem(error instanceof MicrophoneError ? error : new MicrophoneError("unsupported"));
      return false;
    }
    this.meter.clear();
    this.warned = false;
    write(part("start-warning"), "");
    this.refresh();
    part("mic-panel").dataset.state = "open";
    this.resumeOnGesture();
    await this.devices.fill();
    return true;
  }

  /** Resumes sound, which a browser may suspend until the first click or key on the page. */
  async resumeOnGesture() {
    if (await resume(this.context)) return;
    const onGesture = () => resume(this.context);
    document.addEventListener("pointerdown", onGesture, { once: true });
    document.addEventListener("keydown", onGesture, { once: true });
  }

  showProblem({ kind, advice }) {
    const problem = part("mic-problem");
    problem.dataset.kind = kind;
    part("mic-panel").dataset.state = "problem";
    write(part("mic-problem-title"), advice.title);
    part("mic-problem-steps").replaceChildren(...advice.steps.map((step) => make("li", {}, step)));
    part("mic-retry").hidden = kind === "insecure" || kind === "unsupported";
    if (kind === "denied") this.watchPermission();
  }

  async watchPermission() {
    const status = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    if (status) status.onchange = () => status.state === "granted" && this.open();
  }

  lost() {
    this.microphone.release();
    this.showProblem(new MicrophoneError("missing"));
  }

  async testSound() {
    if (this.sounding) return; // it plays already
    this.sounding = true;
    write(part("sound-hint"), "You should hear three notes now.");
    this.context ??= await openContext();
    await playChime(this.context);
    write(part("sound-hint"), "Heard nothing? Check the volume and which loudspeaker is chosen.");
    this.sounding = false;
  }

  refresh() {
    const missing = !this.consent.checked;
    hold(this.startButton, missing || this.starting === true, missing ? "start-reason" : null);
    part("start-reason").hidden = !missing;
    if (!missing && part("start-warning").textContent === CONSENT) write(part("start-warning"), "");
    write(
      this.startButton,
      this.starting ? "Connecting…" : (this.startButton.dataset.label ?? "Start"),
    );
  }

  async submit(event) {
    event.preventDefault();
    if (this.starting) return;
    if (!this.consent.checked) return this.askConsent();
    this.busy(true);
    const open = this.microphone?.isOpen || (await this.open());
    if (!open) {
      this.busy(false);
      part("mic-problem").scrollIntoView({ block: "center" });
      return;
    }
    await resume(this.context);
    if (!this.warned && !(await this.meter.hears())) return this.warn();
    this.onStart();
  }

  /** The button may be pressed too early: it says what is missing, and leads there. */
  askConsent() {
    write(part("start-warning"), CONSENT);
    this.consent.focus();
  }

  /** Nobody starts with a dead microphone without knowing it. */
  warn() {
    this.warned = true;
    this.busy(false);
    write(part("start-warning"), SILENT);
    write(this.startButton, "Start without sound");
    part("mic-panel").scrollIntoView({ block: "center" });
  }

  busy(starting) {
    this.starting = starting;
    this.refresh();
  }
}

function welcomeText({ persona_name: persona }) {
  return (
    `${persona} will ask you questions aloud, and you answer by speaking, as in any ` +
    "conversation. Find a quiet place; headphones help."
  );
}

function returnText({ persona_name: persona }) {
  return `${persona} remembers what you have talked about, and goes on from there.`;
}

function factsText({ title, time_limit_s: limit, begun }) {
  const minutes = Math.max(1, Math.round(limit / 60));
  return begun ? title : `${title} · up to ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}
