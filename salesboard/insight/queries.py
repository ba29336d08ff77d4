"""Reads the facts that numbers are made of: one SELECT for each set of rows, whatever the scope.

Placements and follow-ups that were taken back, and the system's own records, never count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from operator import attrgetter
from sys import intern
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.clock import WorkingCalendar
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import AgeSign, Outcome, Stage
from salesboard.deals.stages import Ages
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from salesboard.insight.facts import Fact, Facts, RowSet
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation, working_calendar

SIGNED = (Stage.WON, Stage.SERVICE)
ROWS_AT_A_TIME = 2000

_OF_DEALS = (
    Deal.number,
    Deal.name,
    Customer.name.label("customer_name"),
    User.email,
    User.name.label("owner_name"),
    Customer.level,
    Customer.industry,
    Customer.region,
    Customer.source,
    Deal.stage,
    Deal.outcome,
)
"""The first fields of every fact, in their order, and the outcome."""

_SHARED_FIELDS = len(_OF_DEALS) - 1


@dataclass(frozen=True)
class Reading:
    """Whose rows, of when, counted by which zone and calendar."""

    scope: Scope
    period: Period
    zone: str
    calendar: WorkingCalendar

    @classmethod
    def here(cls, scope: Scope, period: Period) -> Reading:
        return cls(scope, period, installation().timezone, working_calendar())

    def over_the_period(self) -> Facts:
        """What happened in the period."""
        return {
            RowSet.CLOSED: self.closed(),
            RowSet.CREATED: self.created(),
            RowSet.ENTERED: self.entered(),
            RowSet.STAYS: self.stays(),
            RowSet.NOTES: self.notes(),
        }

    def as_things_stand(self) -> Facts:
        """The same, and what can only be said of this moment."""
        return {**self.over_the_period(), RowSet.WARNED: self.warned()}

    def closed(self) -> list[Fact]:
        """Deals signed in the period (a hit) and deals lost in it, each by its present state."""
        signed = and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(SIGNED), self._within(Deal.signed_on))
        lost = and_(Deal.outcome == Outcome.LOST, self._within(Deal.closed_on))
        rows = self._deals(
            or_(signed, lost),
            Deal.signed_on,
            Deal.closed_on,
            Deal.created_on,
            Deal.contract_amount,
            Deal.amount,
            Deal.lost_reason,
        )
        return [
            _fact(
                row,
                day=row.closed_on if row.outcome is Outcome.LOST else row.signed_on,
                amount=row.amount if row.outcome is Outcome.LOST else row.contract_amount,
                days=None if row.outcome is Outcome.LOST else _days_between(row.created_on, row.signed_on),
                is_hit=row.outcome is Outcome.OPEN,
                is_lost=row.outcome is Outcome.LOST,
                reason=row.lost_reason,
            )
            for row in rows
        ]

    def created(self) -> list[Fact]:
        """Deals created in the period; a hit is one that ever came to intent or beyond."""
        beyond = aliased(Placement)
        came_further = exists().where(
            beyond.deal_id == Deal.id, beyond.undone_at.is_(None), beyond.stage != Stage.LEAD
        )
        rows = self._deals(
            self._within(Deal.created_on), Deal.created_on, Deal.amount, came_further.label("came_further")
        )
        return [
            _fact(row, day=row.created_on, amount=row.amount, is_hit=bool(row.came_further)) for row in rows
        ]

    def entered(self) -> list[Fact]:
        """Each deal once for each stage that it came to in the period; a hit is one that went on afterwards."""
        start, end = self.period.moments(self.zone)
        came = aliased(Placement)
        in_period = select(came.deal_id).where(
            came.undone_at.is_(None),
            came.outcome == Outcome.OPEN,
            came.entered_at >= start,
            came.entered_at < end,
        )
        stays = self._placements(Deal.id.in_(in_period), Placement.entered_at, Deal.amount)
        facts = []
        for _number, group in groupby(stays, attrgetter("number")):
            path = list(group)
            seen: set[Stage] = set()
            for row, furthest in zip(path, _furthest_from_each(path), strict=True):
                is_arrival = row.at_outcome is Outcome.OPEN and start <= row.entered_at < end
                if not is_arrival or row.at_stage in seen:
                    continue
                seen.add(row.at_stage)
                facts.append(
                    _fact(
                        row,
                        day=clock.local_date(row.entered_at, self.zone),
                        amount=row.amount,
                        at_stage=row.at_stage,
                        is_hit=furthest > row.at_stage.position,
                        is_lost=row.outcome is Outcome.LOST,
                    )
                )
        return facts

    def stays(self) -> list[Fact]:
        """Of deals signed in the period: the working days that each spent in each stage, in stays that have ended."""
        signed = and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(SIGNED), self._within(Deal.signed_on))
        rows = self._placements(
            and_(signed, Placement.outcome == Outcome.OPEN, Placement.left_at.is_not(None)),
            Placement.entered_at,
            Placement.left_at,
            Deal.signed_on,
            Deal.contract_amount,
        )
        spent: dict[tuple[str, Stage], int] = {}
        latest: dict[tuple[str, Stage], Any] = {}
        for row in rows:
            place = row.number, row.at_stage
            entered, left = (clock.local_date(at, self.zone) for at in (row.entered_at, row.left_at))
            spent[place] = spent.get(place, 0) + self.calendar.between(entered, left)
            latest[place] = row
        return [
            _fact(
                row, day=row.signed_on, amount=row.contract_amount, at_stage=row.at_stage, days=spent[place]
            )
            for place, row in latest.items()
        ]

    def warned(self) -> list[Fact]:
        """Deals past their stage's warning as things stand; a hit is one past the limit too."""
        ages = Ages.now()
        past = [
            and_(Deal.stage == stage, Deal.entered_on <= first)
            for stage, cutoffs in ages.cutoffs().items()
            for first in (cutoffs.warned_from, cutoffs.overdue_from)
            if first is not None
        ]
        if not past:
            return []
        rows = self._deals(and_(Deal.outcome == Outcome.OPEN, or_(*past)), Deal.entered_on, Deal.worth)
        aged = [(row, ages.of(row.stage, row.entered_on)) for row in rows]
        return [
            _fact(
                row,
                day=row.entered_on,
                amount=row.worth,
                at_stage=row.stage,
                days=age.days,
                is_hit=age.sign is AgeSign.OVERDUE,
            )
            for row, age in aged
        ]

    def notes(self) -> list[Fact]:
        """Follow-ups that took place in the period, by their author; a hit is one written within 24 hours."""
        start, end = self.period.moments(self.zone)
        rows = _read(
            select(
                func.coalesce(Deal.number, ""),
                func.coalesce(Deal.name, ""),
                *_OF_DEALS[2:],
                FollowUp.number.label("followup"),
                FollowUp.occurred_at,
                FollowUp.is_on_time,
            )
            .select_from(FollowUp)
            .join(Customer, Customer.id == FollowUp.customer_id)
            .join(User, User.id == FollowUp.author_id)
            .outerjoin(Deal, Deal.id == FollowUp.deal_id)
            .where(
                FollowUp.kind == FollowUpKind.TALK,
                FollowUp.taken_back_at.is_(None),
                FollowUp.occurred_at >= start,
                FollowUp.occurred_at < end,
                self.scope.holds(FollowUp.author_id),
            )
            .order_by(FollowUp.occurred_at, FollowUp.id)
        )
        return [
            _fact(row, day=clock.local_date(row.occurred_at, self.zone), is_hit=row.is_on_time)
            for row in rows
        ]

    def _within(self, day: Any) -> Any:
        return day.between(self.period.starts_on, self.period.ends_on)

    def _deals(self, condition: Any, *columns: Any) -> Iterable[Any]:
        return _read(
            select(*_OF_DEALS, *columns)
            .select_from(Deal)
            .join(Customer, Customer.id == Deal.customer_id)
            .join(User, User.id == Deal.owner_id)
            .where(condition, self.scope.holds(Deal.owner_id))
            .order_by(Deal.id)
        )

    def _placements(self, condition: Any, *columns: Any) -> Iterable[Any]:
        """Stays with their deals, in the order in which each deal went through them."""
        return _read(
            select(
                *_OF_DEALS,
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


def _read(rows: Any) -> Iterable[Any]:
    """The rows a part at a time, so that a year of notes is never held twice."""
    return db.session.execute(rows, execution_options={"yield_per": ROWS_AT_A_TIME})


def has_deals(scope: Scope, until: date) -> bool:
    """Whether the scope had any deal by then; without one there is nothing to evaluate."""
    held = select(Deal.id).where(scope.holds(Deal.owner_id), Deal.created_on <= until).limit(1)
    return db.session.scalar(held) is not None


def _fact(row: Any, **values: Any) -> Fact:
    """A fact of a row that begins with `_OF_DEALS`. Equal texts are kept once: there are many rows of few words."""
    shared: list[Any] = [intern(value) if type(value) is str else value for value in row[:_SHARED_FIELDS]]
    return Fact(*shared, **values)


def _furthest_from_each(path: list[Any]) -> list[int]:
    """For each stay of a deal the furthest stage that it or a later one came to."""
    return list(accumulate((row.at_stage.position for row in reversed(path)), max))[::-1]


def _days_between(created: date, signed: date) -> int | None:
    return (signed - created).days if signed >= created else None
