// Shows which file was dropped or chosen, and refuses one that is too large before it is sent. Attached by data-drop-file
// to a form with one file field, for one file or several; without it the field works as it is, also for dropping.

const UNITS = ["B", "KB", "MB", "GB"];

function readable(bytes) {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const number = bytes / 1024 ** power;
  return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${UNITS[power]}`;
}

class DropFile {
  #form;
  #field;
  #drop;

  constructor(form) {
    this.#form = form;
    this.#field = form.querySelector('input[type="file"]');
    this.#drop = this.#field.closest("label");
    this.#field.addEventListener("change", () => this.#show());
    for (const kind of ["dragenter", "dragover"]) this.#drop.addEventListener(kind, () => this.#light(true));
    for (const kind of ["dragleave", "drop"]) this.#drop.addEventListener(kind, () => this.#light(false));
    form.addEventListener("submit", (event) => this.#check(event));
    this.#show();
  }

  #light(isOver) {
    this.#drop.classList.toggle("is-over", isOver);
  }

  #show() {
    const files = [...this.#field.files];
    if (!files.length) return;
    this.#drop.querySelector("[data-file-name]").textContent = files.map((file) => file.name).join(", ");
    this.#drop.querySelector("[data-file-size]").textContent = files.map((file) => readable(file.size)).join(", ");
    this.#say(this.#isTooBig ? this.#form.dataset.tooBig : "");
  }

  #check(event) {
    if (!this.#isTooBig) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#field.focus();
  }

  get #isTooBig() {
    return [...this.#field.files].some((file) => file.size > Number(this.#form.dataset.mostBytes));
  }

  #say(sentence) {
    const error = this.#form.querySelector(`#${this.#field.id}-error`);
    error.hidden = !sentence;
    error.querySelector("span").textContent = sentence;
    if (sentence) this.#field.setAttribute("aria-invalid", "true");
    else this.#field.removeAttribute("aria-invalid");
  }
}

for (const form of document.querySelectorAll("[data-drop-file]")) new DropFile(form);
