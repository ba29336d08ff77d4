// Follows a link shortly before it is scrolled into view. Attached by data-load-ahead to links that htmx replaces.

const AHEAD = "300px 0px";

// The element that scrolls the link: a column of the board, or null where the whole page does.
function scrollerOf(element) {
  for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(outer).overflowY)) return outer;
  }
  return null;
}

function watch(link) {
  link.dataset.loadAhead = "watched";
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    link.click();
  }, { root: scrollerOf(link), rootMargin: AHEAD });
  observer.observe(link);
}

function watchAll() {
  for (const link of document.querySelectorAll('[data-load-ahead=""]')) watch(link);
}

document.addEventListener("htmx:after:process", watchAll);
watchAll();
