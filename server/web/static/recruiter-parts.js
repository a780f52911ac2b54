// Shared parts of the recruiter's views: errors, fields, status, the join link, dates.

import { hold, isHeld, make, part, write } from "./dom.js";

/**
 * A place for what went wrong: [element, show(error | null), showLoading(error | null)].
 *
 * What an action came to stays until it is dismissed, or until the next action shows `null`; it is
 * never taken away by the lists that load by themselves, whose own trouble `showLoading` tells.
 */
export function errorPlace(testid = "error") {
  const place = make("div", { class: "notice bad", role: "alert", testid, hidden: true });
  const errors = { action: null, loading: null };
  let dismissed = ""; // of loading: what was put away is not told again before something else is
  const draw = () => {
    const shown = Object.values(errors).filter(Boolean);
    place.hidden = shown.length === 0;
    const texts = shown.flatMap(errorText);
    place.replaceChildren(...texts, ...(shown.length > 0 ? [dismissButton(dismiss)] : []));
  };
  const dismiss = () => {
    dismissed = errors.loading?.message ?? "";
    Object.assign(errors, { action: null, loading: null });
    draw();
  };
  const show = (error) => {
    if (!error && !errors.action) return;
    errors.action = error;
    draw();
    if (error) place.scrollIntoView({ block: "nearest" });
  };
  const showLoading = (error) => {
    const message = error?.message ?? "";
    if (!error) dismissed = "";
    if (message === (errors.loading?.message ?? dismissed)) return; // told already
    errors.loading = error;
    draw();
  };
  return [place, show, showLoading];
}

function errorText(error) {
  const listed = (error.errors ?? []).map(({ field, message }) =>
    make("li", {}, make("code", {}, field), " ", message),
  );
  if (listed.length === 0) return [make("p", {}, error.message)];
  return [make("p", {}, error.title), make("ul", { class: "errors" }, ...listed)];
}

function dismissButton(onclick) {
  return make("button", {
    type: "button",
    class: "dismiss",
    "aria-label": "Dismiss this message",
    title: "Dismiss",
    testid: "dismiss",
    onclick,
  });
}

/** Said where a role does not allow what else would stand there. */
export function notAllowed(sentence) {
  return make("p", { class: "hint not-allowed", testid: "not-allowed" }, sentence);
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
    if (isHeld(button)) return; // it is on its way
    hold(button, true);
    show(null);
    try {
      await work(new FormData(form));
    } catch (error) {
      show(error);
    } finally {
      hold(button, false);
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

/** The way from an interview that runs to its place among the live ones. */
export function watchLink({ id, candidate_name: name }) {
  const address = `/recruiter/live/${id}`;
  const label = `Watch live: ${name}`;
  return make("a", { class: "watch", href: address, "aria-label": label, testid: "watch" }, "Watch live");
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

/** Runs `work` every `everyMs` while the page is visible, and at once when it is looked at again or
 * comes back online; returns what stops it. */
export function repeat(everyMs, work) {
  const run = () => document.visibilityState === "visible" && work();
  const timer = setInterval(run, everyMs);
  document.addEventListener("visibilitychange", run);
  window.addEventListener("online", run);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", run);
    window.removeEventListener("online", run);
  };
}
