"""The facts of deals: closed, created, moved, stuck, judged, and still ahead.

Placements that were taken back never count.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from salesboard import clock
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import OPEN_STAGES, AgeSign, Outcome, Stage, StageAge
from salesboard.deals.stages import Ages
from salesboard.insight.asked import Asked, fact
from salesboard.insight.facts import Fact

PROPOSAL_MET, MET_FULLY = "proposal_met", "fully"
"""The question on entering negotiation whether the proposal met the need, and the answer that counts."""


def closed(asked: Asked) -> list[Fact]:
    """Deals signed in the period (a hit) and deals lost in it, each by its present state."""
    lost = and_(Deal.outcome == Outcome.LOST, asked.within(Deal.closed_on))
    rows = asked.deals(
        or_(asked.signed_within(), lost),
        Deal.signed_on,
        Deal.closed_on,
        Deal.created_on,
        Deal.contract_amount,
        Deal.amount,
        Deal.lost_reason,
    )
    return [
        fact(
            row,
            day=row.closed_on if row.outcome is Outcome.LOST else row.signed_on,
            amount=row.amount if row.outcome is Outcome.LOST else row.contract_amount,
            days=None if row.outcome is Outcome.LOST else _days_between(row.created_on, row.signed_on),
            is_hit=row.outcome is Outcome.OPEN,
            is_lost=row.outcome is Outcome.LOST,
            reason=row.lost_reason,
        )
        for row in rows
    ]


def created(asked: Asked) -> list[Fact]:
    """Deals created in the period; a hit is one that ever came to intent or beyond."""
    beyond = aliased(Placement)
    came_further = exists().where(
        beyond.deal_id == Deal.id, beyond.undone_at.is_(None), beyond.stage != Stage.LEAD
    )
    rows = asked.deals(
        asked.within(Deal.created_on), Deal.created_on, Deal.amount, came_further.label("came_further")
    )
    return [fact(row, day=row.created_on, amount=row.amount, is_hit=bool(row.came_further)) for row in rows]


def entered(asked: Asked) -> list[Fact]:
    """Each deal once for each stage that it came to in the period; a hit is one that went on afterwards."""
    start, end = asked.moments()
    came = aliased(Placement)
    in_period = select(came.deal_id).where(
        came.undone_at.is_(None),
        came.outcome == Outcome.OPEN,
        came.entered_at >= start,
        came.entered_at < end,
    )
    stays = asked.placements(Deal.id.in_(in_period), Placement.entered_at, Deal.amount)
    facts = []
    for _number, group in groupby(stays, attrgetter("number")):
        path = list(group)
        seen: set[Stage] = set()
        for row, furthest in zip(path, _furthest_from_each(path), strict=True):
            is_arrival = row.at_outcome is Outcome.OPEN and start <= row.entered_at < end
            if not is_arrival or row.at_stage in seen:
                continue
            seen.add(row.at_stage)
            facts.append(
                fact(
                    row,
                    day=clock.local_date(row.entered_at, asked.zone),
                    amount=row.amount,
                    at_stage=row.at_stage,
                    is_hit=furthest > row.at_stage.position,
                    is_lost=row.outcome is Outcome.LOST,
                )
            )
    return facts


def stays(asked: Asked) -> list[Fact]:
    """Of deals signed in the period: the working days that each spent in each stage, in stays that have ended."""
    rows = asked.placements(
        and_(asked.signed_within(), Placement.outcome == Outcome.OPEN, Placement.left_at.is_not(None)),
        Placement.entered_at,
        Placement.left_at,
        Deal.signed_on,
        Deal.contract_amount,
    )
    spent: dict[tuple[str, Stage], int] = {}
    latest: dict[tuple[str, Stage], Any] = {}
    for row in rows:
        place = row.number, row.at_stage
        entered, left = (clock.local_date(at, asked.zone) for at in (row.entered_at, row.left_at))
        spent[place] = spent.get(place, 0) + asked.calendar.between(entered, left)
        latest[place] = row
    return [
        fact(row, day=row.signed_on, amount=row.contract_amount, at_stage=row.at_stage, days=spent[place])
        for place, row in latest.items()
    ]


def warned(asked: Asked) -> list[Fact]:
    """Deals past their stage's warning as things stand, or stood by the end of a past day; a hit is one past the limit
    too."""
    ages = Ages.now()
    if asked.until < ages.today:
        return _warned_then(asked, replace(ages, today=asked.until))
    past = [
        and_(Deal.stage == stage, Deal.entered_on <= first)
        for stage, cutoffs in ages.cutoffs().items()
        for first in (cutoffs.warned_from, cutoffs.overdue_from)
        if first is not None
    ]
    if not past:
        return []
    rows = asked.deals(and_(Deal.outcome == Outcome.OPEN, or_(*past)), Deal.entered_on, Deal.worth)
    return [_aged(row, row.stage, row.entered_on, ages.of(row.stage, row.entered_on)) for row in rows]


def _warned_then(asked: Asked, ages: Ages) -> list[Fact]:
    end = clock.start_of_day(asked.until + timedelta(days=1), asked.zone)
    there = and_(
        Placement.outcome == Outcome.OPEN,
        Placement.entered_at < end,
        or_(Placement.left_at.is_(None), Placement.left_at >= end),
    )
    facts = []
    for row in asked.placements(there, Placement.entered_at, Deal.worth):
        entered_on = clock.local_date(row.entered_at, asked.zone)
        age = ages.of(row.at_stage, entered_on)
        if age.sign is not AgeSign.SAFE:
            facts.append(_aged(row, row.at_stage, entered_on, age))
    return facts


def _aged(row: Any, stage: Stage, entered_on: date, age: StageAge) -> Fact:
    is_overdue = age.sign is AgeSign.OVERDUE
    return fact(row, day=entered_on, amount=row.worth, at_stage=stage, days=age.days, is_hit=is_overdue)


def judged(asked: Asked) -> list[Fact]:
    """Each deal whose proposal was judged in the period, by the last judgement; a hit is one that met the
    need fully."""
    start, end = asked.moments()
    arrivals = and_(
        Placement.stage == Stage.NEGOTIATION, Placement.entered_at >= start, Placement.entered_at < end
    )
    last: dict[str, Fact] = {}
    for row in asked.placements(arrivals, Placement.entered_at, Placement.answers, Deal.amount):
        verdict = next((each["value"] for each in row.answers if each["code"] == PROPOSAL_MET), None)
        if verdict is not None:
            last[row.number] = fact(
                row,
                day=clock.local_date(row.entered_at, asked.zone),
                amount=row.amount,
                at_stage=row.at_stage,
                is_hit=verdict == MET_FULLY,
            )
    return list(last.values())


def ahead(asked: Asked) -> list[Fact]:
    """Deals that may still be signed, as things stand, each with the month in which that is expected."""
    rows = asked.deals(
        and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(OPEN_STAGES)),
        Deal.expected_close,
        Deal.created_on,
        Deal.amount,
        Deal.probability,
    )
    return [
        fact(
            row,
            day=row.expected_close or row.created_on,
            amount=row.amount,
            at_stage=row.stage,
            probability=row.probability,
            month=f"{row.expected_close:%Y-%m}" if row.expected_close else None,
        )
        for row in rows
    ]


def _furthest_from_each(path: list[Any]) -> list[int]:
    """For each stay of a deal the furthest stage that it or a later one came to."""
    return list(accumulate((row.at_stage.position for row in reversed(path)), max))[::-1]


def _days_between(created: date, signed: date) -> int | None:
    return (signed - created).days if signed >= created else None
