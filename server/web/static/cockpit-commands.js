// Commands of the cockpit: each button and key sends one, each refusal is shown as a sentence.

import { reasonId } from "./cockpit-layout.js";
import { hold, part, write } from "./dom.js";
import { confirmed } from "./recruiter-parts.js";

const EXTENSION_MINUTES = 5;
const REFUSAL_MS = 10_000;
const LOST = "There is no connection just now, so nothing was asked for. Please try again.";
const NOT_FOLLOWED = "This interview is not followed just now, so nothing can be asked for.";
const MISSING = {
  listen: "Your role does not allow listening, so there is no sound and no level here.",
  hint: "Your role does not allow giving hints.",
  control: "Your role does not allow pausing, extending, skipping or ending.",
  take_over: "Your role does not allow taking the floor.",
};

export class Commands {
  /** `leave()` goes back to the overview; `checkHint(text)` -> {warnings: [sentence]}. */
  constructor(root, socket, sound, { leave, checkHint }) {
    this.root = root;
    this.socket = socket;
    this.sound = sound;
    this.leave = leave;
    this.checkHint = checkHint;
    this.rights = new Set();
    this.holding = false; // this user has the floor, or is about to have it
    this.paused = false;
    this.keyDown = (event) => this.pressed(event);
    this.keyUp = (event) => nameOf(event) === "t" && this.talk(false);
    document.addEventListener("keydown", this.keyDown);
    document.addEventListener("keyup", this.keyUp);
    this.singleKeys = this.part("single-keys");
    this.singleKeys.checked = localStorage.getItem(SINGLE_KEYS) === "on";
    this.singleKeys.addEventListener("change", () =>
      localStorage.setItem(SINGLE_KEYS, this.singleKeys.checked ? "on" : "off"),
    );
    this.wire();
  }

  close() {
    clearTimeout(this.refusalTimer);
    document.removeEventListener("keydown", this.keyDown);
    document.removeEventListener("keyup", this.keyUp);
  }

  wire() {
    this.root.addEventListener("click", (event) => this.explain(event), { capture: true });
    const clicks = {
      listen: () => this.listen(!this.sound.listening),
      pause: () => this.pause(this.atOnce),
      extend: () => this.do({ type: "extend", minutes: EXTENSION_MINUTES }),
      skip: () => this.do({ type: "skip", force: this.atOnce }),
      "end-it": () => this.end(this.atOnce),
      floor: () => this.floor(this.atOnce),
      "help-open": () => this.part("help").showModal(),
    };
    for (const [name, work] of Object.entries(clicks)) {
      this.part(name).addEventListener("click", work);
    }
    const talk = this.part("talk");
    talk.addEventListener("pointerdown", () => this.talk(true));
    for (const name of ["pointerup", "pointerleave", "blur"]) {
      talk.addEventListener(name, () => this.talk(false));
    }
    talk.addEventListener("keydown", ({ key }) => key === " " && this.talk(true));
    talk.addEventListener("keyup", ({ key }) => key === " " && this.talk(false));
    this.part("keep-talking").addEventListener("change", () => this.talk(false));
    this.part("hint-form").addEventListener("submit", (event) => this.giveHint(event));
    this.part("suggestions").addEventListener("click", ({ target }) => this.suggest(target));
  }

  part(name) {
    return part(name, this.root);
  }

  get atOnce() {
    return this.part("at-once").checked;
  }

  /** What the rights don't allow is held back, and the panel says why. */
  allow(rights) {
    this.following = true;
    this.rights = new Set(rights);
    this.showReasons();
  }

  /** Nothing can be asked for: not yet, or not any more. */
  disable() {
    this.following = false;
    this.rights = new Set();
    this.showReasons();
  }

  showReasons() {
    for (const element of this.root.querySelectorAll("[data-reason]")) {
      const right = element.dataset.reason;
      const said = this.following ? (MISSING[right] ?? "") : NOT_FOLLOWED;
      element.hidden = this.rights.has(right) || !this.following;
      write(element, this.rights.has(right) ? "" : said);
    }
    for (const element of this.root.querySelectorAll("[data-right]")) this.holdBack(element);
    this.showTalk();
  }

  /** Without its right a control stays in reach, and its reason is read out with it. */
  holdBack(element) {
    const { right } = element.dataset;
    hold(element, !this.rights.has(right), reasonId(right));
  }

  /** A control that is held back does nothing but say why. */
  explain(event) {
    const held = event.target.closest('[aria-disabled="true"]');
    if (!held || !this.root.contains(held)) return;
    event.preventDefault();
    event.stopPropagation();
    const why = document.getElementById(held.getAttribute("aria-describedby"));
    this.refused(why?.textContent || NOT_FOLLOWED);
  }

  /** Who has the floor has changed. */
  setFloor({ holder, state, user_id: userId }, ownId) {
    this.paused = state === "paused";
    const mine = holder === "recruiter" && userId === ownId;
    const had = this.holding;
    this.holding = mine;
    this.held = mine && state === "held";
    const label = (name, text) => write(this.part(name).querySelector(".label"), text);
    label("pause", this.paused ? "Go on" : "Pause");
    label("floor", mine ? "Hand back" : "Take the floor");
    this.sound.onlyCandidate(this.held);
    if (had && !mine) this.sound.closeMicrophone();
    if (mine && !this.sound.microphone?.isOpen) this.openMicrophone();
    if (mine !== had) this.talk(false);
    this.showTalk();
  }

  showTalk() {
    const talk = this.part("talk");
    if (this.rights.has("take_over")) hold(talk, !this.held, reasonId("talk"));
    const reason = this.root.querySelector(`#${reasonId("talk")}`);
    reason.hidden = this.held || !this.rights.has("take_over");
    talk.setAttribute("aria-pressed", String(this.sound.talking));
  }

  /** Sends a command and shows its refusal; true if it was taken. */
  async do(command) {
    const right = RIGHTS[command.type];
    if (!this.following) return this.refused(NOT_FOLLOWED);
    if (!this.rights.has(right)) return this.refused(MISSING[right]);
    const answer = await this.socket.command(command);
    if (answer.type === "lost") return this.refused(LOST);
    if (answer.type === "refused") return false; // shown where all refusals come by
    this.part("refusal").hidden = true;
    return true;
  }

  refused(sentence) {
    const place = this.part("refusal");
    write(place, sentence);
    place.hidden = false;
    clearTimeout(this.refusalTimer);
    this.refusalTimer = setTimeout(() => (place.hidden = true), REFUSAL_MS);
    return false;
  }

  async listen(on) {
    if (on) await this.sound.open();
    if (!(await this.do({ type: "listen", on }))) return;
    this.sound.listen(on);
    this.sound.onlyCandidate(Boolean(this.held));
    const button = this.part("listen");
    button.setAttribute("aria-pressed", String(on));
    write(button.querySelector(".label"), on ? "Stop listening" : "Listen");
  }

  /** After a connection was lost: the server has forgotten that we listen. */
  listenAgain() {
    if (this.sound.listening) this.do({ type: "listen", on: true });
  }

  async giveHint(event) {
    event.preventDefault();
    const input = this.part("hint-text");
    const text = input.value.trim();
    if (this.rights.has("hint") && !(await this.mayAsk(text))) return;
    if (await this.do({ type: "hint", text })) input.value = "";
  }

  /** A question that a job interview may not ask is not passed on before the recruiter has seen why. */
  async mayAsk(text) {
    let warnings;
    try {
      ({ warnings } = await this.checkHint(text));
    } catch (error) {
      return this.refused(`The hint was not sent, as it could not be checked. ${error.message}`);
    }
    if (warnings.length === 0) return true;
    const sent = await confirmed("Ask this?", `${warnings.join(" ")} “${text}”`, "Send it all the same");
    if (!sent) this.part("hint-text").focus();
    return sent;
  }

  suggest(target) {
    const chosen = target.closest("button");
    if (!chosen) return;
    const input = this.part("hint-text");
    input.value = chosen.textContent;
    input.focus();
  }

  pause(force) {
    return this.do(this.paused ? { type: "resume" } : { type: "pause", force });
  }

  async end(force) {
    if (!this.rights.has("control")) return this.do({ type: "end", force });
    const when = force ? "It ends at once." : "It ends when the interviewer would speak next.";
    const text = `${when} The candidate is told. What was said stays on record.`;
    if (!(await confirmed("End this interview?", text, "End the interview"))) return false;
    return this.do({ type: "end", force });
  }

  async floor(force) {
    if (this.holding) return this.do({ type: "hand_back" });
    if (!this.rights.has("take_over")) return this.do({ type: "take_over", force });
    if (!(await this.openMicrophone())) return false; // before the candidate is told anything
    if (!(await this.do({ type: "take_over", force }))) {
      this.sound.closeMicrophone();
      return false;
    }
    if (this.rights.has("listen") && !this.sound.listening) await this.listen(true);
    return true;
  }

  async openMicrophone() {
    try {
      await this.sound.openMicrophone();
      return true;
    } catch (error) {
      if (!error.advice) throw error;
      return this.refused(`${error.advice.title}. ${error.advice.steps[0]}`);
    }
  }

  /** Push to talk: silence goes on while it is not pressed. */
  talk(on) {
    this.sound.talk(Boolean(this.held) && (on || this.part("keep-talking").checked));
    this.showTalk();
  }

  /** Keys act with Alt, and alone where the user has switched that on: speech input types letters. */
  pressed(event) {
    if (event.ctrlKey || event.metaKey) return undefined;
    if (!event.altKey && event.key !== "Escape" && !this.singleKeys.checked) return undefined;
    if (event.target.closest("dialog")) return undefined;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return undefined;
    }
    const { shiftKey: force, repeat } = event;
    const keys = {
      "?": () => this.part("help").showModal(),
      l: () => this.listen(!this.sound.listening),
      h: () => this.part("hint-text").focus(),
      p: () => this.pause(force || this.atOnce),
      x: () => this.do({ type: "extend", minutes: EXTENSION_MINUTES }),
      s: () => this.do({ type: "skip", force: force || this.atOnce }),
      f: () => this.floor(force || this.atOnce),
      e: () => this.end(force || this.atOnce),
      t: () => this.talk(true),
      b: () => this.leave(),
    };
    const work = keys[nameOf(event)];
    if (!work) return undefined;
    event.preventDefault();
    return repeat ? undefined : work();
  }
}

/** With Alt some keyboards give another sign, so the key itself counts. */
function nameOf(event) {
  if (!event.altKey) return event.key.toLowerCase();
  if (event.code === "Slash") return "?";
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
}

const SINGLE_KEYS = "viva.single-keys";

const RIGHTS = {
  listen: "listen",
  hint: "hint",
  pause: "control",
  resume: "control",
  extend: "control",
  skip: "control",
  end: "control",
  take_over: "take_over",
  hand_back: "take_over",
};
