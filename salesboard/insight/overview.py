"""What the dashboard counts: in SQL, one SELECT for each set of rows, by the conditions that its rows are read by.

A month is told up to the day `until`, and compared with the same days of the month before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.database import Money, db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rows import deals
from salesboard.deals.rules import STAGES, AgeCutoffs, Outcome, Stage
from salesboard.deals.stages import Ages
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.insight.asked import SIGNED, Asked
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.scopes import Scope

MONTHS = 12
AGE_POINTS = 5
"""So many times the stages are looked at for their past: on the day, and each three months before."""


@dataclass(frozen=True)
class Closed:
    """Deals that were signed or lost, and what was signed."""

    won: int = 0
    lost: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: Closed) -> Closed:
        return Closed(self.won + other.won, self.lost + other.lost, self.amount + other.amount)

    @property
    def win_rate(self) -> float | None:
        return self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def average(self) -> Decimal | None:
        return self.amount / self.won if self.won else None


@dataclass(frozen=True)
class Said:
    """Follow-ups, those of which one can say whether they were on time, and those that were."""

    count: int = 0
    judged: int = 0
    on_time: int = 0

    def __add__(self, other: Said) -> Said:
        return Said(self.count + other.count, self.judged + other.judged, self.on_time + other.on_time)

    @property
    def rate(self) -> float | None:
        return self.on_time / self.judged if self.judged else None


@dataclass(frozen=True)
class Led:
    """Deals that were created, and those that came further than lead."""

    count: int = 0
    went_on: int = 0

    @property
    def rate(self) -> float | None:
        return self.went_on / self.count if self.count else None


@dataclass(frozen=True)
class Standing:
    """Deals that stand in a stage on a day, and those past its warning and its limit."""

    count: int = 0
    warned: int = 0
    overdue: int = 0

    def __add__(self, other: Standing) -> Standing:
        return Standing(self.count + other.count, self.warned + other.warned, self.overdue + other.overdue)


def months_until(day: date) -> list[Period]:
    """The twelve months up to that of `day`, the oldest first."""
    months = [Period.around(PeriodKind.MONTH, day)]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    return months[::-1]


def so_far(day: date) -> Period:
    """The month of `day` up to it."""
    return Period.between(day.replace(day=1), day)


def same_days_before(day: date) -> Period:
    """As many days of the month before; all of it where `day` ends its month."""
    month = Period.around(PeriodKind.MONTH, day)
    before = month.previous()
    last = (
        before.ends_on
        if day == month.ends_on
        else min(before.ends_on, before.starts_on.replace(day=min(day.day, before.days)))
    )
    return Period.between(before.starts_on, last)


def closed_by_month(scope: Scope, months: list[Period], until: date) -> dict[int, dict[str, Closed]]:
    """For each owner and month ("2026-04") what was closed."""
    day = case((Deal.outcome == Outcome.LOST, Deal.closed_on), else_=Deal.signed_on)
    year, month = (cast(extract(part, day), Integer).label(part) for part in ("year", "month"))
    rows = db.session.execute(
        _closed(scope, Period.between(months[0].starts_on, until), Deal.owner_id, year, month).group_by(
            Deal.owner_id, year, month
        )
    )
    found: dict[int, dict[str, Closed]] = defaultdict(dict)
    for row in rows:
        found[row.owner_id][f"{row.year}-{row.month:02}"] = _closed_of(row)
    return found


def closed_in(scope: Scope, period: Period) -> Closed:
    """What was closed in the period, all together."""
    return _closed_of(db.session.execute(_closed(scope, period)).one())


def _closed(scope: Scope, period: Period, *columns: Any) -> Select[Any]:
    """How many deals were won and lost in the period, and what was signed."""
    signed = and_(Deal.outcome == Outcome.OPEN, Deal.stage.in_(SIGNED), _within(period, Deal.signed_on))
    lost = and_(Deal.outcome == Outcome.LOST, _within(period, Deal.closed_on))
    is_signed = Deal.outcome == Outcome.OPEN
    return select(
        *columns,
        func.sum(case((is_signed, 1), else_=0)).label("won"),
        func.sum(case((is_signed, 0), else_=1)).label("lost"),
        func.sum(case((is_signed, Deal.contract_amount), else_=0), type_=Money).label("amount"),
    ).where(or_(signed, lost), scope.holds(Deal.owner_id))


def _closed_of(row: Any) -> Closed:
    return Closed(int(row.won or 0), int(row.lost or 0), row.amount or Decimal(0))


def created_in(scope: Scope, now: Period, before: Period) -> tuple[Led, Led]:
    """Deals created in either period, and those that ever came to intent or beyond."""
    beyond = aliased(Placement)
    came = (
        select(beyond.id)
        .where(beyond.deal_id == Deal.id, beyond.undone_at.is_(None), beyond.stage != Stage.LEAD)
        .exists()
    )
    columns = []
    for period in (now, before):
        inside = _within(period, Deal.created_on)
        columns += [_count(inside), _count(and_(inside, came))]
    either = or_(_within(now, Deal.created_on), _within(before, Deal.created_on))
    row = db.session.execute(select(*columns).where(either, scope.holds(Deal.owner_id))).one()
    count, went_on, count_before, went_on_before = (int(each or 0) for each in row)
    return Led(count, went_on), Led(count_before, went_on_before)


def said_in(asked: Asked, before: Period) -> tuple[dict[int, Said], Said]:
    """Each author's follow-ups of the period asked for; and all of the one before it."""
    earlier = replace(asked, period=before)
    at = FollowUp.occurred_at
    inside, inside_before = asked.spoken(at), earlier.spoken(at)
    authors = db.session.scalars(select(User.id).where(asked.scope.holds(User.id))).all()
    first = clock.start_of_day(before.starts_on - timedelta(days=1), asked.zone)
    last = clock.start_of_day(asked.period.ends_on + timedelta(days=2), asked.zone)
    is_now = case((inside, 1), else_=0).label("is_now")
    counted = select(
        FollowUp.author_id,
        is_now,
        func.count(),
        func.count(FollowUp.is_on_time),
        _count(FollowUp.is_on_time.is_(True)),
    ).where(
        *real_talks(),
        FollowUp.author_id.in_(authors),  # told one by one: each author's talks are a range of the index
        at.between(first, last),
        or_(inside, inside_before),
    )
    if asked.has_own_zones:
        counted = counted.join(User, User.id == FollowUp.author_id)
    now: dict[int, Said] = {}
    then = Said()
    for author_id, is_this, *counts in db.session.execute(counted.group_by(FollowUp.author_id, is_now)):
        said = Said(*(int(each or 0) for each in counts))
        if is_this:
            now[author_id] = said
        else:
            then += said
    return now, then


def entered_in(asked: Asked) -> dict[Stage, tuple[int, int]]:
    """For each stage how many deals came to it in the period, and how many of them were in a later one afterwards.

    A deal came where its first stay of the period began, and went on where its last stay in any later stage began no
    sooner: one row for each deal, then their sums.
    """
    start, end = asked.moments()
    at = Placement.entered_at
    came = and_(at < end, Placement.outcome == Outcome.OPEN)
    firsts, lasts = [], []
    for stage in STAGES:
        later = [each for each in STAGES if each.position > stage.position]
        firsts.append(func.min(case((and_(came, Placement.stage == stage), at))).label(f"first_{stage}"))
        lasts.append(func.max(case((Placement.stage.in_(later), at))).label(f"last_{stage}"))
    each_deal = (
        select(*firsts, *lasts)
        .join(deals, deals.c.id == Placement.deal_id)
        .where(
            Placement.stage.in_(STAGES),
            at >= start,
            Placement.undone_at.is_(None),
            asked.scope.holds(deals.c.owner_id),
        )
        .group_by(Placement.deal_id)
        .subquery()
    )
    sums: list[Any] = []
    for stage in STAGES:
        first, last = each_deal.c[f"first_{stage}"], each_deal.c[f"last_{stage}"]
        sums += [func.count(first), _count(last >= first)]
    counts = [int(each or 0) for each in db.session.execute(select(*sums)).one()]
    return {stage: (counts[2 * place], counts[2 * place + 1]) for place, stage in enumerate(STAGES)}


def age_days(day: date) -> list[date]:
    """The day, and the same one three, six, nine and twelve months before; the oldest first."""
    days = [day]
    for _point in range(1, AGE_POINTS):
        month = Period.around(PeriodKind.MONTH, days[-1])
        for _month in range(3):
            month = month.previous()
        days.append(month.starts_on.replace(day=min(day.day, month.days)))
    return days[::-1]


def standing(scope: Scope, days: list[date], ages: Ages) -> dict[date, dict[tuple[int, Stage], Standing]]:
    """For each day, owner and stage how the deals stood by its end, against the limits that hold now.

    One SELECT, with a part for each stage, so that a stay is held against its own stage's limits alone.
    """
    ends = [_end_of(day, ages.zone) for day in days]
    cutoffs = [replace(ages, today=day).cutoffs() for day in days]
    parts = [
        _standing_in(stage, scope, ends, [each[stage] for each in cutoffs], ages.zone) for stage in STAGES
    ]
    found: dict[date, dict[tuple[int, Stage], Standing]] = {day: {} for day in days}
    for owner_id, stage, *counts in db.session.execute(union_all(*parts)):
        here = [int(each or 0) for each in counts]
        for place, day in enumerate(days):
            found[day][owner_id, Stage(stage)] = Standing(*here[3 * place : 3 * place + 3])
    return found


def _standing_in(
    stage: Stage, scope: Scope, ends: list[datetime], cutoffs: list[AgeCutoffs], zone: str
) -> Select[Any]:
    columns: list[Any] = []
    for end, cutoff in zip(ends, cutoffs, strict=True):
        there = and_(Placement.entered_at < end, _not_left_by(end))
        for since in (cutoff.first_sign_from, cutoff.overdue_from):
            warned = false() if since is None else Placement.entered_at < _end_of(since, zone)
            columns.append(_count(and_(there, warned)))
        columns.insert(-2, _count(there))
    return (
        select(deals.c.owner_id, literal(stage.value), *columns)
        .join(deals, deals.c.id == Placement.deal_id)
        .where(
            Placement.stage == stage,
            _not_left_by(ends[0]),
            Placement.entered_at < ends[-1],
            Placement.outcome == Outcome.OPEN,
            Placement.undone_at.is_(None),
            scope.holds(deals.c.owner_id),
        )
        .group_by(deals.c.owner_id)
    )


def _not_left_by(end: datetime) -> ColumnElement[bool]:
    """Of today nobody can have left later: then the stays that are open are all there are, which is an index."""
    still = Placement.left_at.is_(None)
    return still if end > clock.now() else or_(still, Placement.left_at >= end)


def _end_of(day: date, zone: str) -> datetime:
    return clock.start_of_day(day + timedelta(days=1), zone)


def people_of(scope: Scope, also: Iterable[int]) -> list[User]:
    """Who sells in the scope, and whoever else has something there."""
    chosen = or_(
        User.id.in_(sorted(set(also))), and_(User.email.in_(sorted(scope.people())), scope.holds(User.id))
    )
    return list(db.session.scalars(select(User).where(chosen).order_by(User.name)))


def by_stage(here: dict[tuple[int, Stage], Standing]) -> dict[Stage, Standing]:
    found: dict[Stage, Standing] = dict.fromkeys(STAGES, Standing())
    for (_owner, stage), each in here.items():
        found[stage] += each
    return found


def _within(period: Period, day: Any) -> Any:
    return and_(day >= period.starts_on, day <= period.ends_on)


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
