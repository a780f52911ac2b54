// Recruiter's page: sign in, then one view an address under /recruiter.

import { cockpitView } from "./cockpit.js";
import { part } from "./dom.js";
import { accountView, signInView } from "./recruiter-account.js";
import { interviewView } from "./recruiter-interview.js";
import { interviewsView } from "./recruiter-interviews.js";
import { inviteView } from "./recruiter-invite.js";
import { plansView } from "./recruiter-plans.js";
import { Session } from "./recruiter-session.js";
import { wallView } from "./recruiter-wall.js";

const ROUTES = [
  [/^\/recruiter\/?$/, interviewsView, "Interviews"],
  [/^\/recruiter\/invite$/, inviteView, "Invite"],
  [/^\/recruiter\/interviews\/(?<id>[^/]+)$/, interviewView, "Interview"],
  [/^\/recruiter\/live$/, wallView, "Live"],
  [/^\/recruiter\/live\/(?<id>[^/]+)$/, cockpitView, "Cockpit"],
  [/^\/recruiter\/plans$/, plansView, "Plans"],
  [/^\/recruiter\/account$/, accountView, "Account"],
];

const root = part("view");
const session = new Session((message) => show(message));
let leave = () => {};

/** Shows the view of the present address. A view returns what is to be done when it is left. */
function show(message = "") {
  leave();
  leave = () => {};
  part("nav").hidden = !session.signedIn;
  if (!session.signedIn) {
    document.title = "Viva: sign in";
    signInView(root, { session, message, onDone: () => show() });
    return root.querySelector("input").focus();
  }
  const path = location.pathname;
  const [pattern, view, title] = ROUTES.find(([candidate]) => candidate.test(path)) ?? ROUTES[0];
  document.title = `Viva: ${title}`;
  for (const link of part("nav").querySelectorAll("a")) {
    const above = link.pathname !== "/recruiter" && path.startsWith(`${link.pathname}/`);
    const here = link.pathname === path || above;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  leave = view(root, { session, go, ...pattern.exec(path)?.groups }) ?? (() => {});
  return root.querySelector("[data-heading]")?.focus({ preventScroll: true });
}

function go(path) {
  history.pushState(null, "", path);
  window.scrollTo(0, 0);
  show();
}

/** Links inside the page change the view without loading it again. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!plain || link?.origin !== location.origin || !link.pathname.startsWith("/recruiter")) return;
  event.preventDefault();
  go(link.pathname);
});
window.addEventListener("popstate", () => show());
part("sign-out").addEventListener("click", () => session.leave());
show();
/** The role may have been changed since the tab was opened. */
if (session.signedIn) session.learnRights().then((changed) => changed && session.signedIn && show());
