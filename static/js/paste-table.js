// Cells copied from a spreadsheet and pasted into a cell fill the ones to its right and below.

class PasteTable {
  #table;

  constructor(table) {
    this.#table = table;
    table.addEventListener("paste", (event) => this.#paste(event));
  }

  #paste(event) {
    const rows = this.#rowsOf(event.clipboardData?.getData("text/plain") ?? "");
    const cell = event.target.closest("input");
    const isOneCell = rows.length < 2 && (rows[0]?.length ?? 0) < 2;
    if (!cell || isOneCell) return;
    event.preventDefault();
    const lines = this.#cells();
    const top = lines.findIndex((line) => line.includes(cell));
    const left = lines[top].indexOf(cell);
    rows.forEach((row, down) => row.forEach((text, right) => {
      const target = lines[top + down]?.[left + right];
      if (target) this.#write(target, text);
    }));
    cell.focus();
  }

  #write(input, text) {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #cells() {
    const lines = [...this.#table.rows].map((row) => [...row.querySelectorAll("td input")]);
    return lines.filter((line) => line.length);
  }

  #rowsOf(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
    return lines.map((line) => line.split("\t").map((cell) => cell.trim().replace(/^"|"$/g, "")));
  }
}

document.querySelectorAll("[data-paste-table]").forEach((table) => new PasteTable(table));
