// Drags cards between columns, by mouse and by touch. A drop only asks: the card lies back in its place while the note's
// form is open, and goes over with the server's answer. Attached to .column[data-stage] on the board.

const { Sortable } = window;
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const isByHand = new URLSearchParams(location.search).get("sort") === "hand";
const lists = [...document.querySelectorAll(".board .column-cards, .board .column-lost")].map(makeList);
let origin = null; // stands for the card where it was taken from
let slot = null; // keeps its place where it was dropped
let isCancelled = false;

function makeList(element) {
  return new Sortable(element, {
    group: "cards",
    draggable: ".card:has(.card-move)",
    sort: isByHand,
    animation: isStill ? 0 : 120,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 10,
    fallbackClass: "card-lifted",
    ghostClass: "card-slot",
    delay: 220,
    delayOnTouchOnly: true,
    touchStartThreshold: 10,
    onStart: take,
    onMove: ({ to, from }) => mark(to === from ? null : to),
    onEnd: drop,
  });
}

function take({ item }) {
  isCancelled = false;
  origin = item.cloneNode(true);
  origin.removeAttribute("id");
  origin.classList.remove("card-slot");
  origin.classList.add("card-ghost", "card-origin");
  origin.setAttribute("aria-hidden", "true");
  item.after(origin);
  document.documentElement.classList.add("is-dragging");
}

function mark(list) {
  for (const column of document.querySelectorAll(".column-target")) column.classList.remove("column-target");
  list?.closest(".column").classList.add("column-target");
}

function stageAt(event) {
  const point = event.changedTouches?.[0] ?? event;
  const under = document.elementFromPoint(point.clientX, point.clientY);
  const link = under?.closest(".stage-switch a[href^='#stage-']");
  return link ? link.hash.slice("#stage-".length) : under?.closest("[data-stage]")?.dataset.stage;
}

function neighbours(item) {
  const near = (element, side) => {
    let next = element[side];
    while (next && !next.matches(".card:not(.card-origin)")) next = next[side];
    return next?.id.slice("deal-".length) ?? "";
  };
  return { above: near(item, "previousElementSibling"), below: near(item, "nextElementSibling") };
}

function drop({ item, from, to, originalEvent }) {
  const fromStage = from.closest("[data-stage]").dataset.stage;
  const toStage = isCancelled ? fromStage : stageAt(originalEvent) ?? to.closest("[data-stage]").dataset.stage;
  const beside = to.closest("[data-stage]").dataset.stage === toStage ? neighbours(item) : { above: "", below: "" };
  document.documentElement.classList.remove("is-dragging");
  setTimeout(spendIgnoredClick);
  if (toStage === fromStage) {
    mark(null);
    if (isByHand && from === to && !isCancelled) rearrange(item, beside);
    else putBack(item);
  } else {
    holdPlace(item, to);
    putBack(item);
    item.classList.add("card-ghost");
    ask(item, toStage, beside);
  }
}

// Sortable swallows the next click after a drag. A finger's drag often ends without one: then the first tap in the note's
// form would go to waste, so it is given a click of nobody's to swallow.
function spendIgnoredClick() {
  document.dispatchEvent(new MouseEvent("click"));
}

function putBack(item) {
  origin.replaceWith(item);
  origin = null;
}

function holdPlace(item, to) {
  if (!to.matches(".column-cards") || item.previousElementSibling === origin) return;
  slot = document.createElement("div");
  slot.className = "drop-slot";
  slot.setAttribute("aria-hidden", "true");
  item.before(slot);
}

const urlOf = (card, resource) => card.querySelector(".card-move").href.replace(/\/placement$/, `/${resource}`);

async function ask(card, stage, beside) {
  for (const list of lists) list.option("disabled", true);
  const address = new URL(urlOf(card, stage === "lost" ? "closure" : "placement"));
  if (stage !== "lost") address.searchParams.set("to", stage);
  if (isByHand) for (const [side, number] of Object.entries(beside)) address.searchParams.set(side, number);
  const source = card.querySelector("h3 a");
  await window.htmx.ajax("GET", address.href, { source, target: "#dialog", swap: "innerHTML" });
  if (!document.querySelector("#dialog > dialog[open]")) release();
}

async function rearrange(card, beside) {
  const place = origin;
  origin = null;
  place.hidden = true;
  for (const list of lists) list.option("disabled", true);
  const answer = await fetch(urlOf(card, "position"), {
    method: "POST",
    headers: { ...JSON.parse(document.body.getAttribute("hx-headers:inherited")), "HX-Request": "true" },
    body: new URLSearchParams(beside),
  }).catch(() => null);
  if (answer?.ok) place.remove();
  else place.replaceWith(card);
  place.hidden = false;
  release();
}

function release() {
  mark(null);
  slot?.remove();
  slot = null;
  for (const card of document.querySelectorAll(".board .card-ghost")) card.classList.remove("card-ghost");
  for (const list of lists) list.option("disabled", false);
}

document.addEventListener("dialog-closed", release);
document.addEventListener("dragstart", (event) => event.target.closest?.(".board .card") && event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !origin) return;
  isCancelled = true;
  document.dispatchEvent(new PointerEvent("pointerup"));
});
