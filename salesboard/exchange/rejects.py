"""The rows that were not taken, as a sheet with the reason beside each, to be corrected and dropped in again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select
from xlsxwriter.worksheet import Worksheet

from salesboard.database import db
from salesboard.exchange.export_xlsx import PlainSheet, SheetNames, open_workbook, write_text
from salesboard.exchange.models import Fate, Import, ImportRow

AT_ONCE = 500


def write_rejects(found: Import, target: Path | IO[bytes]) -> int:
    """Writes one sheet for each sheet that had such rows: the reason, the row's number, then the row under its own
    heads; the number of rows.

    Every cell is text or a number, never a formula or a link, whatever it begins with. No more than a row is kept in
    memory.
    """
    heads = {sheet["name"]: [column["head"] for column in sheet["columns"]] for sheet in found.sheets}
    units = {sheet["name"]: sheet.get("unit") for sheet in found.sheets}
    fit = SheetNames()
    names = {name: fit.take(name) for name in heads}
    rejected = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate == Fate.REJECT)
    rows = db.session.scalars(rejected.order_by(ImportRow.id).execution_options(yield_per=AT_ONCE))
    count = 0
    with open_workbook(target) as book:
        for name, of_sheet in groupby(rows, key=lambda row: row.sheet):
            sheet = book.add_worksheet(names[name], worksheet_class=PlainSheet)
            count += _write_sheet(sheet, units[name], heads[name], of_sheet)
        if not count:
            book.add_worksheet().write_string(0, 0, _("Every row was taken."))
    return count


def _write_sheet(sheet: Worksheet, unit: str | None, heads: list[str], rows: Iterable[ImportRow]) -> int:
    """`unit`: the line above the head without which the amounts would be others."""
    sheet.set_column(0, 0, 48)
    top = 0
    if unit:
        write_text(sheet, 0, 0, unit)
        top = 1
    sheet.freeze_panes(top + 1, 2)
    _write_line(sheet, top, [_("Why it was not taken"), _("Row"), *heads])
    count = 0
    for count, row in enumerate(rows, start=1):
        _write_line(sheet, top + count, [row.reason, row.row, *(row.cells or ())])
    return count


def _write_line(sheet: Worksheet, line: int, cells: list[object]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            sheet.write_number(line, column, cell)
        elif cell is not None:
            write_text(sheet, line, column, str(cell))
