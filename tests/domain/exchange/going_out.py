"""Tables on their way out in tests: written to a file as a person would get them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.exchange.export_asked import ids_in_order, narrowed
from salesboard.exchange.export_csv import GB18030, UTF8, write_csv
from salesboard.exchange.export_lists import list_table
from salesboard.exchange.export_sheets import OWN_SHEETS
from salesboard.exchange.export_tables import OutTable
from salesboard.exchange.export_xlsx import write_xlsx
from salesboard.exchange.fields import Kind
from salesboard.exchange.reading import Cell, open_book

SHANGHAI = ZoneInfo("Asia/Shanghai")


def tables_of(what: str, query: str | None = None, me: int = 0) -> list[OutTable]:
    if what in OWN_SHEETS:
        return [table(SHANGHAI) for table in OWN_SHEETS[what].tables]
    kind = Kind(what)
    return [list_table(kind, narrowed(kind, query, me), SHANGHAI, ids_in_order(kind, query, me))]


def taken_out(
    folder: Path, what: str, *, form: str = "xlsx", by: User | None = None, query: str | None = None
) -> Path:
    """The file that this person, or the command line, would get."""
    with acting_as(by.viewer()) if by else acting_as_system("a test takes out"):
        tables = tables_of(what, query, by.id if by else 0)
        path = folder / f"{what}.{form.partition('-')[0]}"
        if form == "xlsx":
            write_xlsx(tables, path, folder)
            return path
        (table,) = tables
        with path.open("wb") as file:
            write_csv(table, file, GB18030 if form.endswith(GB18030) else UTF8)
    return path


def lines_in(path: Path, sheet: int = 0) -> list[dict[str, Cell]]:
    """The rows below the heads, by head; the heads are in the first row."""
    rows = [row.cells for row in open_book(path).sheets[sheet].rows()]
    return [dict(zip(map(str, rows[0]), row, strict=False)) for row in rows[1:]]
