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
