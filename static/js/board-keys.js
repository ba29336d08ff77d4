// The board by keyboard: arrows go from card to card, M opens "Move to…", N writes a note. Enter opens the deal, for the
// cursor stands on the card's link. Nothing happens while one is typing, composing, or in a dialog or menu.

const isBusy = (element) =>
  element.isContentEditable || element.closest("input, textarea, select, dialog, [popover]") !== null;

const cardsOf = (column) => [...column.querySelectorAll(".card")];
const linkOf = (card) => card?.querySelector("h3 a");
const columns = () =>
  [...document.querySelectorAll(".board .column[data-stage]")].filter((column) => linkOf(column)?.checkVisibility());

function focus(card) {
  linkOf(card)?.focus();
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function step(card, by) {
  const cards = cardsOf(card.closest(".column"));
  focus(cards[cards.indexOf(card) + by]);
}

// To the card of the next column that stands at about the same height.
function cross(card, by) {
  const all = columns();
  const column = all[all.indexOf(card.closest(".column")) + by];
  if (!column) return;
  const height = card.getBoundingClientRect().top;
  const distance = (other) => Math.abs(other.getBoundingClientRect().top - height);
  focus(cardsOf(column).reduce((nearest, other) => (distance(other) < distance(nearest) ? other : nearest)));
}

const acts = {
  ArrowDown: (card) => step(card, 1),
  ArrowUp: (card) => step(card, -1),
  ArrowRight: (card) => cross(card, 1),
  ArrowLeft: (card) => cross(card, -1),
  m: (card) => card.querySelector(".card-move")?.click(),
  n: (card) => card.querySelector(".card-write")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || isBusy(event.target) || document.querySelector("dialog[open]")) return;
  const card = event.target.closest(".board .card");
  if (card) {
    event.preventDefault();
    act(card);
    return;
  }
  const column = event.target.closest(".board .column[data-stage]") ?? (event.target === document.body && columns()[0]);
  if (event.key.startsWith("Arrow") && column) {
    event.preventDefault();
    focus(cardsOf(column)[0]);
  }
});
