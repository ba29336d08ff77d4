// Opens what a link leads to in place, in #dialog. Attached by data-in-dialog, and to the .card-move of cards; without
// script they are plain links.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-in-dialog], a.card-move");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (event.defaultPrevented || !document.getElementById("dialog")) return;
  event.preventDefault();
  htmx.ajax("GET", link.href, { source: link, target: "#dialog", swap: "innerHTML" });
});
