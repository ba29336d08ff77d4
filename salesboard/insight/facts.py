"""What numbers are made of: one fact for each row that a metric counts. Pure.

A fact is flat and complete in itself, so that a frozen report shows its rows just as they were counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple


class RowSet(StrEnum):
    """The kinds of rows; each is read by one SELECT, the rhythm by two."""

    CLOSED = "closed"
    CREATED = "created"
    ENTERED = "entered"
    STAYS = "stays"
    WARNED = "warned"
    NOTES = "notes"
    OBJECTIONS = "objections"
    TASKS = "tasks"
    RHYTHM = "rhythm"
    JUDGED = "judged"
    NEWCOMERS = "newcomers"
    KEPT = "kept"
    AHEAD = "ahead"


class Cut(StrEnum):
    """By what a number may be divided; each is a field of the fact."""

    OWNER = "owner"
    LEVEL = "level"
    INDUSTRY = "industry"
    REGION = "region"
    SOURCE = "source"
    STAGE = "stage"


class Fact(NamedTuple):
    """A deal, a stay of a deal, a follow-up, an objection, a task or a customer, as it was when it was counted.

    `number` is the deal's, empty where there is none. `owner` is the e-mail of who is answerable: the owner of the
    deal, task or customer, the follow-up's author. `stage` is the deal's own, `at_stage` the one that the row is about.
    `days` counts what the row set measures: calendar days for deals closed, working days for stays. `is_hit` says
    whether the row counts for the ratio, None where nobody can say. `weeks_kept` of `weeks` are a customer's; `month`
    is the one in which a deal is expected to be signed.
    """

    number: str
    deal: str
    customer: str
    owner: str
    owner_name: str
    level: str
    industry: str | None
    region: str | None
    source: str | None
    stage: str | None
    day: date
    at_stage: str | None = None
    amount: Decimal | None = None
    days: int | None = None
    is_hit: bool | None = None
    is_lost: bool = False
    reason: str | None = None
    followup: str | None = None
    customer_number: str | None = None
    words: str | None = None
    weeks_kept: int | None = None
    weeks: int | None = None
    probability: int | None = None
    month: str | None = None

    @classmethod
    def read(cls, plain: Sequence[Any]) -> Fact:
        """From what JSON kept of one, of an older report too: what was not kept yet is left out."""
        values = list(plain)
        values[_DAY] = date.fromisoformat(values[_DAY])
        if values[_AMOUNT] is not None:
            values[_AMOUNT] = Decimal(values[_AMOUNT])
        return cls(*values)


_DAY, _AMOUNT = Fact._fields.index("day"), Fact._fields.index("amount")

Facts = dict[RowSet, list[Fact]]


def grouped(rows: Iterable[Fact], cut: Cut) -> dict[str | None, list[Fact]]:
    """The rows of each value that the cut has among them."""
    parts: dict[str | None, list[Fact]] = {}
    value_of = attrgetter(cut.value)
    for row in rows:
        key = value_of(row)
        if key not in parts:
            parts[key] = []
        parts[key].append(row)
    return parts


def in_order(keys: Iterable[str | None]) -> list[str | None]:
    """Values of a cut, sorted; None, for "not given", at the end."""
    given = set(keys)
    return [*sorted(key for key in given if key is not None), *([None] if None in given else [])]


def divided(facts: Facts, cut: Cut) -> dict[str | None, Facts]:
    """The facts of each value of the cut; a row set that was read is there for each, if only empty."""
    parts = {name: grouped(rows, cut) for name, rows in facts.items()}
    keys = in_order(key for of_set in parts.values() for key in of_set)
    return {key: {name: parts[name].get(key, []) for name in facts} for key in keys}
