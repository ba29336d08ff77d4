"""The rows that were not taken, as a sheet with the reason beside each, to be corrected and dropped in again."""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def write_rejects(found: Import, target: Path | IO[bytes]) -> int:
    """Writes one sheet for each sheet that had such rows, under its own heads; the number of rows.

    Every cell is text or a number, never a formula or a link, whatever it begins with.
    """
    rejected = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate == Fate.REJECT)
    rows = db.session.scalars(rejected.order_by(ImportRow.id)).all()
    heads = {sheet["name"]: [column["head"] for column in sheet["columns"]] for sheet in found.sheets}
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        names = _fit(dict.fromkeys(row.sheet for row in rows))
        for name, fit in names.items():
            own = [row for row in rows if row.sheet == name]
            _write_sheet(book.add_worksheet(fit), heads.get(name, []), own)
        if not rows:
            book.add_worksheet().write_string(0, 0, _("Every row was taken."))
    return len(rows)


def _write_sheet(sheet: xlsxwriter.worksheet.Worksheet, heads: list[str], rows: list[ImportRow]) -> None:
    width = max([len(heads), *(len(row.cells or ()) for row in rows)])
    for column, head in enumerate(heads):
        _write(sheet, 0, column, head)
    sheet.write_string(0, width, _("Row"))
    sheet.write_string(0, width + 1, _("Why it was not taken"))
    sheet.set_column(width + 1, width + 1, 60)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row.cells or []):
            _write(sheet, line, column, cell)
        sheet.write_number(line, width, row.row)
        sheet.write_string(line, width + 1, row.reason)


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, column: int, cell: object) -> None:
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
