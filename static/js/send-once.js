// While a form is on its way its button is busy and a second press does nothing; Ctrl+Enter sends it.
// Attached by data-draft or data-send-once to the form.

const FORMS = "form[data-draft], form[data-send-once]";

function setBusy(form, busy) {
  for (const control of form.elements) {
    if (control.type !== "submit") continue;
    if (busy) control.setAttribute("aria-busy", "true");
    else control.removeAttribute("aria-busy");
  }
}

const isBusy = (form) => [...form.elements].some((control) => control.getAttribute("aria-busy") === "true");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(FORMS) || form.hasAttribute("hx-post")) return;
  if (isBusy(form)) event.preventDefault();
  else setBusy(form, true);
});
document.addEventListener("htmx:before:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (form.matches?.(FORMS)) setBusy(form, true);
});
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (form.matches?.(FORMS)) setBusy(form, false);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(FORMS)) setBusy(form, false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.form ?? event.target.closest?.("dialog")?.querySelector("form");
  if (form?.matches(FORMS) && !isBusy(form)) form.requestSubmit();
});
