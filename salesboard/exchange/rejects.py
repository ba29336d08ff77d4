"""The rows that were not taken, as a sheet with the reason beside each, to be corrected and dropped in again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import IO

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy import select

from salesboard.database import db
from salesboard.exchange.models import Fate, Import, ImportRow

_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST_SHEET_NAME = 31
LONGEST_CELL = 32_767
AT_ONCE = 500


def write_rejects(found: Import, target: Path | IO[bytes]) -> int:
    """Writes one sheet for each sheet that had such rows: the reason, the row's number, then the row under its own
    heads; the number of rows.

    Every cell is text or a number, never a formula or a link, whatever it begins with. No more than a row is kept in
    memory.
    """
    heads = {sheet["name"]: [column["head"] for column in sheet["columns"]] for sheet in found.sheets}
    names = _fit(heads)
    rejected = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate == Fate.REJECT)
    rows = db.session.scalars(rejected.order_by(ImportRow.id).execution_options(yield_per=AT_ONCE))
    count = 0
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        for name, of_sheet in groupby(rows, key=lambda row: row.sheet):
            count += _write_sheet(book.add_worksheet(names[name]), heads[name], of_sheet)
        if not count:
            book.add_worksheet().write_string(0, 0, _("Every row was taken."))
    return count


def _write_sheet(sheet: xlsxwriter.worksheet.Worksheet, heads: list[str], rows: Iterable[ImportRow]) -> int:
    sheet.set_column(0, 0, 48)
    sheet.freeze_panes(1, 2)
    _write_line(sheet, 0, [_("Why it was not taken"), _("Row"), *heads])
    line = 0
    for line, row in enumerate(rows, start=1):
        _write_line(sheet, line, [row.reason, row.row, *(row.cells or ())])
    return line


def _write_line(sheet: xlsxwriter.worksheet.Worksheet, line: int, cells: list[object]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            sheet.write_number(line, column, cell)
        elif cell is not None:
            sheet.write_string(line, column, str(cell)[:LONGEST_CELL])


def _fit(names: Iterable[str]) -> dict[str, str]:
    """Each name as a workbook allows one: short, without its signs for places, no two alike."""
    fit: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = _UNFIT.sub(" ", name).strip(" '") or "-"
        tries = (
            plain[:LONGEST_SHEET_NAME],
            *(f"{plain[: LONGEST_SHEET_NAME - 4]} {n}" for n in range(2, 1000)),
        )
        fit[name] = next(each for each in tries if each.lower() not in taken)
        taken.add(fit[name].lower())
    return fit
