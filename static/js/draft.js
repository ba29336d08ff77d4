// What is typed into a note is kept on this device until it is saved or discarded: through a closed tab, a lost
// connection and an expired sign-in. Attached by data-draft="person:deal:goal" to the form.

const PREFIX = "draft:";
const KEPT_MS = 14 * 24 * 3600 * 1000;
const NOT_KEPT = new Set(["csrf_token", "version", "stage", "back", "act", "above", "below"]);
const freshKeys = new WeakMap();

const nameOf = (form) => PREFIX + form.dataset.draft;
const clock = (at) =>
  new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function fieldsOf(form) {
  const fields = {};
  for (const control of form.elements) {
    if (!control.name || NOT_KEPT.has(control.name) || control.type === "submit") continue;
    fields[control.name] ??= [];
    const isChoice = control.type === "radio" || control.type === "checkbox";
    if (!isChoice || control.checked) fields[control.name].push(control.value);
  }
  return fields;
}

function fill(form, fields) {
  for (const control of form.elements) {
    const values = fields[control.name];
    if (!values || NOT_KEPT.has(control.name)) continue;
    if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
    if (control.value) control.closest("details.adder")?.setAttribute("open", "");
  }
  form.dispatchEvent(new Event("change"));
}

function save(form) {
  const name = nameOf(form);
  const draft = { at: Date.now(), fields: { ...read(name)?.fields, ...fieldsOf(form) } };
  try {
    localStorage.setItem(name, JSON.stringify(draft));
  } catch {
    return; // no room, or a private window: then nothing is promised either
  }
  showStatus(form, draft.at);
}

function showStatus(form, at) {
  const status = form.parentElement.querySelector("[data-draft-status]");
  status.querySelector("span").textContent = status.dataset.draftStatus.replace("{time}", clock(at));
  status.hidden = false;
}

function restore(form) {
  form.removeAttribute("data-draft-restore");
  freshKeys.set(form, form.elements.request_key?.value);
  const draft = read(nameOf(form));
  if (!draft) return;
  fill(form, draft.fields);
  showStatus(form, draft.at);
  const words = form.querySelector("[data-draft-found]");
  words.textContent = words.dataset.draftFound.replace("{time}", clock(draft.at));
  form.querySelector("[data-draft-notice]").hidden = false;
}

function discard(form) {
  localStorage.removeItem(nameOf(form));
  form.reset();
  if (form.elements.request_key) form.elements.request_key.value = freshKeys.get(form);
  form.querySelector("[data-draft-notice]").hidden = true;
  form.parentElement.querySelector("[data-draft-status]").hidden = true;
  form.dispatchEvent(new Event("change"));
}

function attend() {
  for (const told of document.querySelectorAll("[data-saved]")) localStorage.removeItem(PREFIX + told.dataset.saved);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const draft = read(nameOf(form));
    if (form.hasAttribute("data-draft-restore")) restore(form);
    else if (draft) showStatus(form, draft.at);
  }
}

function forgetOld() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) && !(read(name)?.at > Date.now() - KEPT_MS)) localStorage.removeItem(name);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-draft]")) save(form);
});
document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-draft-discard]")?.closest("form");
  if (form) discard(form);
});
document.addEventListener("done", () => {
  for (const form of document.querySelectorAll("form[data-draft]")) localStorage.removeItem(nameOf(form));
});
document.addEventListener("htmx:after:swap", attend);
forgetOld();
attend();
