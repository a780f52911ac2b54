// Shared parts of the recruiter's views: errors, fields, status, the join link, dates.

import { make, part, write } from "./dom.js";

/** A place for what went wrong: [element, show(error | null)]. */
export function errorPlace(testid = "error") {
  const place = make("div", { class: "notice bad", role: "alert", testid, hidden: true });
  const show = (error) => {
    place.hidden = !error;
    if (!error) return place.replaceChildren();
    const listed = (error.errors ?? []).map(({ field, message }) =>
      make("li", {}, make("code", {}, field), " ", message),
    );
    const said = listed.length > 0 ? error.title : error.message;
    place.replaceChildren(make("p", {}, said));
    if (listed.length > 0) place.append(make("ul", { class: "errors" }, ...listed));
    return place.scrollIntoView({ block: "nearest" });
  };
  return [place, show];
}

/** A labelled input. `attributes` go to the input. */
export function field(label, attributes, hint = null) {
  const input = make("input", attributes);
  const note = hint ? make("small", { class: "hint" }, hint) : null;
  return make("label", { class: "field" }, make("span", {}, label), input, note);
}

/** Runs `work` for a form's submit, with its button held meanwhile and errors shown. */
export function onSubmit(form, show, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type="submit"]');
    button.disabled = true;
    show(null);
    try {
      await work(new FormData(form));
    } catch (error) {
      show(error);
    } finally {
      button.disabled = false;
    }
  });
}

export const STATUS = {
  invited: "Invited",
  running: "Running",
  completed: "Completed",
  ended: "Ended",
  expired: "Expired",
};

export function statusBadge({ status, live, end }) {
  const words = status === "running" && !live ? "Interrupted" : (end?.label ?? STATUS[status]);
  const kind = status === "running" && !live ? "waiting" : status;
  return make("span", { class: "badge", "data-status": kind, testid: "status" }, words);
}

/** The join link with its Copy button. */
export function linkBox(url) {
  const input = make("input", {
    value: url,
    readonly: true,
    "aria-label": "Join link",
    testid: "join-link",
  });
  input.addEventListener("focus", () => input.select());
  const button = make("button", { type: "button", class: "primary", testid: "copy" }, "Copy link");
  button.addEventListener("click", async () => {
    const copied = await copy(input);
    write(button, copied ? "Copied" : "Press Ctrl+C");
    setTimeout(() => write(button, "Copy link"), 2_500);
  });
  return make("div", { class: "link-box" }, input, button);
}

async function copy(input) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    return false; // not a secure page, or not allowed: the text is selected already
  }
}

/** Asks for a yes; settles to true or false. */
export function confirmed(title, text, action) {
  const dialog = part("confirm");
  write(part("confirm-title"), title);
  write(part("confirm-text"), text);
  write(part("confirm-yes"), action);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }),
  );
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function dateText(iso) {
  return iso ? DATE.format(new Date(iso)) : "–";
}

/** Runs `work` every `everyMs` while the page is visible; returns what stops it. */
export function repeat(everyMs, work) {
  const timer = setInterval(() => document.visibilityState === "visible" && work(), everyMs);
  return () => clearInterval(timer);
}
