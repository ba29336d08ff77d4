"""What facts are asked for, and how rows become facts: shared by everything that reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, literal, null, select, type_coerce

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.clock import WorkingCalendar
from salesboard.customers.models import Customer
from salesboard.database import UtcDateTime, db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Outcome, Stage
from salesboard.insight.facts import Fact
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation, working_calendar

SIGNED = (Stage.WON, Stage.SERVICE)
ROWS_AT_A_TIME = 2000

OF_CUSTOMERS = (
    Customer.name.label("customer_name"),
    User.email,
    User.name.label("owner_name"),
    type_coerce(Customer.level, String).label("level"),
    Customer.industry,
    Customer.region,
    Customer.source,
)
OF_DEALS = (Deal.number, Deal.name, *OF_CUSTOMERS, Deal.stage, Deal.outcome)
"""The first fields of every fact, in their order, and the outcome. A level is told as its plain text: there are
hundreds of thousands of rows, and few readers look at it."""

SHARED_FIELDS = len(OF_DEALS) - 1


@dataclass(frozen=True)
class Asked:
    """Whose rows, of when, as known by the end of the day `until`; counted by which zone and calendar."""

    scope: Scope
    period: Period
    zone: str
    calendar: WorkingCalendar
    until: date

    @classmethod
    def here(cls, scope: Scope, period: Period, until: date | None = None) -> Any:
        here = installation()
        return cls(scope, period, here.timezone, working_calendar(), until or here.today)

    def within(self, day: Any) -> ColumnElement[bool]:
        """The condition that a day lies in the period."""
        return and_(day >= self.period.starts_on, day <= self.period.ends_on)

    def moments(self) -> tuple[datetime, datetime]:
        """The period's first moment by the installation's clock, and the first one after it."""
        return self.period.moments(self.zone)

    def spoken(self, at: Any) -> ColumnElement[bool]:
        """The condition that a moment lies in the period by the clock of `User`, whose zone may be another one."""
        starts, ends = zip(
            *(self.period.moments(zone) for zone in (self.zone, *self._own_zones)), strict=True
        )
        if not self._own_zones:
            return and_(at >= starts[0], at < ends[0])
        start, end = (
            case(
                {
                    zone: literal(moment, UtcDateTime)
                    for zone, moment in zip(self._own_zones, own, strict=True)
                },
                value=User.timezone,
                else_=literal(usual, UtcDateTime),
            )
            for usual, *own in (starts, ends)
        )
        return and_(at >= min(starts), at < max(ends), at >= start, at < end)

    @property
    def has_own_zones(self) -> bool:
        """Whether anybody's clock is another than the installation's, so that `spoken` asks for whose."""
        return bool(self._own_zones)

    def day_of(self, at: datetime, zone: str | None) -> date:
        """The date of a moment by the clock of somebody whose own zone, if any, is `zone`."""
        return clock.local_date(at, zone or self.zone)

    @cached_property
    def _own_zones(self) -> list[str]:
        zones = select(User.timezone).where(User.timezone.is_not(None), User.timezone != self.zone)
        return [zone for zone in db.session.scalars(zones.distinct()) if zone]

    def deals(self, condition: Any, *columns: Any) -> Iterable[Any]:
        """Deals of the scope's people with their customers."""
        return read(
            select(*OF_DEALS, *columns)
            .select_from(Deal)
            .join(Customer, Customer.id == Deal.customer_id)
            .join(User, User.id == Deal.owner_id)
            .where(condition, self.scope.holds(Deal.owner_id))
            .order_by(Deal.id)
        )

    def placements(self, condition: Any, *columns: Any) -> Iterable[Any]:
        """Stays with their deals, in the order in which each deal went through them."""
        return read(
            select(
                *OF_DEALS,
                Placement.stage.label("at_stage"),
                Placement.outcome.label("at_outcome"),
                *columns,
            )
            .select_from(Placement)
            .join(Deal, Deal.id == Placement.deal_id)
            .join(Customer, Customer.id == Deal.customer_id)
            .join(User, User.id == Deal.owner_id)
            .where(Placement.undone_at.is_(None), condition, self.scope.holds(Deal.owner_id))
            .order_by(Deal.id, Placement.entered_at, Placement.id)
        )

    def signed_within(self) -> ColumnElement[bool]:
        return and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(SIGNED), self.within(Deal.signed_on))


def customers(asked: Asked, *columns: Any) -> Any:
    """Customers of the scope's people, for `fact_of_customer`; no deal is meant."""
    return (
        select(null(), null(), *OF_CUSTOMERS, null(), Customer.number.label("customer_number"), *columns)
        .select_from(Customer)
        .join(User, User.id == Customer.owner_id)
        .where(asked.scope.holds(Customer.owner_id))
        .order_by(Customer.id)
    )


def read(rows: Any) -> Iterable[Any]:
    """The rows a part at a time, so that a year of notes is never held twice."""
    return db.session.execute(rows, execution_options={"yield_per": ROWS_AT_A_TIME})


def fact(row: Any, **values: Any) -> Fact:
    """A fact of a row that begins with `OF_DEALS`. Equal texts are kept once: there are many rows of few words."""
    shared: list[Any] = [intern(value) if type(value) is str else value for value in row[:SHARED_FIELDS]]
    return Fact(*shared, **values)


def fact_of_customer(row: Any, **values: Any) -> Fact:
    """A fact of a row of `customers`."""
    return fact(("", "", *row[2 : SHARED_FIELDS + 1]), customer_number=row.customer_number, **values)
