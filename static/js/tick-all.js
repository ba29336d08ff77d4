// A tick in the head of a list that ticks every row of its form. Needs script, so it stays hidden without.
for (const form of document.querySelectorAll("[data-tick-all]")) {
  const all = form.querySelector("[data-ticks-all]");
  if (!all) continue;
  const rows = () => [...form.querySelectorAll("tbody input[type=checkbox]")];

  const tell = () => {
    const ticked = rows().filter((row) => row.checked).length;
    all.checked = ticked > 0 && ticked === rows().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };

  all.hidden = false;
  all.addEventListener("change", () => rows().forEach((row) => { row.checked = all.checked; }));
  form.addEventListener("change", (event) => { if (event.target !== all) tell(); });
  tell();
}
