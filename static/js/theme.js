// Light, dark or the system's, at once: the form's own request keeps the choice, this only shows it.
// Attached by data-theme-form to a form whose buttons are named "theme".

function show(form, chosen) {
  document.documentElement.dataset.theme = chosen.value;
  for (const button of form.querySelectorAll("[name=theme]")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
}

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-theme-form] [name=theme]");
  if (chosen) show(chosen.form, chosen);
});
