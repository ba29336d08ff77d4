"""Which stays in stages a file's dates tell of. Pure; the reasons are in docs/decisions/import-history.md.

A file shows where a deal stands and a few dates. From them come the stays that are certain, in order and never in the
future. Stages that the file does not speak of are not made up; a date that it does not give is taken from the nearest
one it does give, and the stay says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.records import DealRecord
from salesboard.exchange.words import Lost


@dataclass(frozen=True)
class Stay:
    """A stay that began on `entered_on`; `is_assumed` when no date of the file says so itself."""

    stage: Stage
    outcome: Outcome
    entered_on: date
    is_assumed: bool = False


@dataclass(frozen=True)
class Known:
    """What is known of a deal's dates; none of them lies in the future."""

    created: date | None
    entered: date | None
    closed: date | None
    expected: date | None
    last_heard: date | None
    today: date

    @classmethod
    def of(cls, deal: DealRecord, today: date, first_contact: date | None, last_heard: date | None) -> Known:
        def past(day: date | None) -> date | None:
            return day if day is not None and day <= today else None

        return cls(
            created=past(deal.created_date) or past(first_contact),
            entered=past(deal.entered_date),
            closed=past(deal.closed_date),
            expected=past(deal.expected_close),
            last_heard=past(last_heard),
            today=today,
        )


def stays_told(
    deal: DealRecord, *, today: date, first_contact: date | None = None, last_heard: date | None = None
) -> tuple[Stay, ...]:
    """The stays that a deal's own dates tell of, the first one first, the last one under way.

    `first_contact` is the customer's, for a deal without a date of creation; `last_heard` is the day of the deal's last
    talk in the same file.
    """
    known = Known.of(deal, today, first_contact, last_heard)
    if deal.stage is Lost.LOST:
        return _lost(known)
    stage = Stage(deal.stage or Stage.LEAD)
    if stage.is_signed:
        return _signed(stage, known)
    return _open(stage, known)


def stays_seen(sightings: Iterable[tuple[date, Stage | Lost]], *, today: date) -> tuple[Stay, ...]:
    """The stays that a row of talks tells of, each with the day and where the deal stood after it.

    Several talks in one stage are one stay. A signed deal is not lost, whatever a later talk says.
    """
    stays: list[Stay] = []
    for day, seen in sorted(
        (sighting for sighting in sightings if sighting[0] <= today), key=lambda each: each[0]
    ):
        last = stays[-1] if stays else None
        if seen is Lost.LOST:
            if last is None:
                stays.append(Stay(Stage.LEAD, Outcome.OPEN, day, is_assumed=True))
                stays.append(Stay(Stage.LEAD, Outcome.LOST, day))
            elif last.outcome is Outcome.OPEN and not last.stage.is_signed:
                stays.append(Stay(last.stage, Outcome.LOST, day))
        elif last is None or (last.stage, last.outcome) != (seen, Outcome.OPEN):
            stays.append(Stay(Stage(seen), Outcome.OPEN, day))
    return tuple(stays)


def _open(stage: Stage, known: Known) -> tuple[Stay, ...]:
    if stage is Stage.LEAD:
        days = [day for day in (known.created, known.entered) if day]
        return (Stay(stage, Outcome.OPEN, min(days, default=known.today), not days),)
    entered = known.entered or _latest(known.created, known.last_heard) or known.today
    return (*_lead(known, entered), Stay(stage, Outcome.OPEN, entered, known.entered is None))


def _signed(stage: Stage, known: Known) -> tuple[Stay, ...]:
    """`entered` before the signing is when the deal was taken up in earnest; on or after it, when the stage began."""
    if known.closed is None:
        entered = known.entered or _latest(known.created, known.expected or known.last_heard) or known.today
        return (*_lead(known, entered), Stay(stage, Outcome.OPEN, entered, known.entered is None))
    begun = _begun(known, known.closed)
    won = Stay(Stage.WON, Outcome.OPEN, known.closed)
    if stage is Stage.WON:
        return (*begun, won)
    is_dated = known.entered is not None and known.entered >= known.closed
    served = known.entered if known.entered is not None and is_dated else known.closed
    return (*begun, won, Stay(stage, Outcome.OPEN, served, not is_dated))


def _lost(known: Known) -> tuple[Stay, ...]:
    closed = known.closed or _latest(known.created, known.entered, known.last_heard) or known.today
    begun = _begun(known, closed) or (Stay(Stage.LEAD, Outcome.OPEN, closed, is_assumed=True),)
    return (*begun, Stay(begun[-1].stage, Outcome.LOST, closed, known.closed is None))


def _begun(known: Known, closed: date) -> tuple[Stay, ...]:
    """The stays before a closing: a lead since its creation, and intent since it was taken up."""
    engaged = known.entered if known.entered is not None and known.entered < closed else None
    lead = _lead(known, engaged or closed)
    return (*lead, Stay(Stage.INTENT, Outcome.OPEN, engaged)) if engaged else lead


def _lead(known: Known, before: date) -> tuple[Stay, ...]:
    if known.created is None or known.created >= before:
        return ()
    return (Stay(Stage.LEAD, Outcome.OPEN, known.created),)


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)
