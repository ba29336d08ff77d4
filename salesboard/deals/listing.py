"""The list: the board's deals as lines, sorted by any column, read page by page after the last line shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from salesboard.customers.rules import Level
from salesboard.database import Money, db
from salesboard.deals import queries
from salesboard.deals.filters import Parameters
from salesboard.deals.models import Deal
from salesboard.deals.queries import Head, Looking
from salesboard.deals.rows import customers, facts_of, owners
from salesboard.deals.rules import STAGES, Outcome
from salesboard.deals.selection import in_list
from salesboard.paging import (
    Cursor,
    a_count,
    a_day,
    a_moment,
    a_name,
    an_amount,
    asked_order,
    beyond_cursor,
    order_told,
)

LINES_A_PAGE = 50
NEVER = date.max
"""Stands for no date at all, after every other."""


class SortKey(StrEnum):
    CUSTOMER = "customer"
    LEVEL = "level"
    OWNER = "owner"
    STAGE = "stage"
    AGE = "age"
    NEXT = "next"
    CLOSE = "close"
    PROBABILITY = "probability"
    AMOUNT = "amount"
    INDUSTRY = "industry"
    REGION = "region"
    SOURCE = "source"
    CONTRACT = "contract"
    SIGNED = "signed"
    NUMBER = "number"
    CREATED = "created"
    UPDATED = "updated"


_RANKED_LEVELS = {level: rank for rank, level in enumerate((Level.KEY, Level.NORMAL, Level.POTENTIAL))}
_KEYS: dict[SortKey, tuple[Any, Callable[[str], Any]]] = {
    SortKey.CUSTOMER: (customers.c.name, a_name),
    SortKey.LEVEL: (case(_RANKED_LEVELS, value=customers.c.level), a_count),
    SortKey.OWNER: (owners.c.name, a_name),
    SortKey.STAGE: (case({stage: stage.position for stage in STAGES}, value=Deal.stage), a_count),
    SortKey.AGE: (Deal.entered_on, a_day),
    SortKey.NEXT: (func.coalesce(Deal.next_due, NEVER), a_day),
    SortKey.CLOSE: (func.coalesce(Deal.expected_close, NEVER), a_day),
    SortKey.PROBABILITY: (Deal.probability, a_count),
    SortKey.AMOUNT: (Deal.worth, an_amount),
    SortKey.INDUSTRY: (func.coalesce(customers.c.industry, ""), a_name),
    SortKey.REGION: (func.coalesce(customers.c.region, ""), a_name),
    SortKey.SOURCE: (func.coalesce(customers.c.source, ""), a_name),
    SortKey.CONTRACT: (func.coalesce(Deal.contract_amount, 0, type_=Money), an_amount),
    SortKey.SIGNED: (func.coalesce(Deal.signed_on, NEVER), a_day),
    SortKey.NUMBER: (Deal.number, a_name),
    SortKey.CREATED: (Deal.created_on, a_day),
    SortKey.UPDATED: (Deal.updated_at, a_moment),
}
"""What each column is sorted by, never null, and how a cursor's value is read back."""


_FALLING_FIRST = frozenset(
    {
        SortKey.AGE,
        SortKey.AMOUNT,
        SortKey.PROBABILITY,
        SortKey.CONTRACT,
        SortKey.NUMBER,
        SortKey.CREATED,
        SortKey.UPDATED,
    }
)


@dataclass(frozen=True)
class ListOrder:
    """By which column the list is sorted. The longest stay counts as the largest age."""

    key: SortKey = SortKey.AGE
    falling: bool = True

    @classmethod
    def parse(cls, parameters: Parameters) -> ListOrder:
        """From `sort=amount` or, falling, `sort=-amount`; senseless ones are the usual order."""
        asked = asked_order(parameters, SortKey)
        return cls(*asked) if asked else cls()

    def __str__(self) -> str:
        return order_told(self.key, self.falling)

    def turned_by(self, key: SortKey) -> ListOrder:
        """The order after a click on the head of `key`: the other way round, or first the way one expects."""
        if key is self.key:
            return ListOrder(key, not self.falling)
        return ListOrder(key, key in _FALLING_FIRST)

    @property
    def parameters(self) -> dict[str, Any]:
        """What `parse` would read it from."""
        return {} if self == ListOrder() else {"sort": [str(self)]}

    @property
    def reads_backwards(self) -> bool:
        """Whether the database reads the key from large to small: an age grows as its first day lies further back."""
        return self.falling != (self.key is SortKey.AGE)


@dataclass(frozen=True)
class Lines:
    """Some lines of the list, in order; `after` is where the next ones begin, None at the end."""

    rows: Sequence[Row[Any]]
    after: str | None


def read_cursor(text: str, order: ListOrder) -> Cursor | None:
    """Where a page begins; None for what was never written by us."""
    return Cursor.parse(text, _KEYS[order.key][1])


def lines(looking: Looking, order: ListOrder, after: Cursor | None = None) -> Lines:
    """A page of the list."""
    rows = db.session.execute(_lines(looking, order, after)).all()
    shown = rows[:LINES_A_PAGE]
    has_more = len(rows) > LINES_A_PAGE
    return Lines(shown, str(Cursor(shown[-1].sort_key, shown[-1].id)) if has_more else None)


def summary(looking: Looking) -> Head:
    """All the lines together: how many, their worth, how many carry a sign of age."""
    heads, filters = queries.heads(looking), looking.filters
    if filters.outcome is Outcome.LOST:
        return heads[Outcome.LOST]
    return sum((heads[stage] for stage in STAGES if filters.stage in (None, stage)), Head())


def deal_ids(looking: Looking, order: ListOrder) -> list[int]:
    """All that the list holds, in order."""
    return list(db.session.scalars(_picked(looking, order).with_only_columns(Deal.id)))


def _lines(looking: Looking, order: ListOrder, after: Cursor | None) -> Select[Any]:
    key, backwards = _KEYS[order.key][0], order.reads_backwards
    picked = _picked(looking, order).limit(LINES_A_PAGE + 1)
    if after is not None:
        picked = picked.where(beyond_cursor(key, Deal.id, after, falling=backwards))
    page = picked.subquery()
    return (
        facts_of(page)
        .add_columns(page.c.sort_key)
        .order_by(*_directed(page.c.sort_key, page.c.id, backwards))
    )


def _picked(looking: Looking, order: ListOrder) -> Select[Any]:
    key = _KEYS[order.key][0]
    return (
        select(Deal.id, key.label("sort_key"))
        .join(customers, customers.c.id == Deal.customer_id)
        .join(owners, owners.c.id == Deal.owner_id)
        .where(*in_list(looking.filters, looking.me, looking.today, looking.cutoffs_by_stage))
        .order_by(*_directed(key, Deal.id, order.reads_backwards))
    )


def _directed(key: Any, row_id: Any, backwards: bool) -> tuple[ColumnElement[Any], ...]:
    return (key.desc(), row_id.desc()) if backwards else (key.asc(), row_id.asc())
