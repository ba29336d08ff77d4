"""What numbers are made of: one fact for each row that a metric counts. Pure.

A fact is flat and complete in itself, so that a frozen report shows its rows just as they were counted.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Fact:
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

    def plain(self) -> list[Any]:
        """As JSON can keep it; `Fact.read` gives the fact back."""
        values = (getattr(self, name) for name in FIELDS)
        return [str(value) if isinstance(value, date | Decimal) else value for value in values]

    @classmethod
    def read(cls, plain: list[Any]) -> Fact:
        """Of an older report too: what was not kept yet is left out."""
        values = dict(zip(FIELDS, plain, strict=False))
        values["day"] = date.fromisoformat(values["day"])
        if values["amount"] is not None:
            values["amount"] = Decimal(values["amount"])
        return cls(**values)


FIELDS = tuple(field.name for field in fields(Fact))

Facts = dict[RowSet, list[Fact]]


def keys_of(facts: Facts, cut: Cut) -> list[str | None]:
    """Every value that the cut has among the facts, sorted; None, for "not given", at the end."""
    keys = {getattr(fact, cut) for rows in facts.values() for fact in rows}
    return [*sorted(keys - {None}), *([None] if None in keys else [])]


def divided(facts: Facts, cut: Cut) -> dict[str | None, Facts]:
    """The facts of each value of the cut; a row set that was read is there for each, if only empty."""
    parts: dict[str | None, Facts] = {key: {name: [] for name in facts} for key in keys_of(facts, cut)}
    for name, rows in facts.items():
        for fact in rows:
            parts[getattr(fact, cut)][name].append(fact)
    return parts
