// Prints the page. Attached by data-print to a button, which stays hidden without script.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
