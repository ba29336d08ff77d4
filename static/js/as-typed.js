// What is saved while one types goes out one after the other: what waited for its turn is sent as it stands by then, on
// the version that the answer before brought. While somebody is asked whose words are to stay, nothing goes out by
// itself. Attached by data-as-typed to the form.

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement: form, sourceEvent, request } = event.detail.ctx;
  if (!form.matches?.("form[data-as-typed]")) return;
  if (sourceEvent.type === "input" && form.querySelector("[name=over]")) return event.preventDefault();
  for (const [name, value] of new FormData(form)) request.body.set(name, value);
});
