"""Which row of a sheet is its head, and what stands below it."""

from __future__ import annotations

from itertools import islice

from salesboard.exchange.meanings import meaning_of, shape_of
from salesboard.exchange.options import Options, SheetSaid
from salesboard.exchange.reading import Cell, Row, Sheet
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import cell_text

HEAD_WITHIN = 30
"""The head is looked for among so many rows; titles and notes may stand above it."""
LOOKED_AT = 50
_NEARLY_ALL = 0.8


def first_rows(sheet: Sheet) -> list[Row]:
    """Those among which the head is looked for."""
    return list(islice(sheet.rows(), HEAD_WITHIN))


def is_talked_of(sheet: Sheet) -> bool:
    """Whether anything stands in it."""
    return any(not row.is_blank for row in first_rows(sheet))


def find_head(sheet: Sheet, options: Options, said: SheetSaid, *, is_lenient: bool) -> Row:
    """The row that the person named, one whose heads were matched before, else the one with the most known heads.

    Raises FileRefused where none is known, unless `is_lenient`: then the first row that is nearly as full as any.
    """
    rows = [row for row in first_rows(sheet) if not row.is_blank]
    named = next((row for row in rows if row.number == said.head_row), None)
    seen = next((row for row in rows if not said.is_anew and shape_of(row) in options.shapes), None)
    found = named or seen or _known_head(rows, options)
    if found is not None:
        return found
    if not is_lenient or not rows:
        raise FileRefused("no_head_row", sheet=sheet.name)
    widest = max(map(_filled, rows))
    return next(row for row in rows if _filled(row) >= widest * _NEARLY_ALL)


def samples_below(sheet: Sheet, head_row: int, columns: list[int]) -> dict[int, list[Cell]]:
    """The first values of some columns."""
    found: dict[int, list[Cell]] = {index: [] for index in columns}
    for row in islice((row for row in sheet.rows() if row.number > head_row), LOOKED_AT):
        for index in columns:
            if index < len(row.cells) and row.cells[index] is not None:
                found[index].append(row.cells[index])
    return found


def _known_head(rows: list[Row], options: Options) -> Row | None:
    """The first row of those with the most known heads, of which two that mean the same are one: they stand in a table
    of names. One known word amid a table of others is no head."""
    best, most = None, 0
    widest = widest_above = 0
    for row in rows:
        meanings = [meaning_of(cell_text(cell), None, options) for cell in row.cells]
        known = len({(each.codes, each.sure if not each.codes else "") for each in meanings if each.is_known})
        if known > most:
            best, most, widest_above = row, known, widest
        widest = max(widest, _filled(row))
    if best is None or (most == 1 and 1 < _filled(best) <= widest_above):
        return None
    return best


def _filled(row: Row) -> int:
    return sum(cell is not None for cell in row.cells)
