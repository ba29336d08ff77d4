"""The rows that were not taken, as a sheet with the reason beside each, to be corrected and dropped in again."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy import select

from salesboard.database import db
from salesboard.exchange.columns import match_book
from salesboard.exchange.models import Fate, Import, ImportRow
from salesboard.exchange.running import look_at


def write_rejects(found: Import, target: Path | IO[bytes]) -> int:
    """Writes one sheet for each sheet that had such rows, under its own heads; the number of rows.

    Every cell is text or a number, never a formula, whatever it begins with.
    """
    rejected = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate == Fate.REJECT)
    rows = db.session.scalars(rejected.order_by(ImportRow.id)).all()
    heads = {
        each.sheet.name: [column.head for column in each.columns]
        for each in match_book(*look_at(found)).sheets
    }
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name in dict.fromkeys(row.sheet for row in rows):
            sheet = book.add_worksheet(name[:31])
            sheet.write_row(0, 0, [*heads.get(name, []), _("Row"), _("Why it was not taken")])
            sheet.freeze_panes(1, 0)
            width = len(heads.get(name, []))
            for line, row in enumerate((each for each in rows if each.sheet == name), start=1):
                for column, cell in enumerate(row.cells or []):
                    _write(sheet, line, column, cell)
                sheet.write_number(line, width, row.row)
                sheet.write_string(line, width + 1, row.reason)
        if not rows:
            book.add_worksheet().write_string(0, 0, _("Every row was taken."))
    return len(rows)


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, column: int, cell: object) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(line, column, cell)
    elif cell is not None:
        sheet.write_string(line, column, str(cell))
