// Prints the page. Attached by data-print to a button, which stays hidden without script. What stands in a field goes to
// paper as text, all of it: data-on-paper names the field.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

window.addEventListener("beforeprint", () => {
  for (const words of document.querySelectorAll("[data-on-paper]")) {
    words.textContent = document.getElementById(words.dataset.onPaper)?.value || "–";
  }
});
