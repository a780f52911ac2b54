// Account views: signing in, and changing one's password.

import { make, write } from "./dom.js";
import { errorPlace, field, onSubmit } from "./recruiter-parts.js";

/** `onDone()` after a sign-in that succeeded; `message` says why one is asked. */
export function signInView(root, { session, message, onDone }) {
  const [errors, show] = errorPlace("sign-in-error");
  const form = make(
    "form",
    { class: "card form sign-in", testid: "sign-in-form" },
    make("h1", { tabindex: "-1", "data-heading": true }, "Sign in"),
    message ? make("p", { class: "notice", role: "status" }, message) : null,
    field("E-mail", {
      name: "email",
      type: "email",
      required: true,
      autocomplete: "username",
      testid: "email",
    }),
    field("Password", {
      name: "password",
      type: "password",
      required: true,
      autocomplete: "current-password",
      testid: "password",
    }),
    errors,
    make("button", { type: "submit", class: "primary wide", testid: "sign-in" }, "Sign in"),
  );
  root.replaceChildren(form);
  onSubmit(form, show, async (data) => {
    await session.signIn(data.get("email").trim(), data.get("password"));
    onDone();
  });
}

export function accountView(root, { session }) {
  const [errors, show] = errorPlace();
  const who = make("p", { class: "hint", testid: "me" });
  const done = make(
    "p",
    { class: "notice good", role: "status", testid: "password-changed", hidden: true },
    "Your password is changed.",
  );
  const form = passwordForm(errors, done);
  const title = make("h1", { tabindex: "-1", "data-heading": true }, "Account");
  root.replaceChildren(title, who, form);
  onSubmit(form, show, async (data) => {
    done.hidden = true;
    if (data.get("new") !== data.get("again")) throw new Error("The two new passwords differ.");
    const body = { old: data.get("old"), new: data.get("new") };
    const { email } = await session.api("GET", "/me");
    await session.api("POST", "/me/password", { body });
    await session.signIn(email, body.new); // the old sign-in has ended, here and elsewhere
    form.reset();
    done.hidden = false;
  });
  session
    .api("GET", "/me")
    .then((me) => write(who, `${me.email}, ${me.organisation.name}`))
    .catch(show);
}

function passwordForm(...messages) {
  const old = { type: "password", required: true, autocomplete: "current-password" };
  const fresh = { ...old, minlength: 8, maxlength: 128, autocomplete: "new-password" };
  return make(
    "form",
    { class: "card form", testid: "password-form" },
    make("h2", {}, "Change the password"),
    field("Password now", { ...old, name: "old", testid: "old-password" }),
    field(
      "New password",
      { ...fresh, name: "new", testid: "new-password" },
      "8 to 128 characters.",
    ),
    field("New password again", { ...fresh, name: "again", testid: "again-password" }),
    ...messages,
    make(
      "button",
      { type: "submit", class: "primary", testid: "change-password" },
      "Change the password",
    ),
  );
}
