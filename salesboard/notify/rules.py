"""What a person is reminded of, and when a deal deserves it. Pure. Definitions: PRODUCT.md 7."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from salesboard.deals.rules import AgeSign, StepState
from salesboard.tasks.rules import OWED_FOR, TaskKind


class ReminderKind(StrEnum):
    """In the order in which they are shown."""

    NUDGE = "nudge"
    NOTE_OWED = "note_owed"
    STEP_LATE = "step_late"
    TASK_LATE = "task_late"
    STAGE_OVERDUE = "stage_overdue"
    STEP_MISSING = "step_missing"
    STAGE_WARNED = "stage_warned"
    CADENCE_MISSED = "cadence_missed"
    PROMISE_DUE = "promise_due"
    PAYMENT_DUE = "payment_due"
    RENEWAL_NEAR = "renewal_near"
    REPORT_READY = "report_ready"
    HOUSEKEEPING = "housekeeping"
    ACCESS_REVIEW = "access_review"


KINDS = tuple(ReminderKind)

MORNING_KINDS = frozenset(
    {
        ReminderKind.STEP_LATE,
        ReminderKind.STEP_MISSING,
        ReminderKind.STAGE_WARNED,
        ReminderKind.STAGE_OVERDUE,
        ReminderKind.NOTE_OWED,
        ReminderKind.TASK_LATE,
        ReminderKind.CADENCE_MISSED,
        ReminderKind.PROMISE_DUE,
        ReminderKind.PAYMENT_DUE,
        ReminderKind.RENEWAL_NEAR,
    }
)
"""Found anew each working morning; today's take the place of yesterday's."""

LATE_KINDS = frozenset(
    {
        ReminderKind.NOTE_OWED,
        ReminderKind.STEP_LATE,
        ReminderKind.TASK_LATE,
        ReminderKind.STAGE_OVERDUE,
        ReminderKind.CADENCE_MISSED,
    }
)
"""What a supervisor's list of late ones names."""

_OF_STEPS = {StepState.LATE: ReminderKind.STEP_LATE, StepState.NONE: ReminderKind.STEP_MISSING}
_OF_AGES = {AgeSign.WARNED: ReminderKind.STAGE_WARNED, AgeSign.OVERDUE: ReminderKind.STAGE_OVERDUE}


def morning_kinds(step: StepState, sign: AgeSign) -> list[ReminderKind]:
    """What the owner of an open deal is told this morning: at most one thing of its next step, one of its stay."""
    found = (_OF_STEPS.get(step), _OF_AGES.get(sign))
    return [kind for kind in found if kind is not None]


RENEWAL_NEAR = 30
"""So many days before its date a renewal is near, and told each working morning until then."""

NOTE_MISSING_AFTER = timedelta(hours=24)
"""So long after a planned talk its note is missing (PRODUCT.md 7)."""


def task_kind(
    kind: TaskKind, due_on: date, due_at: datetime | None, day: date, now: datetime
) -> ReminderKind | None:
    """What the owner of an open task is told this morning. A deal's step that is merely late is told with the deal."""
    if due_at is not None and NOTE_MISSING_AFTER <= now - due_at <= OWED_FOR:
        return ReminderKind.NOTE_OWED
    if due_on >= day or kind is TaskKind.STEP or (due_at is not None and due_at > now):
        return None
    return ReminderKind.CADENCE_MISSED if kind is TaskKind.CADENCE else ReminderKind.TASK_LATE
