"""Stages, what may follow what, how old a stay is. Pure: values in, answer out.

Definitions: PRODUCT.md 2 (stages, stage age) and 4 (what each stage asks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from salesboard.clock import WorkingCalendar
from salesboard.customers.rules import CustomerStatus
from salesboard.customers.rules import LostReason as LostReason


class Stage(StrEnum):
    """The six stages, fixed in meaning and order."""

    LEAD = "lead"
    INTENT = "intent"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    SERVICE = "service"

    @property
    def position(self) -> int:
        return STAGES.index(self)

    @property
    def next(self) -> Stage | None:
        """The stage that usually follows; None after the last."""
        return None if self is STAGES[-1] else STAGES[self.position + 1]

    def reaches(self, other: Stage) -> bool:
        """Whether a deal in this stage has come as far as `other`."""
        return self.position >= other.position

    @property
    def is_signed(self) -> bool:
        return self in (Stage.WON, Stage.SERVICE)


STAGES = tuple(Stage)
OPEN_STAGES = (Stage.LEAD, Stage.INTENT, Stage.PROPOSAL, Stage.NEGOTIATION)
"""The stages that a deal can be lost from."""


class Method(StrEnum):
    """How people talk: of a follow-up, and of the next step that a deal waits for."""

    PHONE = "phone"
    VISIT = "visit"
    ONLINE = "online"
    EMAIL = "email"
    WECHAT = "wechat"
    OTHER = "other"


class Outcome(StrEnum):
    OPEN = "open"
    LOST = "lost"


class PlacementKind(StrEnum):
    """What began a stay."""

    CREATED = "created"
    MOVED = "moved"
    LOST = "lost"
    REOPENED = "reopened"


def told_kind(outcome: Outcome, *, is_first: bool) -> PlacementKind:
    """What begins a stay of a history that was told at once."""
    if is_first:
        return PlacementKind.CREATED
    return PlacementKind.LOST if outcome is Outcome.LOST else PlacementKind.MOVED


class AgeSign(StrEnum):
    """Green, amber, red: each is also told by a shape and a word."""

    SAFE = "safe"
    WARNED = "warned"
    OVERDUE = "overdue"


UNDO_WINDOW = timedelta(minutes=10)
"""How long the mover may take a move back, as long as nothing else happened to the deal."""


@dataclass(frozen=True)
class StageLimits:
    """Working days in one stage after which a deal is warned about (from that day) and overdue (beyond it); 0 = off."""

    warn_days: int
    limit_days: int


DEFAULT_LIMITS = {
    Stage.LEAD: StageLimits(5, 10),
    Stage.INTENT: StageLimits(7, 14),
    Stage.PROPOSAL: StageLimits(7, 14),
    Stage.NEGOTIATION: StageLimits(10, 20),
    Stage.WON: StageLimits(10, 20),
    Stage.SERVICE: StageLimits(60, 90),
}
DEFAULT_PROBABILITY = {
    Stage.LEAD: 10,
    Stage.INTENT: 20,
    Stage.PROPOSAL: 50,
    Stage.NEGOTIATION: 80,
    Stage.WON: 100,
    Stage.SERVICE: 100,
}


@dataclass(frozen=True)
class StageAge:
    """How long a deal has been in its stage, in working days, against the stage's limits."""

    days: int
    limits: StageLimits

    @property
    def sign(self) -> AgeSign:
        if self.limits.limit_days and self.days > self.limits.limit_days:
            return AgeSign.OVERDUE
        if self.limits.warn_days and self.days >= self.limits.warn_days:
            return AgeSign.WARNED
        return AgeSign.SAFE

    @property
    def days_over(self) -> int:
        """Working days beyond the limit; 0 within it."""
        return max(0, self.days - self.limits.limit_days) if self.limits.limit_days else 0


def stage_age(entered: date, today: date, limits: StageLimits, calendar: WorkingCalendar) -> StageAge:
    """The age of a stay that began on `entered`: working days after that day, up to and with `today`."""
    return StageAge(calendar.between(entered, today), limits)


@dataclass(frozen=True)
class AgeCutoffs:
    """The same limits as dates: a stay that began on or before such a date is warned about, or overdue."""

    warned_from: date | None
    overdue_from: date | None

    @property
    def first_sign_from(self) -> date | None:
        """A stay that began on or before this date carries a sign, be it a warning or worse."""
        return max(filter(None, (self.warned_from, self.overdue_from)), default=None)


def age_cutoffs(limits: StageLimits, today: date, calendar: WorkingCalendar) -> AgeCutoffs:
    """So that SQL can count what `stage_age` would sign: one comparison per stage."""
    return AgeCutoffs(
        calendar.latest_start(today, limits.warn_days) if limits.warn_days else None,
        calendar.latest_start(today, limits.limit_days + 1) if limits.limit_days else None,
    )


def customer_status(deals: Sequence[tuple[Stage, Outcome]]) -> CustomerStatus:
    """What a customer is by its deals: won once one is signed, lost when all are, else by how far they came."""
    open_stages = [stage for stage, outcome in deals if outcome is Outcome.OPEN]
    if any(stage.is_signed for stage in open_stages):
        return CustomerStatus.WON
    if not open_stages:
        return CustomerStatus.LOST if deals else CustomerStatus.POTENTIAL
    return (
        CustomerStatus.INTENT
        if any(stage is not Stage.LEAD for stage in open_stages)
        else CustomerStatus.POTENTIAL
    )


class StepState(StrEnum):
    """Where a deal's next step stands."""

    LATE = "late"
    TODAY = "today"
    PLANNED = "planned"
    NONE = "none"


def step_state(due: date | None, today: date) -> StepState:
    if due is None:
        return StepState.NONE
    if due < today:
        return StepState.LATE
    return StepState.TODAY if due == today else StepState.PLANNED


def quick_dates(today: date, calendar: WorkingCalendar) -> dict[str, date]:
    """The quick picks for a next step: tomorrow, next Monday, in a week, in two; each on a working day."""
    next_monday = today + timedelta(days=7 - today.weekday())
    wanted = {
        "tomorrow": today + timedelta(days=1),
        "next_monday": next_monday,
        "in_a_week": today + timedelta(days=7),
        "in_two_weeks": today + timedelta(days=14),
    }
    return {name: day if calendar.is_working(day) else calendar.after(day, 1) for name, day in wanted.items()}


def worth(stage: Stage, amount: Decimal | None, contract_amount: Decimal | None) -> Decimal:
    """What a deal counts for in every sum: its contract once signed, until then the amount expected, else 0."""
    signed = contract_amount if stage.is_signed else None
    return signed if signed is not None else amount or Decimal(0)


def weighted(amount: Decimal | None, probability: int) -> Decimal:
    """Amount × probability, in the same units."""
    return (amount or Decimal(0)) * probability / 100


def between_positions(above: float | None, below: float | None) -> float:
    """A position between two neighbours of a column, where larger stands higher; None is the column's edge."""
    if above is None and below is None:
        return 0.0
    if above is None:
        return float(below) + 1024.0  # type: ignore[arg-type]
    if below is None:
        return above - 1024.0
    return (above + below) / 2


def may_undo(moved_by_id: int | None, person_id: int, moved_at: datetime, now: datetime) -> bool:
    """Whether this person may still take this move back."""
    return moved_by_id == person_id and now - moved_at <= UNDO_WINDOW
