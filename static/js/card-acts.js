// Gives a card its further links when it is pointed at or focused; by touch every card has them. They stand once in the
// page, in the template #card-acts, for a board of a hundred cards would be much heavier with them.

const template = document.getElementById("card-acts");
const hasNoHover = matchMedia("(hover: none)").matches;

function dress(card) {
  if (!card || card.querySelector(":scope > .card-acts")) return;
  const acts = template.content.firstElementChild.cloneNode(true);
  const deal = card.querySelector("h3 a").pathname;
  for (const link of acts.querySelectorAll("a")) link.href = deal + link.dataset.below;
  const move = card.querySelector(":scope > .card-move");
  if (move) acts.prepend(move);
  card.append(acts);
}

function dressAll() {
  for (const card of document.querySelectorAll(".board .card")) dress(card);
}

for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => dress(event.target.closest?.(".board .card")));
}
if (template && hasNoHover) {
  document.addEventListener("htmx:after:process", dressAll);
  dressAll();
}
