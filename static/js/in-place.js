// A fact that is changed where it stands: its form gets the cursor, Escape leaves it, and the cursor comes back to the
// value afterwards. Attached by data-in-place to the form and data-leave-in-place to its way out.

let changing = null; // the id of the line that a request under way is about

document.addEventListener("htmx:before:request", (event) => {
  const line = event.detail.ctx.sourceElement?.closest?.(".fact");
  if (line) changing = line.id;
});

document.addEventListener("htmx:after:swap", () => {
  const line = changing && document.getElementById(changing);
  changing = null;
  if (!line) return;
  const form = line.querySelector("form[data-send-once]");
  const controls = form?.querySelectorAll("[aria-invalid=true], input:checked, input:not([type=hidden], [type=radio]), select, textarea");
  const first = form?.querySelector("[aria-invalid=true]") ?? controls?.[0] ?? form?.querySelector("[type=radio]");
  (first ?? line.querySelector(".fact-value"))?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const form = event.target.closest?.("form[data-in-place]");
  form?.querySelector("[data-leave-in-place]")?.click();
});
