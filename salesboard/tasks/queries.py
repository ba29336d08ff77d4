"""What My day shows: each part one SELECT, whatever its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from salesboard import clock
from salesboard.access import WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rows import deals, facts_of
from salesboard.deals.rules import Outcome
from salesboard.deals.stages import Ages
from salesboard.fields import hour_of
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.tasks.models import Task
from salesboard.tasks.rules import OWED_FOR, Bucket, TaskKind, TaskState, end_of_week

MOST_A_PART, MOST_WARNED, MOST_DONE, MOST_LATE = 30, 8, 20, 12
OWED, CADENCE = "owed", "cadence"
"""The parts of the day beside its buckets."""


@dataclass(frozen=True)
class Part:
    """Some of the open tasks, and how many there are in all."""

    count: int = 0
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class WeekDay:
    """A day of the week with what is to be done on it."""

    day: date
    is_worked: bool
    count: int


def parts_of_day(person_id: int, today: date, now: datetime, zone: str) -> dict[str, Part]:
    """The person's open tasks by part: `owed`, the buckets, `cadence`; the earliest of each.

    `today` is the day by the person's own clock, which shows the time of `zone`.
    """
    part = _part(today, now, zone)
    place = func.row_number().over(partition_by=part, order_by=(Task.due_on, Task.due_at, Task.id))
    many = func.count().over(partition_by=part)
    placed = (
        select(Task.id, part.label("part"), place.label("place"), many.label("many"))
        .where(*_open_of(person_id))
        .subquery()
    )
    rows = db.session.execute(
        _with_subjects(select(Task, placed.c.part, placed.c.many))
        .join(placed, placed.c.id == Task.id)
        .where(placed.c.place <= MOST_A_PART)
        .order_by(Task.due_on, Task.due_at.is_(None), Task.due_at, Task.id)
    )
    found: dict[str, Part] = {}
    for task, name, count in rows:
        found.setdefault(name, Part(count)).tasks.append(task)
    return found


def late_tasks(person_id: int, today: date, now: datetime) -> Sequence[Task]:
    """The person's late tasks, what a cadence asks for left out."""
    late = *_open_of(person_id), *_late(today, now), Task.kind != TaskKind.CADENCE
    return db.session.scalars(select(Task).where(*late).order_by(Task.due_on, Task.id)).all()


def late_of_team(owners: ColumnElement[bool], today: date, now: datetime) -> tuple[int, Sequence[Task]]:
    """What is late of the people whom `owners` picks by `Task.owner_id`: how much, and the longest late."""
    late = owners, Task.state == TaskState.OPEN, *_late(today, now)
    count = db.session.scalar(select(func.count(Task.id)).where(*late)) or 0
    tasks = db.session.scalars(
        _with_subjects(select(Task))
        .where(*late)
        .options(joinedload(Task.owner))
        .order_by(Task.due_on, Task.id)
        .limit(MOST_LATE)
    ).all()
    return count, tasks


def week_of(person_id: int, day: date, ages: Ages) -> list[WeekDay]:
    """Monday to Sunday of the week of `day`, with the number of open tasks of each."""
    sunday = end_of_week(day)
    monday = sunday - timedelta(days=6)
    counted = (
        select(Task.due_on, func.count())
        .where(*_open_of(person_id), Task.due_on.between(monday, sunday))
        .group_by(Task.due_on)
    )
    counts: dict[date, int] = {row[0]: row[1] for row in db.session.execute(counted)}
    days = [monday + timedelta(days=number) for number in range(7)]
    return [WeekDay(each, ages.calendar.is_working(each), counts.get(each, 0)) for each in days]


def tasks_of_week(person_id: int, monday: date, zone: str) -> dict[date, list[Task]]:
    """The person's open tasks from `monday` to the Sunday after it, by their day in `zone`."""
    by_day: dict[date, list[Task]] = defaultdict(list)
    day = timedelta(days=1)
    rows = db.session.scalars(
        _with_subjects(select(Task))
        .where(*_open_of(person_id), Task.due_on.between(monday - day, monday + 7 * day))
        .order_by(Task.due_on, Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(9 * MOST_A_PART)
    )
    for task in rows:  # whoever set it may have had another day by their clock
        by_day[task.day_in(zone)].append(task)
    return by_day


def warned_deals(person_id: int, ages: Ages) -> Sequence[Row[Any]]:
    """The person's open deals past the warning of their stage, the longest stays first; and one more than are shown."""
    cutoffs = ages.cutoffs()
    past = [
        and_(Deal.stage == stage, Deal.entered_on <= cutoff.first_sign_from)
        for stage, cutoff in cutoffs.items()
        if cutoff.first_sign_from is not None
    ]
    if not past:
        return []
    picked = (
        select(Deal.id)
        .where(Deal.owner_id == person_id, Deal.outcome == Outcome.OPEN, or_(*past))
        .order_by(Deal.entered_on, Deal.id)
        .limit(MOST_WARNED + 1)
        .subquery()
    )
    return db.session.execute(facts_of(picked).order_by(deals.c.entered_on, deals.c.id)).all()


def done_on(person_id: int, day: date, zone: str) -> Sequence[FollowUp]:
    """The talks that the person wrote down on `day`, the latest first."""
    since, until = clock.start_of_day(day, zone), clock.start_of_day(day + timedelta(days=1), zone)
    return db.session.scalars(
        select(FollowUp)
        .where(
            FollowUp.author_id == person_id,
            FollowUp.recorded_at >= since,
            FollowUp.recorded_at < until,
            *real_talks(),
        )
        .options(joinedload(FollowUp.customer), joinedload(FollowUp.deal))
        .order_by(FollowUp.recorded_at.desc(), FollowUp.id.desc())
        .limit(MOST_DONE)
    ).all()


def last_talks_before(tasks: Sequence[Task]) -> dict[int, FollowUp]:
    """The last talk with the customer of each of these tasks. One SELECT."""
    customers = {task.customer_id for task in tasks if task.customer_id is not None}
    latest = (
        select(
            FollowUp.id,
            func.row_number()
            .over(
                partition_by=FollowUp.customer_id,
                order_by=(FollowUp.occurred_at.desc(), FollowUp.id.desc()),
            )
            .label("place"),
        )
        .where(FollowUp.customer_id.in_(customers), *real_talks())
        .subquery()
    )
    found = db.session.scalars(
        select(FollowUp).join(latest, latest.c.id == FollowUp.id).where(latest.c.place == 1)
    )
    return {talk.customer_id: talk for talk in found}


def open_tasks_of(subject: Customer | Deal) -> Sequence[Task]:
    """What is still to be done with a customer or about a deal, as far as the reader sees it, the earliest first."""
    about = Task.deal_id == subject.id if isinstance(subject, Deal) else Task.customer_id == subject.id
    return db.session.scalars(
        _with_subjects(select(Task))
        .where(about, Task.state == TaskState.OPEN)
        .options(joinedload(Task.owner))
        .order_by(Task.due_on, Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(MOST_A_PART)
    ).all()


def people_for_tasks(viewer: Viewer) -> dict[int, User]:
    """Those to whom this viewer may give a task: whom they look after, by name. One SELECT."""
    able = select(User).where(
        User.deactivated_at.is_(None), User.role.in_(WRITERS), viewer.sees_owner(User.id)
    )
    return {person.id: person for person in db.session.scalars(able.order_by(User.name, User.id))}


def plan_of(deal: Deal) -> dict[str, Any]:
    """What is planned next for the deal, as the form of a note takes it. One SELECT."""
    open_step = Task.deal_id == deal.id, Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN
    step = db.session.execute(select(Task.owner_id, Task.due_at).where(*open_step)).one_or_none()
    plan = {"next_step": deal.next_step, "next_due": deal.next_due, "next_method": deal.next_method}
    if step is None:
        return plan
    taker = step.owner_id if step.owner_id != deal.owner_id else None
    return plan | {"next_hour": hour_of(step.due_at), "next_owner": taker}


def _open_of(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return Task.owner_id == person_id, Task.state == TaskState.OPEN


def _late(today: date, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Its day is over; where an hour was agreed, that has come too: elsewhere the same day may still go on."""
    return Task.due_on < today, or_(Task.due_at.is_(None), Task.due_at <= now)


def _part(today: date, now: datetime, zone: str) -> ColumnElement[str]:
    """The rules of `rules.bucket`, by the days of `rules.day_of`, and of `rules.is_owed`, in SQL."""

    def until(day: date) -> ColumnElement[bool]:
        end = clock.start_of_day(day + timedelta(days=1), zone)
        return or_(and_(Task.due_at.is_(None), Task.due_on <= day), Task.due_at < end)

    one = timedelta(days=1)
    return case(
        (Task.kind == TaskKind.CADENCE, CADENCE),
        (and_(Task.due_at < now, Task.due_at >= now - OWED_FOR), OWED),
        (until(today - one), Bucket.LATE.value),
        (until(today), Bucket.TODAY.value),
        (until(today + one), Bucket.TOMORROW.value),
        (until(end_of_week(today)), Bucket.WEEK.value),
        else_=Bucket.LATER.value,
    )


def _with_subjects(statement: Select[Any]) -> Select[Any]:
    """With customer and deal, which whoever may see the task may know of."""
    return (
        statement.outerjoin(Task.customer)
        .outerjoin(Task.deal)
        .where(or_(Task.kind == TaskKind.MEASURE, Customer.id.is_not(None)))
        .options(contains_eager(Task.customer), contains_eager(Task.deal))
    )
