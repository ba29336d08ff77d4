// Shows where a card went: it lights up and has the cursor. Attached by the event "moved" (HX-Trigger, after the swap)
// with the deal's number.

document.addEventListener("moved", (event) => {
  const card = document.getElementById(`deal-${event.detail.number}`);
  if (!card) return;
  card.classList.add("card-fresh");
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  card.querySelector("h3 a")?.focus({ preventScroll: true });
});
