// Live transcript: committed turns in order, and below them the words as they are spoken.

import { clockText, make, write } from "./dom.js";

const NEAR_THE_END = 48; // px: then the list follows what is new

export class LiveTranscript {
  /** `list`: the scrolling list, `latest`: the button that leads back to its end. */
  constructor(list, latest) {
    this.list = list;
    this.latest = latest;
    this.names = {};
    this.turns = new Map(); // index -> its line
    this.captions = new Map(); // speaker and id -> its line
    this.reopened = null; // the line of a turn that goes on
    latest.addEventListener("click", () => this.toEnd());
    list.addEventListener("scroll", () => (latest.hidden = this.atEnd()), { passive: true });
  }

  /** Takes a snapshot in the place of everything before. */
  replace({ candidate_name: candidate, transcript, captions }) {
    this.names = { candidate, interviewer: "Interviewer", recruiter: "Recruiter" };
    this.list.replaceChildren();
    this.turns.clear();
    this.captions.clear();
    this.reopened = null;
    for (const turn of transcript) this.commit(turn);
    for (const caption of captions) this.caption(caption);
    this.toEnd();
  }

  caption({ speaker, id, text, final, seq }) {
    const key = `${speaker} ${id}`;
    let line = this.captions.get(key);
    if (!line && !text) return;
    this.following(() => {
      if (final && !text) return this.withdraw(key, line);
      if (!line) {
        line = this.takeReopened(speaker) ?? this.append(speaker);
        this.captions.set(key, line);
      }
      write(line.querySelector(".line-text"), text);
      line.hidden = !text;
      line.dataset.final = String(final);
      line.dataset.seq = seq;
    });
  }

  append(speaker) {
    const line = this.makeLine(speaker);
    line.classList.add("interim");
    this.list.append(line);
    return line;
  }

  /** An answer that goes on stays in its place: its words grow where it stands. */
  takeReopened(speaker) {
    const line = this.reopened;
    if (line?.dataset.speaker !== speaker) return null;
    this.reopened = null;
    return line;
  }

  /** Words that became no turn are taken back; a turn on record stays. */
  withdraw(key, line) {
    this.captions.delete(key);
    if (line.dataset.index === undefined) line.remove();
  }

  /** A turn on record takes the place of the settled words of its speaker. */
  commit(turn, seq = null) {
    this.following(() => {
      for (const [key, line] of this.captions) {
        if (line.dataset.speaker !== turn.speaker || line.dataset.final !== "true") continue;
        this.withdraw(key, line);
      }
      const line = this.makeLine(turn.speaker);
      write(line.querySelector(".line-text"), turn.text);
      write(line.querySelector(".line-at"), clockText(turn.started_ms));
      line.append(...marks(turn));
      line.dataset.index = turn.index;
      if (seq !== null) line.dataset.seq = seq;
      const known = this.turns.get(turn.index);
      if (known) known.replaceWith(line);
      else this.list.insertBefore(line, this.firstCaption());
      this.turns.set(turn.index, line);
    });
  }

  /** The candidate goes on: the turn is none until it comes again. */
  reopen(index) {
    this.reopened = this.turns.get(index) ?? null;
    this.reopened?.classList.add("reopened");
  }

  /** The first line that is on its way to the record; turns stand before it. */
  firstCaption() {
    return [...this.captions.values()].find((line) => line.dataset.index === undefined) ?? null;
  }

  makeLine(speaker) {
    return make(
      "li",
      { class: "line", "data-speaker": speaker, testid: "line" },
      make(
        "p",
        { class: "line-head" },
        make("span", { class: "line-name" }, this.names[speaker] ?? speaker),
        make("span", { class: "line-at" }),
      ),
      make("p", { class: "line-text" }),
    );
  }

  following(change) {
    const follow = this.atEnd();
    change();
    if (follow) this.toEnd();
    else this.latest.hidden = false;
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

function marks({ interrupted, hint }) {
  const words = [];
  if (hint) words.push("From a hint");
  if (interrupted) words.push("Interrupted");
  return words.map((text) => make("span", { class: "mark" }, text));
}
