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
    this.lines = new Map(); // speaker and id -> {parts: [{line, from}], settled, goesOn}
    latest.addEventListener("click", () => this.toEnd());
    this.follows = true; // the end was in view when the reader last scrolled
    list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.follows && this.toEnd()).observe(list); // a notice takes its room
  }

  take({ speaker, id, text, final, stable_words: stable = 0 }) {
    const key = `${speaker} ${id}`;
    const following = this.atEnd();
    let caption = this.lines.get(key);
    if (!text && !caption) return;
    if (!caption) {
      caption = { parts: [{ line: this.add(speaker), from: 0 }], settled: false, goesOn: false };
      this.lines.set(key, caption);
    }
    if (final && !text) return this.withdraw(key, caption);
    if (caption.settled && !final) caption.goesOn = true;
    if (caption.goesOn && this.answered(caption)) this.part(caption, speaker, text);
    showParts(caption.parts, text, final, stable);
    caption.settled = final;
    if (final) this.announce(speaker, text);
    if (following) this.toEnd();
    else this.latest.hidden = false;
  }

  /** Whether something that was heard stands behind the words so far. */
  answered({ parts }) {
    let line = parts.at(-1).line.nextElementSibling;
    while (line && (line.hidden || line.classList.contains("interim"))) {
      line = line.nextElementSibling;
    }
    return line !== null;
  }

  /** An answer that goes on behind a reply stays in its place; its newest words stand last. */
  part(caption, speaker, text) {
    const { line, from } = caption.parts.at(-1);
    const before = from + wordsOf(line.querySelector("p").textContent).length;
    if (wordsOf(text).length <= before) return; // nothing new as yet
    caption.parts.push({ line: this.add(speaker), from: before });
  }

  /** Takes back words that became no turn: whatever stands around them closes up. */
  withdraw(key, { parts }) {
    this.lines.delete(key);
    for (const { line } of parts) {
      const { previousElementSibling: before, nextElementSibling: after } = line;
      line.remove();
      after?.classList.toggle("goes-on", before?.dataset.speaker === after.dataset.speaker);
    }
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

  scrolled() {
    this.follows = this.latest.hidden = this.atEnd();
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

function wordsOf(text) {
  return text.split(" ").filter(Boolean);
}

/** Shares the text out: each part holds the words from its own first one to that of the next. */
function showParts(parts, text, final, stable) {
  const words = text.split(" ");
  parts.forEach(({ line, from }, index) => {
    const own = words.slice(from, parts[index + 1]?.from).join(" ");
    show(line.querySelector("p"), own, final ? Infinity : stable - from);
    line.classList.toggle("interim", !final && index === parts.length - 1);
    line.hidden = own === "";
  });
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
