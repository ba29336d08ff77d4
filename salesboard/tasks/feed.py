"""What stands in somebody's calendar: what they have to do, and the key nodes and renewals of their deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.renewals import IN_SERVICE, renewal_in
from salesboard.deals.wording import METHOD_NAMES
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from salesboard.tasks.wording import task_words

BACK = timedelta(days=60)
"""What is late for longer stands on My day alone: nobody looks it up in a calendar."""
MOST_ENTRIES = 1000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in a calendar: on a day, or from the moment `at` on where an hour was agreed.

    `uid` is the same as long as the thing exists; `version` grows with each change. `page` is an endpoint and the
    number that its address takes, if it takes one.
    """

    uid: str
    title: str
    day: date
    at: datetime | None = None
    lines: tuple[str, ...] = ()
    page: tuple[str, str]
    changed_at: datetime
    version: int


def tasks_of(person: User, today: date) -> list[Entry]:
    """The person's open tasks, and the open key nodes of their deals, the earliest first. One SELECT."""
    of_their_deals = and_(Task.kind == TaskKind.NODE, Deal.owner_id == person.id)
    tasks: Sequence[Task] = db.session.scalars(
        select(Task)
        .outerjoin(Task.customer)
        .outerjoin(Task.deal)
        .options(contains_eager(Task.customer), contains_eager(Task.deal), joinedload(Task.owner))
        .where(
            or_(Task.owner_id == person.id, of_their_deals),
            or_(Task.kind == TaskKind.MEASURE, Customer.id.is_not(None)),
            Task.state == TaskState.OPEN,
            Task.due_on >= today - BACK,
        )
        .order_by(Task.due_on, Task.id)
        .limit(MOST_ENTRIES)
    ).all()
    return [_entry_of(task, person) for task in tasks]


def renewals_of(person: User, today: date) -> list[Entry]:
    """The renewal dates of the person's delivered deals, as they were told on handing over. One SELECT."""
    stays = db.session.scalars(
        select(Placement)
        .join(Placement.deal)
        .join(Deal.customer)
        .options(contains_eager(Placement.deal).contains_eager(Deal.customer))
        .where(Deal.owner_id == person.id, *IN_SERVICE)
        .order_by(Placement.id.desc())
        .limit(MOST_ENTRIES)
    )
    told = ((stay, renewal_in(stay.answers)) for stay in stays)
    return [_renewal(stay, day) for stay, day in told if day is not None and day >= today - BACK]


def _renewal(stay: Placement, day: date) -> Entry:
    return Entry(
        uid=f"renewal-{stay.id}-{stay.recorded_at:%Y%m%dT%H%M%S%f}@salesboard",
        title=_("Renewal · %(customer)s", customer=stay.deal.customer.name),
        day=day,
        lines=(_("Deal: %(name)s", name=stay.deal.name),),
        page=("deals.deal", stay.deal.number),
        changed_at=stay.recorded_at,
        version=1,
    )


def _entry_of(task: Task, person: User) -> Entry:
    customer = task.customer
    return Entry(
        # the moment tells two installations apart, whose tasks have the same numbers
        uid=f"task-{task.id}-{task.created_at:%Y%m%dT%H%M%S%f}@salesboard",
        title=" · ".join(filter(None, [task_words(task), customer.name if customer else ""])),
        day=task.due_on,
        at=task.due_at,
        lines=tuple(_lines_of(task, person)),
        page=_page_of(task),
        changed_at=task.updated_at,
        version=task.version,
    )


def _page_of(task: Task) -> tuple[str, str]:
    if task.deal is not None:
        return "deals.deal", task.deal.number
    return ("customers.customer", task.customer.number) if task.customer else ("tasks.today", "")


def _lines_of(task: Task, person: User) -> list[str]:
    lines = [_("Deal: %(name)s", name=task.deal.name)] if task.deal else []
    if task.goal:
        lines.append(_("Expected goal: %(goal)s", goal=task.goal))
    if task.method:
        lines.append(_("By which way: %(method)s", method=METHOD_NAMES[task.method]))
    if task.owner_id != person.id:
        lines.append(_("By whom: %(name)s", name=task.owner.name))
    return lines
