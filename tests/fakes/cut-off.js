// What of a page is outside the window, cut off by its box, or overlaps something else.
() => {
  const wide = document.documentElement.clientWidth;
  const faults = [];
  if (document.documentElement.scrollWidth > wide) faults.push("the page scrolls sideways");
  const seen = (element) => element.checkVisibility() && !element.closest(".unseen, noscript");
  const named = (element) =>
    `${element.tagName} ${element.dataset.testid ?? element.className} ${element.textContent.slice(0, 30)}`;
  for (const element of document.body.querySelectorAll("*")) {
    if (!seen(element) || element.closest("svg")) continue;
    const box = element.getBoundingClientRect();
    if (box.width > 1 && (box.left < -1 || box.right > wide + 1)) faults.push(`outside: ${named(element)}`);
    const style = getComputedStyle(element);
    const hides = /hidden|clip/.test(style.overflowX);
    if (element.matches("input, select, canvas")) continue;
    const clips = hides && element.scrollWidth > element.clientWidth + 1;
    const scrolls = /auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    if (clips || scrolls) faults.push(`cut off: ${named(element)}`);
  }
  const words = [...document.querySelectorAll("button, a, p, h1, h2, h3, label, dt, dd, li, strong, td")]
    .filter((one) => seen(one) && one.innerText?.trim() && !one.closest("dialog:not([open])"));
  const leaves = words.filter((one) => !words.some((other) => other !== one && one.contains(other)));
  const fixed = (one) => one.closest(".controls, .latest, .dismiss, dialog");
  for (const [index, one] of leaves.entries()) {
    const a = one.getBoundingClientRect();
    if (a.width < 1 || a.height < 1 || fixed(one)) continue;
    for (const other of leaves.slice(index + 1)) {
      if (fixed(other)) continue;
      if (one.closest("ol, .plan-list, .commands") !== other.closest("ol, .plan-list, .commands")) continue;
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 2) faults.push(`overlap: ${named(one)} / ${named(other)}`);
    }
  }
  return faults;
}
