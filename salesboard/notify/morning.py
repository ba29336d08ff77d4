"""The morning sweep: each owner is told which deals wait for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, step_state
from salesboard.deals.stages import Ages
from salesboard.notify.dates import find_dates
from salesboard.notify.models import Reminder
from salesboard.notify.rules import NOTE_MISSING_AFTER, ReminderKind, morning_kinds, task_kind
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState


def find_reminders(day: date, now: datetime) -> list[dict[str, Any]]:
    """What the owners of open deals and tasks are to be told on `day`: late or missing next steps (a late one whoever
    takes it), stays past their limits, late tasks, talks without their note, customers whom nobody got in touch with,
    instalments and promises that are due, renewals that are near.

    A step whose note is missing is not told as late too. What has no active owner is left to the supervisor's page.
    """
    of_tasks, owed_of_deals = _of_tasks(day, now)
    takers = _takers_of_steps()
    ages = Ages.now()
    deals = db.session.execute(
        select(Deal.id, Deal.owner_id, Deal.stage, Deal.entered_on, Deal.next_step, Deal.next_due)
        .join(User, User.id == Deal.owner_id)
        .where(Deal.outcome == Outcome.OPEN, User.deactivated_at.is_(None))
    )
    found = []
    for deal in deals:
        age = ages.of(deal.stage, deal.entered_on)
        details = {
            "stage": deal.stage,
            "days": age.days,
            "days_over": age.days_over,
            "step": deal.next_step,
            "due": deal.next_due.isoformat() if deal.next_due else None,
        }
        found += [
            {
                "person_id": takers.get(deal.id, deal.owner_id)
                if kind is ReminderKind.STEP_LATE
                else deal.owner_id,
                "kind": kind,
                "deal_id": deal.id,
                "day": day,
                "details": details,
                "created_at": now,
            }
            for kind in morning_kinds(step_state(deal.next_due, day), age.sign)
            if kind is not ReminderKind.STEP_LATE or deal.id not in owed_of_deals
        ]
    return [*found, *of_tasks, *find_dates(day, now)]


def _takers_of_steps() -> dict[int, int]:
    """By deal who takes its next step, where that is not its owner."""
    steps = select(Task.deal_id, Task.owner_id).join(Deal, Deal.id == Task.deal_id)
    given = steps.join(User, User.id == Task.owner_id).where(
        Task.kind == TaskKind.STEP,
        Task.state == TaskState.OPEN,
        Task.owner_id != Deal.owner_id,
        User.deactivated_at.is_(None),
    )
    return {row.deal_id: row.owner_id for row in db.session.execute(given)}


def _of_tasks(day: date, now: datetime) -> tuple[list[dict[str, Any]], set[int]]:
    """What is told of tasks, and the deals whose step is a talk without its note."""
    since = Task.due_on < day, Task.due_at <= now - NOTE_MISSING_AFTER
    tasks = db.session.execute(
        select(Task.id, Task.owner_id, Task.kind, Task.deal_id, Task.due_on, Task.due_at)
        .join(User, User.id == Task.owner_id)
        .where(Task.state == TaskState.OPEN, User.deactivated_at.is_(None), or_(*since))
        .order_by(Task.due_on, Task.id)
    )
    found, owed_of_deals = [], set()
    for task in tasks:
        kind = task_kind(task.kind, task.due_on, task.due_at, day, now)
        if kind is None:
            continue
        if kind is ReminderKind.NOTE_OWED and task.kind is TaskKind.STEP:
            owed_of_deals.add(task.deal_id)
        found.append(task_reminder(task, kind, day, now))
    return found, owed_of_deals


def task_reminder(task: Any, kind: ReminderKind, day: date, now: datetime) -> dict[str, Any]:
    """The row that reminds a task's owner of it."""
    due_at = task.due_at.isoformat() if task.due_at else None
    return {
        "person_id": task.owner_id,
        "kind": kind,
        "task_id": task.id,
        "day": day,
        "details": {"due": task.due_on.isoformat(), "due_at": due_at},
        "created_at": now,
    }


def give_reminders(found: list[dict[str, Any]], day: date, now: datetime) -> None:
    """Writes what was found, in the transaction under way; done twice it changes nothing."""
    Reminder.replace_before(day, now=now)
    away = Reminder.put_off_beyond(now)
    back = [row for row in found if _subject(row) not in away] if away else found
    subjects = {"deal_id": None, "task_id": None, "promise_id": None}
    rows = [{**subjects, **row} for row in back]  # a statement's rows name the same columns
    Reminder.give(rows, now=now)


def _subject(row: dict[str, Any]) -> tuple[Any, ...]:
    subject = (row.get(name) for name in ("deal_id", "task_id", "promise_id"))
    return (row["person_id"], row["kind"], *subject)
