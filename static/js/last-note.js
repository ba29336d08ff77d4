// Shows a deal's last note on its card, and hides it again. Attached to the .card-note of a card.

async function toggle(link) {
  const card = link.closest(".card");
  const shown = card.querySelector(".card-last");
  if (shown) {
    shown.remove();
    link.removeAttribute("aria-expanded");
    return;
  }
  link.setAttribute("aria-expanded", "true");
  await htmx.ajax("GET", link.href, {
    source: link, target: card.querySelector(".card-acts"), swap: "beforebegin",
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".card .card-note");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  toggle(link);
});
