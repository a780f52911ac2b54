// Captions: one line a speaker and id, replaced as its words change; final ones are announced.

import { make, write } from "./dom.js";

const NEAR_THE_END = 48; // px: then the list follows what is new
const KEPT = 400; // lines

export class Captions {
  /** `list`: the scrolling list, `announcer`: a live region, `names`: {candidate, interviewer, ...},
   * `latest`: the button that leads back to the end. */
  constructor({ list, announcer, latest, names, aloud }) {
    this.list = list;
    this.announcer = announcer;
    this.aloud = aloud;
    this.latest = latest;
    this.names = names;
    this.lines = new Map(); // speaker and id -> its line
    latest.addEventListener("click", () => this.toEnd());
    list.addEventListener("scroll", () => (latest.hidden = this.atEnd()), { passive: true });
  }

  take({ speaker, id, text, final, stable_words: stable = 0 }) {
    const key = `${speaker} ${id}`;
    const following = this.atEnd();
    let line = this.lines.get(key);
    if (!text && !line) return;
    if (!line) {
      line = this.add(speaker);
      this.lines.set(key, line);
    }
    if (final && !text) return this.withdraw(key, line);
    show(line.querySelector("p"), text, final ? Infinity : stable);
    line.classList.toggle("interim", !final);
    line.hidden = text === "";
    if (final) this.announce(speaker, text);
    if (following) this.toEnd();
    else this.latest.hidden = false;
  }

  /** Takes back words that became no turn: whatever stands around them closes up. */
  withdraw(key, line) {
    const { previousElementSibling: before, nextElementSibling: after } = line;
    line.remove();
    this.lines.delete(key);
    after?.classList.toggle("goes-on", before?.dataset.speaker === after.dataset.speaker);
  }

  /** Puts a transcript in the place of all lines: [{index, speaker, text}]. */
  replace(transcript) {
    this.list.replaceChildren();
    this.lines.clear();
    for (const { speaker, text } of transcript) {
      if (text) write(this.add(speaker).querySelector("p"), text);
    }
    this.toEnd();
  }

  add(speaker) {
    const previous = this.list.lastElementChild;
    const line = make(
      "li",
      { class: "caption", "data-speaker": speaker },
      make("span", { class: "caption-name" }, this.names[speaker] ?? speaker),
      make("p"),
    );
    if (previous?.dataset.speaker === speaker) line.classList.add("goes-on");
    this.list.append(line);
    if (this.list.children.length > KEPT) this.list.firstElementChild.remove();
    return line;
  }

  /** Off unless the candidate wants it: a screen reader would talk over the interviewer. */
  announce(speaker, text) {
    if (!this.aloud()) return;
    write(this.announcer, `${this.names[speaker] ?? speaker}: ${text}`);
  }

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.latest.hidden = true;
  }
}

/** Writes a text whose words may still change from the `stable`-th on. */
function show(paragraph, text, stable) {
  const words = text.split(" ");
  if (stable <= 0 || stable >= words.length) {
    if (paragraph.childElementCount > 0) paragraph.replaceChildren();
    write(paragraph, text);
    return;
  }
  const rest = make("span", { class: "tentative" }, words.slice(stable).join(" "));
  paragraph.replaceChildren(`${words.slice(0, stable).join(" ")} `, rest);
}
