// DOM helpers: small functions, so that no text ever goes through innerHTML.

/** The element with this data-testid: one name for the scripts and for the tests. */
export function part(name, root = document) {
  const found = root.querySelector(`[data-testid="${name}"]`);
  if (!found) throw new Error(`The page has no part called ${name}.`);
  return found;
}

/** make("p", {class: "hint", testid: "x", onclick: f}, "text", child, ...) */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "testid") element.dataset.testid = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Writes text only where it differs: a live region must not speak the same words twice. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Holds a control back, or frees it. Held back it stays in reach of the keyboard, with the element of
 * the id `reason` read out as why; what it would do has to be refused where it is done.
 */
export function hold(control, held, reason = null) {
  if (held) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
  if (held && reason) control.setAttribute("aria-describedby", reason);
  else control.removeAttribute("aria-describedby");
  if (control.matches("input:not([type=checkbox]), textarea")) control.readOnly = held;
}

export function isHeld(control) {
  return control.getAttribute("aria-disabled") === "true";
}

/** Shows one of the page's screens, hides the others, and moves the focus to its heading. */
export function showScreen(name) {
  for (const screen of document.querySelectorAll("[data-screen]")) {
    screen.hidden = screen.dataset.screen !== name;
  }
  document.body.dataset.showing = name;
  const heading = document.querySelector(`[data-screen="${name}"] [data-heading]`);
  heading?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** 754000 -> "12:34", 3754000 -> "1:02:34" */
export function clockText(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}
