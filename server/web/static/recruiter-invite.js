// Invitation view: a plan, a name, a time limit; the answer is the join link.

import { make } from "./dom.js";
import { dateText, errorPlace, field, linkBox, notAllowed, onSubmit } from "./recruiter-parts.js";

export function inviteView(root, { session }) {
  const title = make("h1", { tabindex: "-1", "data-heading": true }, "Invite a candidate");
  if (!session.may("invite")) {
    root.replaceChildren(title, notAllowed(NOT_ALLOWED));
    return;
  }
  const [errors, show] = errorPlace();
  const plans = make("select", { name: "plan_id", required: true, testid: "plan" });
  const form = make(
    "form",
    { class: "card form", testid: "invite-form" },
    make("label", { class: "field" }, make("span", {}, "Plan"), plans),
    field("Candidate's name", {
      name: "candidate_name",
      required: true,
      maxlength: 120,
      autocomplete: "off",
      testid: "candidate-name",
    }),
    field("E-mail (optional)", {
      name: "candidate_email",
      type: "email",
      autocomplete: "off",
      testid: "candidate-email",
    }),
    field(
      "Telephone (optional)",
      {
        name: "candidate_phone",
        type: "tel",
        pattern: "[^0-9]*([+]|00).*",
        placeholder: "+44 1632 960961",
        autocomplete: "off",
        testid: "candidate-phone",
      },
      "With the country’s code. A call from it is for this interview.",
    ),
    field(
      "Time limit in minutes (optional)",
      {
        name: "minutes",
        type: "number",
        min: 1,
        max: 180,
        inputmode: "numeric",
        testid: "minutes",
      },
      "Left empty, the plan's own limit holds.",
    ),
    accommodationField(),
    make("button", { type: "submit", class: "primary", testid: "create" }, "Create the interview"),
  );
  root.replaceChildren(title, errors, form);
  fillPlans(plans, form, session, show);
  onSubmit(form, show, async (data) => {
    const body = {
      plan_id: data.get("plan_id"),
      candidate_name: data.get("candidate_name").trim(),
    };
    if (data.get("candidate_email")) body.candidate_email = data.get("candidate_email");
    if (data.get("candidate_phone").trim()) body.candidate_phone = data.get("candidate_phone");
    if (data.get("minutes")) body.time_limit_s = Number(data.get("minutes")) * 60;
    if (data.get("accommodation")) body.accommodation = Number(data.get("accommodation"));
    const interview = await session.api("POST", "/interviews", { body });
    root.replaceChildren(title, created(interview));
    root.querySelector('[data-testid="copy"]').focus();
  });
}

const NOT_ALLOWED =
  "Your role does not allow inviting candidates. A recruiter of your organisation can do it.";

function accommodationField() {
  const choices = [
    ["", "As usual"],
    ["1.5", "Half as long again"],
    ["2", "Twice as long"],
    ["3", "Three times as long"],
  ];
  return make(
    "label",
    { class: "field" },
    make("span", {}, "Waiting for the candidate"),
    make(
      "select",
      { name: "accommodation", testid: "accommodation" },
      ...choices.map(([value, text]) => make("option", { value }, text)),
    ),
    make(
      "small",
      { class: "hint" },
      "For somebody who needs more time to think or to speak. Nobody who reads or follows the interview " +
        "sees it. The time limit stays as it is.",
    ),
  );
}

async function fillPlans(select, form, session, show) {
  try {
    const { items } = await session.api("GET", "/plans");
    select.append(...items.map(({ id, title }) => make("option", { value: id }, title)));
    if (items.length > 0) return;
    form.replaceWith(
      make(
        "div",
        { class: "card empty" },
        make("h2", {}, "There is no plan yet"),
        make(
          "p",
          { class: "hint" },
          "An interview follows a plan: its questions, and how long it takes.",
        ),
        make("a", { class: "button primary", href: "/recruiter/plans" }, "Upload a plan"),
      ),
    );
  } catch (error) {
    show(error);
  }
}

function created(interview) {
  return make(
    "div",
    { class: "card form", testid: "created" },
    make("h2", {}, `The interview with ${interview.candidate_name} is ready`),
    make(
      "p",
      { class: "hint" },
      "Send this link to the candidate. It is shown only once; you can make a new one any time. " +
        `It works until ${dateText(interview.join_expires_at)}.`,
    ),
    linkBox(interview.join_url),
    interview.pin ? pinLine(interview.pin) : null,
    ...(interview.warnings ?? []).map((text) => make("p", { class: "notice" }, text)),
    make(
      "div",
      { class: "row" },
      make(
        "a",
        { class: "button secondary", href: "/recruiter/invite", testid: "another" },
        "Invite another",
      ),
      make(
        "a",
        { class: "button plain", href: `/recruiter/interviews/${interview.id}` },
        "Follow this interview",
      ),
    ),
  );
}

function pinLine(pin) {
  return make(
    "p",
    { class: "hint" },
    "By telephone, this PIN leads to the interview. It, too, is shown only once: ",
    make("code", { testid: "pin" }, `${pin.slice(0, 4)} ${pin.slice(4)}`),
  );
}
