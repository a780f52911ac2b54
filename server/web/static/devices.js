// Devices: the choice of microphone and loudspeaker, in the check and within the interview.

import { make, write } from "./dom.js";
import { listMicrophones } from "./microphone.js";

const REMEMBERED = "viva.loudspeaker";
const NO_CHOICE = "Your browser plays on the loudspeaker that your device is set to.";

export class DeviceMenu {
  /**
   * `parts`: {microphone, loudspeaker} of type select, and a `note` for what went wrong, if any.
   * `sound()` -> {context, microphone}, once there are any; `open(deviceId)` opens a microphone and may
   * throw a MicrophoneError, with the one so far going on.
   */
  constructor(parts, { sound, open }) {
    this.parts = parts;
    this.sound = sound;
    this.open = open;
    parts.microphone.addEventListener("change", (event) => this.useMicrophone(event.target.value));
    parts.loudspeaker.addEventListener("change", (event) => this.useLoudspeaker(event.target.value));
  }

  /** Lists what there is now. A loudspeaker that has gone is left for the usual one. */
  async fill() {
    const { context, microphone } = this.sound();
    if (!microphone) return;
    fillSelect(this.parts.microphone, await listMicrophones(), microphone.deviceId);
    const speakers = canChooseLoudspeaker(context) ? await listLoudspeakers() : [];
    this.parts.loudspeaker.closest(".field").hidden = speakers.length === 0;
    if (speakers.length === 0) return this.say(NO_CHOICE);
    const wanted = sessionStorage.getItem(REMEMBERED) ?? "";
    const there = speakers.some(({ deviceId }) => deviceId === wanted);
    if ((context.sinkId ?? "") !== (there ? wanted : "")) await playOn(context, there ? wanted : "");
    fillSelect(this.parts.loudspeaker, speakers, context.sinkId || "default");
  }

  async useMicrophone(deviceId) {
    this.say("");
    try {
      await this.open(deviceId);
    } catch (error) {
      if (!error.advice) throw error;
      this.say(`${error.advice.title}. The microphone so far is used still.`);
    }
    await this.fill();
  }

  async useLoudspeaker(deviceId) {
    this.say("");
    if (!(await playOn(this.sound().context, deviceId))) {
      this.say("This loudspeaker cannot be used. The one so far is used still.");
    }
    await this.fill();
  }

  say(sentence) {
    if (this.parts.note) write(this.parts.note, sentence);
  }
}

function canChooseLoudspeaker(context) {
  return typeof context?.setSinkId === "function";
}

/** Whether it could be chosen. "" is the one that the device itself is set to. */
async function playOn(context, deviceId) {
  try {
    await context.setSinkId(deviceId === "default" ? "" : deviceId);
  } catch {
    return false;
  }
  sessionStorage.setItem(REMEMBERED, deviceId);
  return true;
}

async function listLoudspeakers() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "audiooutput" && device.deviceId !== "")
    .map(({ deviceId, label }, index) => ({ deviceId, label: label || `Loudspeaker ${index + 1}` }));
}

/** Rewritten only where it differs: a list that is open would close. */
function fillSelect(select, devices, current) {
  const options = devices.map(({ deviceId, label }) => make("option", { value: deviceId }, label));
  const same =
    options.length === select.options.length &&
    options.every((option, index) => option.isEqualNode(select.options[index]));
  if (!same) select.replaceChildren(...options);
  if (devices.some(({ deviceId }) => deviceId === current)) select.value = current;
}
