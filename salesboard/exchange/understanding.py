"""How a file was understood, for a person to look at: each sheet, its columns and what they are taken to hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from itertools import islice
from typing import Any

from salesboard.exchange.columns import BookMatching, Column, Matching
from salesboard.exchange.fields import BY_KEY, CALLED_OTHERWISE, OWN
from salesboard.exchange.own_kinds import looks_of
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import shown
from salesboard.exchange.records import RowRecords
from salesboard.exchange.units import unit_line
from salesboard.exchange.values import as_json, cell_text, is_private, publishable, storable
from salesboard.exchange.words import LostBecause

LOOKED_AT = 50
SAMPLES = 3
LONGEST_SAMPLE = 24
LONGEST_TOLD = 80
LENGTH_OF_DAY = len("2026-05-31")


def understood(matched: BookMatching) -> list[dict[str, Any]]:
    """As JSON: name, kind and head row of each sheet; head, fields, samples of each column. The sheets that are not
    read have a name alone."""
    unread = [{"name": name[:120], "columns": []} for name in (*matched.unread, *matched.left_out)]
    return [_sheet(matching) for matching in matched.sheets] + unread


def values_told(row: RowRecords) -> dict[str, str]:
    """What a row says by our fields, as text without language: codes, ISO dates, plain figures."""
    records = (
        ("customer", row.customer),
        ("contact", row.contact),
        ("deal", row.deal),
        ("followup", row.followup),
    )
    told = (
        (f"{kind}.{each.name}", getattr(record, each.name))
        for kind, record in records
        if record
        for each in fields(record)
    )
    named = {
        CALLED_OTHERWISE.get(key, key): _short(value)
        for key, value in told
        if value not in (None, "", (), False)
    }
    own = {
        f"{kind}.{OWN}{shape.name}": _short(text)
        for kind, record in (("customer", row.customer), ("deal", row.deal))
        if record
        for shape, text in record.own.items()
    }
    return {key: text for key, text in named.items() if key in BY_KEY} | own


def cells_kept(cells: tuple[Cell, ...]) -> list[Any]:
    """A row as its file has it, to be given back so: dates in a list of their own, without numbers that are not to be
    recorded."""
    return [[cell.isoformat()] if isinstance(cell, date) else as_json(cell) for cell in publishable(cells)]


def cells_given_back(kept: Iterable[Any]) -> list[Cell]:
    """What `cells_kept` kept."""
    return [_moment(cell[0]) if isinstance(cell, list) else cell for cell in kept]


def _moment(text: str) -> date:
    return date.fromisoformat(text) if len(text) == LENGTH_OF_DAY else datetime.fromisoformat(text)


def cells_told(cells: tuple[Cell, ...], sheet: dict[str, Any]) -> dict[str, str]:
    """What a row that could not be read says, by the fields of its columns."""
    pairs = zip(sheet["columns"], cells, strict=False)
    return {
        column["fields"][0]: _short(cell_text(cell))
        for column, cell in pairs
        if column["fields"] and cell is not None
    }


def _short(value: Any) -> str:
    if isinstance(value, LostBecause):
        value = value.words or value.reason
    if isinstance(value, tuple):
        value = " / ".join(map(str, value))
    text = " ".join(storable(cell_text(value) if isinstance(value, date) else str(value)).split())
    return text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…"


def _sheet(matching: Matching) -> dict[str, Any]:
    samples, looks = _samples(matching), looks_of(matching)
    return {
        "name": matching.sheet.name[:120],
        "kind": matching.kind.value,
        "head_row": matching.head_row,
        "unit": shown(line) if (line := unit_line(matching)) else None,
        "shape": matching.shape,
        "remembered": matching.remembered.id if matching.remembered else None,
        "known_as": str(matching.known_as.code) if matching.known_as else None,
        "lacks": [field.key for field in matching.lacks],
        "columns": [
            _column(column, samples[column.index]) | looks.get(column.index, {})
            for column in matching.columns
        ],
    }


def _column(column: Column, samples: list[str]) -> dict[str, Any]:
    return {
        "head": column.head,
        "fields": [field.key for field in column.fields],
        "repeats": column.is_repetition,
        "sure": column.sure.value,
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
