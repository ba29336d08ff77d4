"""How a file was understood, for a person to look at: each sheet, its columns and what they are taken to hold."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any

from salesboard.exchange.columns import BookMatching, Column, Matching
from salesboard.exchange.reasons import shown
from salesboard.exchange.units import unit_line
from salesboard.exchange.values import cell_text, is_private, storable

LOOKED_AT = 50
SAMPLES = 3
LONGEST_SAMPLE = 24


def understood(matched: BookMatching) -> list[dict[str, Any]]:
    """As JSON: name, kind and head row of each sheet; head, fields, samples of each column."""
    return [_sheet(matching) for matching in matched.sheets]


def _sheet(matching: Matching) -> dict[str, Any]:
    samples = _samples(matching)
    return {
        "name": matching.sheet.name[:120],
        "kind": matching.kind.value,
        "head_row": matching.head_row,
        "unit": shown(line) if (line := unit_line(matching)) else None,
        "columns": [_column(column, samples[column.index]) for column in matching.columns],
    }


def _column(column: Column, samples: list[str]) -> dict[str, Any]:
    return {
        "head": column.head,
        "fields": [field.key for field in column.fields],
        "repeats": column.is_repetition,
        "samples": samples,
    }


def _samples(matching: Matching) -> dict[int, list[str]]:
    """The first different values of each column, short."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = (row for row in matching.sheet.rows() if row.number > matching.head_row)
    for row in islice(rows, LOOKED_AT):
        for index, cell in enumerate(row.cells):
            if cell is None or len(found[index]) == SAMPLES or is_private(cell):
                continue
            text = " ".join(storable(cell_text(cell)).split())
            short = text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"
            if short not in found[index]:
                found[index].append(short)
    return found
