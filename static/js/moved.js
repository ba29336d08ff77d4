// Shows where a card went: once the answer to a move is in place, it lights up and has the focus.
// Attached by the event "moved" (HX-Trigger) with the deal's number.

let number = null;

document.addEventListener("moved", (event) => {
  number = event.detail.number;
});
document.addEventListener("htmx:after:swap", () => {
  const card = number && document.getElementById(`deal-${number}`);
  number = null;
  if (!card) return;
  card.classList.add("card-fresh");
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  card.querySelector(".card-title a")?.focus({ preventScroll: true });
});
