// Microphone: permission, choice of device, mute, and 32 ms frames of PCM16 16 kHz mono.

const REMEMBERED = "viva.microphone";

/** Why there is no microphone: `kind` is a key of ADVICE. */
export class MicrophoneError extends Error {
  constructor(kind) {
    super(ADVICE[kind].title);
    this.name = "MicrophoneError";
    this.kind = kind;
    this.advice = ADVICE[kind];
  }
}

const ADVICE = {
  insecure: {
    title: "This page needs a secure connection",
    steps: [
      "Open the link again with https:// in front of the address.",
      "Browsers give the microphone to secure pages only.",
    ],
  },
  unsupported: {
    title: "This browser cannot record sound",
    steps: ["Open the link in a current version of Chrome, Edge, Firefox or Safari."],
  },
  denied: {
    title: "The microphone is blocked",
    steps: [
      "Click the icon at the left of the address bar (a lock, a slider or a crossed-out microphone).",
      "Set Microphone to Allow.",
      "Come back here and choose Try again.",
    ],
  },
  missing: {
    title: "No microphone was found",
    steps: [
      "Plug in a headset or microphone, or turn on your Bluetooth headset.",
      "Then choose Try again.",
    ],
  },
  busy: {
    title: "The microphone is in use",
    steps: ["Close other programs that use it, such as a video call.", "Then choose Try again."],
  },
};

export class Microphone {
  /**
   * `onFrame({frame: ArrayBuffer, peak, rms, clipped})` every 32 ms; `onLost()` when unplugged;
   * `onSilenced(boolean)` when the device itself stops giving sound, and when it goes on.
   */
  constructor(context, { onFrame, onLost, raw = false }) {
    this.context = context;
    this.onLost = onLost;
    this.onSilenced = () => {};
    this.raw = raw;
    this.stream = null;
    this.source = null;
    this.muted = false;
    this.node = new AudioWorkletNode(context, "viva-capture", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.node.port.onmessage = ({ data }) => onFrame(data);
    this.node.connect(context.destination); // it writes nothing, but only what is connected runs
  }

  /** Opens the device (or the remembered one, or the default). Throws MicrophoneError. */
  async open(deviceId = sessionStorage.getItem(REMEMBERED)) {
    const stream = await getStream(deviceId, !this.raw);
    this.release();
    this.stream = stream;
    const [track] = stream.getAudioTracks();
    track.enabled = !this.muted;
    const ifCurrent = (report) => () => this.stream === stream && report();
    track.addEventListener("ended", ifCurrent(() => this.onLost()));
    track.addEventListener("mute", ifCurrent(() => this.onSilenced(true)));
    track.addEventListener("unmute", ifCurrent(() => this.onSilenced(false)));
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.node);
    if (deviceId) sessionStorage.setItem(REMEMBERED, deviceId);
  }

  get isOpen() {
    return this.stream !== null;
  }

  /** True while the device gives no sound, as during a telephone call. */
  get silenced() {
    return this.stream?.getAudioTracks()[0]?.muted ?? false;
  }

  get deviceId() {
    return this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Muted: the device gives nothing, and the frames go on as silence. */
  mute(muted) {
    this.muted = muted;
    this.node.port.postMessage({ muted });
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** Lets go of the device; the frames go on as silence. */
  release() {
    this.source?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.source = null;
    this.stream = null;
  }
}

/** [{deviceId, label}]; labels are empty until permission was given. */
export async function listMicrophones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "audioinput" && device.deviceId !== "")
    .map(({ deviceId, label }, index) => ({ deviceId, label: label || `Microphone ${index + 1}` }));
}

/** "granted", "denied", "prompt", or "" where the browser does not tell. */
export async function permission() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "";
  }
}

async function getStream(deviceId, processed) {
  if (!window.isSecureContext) throw new MicrophoneError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
    throw new MicrophoneError("unsupported");
  }
  const audio = {
    channelCount: 1,
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
  };
  if (deviceId) audio.deviceId = { exact: deviceId };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    // The remembered device has gone: any other will do.
    if (deviceId && (error.name === "OverconstrainedError" || error.name === "NotFoundError")) {
      sessionStorage.removeItem(REMEMBERED);
      return getStream(null, processed);
    }
    throw new MicrophoneError(kindOf(error));
  }
}

function kindOf(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  if (error.name === "NotReadableError" || error.name === "AbortError") return "busy";
  return "unsupported";
}
