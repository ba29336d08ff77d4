"""The deals of customers, for the list of customers and a customer's page. Only deals that the reader sees count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import joinedload

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.filters import CustomerFilters, NextStep
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.customers.selection import between
from salesboard.database import Money, db
from salesboard.deals.levels import LevelSuggestion, standing_of, suggested_level
from salesboard.deals.models import Deal
from salesboard.deals.rules import OPEN_STAGES, Outcome, Stage
from salesboard.installation import installation


@dataclass(frozen=True)
class UnderWay:
    """How many deals there are, and what they are worth together."""

    count: int = 0
    worth: Decimal = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """What a customer signed, and what is under way."""

    contracts: int
    signed: Decimal
    open_count: int
    open_worth: Decimal
    weighted: Decimal


_is_open = and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(OPEN_STAGES))
_is_signed = and_(Deal.outcome == Outcome.OPEN, Deal.stage.not_in(OPEN_STAGES))


def of_deals(filters: CustomerFilters, today: date) -> Iterator[ColumnElement[bool]]:
    """What `filters` ask of the deals of customers that the reader sees, as conditions on Customer."""
    if filters.step is NextStep.LATE:
        yield _plans(Deal.next_due < today)
    elif filters.step is NextStep.TODAY:
        yield _plans(Deal.next_due == today)
        yield ~_plans(Deal.next_due < today)
    elif filters.step is NextStep.MISSING:
        yield ~_plans(Deal.next_due.is_not(None))
    if filters.worth:
        theirs = Deal.customer_id == Customer.id, _is_open
        worth = select(func.sum(Deal.worth)).where(*theirs).correlate(Customer).scalar_subquery()
        yield from between(worth, filters.worth)


def _plans(when: ColumnElement[bool]) -> ColumnElement[bool]:
    """That some open deal of the customer has such a step planned; asked of the index of its deals alone."""
    theirs = Deal.customer_id == Customer.id, Deal.outcome == Outcome.OPEN
    return select(Deal.id).where(*theirs, when).correlate(Customer).exists()


class Step(NamedTuple):
    """What comes next at a customer, and in which deal."""

    words: str
    due: date
    deal: str


def next_steps(customer_ids: Iterable[int]) -> dict[int, Step]:
    """The earliest step planned with each of these customers, in the open deals. One SELECT."""
    facts = Deal.customer_id, Deal.next_step, Deal.next_due, Deal.number
    rows = db.session.execute(
        select(*facts)
        .where(
            Deal.outcome == Outcome.OPEN,
            Deal.next_due.is_not(None),
            Deal.customer_id.in_(list(customer_ids)),
        )
        .order_by(Deal.next_due.desc(), Deal.id.desc())
    )
    return {row.customer_id: Step(row.next_step, row.next_due, row.number) for row in rows}


def signed_sums(customer_ids: Iterable[int]) -> dict[int, UnderWay]:
    """The signed deals of each of these customers that has any. One SELECT."""
    return _sums(customer_ids, _is_signed)


def under_way(customer_ids: Iterable[int]) -> dict[int, UnderWay]:
    """The deals under way of each of these customers that has any. One SELECT."""
    return _sums(customer_ids, _is_open)


def _sums(customer_ids: Iterable[int], condition: ColumnElement[bool]) -> dict[int, UnderWay]:
    rows = db.session.execute(
        select(Deal.customer_id, func.count().label("how_many"), func.sum(Deal.worth).label("worth"))
        .where(condition, Deal.customer_id.in_(list(customer_ids)))
        .group_by(Deal.customer_id)
    )
    return {row.customer_id: UnderWay(row.how_many, row.worth) for row in rows}


def sums_of(customer: Customer) -> Sums:
    """One SELECT."""
    nothing = Decimal(0)
    row = db.session.execute(
        select(
            func.count(case((_is_signed, 1))).label("contracts"),
            func.sum(case((_is_signed, Deal.worth))).label("signed"),
            func.count(case((_is_open, 1))).label("open_count"),
            func.sum(case((_is_open, Deal.worth))).label("open_worth"),
            func.sum(case((_is_open, Deal.worth * Deal.probability)), type_=Money).label("percents"),
        ).where(Deal.customer_id == customer.id)
    ).one()
    return Sums(
        row.contracts,
        row.signed or nothing,
        row.open_count,
        row.open_worth or nothing,
        (row.percents or nothing) / 100,
    )


def deals_of(customer: Customer) -> Sequence[Deal]:
    """All of the customer's deals: the open ones first, the ripest on top, then the lost."""
    ripeness = case({stage.value: stage.position for stage in Stage}, value=Deal.stage)
    return db.session.scalars(
        select(Deal)
        .where(Deal.customer_id == customer.id)
        .options(joinedload(Deal.owner))
        .order_by((Deal.outcome == Outcome.LOST), ripeness.desc(), Deal.id.desc())
    ).all()


def level_of(customer: Customer, deals: Iterable[Deal] | None = None) -> LevelSuggestion | None:
    """The level that the customer's deals speak for, where it is another than the present one.

    One SELECT, unless the `deals` are known.
    """
    rows = [
        (deal.stage, deal.outcome, deal.worth) for deal in (deals_of(customer) if deals is None else deals)
    ]
    suggested = suggested_level(standing_of(rows), installation().high_value)
    return suggested if suggested and suggested.level is not customer.level else None


def follow_name(customer: Customer) -> None:
    """After a renaming: has every deal found by the customer's present name. In the transaction of the renaming."""
    with acting_as_system("a customer's name concerns all its deals, whoever owns them"):
        for deal in db.session.scalars(select(Deal).where(Deal.customer_id == customer.id)):
            deal.rename(deal.name, customer)


def has_any_deal(*customers: Customer) -> bool:
    """Whether there is a deal with one of them, whoever owns it. One SELECT."""
    with acting_as_system("a status follows all deals, also those that one does not see"):
        ids = [customer.id for customer in customers]
        return db.session.scalar(select(Deal.id).where(Deal.customer_id.in_(ids)).limit(1)) is not None


def follow_merge(*customers: Customer) -> None:
    """After two customers became one, or two again: their deals are found by the customer they are with, and each
    status follows them; one that is not lost is not archived. In the transaction of the merge."""
    for customer in customers:
        follow_name(customer)
        if has_any_deal(customer):
            Deal.settle_status(customer.id)
            db.session.expire(customer, ["status", "status_is_set"])
        if customer.status is not CustomerStatus.LOST:
            customer.take_out(by=None, now=clock.now())
