"""Reads of payments that feed a page, each in a fixed number of SELECTs. Only deals that are signed count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import OPEN_STAGES, Outcome
from salesboard.service.models import Payment, Receipt
from salesboard.service.rules import OverdueBand, Owed, add_up, due_dates_of, still_owed

PAYMENTS_A_PAGE = 50


def is_signed() -> tuple[ColumnElement[bool], ...]:
    """The condition that a deal's instalments count."""
    return Deal.outcome == Outcome.OPEN, Deal.stage.not_in(OPEN_STAGES)


def received_until(day: date | None = None) -> ScalarSelect[Any]:
    """Of the instalment of the row at hand: what came in for it up to and with `day`, or ever."""
    until = true() if day is None else Receipt.day <= day
    came = select(func.coalesce(func.sum(Receipt.amount), 0)).where(Receipt.payment_id == Payment.id, until)
    return came.correlate(Payment).scalar_subquery()


@dataclass(frozen=True)
class Awaited:
    """An instalment that is not received in full."""

    payment: Payment
    received: Decimal

    @property
    def owed(self) -> Decimal:
        return still_owed(self.payment.amount, self.received)


def payments_with(customer: Customer) -> Sequence[Payment]:
    """The instalments of the customer's signed deals, deal by deal. One SELECT."""
    rows = (
        select(Payment)
        .join(Payment.deal)
        .where(Deal.customer_id == customer.id, *is_signed())
        .options(contains_eager(Payment.deal), joinedload(Payment.receipts))
        .order_by(Deal.signed_on.desc(), Deal.id, Payment.due_on, Payment.id)
    )
    return db.session.scalars(rows).unique().all()


def awaited(
    whose: ColumnElement[bool], today: date, band: OverdueBand | None = None, page: int = 0
) -> list[Awaited]:
    """A page, and one more, of what is not received in full, the longest due first. One SELECT."""
    rows = _awaited(whose, Payment, received_until().label("received")).options(
        contains_eager(Payment.deal).contains_eager(Deal.customer),
        contains_eager(Payment.deal).joinedload(Deal.owner),
    )
    if band is not None:
        since, until = due_dates_of(band, today)
        rows = rows.where(Payment.due_on <= until, true() if since is None else Payment.due_on >= since)
    rows = rows.order_by(Payment.due_on, Payment.id).offset(page * PAYMENTS_A_PAGE).limit(PAYMENTS_A_PAGE + 1)
    return [Awaited(payment, received) for payment, received in db.session.execute(rows)]


def owed_in_all(whose: ColumnElement[bool], today: date) -> Owed:
    """What is awaited altogether, and how long it is overdue. One SELECT."""
    rows = db.session.execute(_awaited(whose, Payment.due_on, Payment.amount, received_until()))
    return add_up(((due_on, amount, received) for due_on, amount, received in rows), today)


def due(
    whose: ColumnElement[bool], until: date, since: date | None = None, limit: int | None = None
) -> list[Awaited]:
    """The instalments that are still awaited and due from `since` (None: ever) to `until`, the earliest first. For the
    calendar feed and the morning's reminders. One SELECT."""
    rows = (
        _awaited(whose, Payment, received_until().label("received"))
        .where(Payment.due_on <= until, true() if since is None else Payment.due_on >= since)
        .options(contains_eager(Payment.deal).contains_eager(Deal.customer))
        .order_by(Payment.due_on, Payment.id)
        .limit(limit)
    )
    return [Awaited(payment, received) for payment, received in db.session.execute(rows)]


def _awaited(whose: ColumnElement[bool], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Payment)
        .join(Deal, Deal.id == Payment.deal_id)
        .join(Customer, Customer.id == Deal.customer_id)
        .where(whose, *is_signed(), received_until() < Payment.amount)
    )
