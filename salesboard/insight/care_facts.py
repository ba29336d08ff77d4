"""The facts of how customers are looked after: follow-ups, objections, tasks, and the rhythm of talks.

Follow-ups that were taken back, and the system's own records, never count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import String, func, select, type_coerce

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection
from salesboard.followups.of_customers import real_talks
from salesboard.followups.rules import ObjectionState
from salesboard.insight.asked import OF_CUSTOMERS, Asked, customers, fact, fact_of_customer, read
from salesboard.insight.facts import Fact
from salesboard.insight.rhythm import judged_days, weeks_kept
from salesboard.tasks.models import Task
from salesboard.tasks.rhythm import Rhythm, cadences
from salesboard.tasks.rules import TaskKind, TaskState

_OF_DEAL_IF_ANY = (
    func.coalesce(Deal.number, ""),
    func.coalesce(Deal.name, ""),
    *OF_CUSTOMERS,
    type_coerce(Deal.stage, String),
)


def notes(asked: Asked) -> list[Fact]:
    """Follow-ups that took place in the period, by their author; a hit is one written within 24 hours."""
    return [
        fact(
            row,
            day=asked.day_of(row.occurred_at, row.timezone),
            is_hit=row.is_on_time,
            followup=row.followup,
            customer_number=row.customer_number,
        )
        for row in read(_said(asked, FollowUp.is_on_time).order_by(FollowUp.occurred_at, FollowUp.id))
    ]


def objections(asked: Asked) -> list[Fact]:
    """Objections raised in the period, each its note's author's; a hit is one that is settled by now."""
    raised = _said(asked, Objection.text, Objection.state).join(
        Objection, Objection.followup_id == FollowUp.id
    )
    return [
        fact(
            row,
            day=asked.day_of(row.occurred_at, row.timezone),
            is_hit=row.state is ObjectionState.SETTLED,
            followup=row.followup,
            customer_number=row.customer_number,
            words=row.text,
        )
        for row in read(raised.order_by(FollowUp.occurred_at, FollowUp.id, Objection.position))
    ]


def tasks(asked: Asked) -> list[Fact]:
    """Tasks due in the period, those that were no longer to be done left out; a hit is one done by its day.

    One that is open and not late yet can still become either.
    """
    due = (
        select(
            *_OF_DEAL_IF_ANY,
            Customer.number.label("customer_number"),
            Task.kind,
            Task.what,
            Task.due_on,
            Task.done_on,
        )
        .select_from(Task)
        .join(Customer, Customer.id == Task.customer_id)
        .join(User, User.id == Task.owner_id)
        .outerjoin(Deal, Deal.id == Task.deal_id)
        .where(Task.state != TaskState.DROPPED, asked.within(Task.due_on), asked.scope.holds(Task.owner_id))
        .order_by(Task.due_on, Task.id)
    )
    return [
        fact(
            row,
            day=row.due_on,
            is_hit=_was_on_time(row.due_on, row.done_on, asked.until),
            customer_number=row.customer_number,
            words=None if row.kind is TaskKind.CADENCE else row.what,
        )
        for row in read(due)
    ]


def _was_on_time(due: date, done: date | None, until: date) -> bool | None:
    if done is not None and done <= until:
        return done <= due
    return None if due >= until else False


def rhythm(asked: Asked) -> list[Fact]:
    """Active customers with the weeks of the period in which they were followed up within their cadence, and all weeks
    of which that can be said. A customer counts by what it is now: a lost one is left out. Two SELECTs."""
    days = judged_days(asked.period, asked.until)
    if not days:
        return []
    usual = cadences()
    active = (
        customers(
            asked,
            Customer.id,
            Customer.created_at,
            Customer.archived_at,
            Rhythm.days,
            Rhythm.paused_until,
            Rhythm.at.label("paused_at"),
        )
        .outerjoin(Rhythm, Rhythm.customer_id == Customer.id)
        .where(Customer.status != CustomerStatus.LOST)
    )
    talks = _talk_days(asked, days)
    facts = []
    for row in read(active):
        weeks = _weeks_of(row, days, asked.zone)
        own = talks.get(row.id, [])
        cadence = row.days or usual[row.level]
        kept, counted = weeks_kept(
            weeks, own, cadence, since=clock.local_date(row.created_at, asked.zone), calendar=asked.calendar
        )
        if counted:
            facts.append(
                fact_of_customer(
                    row,
                    day=own[-1] if own else clock.local_date(row.created_at, asked.zone),
                    is_hit=kept == counted,
                    weeks_kept=kept,
                    weeks=counted,
                )
            )
    return facts


def _weeks_of(row: Any, days: list[date], zone: str) -> list[date]:
    """The days on which the customer is to be judged: not while it was archived or paused."""
    if row.archived_at is not None:
        days = days[: bisect_left(days, clock.local_date(row.archived_at, zone))]
    if row.paused_until is not None:
        paused = clock.local_date(row.paused_at, zone)
        days = [day for day in days if not paused <= day <= row.paused_until]
    return days


def _talk_days(asked: Asked, days: list[date]) -> dict[int, list[date]]:
    """For each customer the days of its talks that reach into the judged days, in order."""
    longest = max([*cadences().values(), db.session.scalar(select(func.max(Rhythm.days))) or 0])
    first = days[0] - timedelta(days=longest + LONGEST_REST)
    since = clock.start_of_day(first, asked.zone)
    end = clock.start_of_day(days[-1] + timedelta(days=1), asked.zone)
    rows = db.session.execute(
        select(FollowUp.customer_id, FollowUp.occurred_at)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(
            *real_talks(),
            FollowUp.occurred_at >= since,
            FollowUp.occurred_at < end,
            asked.scope.holds(Customer.owner_id),
        )
        .order_by(FollowUp.customer_id, FollowUp.occurred_at)
    )
    talks: dict[int, list[date]] = defaultdict(list)
    for customer_id, at in rows:
        talks[customer_id].append(clock.local_date(at, asked.zone))
    return talks


LONGEST_REST = 16
"""So many days without a working day there never are in a row."""


def _said(asked: Asked, *columns: Any) -> Any:
    """Talks of the period with their customer, deal and author."""
    return (
        select(
            *_OF_DEAL_IF_ANY,
            Customer.number.label("customer_number"),
            User.timezone,
            FollowUp.number.label("followup"),
            FollowUp.occurred_at,
            *columns,
        )
        .select_from(FollowUp)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .join(User, User.id == FollowUp.author_id)
        .outerjoin(Deal, Deal.id == FollowUp.deal_id)
        .where(*real_talks(), asked.spoken(FollowUp.occurred_at), asked.scope.holds(FollowUp.author_id))
    )
