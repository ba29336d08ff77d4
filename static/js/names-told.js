// Says in the folded line who is chosen in it and who is written there. Attached by data-names-of (the fields' names)
// and data-nobody (what stands there for none) inside the summary.

function tell(line) {
  const fields = line.dataset.namesOf.split(" ");
  const names = [];
  for (const control of line.closest("form").elements) {
    if (!fields.includes(control.name)) continue;
    if (control.type !== "checkbox") names.push(control.value.trim());
    else if (control.checked) names.push(control.labels[0].textContent.trim());
  }
  line.textContent = names.filter(Boolean).join("; ") || line.dataset.nobody;
}

function tellIn(form) {
  for (const line of form.querySelectorAll?.("[data-names-of]") ?? []) tell(line);
}

for (const happening of ["input", "change"]) {
  document.addEventListener(happening, (event) => tellIn(event.target.form ?? event.target), true);
}
