// Shows a hint once enough answers of one kind were chosen. Attached by data-reveal-value (the answer) and
// data-reveal-least (how many) to the hint inside the form.

function judge(hint) {
  const { revealValue, revealLeast } = hint.dataset;
  const chosen = hint.closest("form").querySelectorAll(`input[value="${CSS.escape(revealValue)}"]:checked`);
  hint.hidden = chosen.length < Number(revealLeast);
}

function judgeAll() {
  for (const hint of document.querySelectorAll("[data-reveal-value]")) judge(hint);
}

document.addEventListener("change", judgeAll, true);
document.addEventListener("htmx:after:swap", judgeAll);
judgeAll();
