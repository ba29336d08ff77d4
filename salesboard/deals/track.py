"""A deal's way through the stages: each stay with its length in working days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from salesboard.clock import local_date
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import STAGES, Outcome, Stage, StageAge, stage_age
from salesboard.deals.stages import Ages


@dataclass(frozen=True)
class Stay:
    """From when to when a deal was in a stage; `left_on` is None for the stay under way."""

    placement_id: int
    stage: Stage
    entered_on: date
    left_on: date | None
    age: StageAge


@dataclass(frozen=True)
class Step:
    """A stage with the stays that the deal had in it."""

    stage: Stage
    is_now: bool
    stays: list[Stay] = field(default_factory=list)


def stays_of(placements: Iterable[Placement], ages: Ages) -> list[Stay]:
    """The stays of a deal, oldest first, without moves taken back and without the time it was lost."""
    return [
        _stay(placement, ages)
        for placement in placements
        if placement.undone_at is None and placement.outcome is Outcome.OPEN
    ]


def stays_left_by(placements: Sequence[Placement], stays: Iterable[Stay]) -> dict[int, Stay]:
    """For each transition the stay that it ended, by the transition's id."""
    by_id = {stay.placement_id: stay for stay in stays}
    lived = [placement.id for placement in placements if placement.undone_at is None]
    return {after: by_id[before] for before, after in pairwise(lived) if before in by_id}


def steps_of(deal: Deal, stays: Sequence[Stay]) -> list[Step]:
    """All six stages in order, each with its stays."""
    return [
        Step(
            stage,
            is_now=stage is deal.stage and not deal.is_lost,
            stays=[stay for stay in stays if stay.stage is stage],
        )
        for stage in STAGES
    ]


def _stay(placement: Placement, ages: Ages) -> Stay:
    entered = local_date(placement.entered_at, ages.zone)
    left = local_date(placement.left_at, ages.zone) if placement.left_at else None
    limits = ages.settings[placement.stage].limits
    age = stage_age(entered, left or ages.today, limits, ages.calendar)
    return Stay(placement.id, placement.stage, entered, left, age)
