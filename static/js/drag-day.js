// Drags a task to another day of the week. A drop only asks: the task lies back in its place while the form for the other
// day is open, and goes over with the server's answer. Attached to lists with data-day; "Another day" does the same.

const { Sortable } = window;
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

for (const list of document.querySelectorAll(".week-days .day-list")) {
  new Sortable(list, {
    group: { name: "days", put: list.hasAttribute("data-day") },
    draggable: "[data-task]",
    sort: false,
    animation: isStill ? 0 : 120,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 10,
    delay: 220,
    delayOnTouchOnly: true,
    onEnd: drop,
  });
}

function drop({ item, from, to, oldIndex }) {
  if (to === from) return;
  from.insertBefore(item, from.children[oldIndex] ?? null);
  htmx.ajax("GET", `${item.dataset.move}?to=${to.dataset.day}`, { source: item, target: "#dialog", swap: "innerHTML" });
}
