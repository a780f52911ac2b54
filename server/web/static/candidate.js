// Candidate's page: from the link to the end of the interview. Connects its parts.

import { ApiError, call } from "./api.js";
import { playChime } from "./audio.js";
import { Captions } from "./captions.js";
import { DeviceMenu } from "./devices.js";
import { hold, isHeld, part, showScreen, write } from "./dom.js";
import { Live } from "./live.js";
import { Loudspeaker } from "./loudspeaker.js";
import { levelOf } from "./meter.js";
import { Setup } from "./setup.js";
import { SoundKeeper } from "./sound-keeper.js";
import { InterviewSocket, ticketFor } from "./socket.js";
import { stats } from "./stats.js";

const GOODBYE_MS = 12_000; // the last sentence may still be playing

class CandidatePage {
  constructor(token) {
    this.token = token;
    this.live = new Live();
    this.setup = new Setup(() => this.begin());
    this.socket = new InterviewSocket(() => ticketFor(token), {
      ready: (message) => this.ready(message),
      message: (message) => this.take(message),
      audio: (pcm) => this.speaker.audio(pcm),
      lost: () => this.speaker.reset(),
      connection: (state, detail) => this.connection(state, detail),
      weak: (how) => this.live.setWeak(how),
      closed: (kind, sentence) => this.closed(kind, sentence),
    });
    part("mute").addEventListener("click", () => this.mute(!this.live.muted));
    this.wireDevices();
    part("end").addEventListener("click", () => this.askEnd());
    part("end-dialog").addEventListener("close", (event) =>
      this.confirmed(event.target.returnValue),
    );
    part("take-back").addEventListener("click", () => this.takeBack());
    part("go-on").addEventListener("click", () => this.takeBack());
    part("continue").addEventListener("click", () => this.socket.send({ type: "continue" }));
    part("try-again").addEventListener("click", () => location.reload());
    document.addEventListener("visibilitychange", () => this.stayAwake());
  }

  /** Looks the link up and shows the first screen, or why there is none. */
  async start() {
    try {
      this.interview = await call("POST", "/api/v1/join", { body: { token: this.token } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.showJoinError(error);
    }
    document.title = `${this.interview.title}: interview`;
    this.setup.show(this.interview);
    return showScreen("setup");
  }

  /** Sound is open, consent given: connect and start. */
  begin() {
    const { context, microphone } = this.setup;
    this.context = context;
    this.microphone = microphone;
    this.speaker ??= new Loudspeaker(context, {
      onReport: (message) => this.socket.send(message),
      onLevel: (rms) => this.live.voiceLevel(rms),
    });
    this.setup.onFrame = ({ frame, rms }) => {
      this.live.ownLevel(rms);
      this.showLevel(rms);
      this.socket.sendFrame(frame);
    };
    this.captions ??= new Captions({
      list: part("caption-list"),
      announcer: part("caption-announcer"),
      latest: part("latest"),
      aloud: () => part("captions-aloud").checked,
      names: { candidate: "You", interviewer: this.interview.persona_name, recruiter: "Recruiter" },
    });
    this.live.show(this.interview);
    showScreen("live");
    window.onbeforeunload = (event) => event.preventDefault(); // the browser asks before it leaves
    this.keeper?.close();
    this.keeper = new SoundKeeper(context, microphone, this.live);
    this.stayAwake();
    this.socket.enter();
  }

  ready(message) {
    this.setup.busy(false);
    this.live.setTimeLeft(message.time_left_ms);
    this.live.setState({ candidate: "quiet", interviewer: "idle" }); // until the server says more
    if (message.resumed) this.captions.replace(message.transcript);
    if (this.ending) this.socket.send({ type: "end" });
  }

  connection(state, detail) {
    this.live.setConnection(state, detail);
    if (state === "open" && this.live.muted) this.socket.send({ type: "mute", muted: true });
  }

  take(message) {
    switch (message.type) {
      case "audio.begin":
        return this.speaker.begin(message.generation, message.offset);
      case "audio.mark":
        return this.speaker.mark(message.generation, message.id);
      case "audio.flush":
        return this.speaker.flush(message.generation);
      case "caption":
        return this.captions.take(message);
      case "state":
        this.live.setState(message);
        return this.live.setTimeLeft(message.time_left_ms);
      case "turn.committed":
        return stats.committed++;
      case "notice":
      case "error":
        return this.live.notice(message);
      case "session.ended":
        return this.over(message);
      default:
        return undefined; // a newer server may say more
    }
  }

  askEnd() {
    if (!isHeld(part("end"))) part("end-dialog").showModal();
  }

  /** Another microphone or loudspeaker within the interview: nothing else of it is touched. */
  wireDevices() {
    const names = { microphone: "live-mic-select", loudspeaker: "live-speaker-select" };
    const parts = { note: part("devices-note") };
    for (const [name, testid] of Object.entries(names)) parts[name] = part(testid);
    const open = (deviceId) => this.keeper.use(deviceId);
    this.devices = new DeviceMenu(parts, { sound: () => this, open });
    const dialog = part("devices-dialog");
    part("devices").addEventListener("click", async () => {
      dialog.showModal();
      await this.devices.fill();
    });
    part("live-test-sound").addEventListener("click", () => playChime(this.context));
    navigator.mediaDevices?.addEventListener("devicechange", () => dialog.open && this.devices.fill());
  }

  showLevel(rms) {
    if (!part("devices-dialog").open) return;
    const bar = part("live-level");
    bar.style.setProperty("--level", levelOf(rms).toFixed(3));
    bar.setAttribute("aria-valuenow", String(Math.round(100 * levelOf(rms))));
  }

  mute(muted) {
    this.live.setMuted(muted);
    this.microphone.mute(muted);
    this.socket.send({ type: "mute", muted });
  }

  confirmed(answer) {
    if (answer !== "end") return part("end").focus();
    this.ending = true;
    hold(part("end"), true);
    write(part("end-label"), "Ending…");
    return this.socket.send({ type: "end" });
  }

  /** Keeps a telephone's screen on while the interview lasts, where the browser can. */
  async stayAwake() {
    if (document.visibilityState !== "visible" || document.body.dataset.showing !== "live") return;
    this.wakeLock = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  closed(kind, sentence) {
    if (kind === "over") return this.over({ reason: "over", message: sentence });
    this.stop();
    if (kind === "elsewhere" || kind === "paused") return showScreen(kind);
    return this.problem("The interview cannot go on here", sentence, true);
  }

  /** Continues here after a pause, or after the interview was opened elsewhere: the other page is
   * told in its turn. */
  async takeBack() {
    if (await this.setup.open()) this.begin();
    else showScreen("setup");
  }

  async over({ reason, message }) {
    this.stop();
    part("ended").dataset.reason = reason;
    const name = this.interview.candidate_name;
    write(part("ended-title"), `Thank you, ${name}`);
    write(part("ended-message"), message || `Your interview for ${this.interview.title} is over.`);
    showScreen("ended");
    await this.speaker?.drained(GOODBYE_MS);
    this.socket.close();
    await this.context?.close();
  }

  stop() {
    part("devices-dialog").close();
    window.onbeforeunload = null;
    this.live.hide();
    this.setup.busy(false);
    this.keeper?.close();
    this.microphone?.release();
    this.wakeLock?.release();
  }

  showJoinError(error) {
    const title = TITLES[error.code] ?? "Something is in the way";
    return this.problem(title, error.message, error.retryable);
  }

  problem(title, sentence, again) {
    write(part("problem-title"), title);
    write(part("problem-message"), sentence || "Please try again in a moment.");
    part("try-again").hidden = !again;
    showScreen("problem");
  }
}

const TITLES = {
  "unknown-link": "This link does not work",
  "interview-over": "This interview is over",
  "link-expired": "This link has expired",
};

const token = decodeURIComponent(location.pathname.split("/").filter(Boolean).pop() ?? "");
new CandidatePage(token).start();
