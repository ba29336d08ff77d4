// Folds a column at once and tells the server afterwards. Attached by data-fold-columns to the form that the buttons in
// the columns' heads send; without script they send it and the page comes back.

function turn(button) {
  const folded = button.closest("[data-stage]").classList.toggle("column-folded");
  button.name = folded ? "unfold" : "fold";
  button.title = button.form.dataset[button.name];
  button.setAttribute("aria-expanded", String(!folded));
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-fold-columns]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const sent = new FormData(form);
  sent.append(event.submitter.name, event.submitter.value);
  turn(event.submitter);
  await fetch(form.action, { method: "POST", body: sent, headers: { "HX-Request": "true" } }).catch(() => {});
});

// A folded column opens wherever it is clicked, for its head is a narrow strip.
document.addEventListener("click", (event) => {
  const column = event.target.closest?.(".column-folded");
  if (column && !event.target.closest("a, button")) column.querySelector(".fold-btn").click();
});
