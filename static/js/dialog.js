// Forms in place: whatever [data-dialog] lands in #dialog is opened. Escape or data-close closes it, and so does the
// answer "done" (HX-Trigger) to what it sent; the cursor then goes back to where it was opened from. It rises when it is
// opened; a form that comes back, or the next one after it, stands where the last one stood.

let opener = null;
let isUp = false;

const dialogNow = () => document.querySelector("#dialog > dialog[data-dialog]");

function show(event) {
  const dialog = dialogNow();
  if (!dialog) isUp = false;
  if (!dialog || dialog.open) return;
  const source = event.detail.ctx?.sourceElement;
  if (source && !source.closest("#dialog") && source.isConnected) opener = source;
  dialog.classList.toggle("dialog-rising", !isUp);
  isUp = true;
  dialog.showModal();
  const wrong = dialog.querySelector("[aria-invalid=true]");
  const wanted = dialog.querySelector("[autofocus]");
  const controls = dialog.querySelectorAll(".dialog-body :is(input:not([type=hidden]), textarea, select, a.btn)");
  const first = [...controls].find((control) => control.checkVisibility());
  const chosen = first?.type === "radio" && dialog.querySelector(`[name="${first.name}"]:checked`);
  (wrong ?? wanted ?? (chosen || first))?.focus();
  wrong?.scrollIntoView({ block: "center" });
}

function forget(dialog) {
  dialog.remove();
  if (dialogNow()) return;
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
  isUp = false;
  document.dispatchEvent(new CustomEvent("dialog-closed"));
}

document.addEventListener("click", (event) => event.target.closest?.("[data-close]")?.closest("dialog")?.close());
document.addEventListener("close", (event) => event.target.matches("#dialog > dialog") && forget(event.target), true);
document.addEventListener("done", () => dialogNow()?.close());
document.addEventListener("htmx:after:swap", show);
