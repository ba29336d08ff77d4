// Says how many rows are ticked, ticks or unticks all that are shown, and sends them as one field, however many they
// are. Attached by data-ticked-rows to the form that the boxes belong to; without script the boxes are sent one by one.

const boxes = (form) => [...form.elements].filter((element) => element.name === "pick");

function tell(form) {
  const ticked = boxes(form).filter((box) => box.checked).length;
  const count = form.querySelector("[data-ticked-count]");
  if (count) count.textContent = String(ticked);
  const every = document.querySelector(`[data-tick-all="${form.id}"]`);
  if (!every) return;
  every.checked = ticked > 0 && ticked === boxes(form).length;
  every.indeterminate = ticked > 0 && !every.checked;
}

function gather(form) {
  const numbers = boxes(form).filter((box) => box.checked).map((box) => box.value);
  form.elements.picks.value = numbers.join(" ");
  for (const box of boxes(form)) box.disabled = true;
  // a page that comes back from the history has its boxes again
  window.addEventListener("pageshow", () => boxes(form).forEach((box) => { box.disabled = false; }), { once: true });
}

for (const form of document.querySelectorAll("[data-ticked-rows]")) {
  document.addEventListener("change", (event) => {
    const every = event.target.closest?.(`[data-tick-all="${form.id}"]`);
    if (every) for (const box of boxes(form)) box.checked = every.checked;
    if (every || event.target.name === "pick") tell(form);
  });
  document.addEventListener("htmx:after:process", () => tell(form));
  form.querySelector("[data-untick]")?.addEventListener("click", () => {
    for (const box of boxes(form)) box.checked = false;
    tell(form);
  });
  form.addEventListener("submit", () => gather(form));
  for (const hidden of document.querySelectorAll(`[data-tick-all="${form.id}"], [data-untick]`)) hidden.hidden = false;
  tell(form);
}
