// One key does what a link or button of the page does. Attached by data-press-key="n" to it; nothing happens while one
// is typing, composing, or in a dialog or menu.

const isBusy = (element) =>
  element.isContentEditable || element.closest("input, textarea, select, dialog, [popover]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key.length !== 1 || isBusy(event.target) || document.querySelector("dialog[open]")) return;
  const wanted = document.querySelector(`[data-press-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  wanted.click();
});
