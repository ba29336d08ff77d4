"""The words and names that a file uses where we have words and people of our own, how often, and what each means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from salesboard.exchange.columns import Matching
from salesboard.exchange.fields import Field
from salesboard.exchange.options import ValueMap
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.rows import Slot, slots_of
from salesboard.exchange.values import cell_text, is_private, plain, says_nothing, storable
from salesboard.exchange.words import WORDS_OF

MOST = 40
"""Different words of one field that are shown: the least understood first, then the most frequent."""
LONGEST = 80


@dataclass(frozen=True)
class Word:
    """`ours` is the code of what it means here, None where that is not known."""

    field: Field
    said: str
    count: int
    ours: str | None

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field.key, "said": self.said, "count": self.count, "ours": self.ours}


def words_said(matchings: list[Matching]) -> list[Word]:
    """Of all stages, levels, methods, roles and the like that the sheets name, by field."""
    counted: dict[Field, Counter[str]] = {}
    meant: dict[tuple[Field, str], str | None] = {}
    for slot, cell in _cells(matchings, lambda slot: slot.field.reads in WORDS_OF):
        said = storable(cell_text(cell))[:LONGEST]
        counted.setdefault(slot.field, Counter())[said] += 1
        if (slot.field, said) not in meant:
            meant[slot.field, said] = _meaning(slot, said)
    return [
        Word(field, said, count, meant[field, said])
        for field, words in counted.items()
        for said, count in sorted(
            words.items(), key=lambda each: (meant[field, each[0]] is not None, -each[1])
        )[:MOST]
    ]


def names_said(matchings: list[Matching]) -> list[tuple[str, int]]:
    """The people whom the sheets name as owners and authors, the most named first."""
    counted = Counter(
        " ".join(storable(cell_text(cell)).split())[: slot.field.longest]
        for slot, cell in _cells(matchings, lambda slot: slot.field.is_person)
    )
    return counted.most_common(MOST)


def told_apart(words: tuple[ValueMap, ...]) -> dict[tuple[str, str], str]:
    """What the person said of single words: field key and word → ours."""
    return {(each.field, plain(each.theirs) or each.theirs): each.ours for each in words}


def _cells(matchings: list[Matching], is_wanted: Any) -> Iterator[tuple[Slot, Cell]]:
    for matching in matchings:
        slots = [slot for slot in slots_of(matching) if slot.column is not None and is_wanted(slot)]
        for row in matching.sheet.rows() if slots else ():
            if row.number <= matching.head_row:
                continue
            for slot in slots:
                cell = row.cells[slot.column.index] if slot.column.index < len(row.cells) else None  # type: ignore[union-attr]
                if not says_nothing(cell) and not is_private(cell):
                    yield slot, cell


def _meaning(slot: Slot, said: str) -> str | None:
    assert slot.field.reads is not None
    try:
        meant = slot.field.reads(slot.meanings.get(plain(said) or said, said), slot.habits)
    except Unreadable:
        return None
    return str(meant.value)
