// Takes a notice away. Attached by data-dismiss to a button inside it, which stays hidden without script.

function reveal(root) {
  for (const button of root.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".notice")?.remove();
});

document.addEventListener("htmx:after:swap", () => reveal(document));
reveal(document);
