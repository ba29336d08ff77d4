"""Filters as conditions in SQL: the one reading of them, for heads, cards and the list alike.

`columns` is `Deal`, or a query over it that has the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from salesboard.accounts.models import team_members
from salesboard.customers.custom_queries import asks_for
from salesboard.customers.filters import WORDS
from salesboard.customers.models import Customer
from salesboard.customers.selection import between
from salesboard.deals.filters import Filters
from salesboard.deals.models import Deal
from salesboard.deals.rules import AgeCutoffs, AgeSign, Outcome, Stage, StepState
from salesboard.search_parts import DEAL_PARTS, rows_near

_customers = Customer.__table__.alias("of_deals")
Cutoffs = Mapping[Stage, AgeCutoffs]


def wanted(filters: Filters, me: int) -> list[ColumnElement[bool]]:
    """What `filters` ask for that means the same wherever a deal stands. `me` is the reader's id."""
    asked: list[ColumnElement[bool]] = []
    if filters.mine:
        asked.append(Deal.owner_id == me)
    if filters.owners:
        asked.append(Deal.owner_id.in_(filters.owners))
    if filters.team:
        mates = select(team_members.c.user_id).where(team_members.c.team_id == filters.team)
        asked.append(Deal.owner_id.in_(mates))
    of_customer = [
        _customers.c[name] == getattr(filters, name) for name in ("level", *WORDS) if getattr(filters, name)
    ]
    if of_customer:
        asked.append(
            select(_customers.c.id).where(_customers.c.id == Deal.customer_id, *of_customer).exists()
        )
    asked += between(Deal.worth, filters.worth)
    asked += between(Deal.expected_close, filters.expected_close)
    asked += between(Deal.created_on, filters.created)
    if filters.stage:
        asked.append(Deal.stage == filters.stage)
    asked += [asks_for(own, Deal.id) for own in filters.own]
    return asked + list(_told(filters))


def in_column(columns: Any, stage: Stage, filters: Filters, today: date, cutoffs: AgeCutoffs) -> list[Any]:
    """The open deals of one stage, by age and next step as `filters` ask."""
    return [
        columns.outcome == Outcome.OPEN,
        columns.stage == stage,
        *_aged(columns, filters, cutoffs),
        *_planned(columns, filters, today),
    ]


def among_lost(columns: Any) -> list[Any]:
    """The lost deals: age and next step are over for them."""
    return [columns.outcome == Outcome.LOST]


def in_list(filters: Filters, me: int, today: date, cutoffs: Cutoffs) -> list[Any]:
    """What `filters` ask for across all stages."""
    if filters.outcome is Outcome.LOST:
        return [*among_lost(Deal), *wanted(filters, me)]
    aged = [or_(*(and_(Deal.stage == stage, *_aged(Deal, filters, cutoffs[stage])) for stage in Stage))]
    return [
        Deal.outcome == Outcome.OPEN,
        *wanted(filters, me),
        *(aged if filters.age else []),
        *_planned(Deal, filters, today),
    ]


def _aged(columns: Any, filters: Filters, cutoffs: AgeCutoffs) -> list[ColumnElement[bool]]:
    if filters.age is None:
        return []
    since = cutoffs.overdue_from if filters.age is AgeSign.OVERDUE else cutoffs.first_sign_from
    return [false() if since is None else columns.entered_on <= since]


def _planned(columns: Any, filters: Filters, today: date) -> list[ColumnElement[bool]]:
    meant = {
        StepState.LATE: columns.next_due < today,
        StepState.TODAY: columns.next_due == today,
        StepState.NONE: columns.next_due.is_(None),
    }
    return [meant[filters.step]] if filters.step else []


def _told(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """By parts of its own or its customer's name, pinyin or initials, or by its number. What few deals have is looked
    up here, in one SELECT; then only those are looked at."""
    numbers = [word.upper() for word in filters.words]
    for word, number in zip(filters.words, numbers, strict=True):
        yield or_(Deal.search_text.contains(word, autoescape=True), Deal.number == number)
    near = rows_near(DEAL_PARTS, filters.words)
    if near is not None:
        yield or_(Deal.id.in_(near), Deal.number.in_(numbers))
