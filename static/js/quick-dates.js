// Buttons that fill in a date. Attached by data-quick-dates="id of the field" to their group, hidden without script.

function reveal() {
  for (const group of document.querySelectorAll("[data-quick-dates][hidden]")) group.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-quick-dates] button");
  if (!button) return;
  const field = document.getElementById(button.parentElement.dataset.quickDates);
  field.value = button.value;
  field.removeAttribute("aria-invalid");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("htmx:after:swap", reveal);
reveal();
