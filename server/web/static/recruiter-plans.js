// Plans view: which there are, and uploading another as a YAML or JSON file.

import { make, write } from "./dom.js";
import { dateText, errorPlace, notAllowed, repeat } from "./recruiter-parts.js";
import { RowList } from "./row-list.js";

const REFRESH_MS = 15_000; // a plan is seldom uploaded

export function plansView(root, { session }) {
  const [errors, show, showLoading] = errorPlace();
  const done = make("p", {
    class: "notice good",
    role: "status",
    testid: "uploaded",
    hidden: true,
  });
  const list = make("ul", { class: "plans", testid: "plans" });
  const rows = new RowList(list, planItem);
  const load = async () => {
    try {
      const { items } = await session.api("GET", "/plans");
      showLoading(null);
      rows.place(items, { all: true });
    } catch (error) {
      showLoading(error);
    }
  };
  const upload = async (file) => {
    show(null);
    done.hidden = true;
    try {
      const body = await file.text();
      // JSON is YAML too: one content type serves both
      const plan = await session.api("POST", "/plans", { body, contentType: "application/yaml" });
      write(done, [`“${plan.title}” is ready to be used.`, ...(plan.warnings ?? [])].join(" "));
      done.hidden = false;
      await load();
    } catch (error) {
      show(error);
    }
  };
  const title = make("h1", { tabindex: "-1", "data-heading": true }, "Plans");
  const way = session.may("invite") ? uploadArea(upload) : notAllowed(NOT_ALLOWED);
  root.replaceChildren(title, way, errors, done, list);
  load();
  return repeat(REFRESH_MS, load);
}

const NOT_ALLOWED =
  "Your role does not allow uploading plans. A recruiter of your organisation can do it.";

function uploadArea(upload) {
  const accept = ".yaml,.yml,.json,application/json";
  const input = make("input", { type: "file", accept, testid: "plan-file" });
  input.addEventListener("change", async () => {
    if (input.files.length > 0) await upload(input.files[0]);
    input.value = ""; // so that the same file, mended, can be chosen again
  });
  const hint = "Choose a YAML or JSON file, or drop it here. It is checked before it is kept.";
  const area = make(
    "label",
    { class: "card drop" },
    make("strong", {}, "Upload a plan"),
    make("span", { class: "hint" }, hint),
    input,
  );
  acceptDrops(area, upload);
  return area;
}

function planItem({ title, created_at: created }) {
  return make(
    "li",
    { testid: "plan-item" },
    make("strong", {}, title),
    make("span", { class: "hint" }, dateText(created)),
  );
}

function acceptDrops(area, upload) {
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file) upload(file);
  });
}
