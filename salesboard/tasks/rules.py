"""What is to be done and when it is late: tasks, cadence, the parts of a day. Pure. Definitions: PRODUCT.md 3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from salesboard.clock import WorkingCalendar, local_date
from salesboard.customers.rules import CustomerStatus, Level
from salesboard.deals.rules import Stage


class TaskKind(StrEnum):
    """`step`: the next step of a deal; `node`: one of its key nodes; `cadence`: due by the customer's rhythm; `own`:
    what somebody set themselves; `measure`: decided in a report or planned for a target, about no customer."""

    STEP = "step"
    NODE = "node"
    CADENCE = "cadence"
    OWN = "own"
    MEASURE = "measure"


class TaskState(StrEnum):
    """`done` by a follow-up, a measure by what came of it; `dropped` without, for it was no longer to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class KeyNode(StrEnum):
    """The key nodes of a deal (PRODUCT.md 3, Deal), in their order."""

    FIRST_TALK = "first_talk"
    NEEDS = "needs"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"


REACHED_BEYOND: Mapping[KeyNode, Stage] = MappingProxyType(
    {
        KeyNode.FIRST_TALK: Stage.LEAD,
        KeyNode.NEEDS: Stage.INTENT,
        KeyNode.PROPOSAL: Stage.PROPOSAL,
        KeyNode.NEGOTIATION: Stage.NEGOTIATION,
    }
)
"""A node is reached when the deal goes on from this stage to a later one."""

USUAL_CADENCE: Mapping[Level, int] = MappingProxyType({Level.KEY: 7, Level.NORMAL: 14, Level.POTENTIAL: 30})
"""Days between two talks, by level, where the admin says nothing else (PRODUCT.md 3)."""
LONGEST_CADENCE = 366

OWED_FOR = timedelta(days=7)
"""So long a talk that was planned for an hour is asked after; later it is merely late."""


class Bucket(StrEnum):
    """Where a task stands on My day, in the order in which it is shown."""

    LATE = "late"
    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"
    LATER = "later"


def bucket(due: date, today: date) -> Bucket:
    """`week` ends with the Sunday of the present week; on a Sunday, and for whatever lies behind, it is `later`."""
    if due < today:
        return Bucket.LATE
    if due == today:
        return Bucket.TODAY
    if due == today + timedelta(days=1):
        return Bucket.TOMORROW
    return Bucket.WEEK if due <= end_of_week(today) else Bucket.LATER


def day_of(due_on: date, due_at: datetime | None, zone: str) -> date:
    """The day of a task for somebody in `zone`: that of its hour where one was agreed, else its own."""
    return due_on if due_at is None else local_date(due_at, zone)


def end_of_week(today: date) -> date:
    """The Sunday of the week, which begins on Monday."""
    return today + timedelta(days=6 - today.weekday())


def is_owed(due_at: datetime | None, now: datetime) -> bool:
    """Whether a talk planned for an hour has taken place, as far as one can tell, and its note is not written yet."""
    return due_at is not None and timedelta() < now - due_at <= OWED_FOR


def has_rhythm(status: CustomerStatus, *, is_archived: bool, paused_until: date | None, today: date) -> bool:
    """Whether a customer is to be talked with by cadence: a lost or archived one is not, nor one that is paused.

    A pause lasts up to and with its day.
    """
    is_paused = paused_until is not None and today <= paused_until
    return status is not CustomerStatus.LOST and not is_archived and not is_paused


def next_contact(last: date, days: int, calendar: WorkingCalendar) -> date:
    """When the cadence asks for the next talk: so many days after the last, else on the first working day after."""
    due = last + timedelta(days=days)
    return due if calendar.is_working(due) else calendar.after(due, 1)
