"""What the page of reminders shows: two SELECTs, and the count of the bell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from salesboard.access import acting_as_system
from salesboard.accounts.models import User, team_members
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.followups.models import FollowUp
from salesboard.followups.promises import Promise
from salesboard.notify.models import Reminder
from salesboard.notify.rules import KINDS, LATE_KINDS, ReminderKind
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskState

A_PAGE = 100

_ORDER = case({kind: place for place, kind in enumerate(KINDS)}, value=Reminder.kind)


@dataclass(frozen=True)
class Group:
    """The unread reminders of one kind: how many there are, and those of this page."""

    kind: ReminderKind
    count: int
    reminders: list[Reminder]


def unread_groups(person_id: int, page: int) -> list[Group]:
    """A page of what the person has not read, kind by kind, the longest stays first. Pages count from 0."""
    mine = Reminder.person_id == person_id, Reminder.unread()
    counted = select(Reminder.kind, func.count(Reminder.id).label("n")).where(*mine).group_by(Reminder.kind)
    counts = {row.kind: row.n for row in db.session.execute(counted)}
    listed = db.session.scalars(
        _with_deals()
        .where(*mine)
        .order_by(_ORDER, Deal.entered_on, Reminder.id)
        .offset(page * A_PAGE)
        .limit(A_PAGE)
    )
    grouped = groupby(listed, key=lambda reminder: reminder.kind)
    return [Group(kind, counts.get(kind, 0), list(reminders)) for kind, reminders in grouped]


def earlier(person_id: int, page: int) -> Sequence[Reminder]:
    """A page, and one more, of what the person has read or what gave way to a later morning's, newest first."""
    return db.session.scalars(
        _with_deals()
        .where(Reminder.person_id == person_id, Reminder.is_over())
        .order_by(Reminder.day.desc(), _ORDER, Reminder.id)
        .offset(page * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()


def put_off(person_id: int, page: int) -> Sequence[Reminder]:
    """A page, and one more, of what the person has put off, what comes back first."""
    away = ~Reminder.is_over() & ~Reminder.unread()
    return db.session.scalars(
        _with_deals()
        .where(Reminder.person_id == person_id, away)
        .order_by(Reminder.put_off_until, Reminder.id)
        .offset(page * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()


def unread_count(person_id: int) -> int:
    """How many reminders the person has not read. One SELECT."""
    counted = select(func.count(Reminder.id)).where(Reminder.person_id == person_id, Reminder.unread())
    return db.session.scalar(counted) or 0


def waiting_for(
    person_id: int, kinds: Collection[ReminderKind], ids: Collection[int] | None = None
) -> list[Reminder]:
    """What of these kinds the person has not read, in the order of the page; of `ids` alone where they are given."""
    asked = [Reminder.person_id == person_id, Reminder.unread(), Reminder.kind.in_(sorted(kinds))]
    if ids is not None:
        asked.append(Reminder.id.in_(ids))
    return list(
        db.session.scalars(_with_deals().where(*asked).order_by(_ORDER, Deal.entered_on, Reminder.id))
    )


def late_ones_of_team(team_id: int | None, day: date) -> list[tuple[str, Reminder]]:
    """What was late that morning with those who work in the team, person by person, as their supervisor sees it."""
    open_tasks = select(Task.id).where(Task.state == TaskState.OPEN)
    told = (
        _with_deals()
        .add_columns(User.name)
        .join(User, User.id == Reminder.person_id)
        .join(team_members, team_members.c.user_id == User.id)
        .where(
            team_members.c.team_id == team_id,
            User.deactivated_at.is_(None),
            Reminder.day == day,
            Reminder.kind.in_(sorted(LATE_KINDS)),
            or_(Reminder.task_id.is_(None), Reminder.task_id.in_(open_tasks)),
        )
        .order_by(User.name, User.id, _ORDER, Deal.entered_on, Reminder.id)
    )
    with acting_as_system("a team's robot tells of everybody in the team"):
        return [(name, reminder) for reminder, name in db.session.execute(told)]


def nudged_today(task_ids: Sequence[int], day: date) -> set[int]:
    """About which of these tasks somebody was asked on `day`. One SELECT."""
    asked = Reminder.kind == ReminderKind.NUDGE, Reminder.day == day, Reminder.task_id.in_(task_ids)
    with acting_as_system("who looks after a team sees what its people were asked"):
        return {each for each in db.session.scalars(select(Reminder.task_id).where(*asked)) if each}


def _with_deals() -> Select[Any]:
    return (
        select(Reminder)
        .outerjoin(Reminder.deal)
        .outerjoin(Customer, Customer.id == Deal.customer_id)
        .options(
            contains_eager(Reminder.deal).contains_eager(Deal.customer),
            selectinload(Reminder.task).joinedload(Task.customer),
            selectinload(Reminder.promise).joinedload(Promise.followup).joinedload(FollowUp.customer),
        )
    )
