"""Of which kind a field of the installation's own is that is made of a column: suggested from what stands in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any

from salesboard.customers.custom_rules import LONGEST_CHOICE, FieldKind, NotReadable, read, tidy_choices
from salesboard.exchange.columns import Matching
from salesboard.exchange.reading import Cell
from salesboard.exchange.values import cell_text, is_private, storable

LOOKED_THROUGH = 5_000
"""Rows: a choice is offered only where all its words are known."""

MOST_WORDS = 20
TIMES_EACH = 2
"""Words that come again and again, so often each at least, are a choice."""


def looks_of(matching: Matching) -> dict[int, dict[str, Any]]:
    """For each column that holds no field of ours: `looks`, the kind that its values suggest, and `choices`, its words
    where they are few."""
    columns = [column.index for column in matching.columns if not column.fields and column.head]
    if not columns:
        return {}
    found: dict[int, list[Cell]] = {index: [] for index in columns}
    rows = (row for row in matching.sheet.rows() if row.number > matching.head_row)
    is_whole = True
    for place, row in enumerate(islice(rows, LOOKED_THROUGH + 1)):
        is_whole = place < LOOKED_THROUGH
        for index in columns:
            cell = row.cells[index] if index < len(row.cells) else None
            if cell is not None and not is_private(cell):
                found[index].append(cell)
    return {index: _told(cells, is_whole=is_whole) for index, cells in found.items()}


def suggested_kind(cells: Iterable[Cell]) -> FieldKind:
    """Yes or no, dates or numbers where every value is one; a choice of few words that come again; else text."""
    texts = [cell.isoformat()[:10] if isinstance(cell, date) else _text(cell) for cell in cells]
    texts = [text for text in texts if text]
    if not texts:
        return FieldKind.TEXT
    for kind in (FieldKind.NUMBER, FieldKind.YES_NO, FieldKind.DATE):
        if all(_reads(kind, text) for text in texts):
            return kind
    words = tidy_choices(texts)
    is_choice = _may_be_chosen(words) and len(texts) >= TIMES_EACH * len(words) and len(words) > 1
    return FieldKind.CHOICE if is_choice else FieldKind.TEXT


def _told(cells: list[Cell], *, is_whole: bool) -> dict[str, Any]:
    words = tidy_choices(_text(cell) for cell in cells) if is_whole else []
    choices = words if _may_be_chosen(words) else []
    kind = suggested_kind(cells)
    return {
        "looks": FieldKind.TEXT.value if kind is FieldKind.CHOICE and not choices else kind.value,
        "choices": choices,
    }


def _may_be_chosen(words: list[str]) -> bool:
    return 0 < len(words) <= MOST_WORDS and all(len(word) <= LONGEST_CHOICE for word in words)


def _reads(kind: FieldKind, text: str) -> bool:
    try:
        read(kind, text)
    except NotReadable:
        return False
    return True


def _text(cell: Cell) -> str:
    return " ".join(storable(cell_text(cell)).split())
