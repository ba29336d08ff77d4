"""What a person is reminded of, and when a deal deserves it. Pure. Definitions: PRODUCT.md 7."""

from __future__ import annotations

from enum import StrEnum

from salesboard.deals.rules import AgeSign, StepState


class ReminderKind(StrEnum):
    """In the order in which they are shown."""

    STEP_LATE = "step_late"
    STAGE_OVERDUE = "stage_overdue"
    STEP_MISSING = "step_missing"
    STAGE_WARNED = "stage_warned"
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
    }
)
"""Found anew each working morning; today's take the place of yesterday's."""

PAGE_KINDS = frozenset({ReminderKind.HOUSEKEEPING, ReminderKind.ACCESS_REVIEW})
"""About a page and the time of its turn, and about no record; a later turn takes the place of an earlier one."""

_OF_STEPS = {StepState.LATE: ReminderKind.STEP_LATE, StepState.NONE: ReminderKind.STEP_MISSING}
_OF_AGES = {AgeSign.WARNED: ReminderKind.STAGE_WARNED, AgeSign.OVERDUE: ReminderKind.STAGE_OVERDUE}


def morning_kinds(step: StepState, sign: AgeSign) -> list[ReminderKind]:
    """What the owner of an open deal is told this morning: at most one thing of its next step, one of its stay."""
    found = (_OF_STEPS.get(step), _OF_AGES.get(sign))
    return [kind for kind in found if kind is not None]
