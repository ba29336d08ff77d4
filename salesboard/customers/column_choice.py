"""The columns of a list: which there are, and which of them somebody has chosen, in which order. Whatever it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import LazyString

from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject

BETWEEN = "."
"""Between the codes in an address."""


@dataclass(frozen=True)
class ListColumn:
    """One column beside the name: its code, its head, and the classes of its cells; `key` where one can sort by it.

    `place` says when there is room for it, where nobody has chosen: x0 before x1 before x2l.
    """

    code: str
    words: LazyString | str
    key: StrEnum | None = None
    css: str = "nowrap"
    place: str = ""
    field: FieldShape | None = None


@dataclass(frozen=True)
class Columns:
    """The columns that a list shows beside the name, in their order, and all that there are."""

    shown: tuple[ListColumn, ...]
    every: tuple[ListColumn, ...]
    are_chosen: bool
    """Whether somebody chose them: then all of them are shown, however narrow the screen."""

    def __contains__(self, code: str) -> bool:
        return any(column.code == code for column in self.shown)

    def __str__(self) -> str:
        return BETWEEN.join(column.code for column in self.shown)

    @property
    def own(self) -> list[FieldShape]:
        """The installation's own fields among them."""
        return [column.field for column in self.shown if column.field]

    @property
    def in_order(self) -> tuple[ListColumn, ...]:
        """All there are, those that are shown first."""
        return (*self.shown, *(column for column in self.every if column not in self.shown))

    def moved(self, code: str, by: int) -> list[str]:
        """The codes of those shown, this one so many places further on; as they were where there is no such place."""
        codes = [column.code for column in self.shown]
        if code in codes and 0 <= codes.index(code) + by < len(codes):
            place = codes.index(code)
            codes.insert(place + by, codes.pop(place))
        return codes


@dataclass(frozen=True)
class ColumnChoice:
    """What the columns of a list are chosen from: those of the record, and the codes of the usual ones.

    `subject` says whose own fields may be among them. Under `kept_as` a person's preferences keep the codes of the
    columns, in their order.
    """

    subject: Subject
    kept_as: str
    of_record: tuple[ListColumn, ...]
    usual: tuple[str, ...]

    def of(self, fields: Sequence[FieldShape], codes: Iterable[object] | None = None) -> Columns:
        """Those that `codes` name; without any, the usual ones and the installation's own that stand in lists."""
        every = (*self.of_record, *(_own(field) for field in fields))
        by_code = {column.code: column for column in every}
        chosen = [by_code[code] for code in dict.fromkeys(codes or ()) if code in by_code]
        if chosen:
            return Columns(tuple(chosen), every, are_chosen=True)
        listed = [code_of(field) for field in fields if field.is_listed]
        return Columns(tuple(by_code[code] for code in (*self.usual, *listed)), every, are_chosen=False)

    def named(self, codes: str, fields: Sequence[FieldShape]) -> Columns | None:
        """Those that an address names, `level.owner`; None where it names none."""
        found = self.of(fields, codes.split(BETWEEN)[:100]) if codes else None
        return found if found and found.are_chosen else None

    def parse(
        self,
        parameters: Mapping[str, Sequence[str]],
        fields: Sequence[FieldShape],
        preferences: Mapping[str, Any],
    ) -> Columns:
        """Those of the address, `cols=level.owner`; else those that the person prefers."""
        named = self.named(next(iter(parameters.get("cols", ())), ""), fields)
        return named or self.preferred(fields, preferences)

    def preferred(self, fields: Sequence[FieldShape], preferences: Mapping[str, Any]) -> Columns:
        """Those that the person chose, or as usual."""
        preferred = preferences.get(self.kept_as)
        return self.of(fields, preferred if isinstance(preferred, list) else None)


def code_of(field: FieldShape) -> str:
    return f"x{field.id}"


def head_of(column: ListColumn, order: Any, url: Callable[[Any], str]) -> dict[str, Any]:
    """The head of a column: its words, and where one can sort by it the address that does, which `url` gives."""
    told: dict[str, Any] = {"words": column.words, "column": column, "url": None, "direction": ""}
    if column.key is None:
        return told
    direction = ("descending" if order.falling else "ascending") if order.key is column.key else ""
    return told | {"url": url(order.turned_by(column.key)), "direction": direction}


def _own(field: FieldShape) -> ListColumn:
    css = "own n" if field.kind is FieldKind.NUMBER else "own"
    return ListColumn(code_of(field), field.name, None, css, "x2l", field)
