"""What is stuck, where and with whom, as things stand: reads for the supervisor's page, each one SELECT."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, false, func, or_, select, union_all

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rows import customers, deals, facts_of
from salesboard.deals.rules import OPEN_STAGES, STAGES, AgeSign, Outcome, PlacementKind, Stage, StageAge
from salesboard.deals.stages import Ages
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from salesboard.insight.scopes import Scope
from salesboard.insight.strip import Mark, marks, named

MOST_WATCHED = 12
MOST_LATE_NOTES = 5
NAMES_A_STAGE = 4
FLOW_DAYS = 28
RECENT_DAYS = 31
FEWEST_FOR_BOTTLENECK = 3


@dataclass(frozen=True)
class Tally:
    """Open deals of somebody in some stage. `warned` counts those past the warning, overdue ones too; `unplanned`
    wait for no next step, `late` for one whose day has passed."""

    count: int = 0
    warned: int = 0
    overdue: int = 0
    unplanned: int = 0
    late: int = 0
    worth: Decimal = Decimal(0)
    at_risk: Decimal = Decimal(0)
    """The worth of the warned ones."""

    @property
    def safe(self) -> int:
        return self.count - self.warned

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.count + other.count,
            self.warned + other.warned,
            self.overdue + other.overdue,
            self.unplanned + other.unplanned,
            self.late + other.late,
            self.worth + other.worth,
            self.at_risk + other.at_risk,
        )


@dataclass(frozen=True)
class Tallies:
    """Every owner's deals in every stage, and their sums."""

    of: dict[tuple[int, Stage], Tally]

    @property
    def total(self) -> Tally:
        return sum(self.of.values(), Tally())

    def of_stage(self, stage: Stage) -> Tally:
        return sum((tally for (_, in_stage), tally in self.of.items() if in_stage is stage), Tally())

    def of_owner(self, owner_id: int) -> Tally:
        return sum((tally for (owner, _), tally in self.of.items() if owner == owner_id), Tally())

    @property
    def owner_ids(self) -> set[int]:
        return {owner for owner, _ in self.of}


@dataclass(frozen=True)
class Notes:
    """A person's follow-ups: this month's that can be judged, those among them written late, and the last talk."""

    judged: int = 0
    late: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Flow:
    """How many deals came into a stage lately, and how many went on from it to a later one."""

    came: int
    went_on: int


@dataclass(frozen=True)
class Strip:
    """A stage's stays on their strip."""

    stage: Stage
    tally: Tally
    marks: list[Mark] = field(default_factory=list)


def tallies(scope: Scope, ages: Ages) -> Tallies:
    """The open deals of the scope, counted and summed by owner, stage and sign."""
    sign = _sign(ages)
    rows = db.session.execute(
        select(
            Deal.owner_id,
            Deal.stage,
            sign.label("sign"),
            func.count().label("how_many"),
            func.sum(Deal.worth).label("worth"),
            func.sum(case((Deal.next_due.is_(None), 1), else_=0)).label("unplanned"),
            func.sum(case((Deal.next_due < ages.today, 1), else_=0)).label("late"),
        )
        .where(*_open(scope))
        .group_by(Deal.owner_id, Deal.stage, sign)
    )
    of: dict[tuple[int, Stage], Tally] = defaultdict(Tally)
    for row in rows:
        is_warned = row.sign != AgeSign.SAFE
        of[row.owner_id, row.stage] += Tally(
            row.how_many,
            row.how_many if is_warned else 0,
            row.how_many if row.sign == AgeSign.OVERDUE else 0,
            int(row.unplanned),
            int(row.late),
            row.worth,
            row.worth if is_warned else Decimal(0),
        )
    return Tallies(dict(of))


def strips(scope: Scope, ages: Ages, counted: Tallies) -> list[Strip]:
    """For each stage its stays by age, the oldest of those past the warning by name. Two SELECTs."""
    entered = select(Deal.stage, Deal.entered_on, func.count().label("how_many")).where(*_open(scope))
    stays: dict[Stage, Counter[int]] = defaultdict(Counter)
    for row in db.session.execute(entered.group_by(Deal.stage, Deal.entered_on)):
        stays[row.stage][ages.of(row.stage, row.entered_on).days] += row.how_many
    names = _oldest(scope, ages)
    return [
        Strip(stage, counted.of_stage(stage), _marks(stage, stays[stage], names[stage], ages))
        for stage in STAGES
    ]


def watched(scope: Scope, ages: Ages) -> Sequence[Row[Any]]:
    """The deals to look at first: past the limit before past the warning, then by worth."""
    is_overdue = case((_past(ages, AgeSign.OVERDUE), 1), else_=0).label("is_overdue")
    picked = (
        select(Deal.id, is_overdue)
        .where(*_open(scope), _past(ages, AgeSign.WARNED))
        .order_by(is_overdue.desc(), Deal.worth.desc(), Deal.id)
        .limit(MOST_WATCHED)
        .subquery()
    )
    in_order = facts_of(picked).order_by(picked.c.is_overdue.desc(), deals.c.worth.desc(), deals.c.id)
    return db.session.execute(in_order).all()


def owners(scope: Scope, counted: Tallies) -> Sequence[User]:
    """Whoever has open deals in the scope, and its reps without any."""
    is_rep = and_(User.role == Role.REP, User.deactivated_at.is_(None), scope.holds(User.id))
    sees_all = User.id.in_(counted.owner_ids)
    chosen = or_(sees_all, is_rep) if scope.teams else sees_all
    return db.session.scalars(select(User).where(chosen).order_by(User.name)).all()


def notes_of(scope: Scope, today: date, zone: str) -> dict[int, Notes]:
    """Each author's notes of this month (PRODUCT.md 5, on-time notes), and their last talk within a month or so."""
    month = clock.start_of_day(today.replace(day=1), zone)
    since = min(month, clock.start_of_day(today - timedelta(days=RECENT_DAYS), zone))
    in_month = and_(FollowUp.occurred_at >= month, FollowUp.is_on_time.is_not(None))
    rows = db.session.execute(
        select(
            FollowUp.author_id,
            func.sum(case((in_month, 1), else_=0)).label("judged"),
            func.sum(case((and_(in_month, FollowUp.is_on_time.is_(False)), 1), else_=0)).label("late"),
            func.max(FollowUp.occurred_at).label("last_at"),
        )
        .where(*_talks(scope, since))
        .group_by(FollowUp.author_id)
    )
    return {row.author_id: Notes(int(row.judged), int(row.late), row.last_at) for row in rows}


def late_notes(scope: Scope, today: date, zone: str) -> Sequence[Row[Any]]:
    """The latest notes that were written more than 24 hours after the talk."""
    since = clock.start_of_day(today - timedelta(days=RECENT_DAYS), zone)
    late: Any = (
        select(
            FollowUp.number,
            FollowUp.method,
            FollowUp.occurred_at,
            FollowUp.recorded_at,
            customers.c.name.label("customer"),
            User.id.label("author_id"),
            User.name.label("author"),
        )
        .join(customers, customers.c.id == FollowUp.customer_id)
        .join(User, User.id == FollowUp.author_id)
        .where(*_talks(scope, since), FollowUp.is_on_time.is_(False))
        .order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc())
        .limit(MOST_LATE_NOTES)
    )
    return db.session.execute(late).all()


def flows(scope: Scope, today: date, zone: str) -> dict[Stage, Flow]:
    """What moved in the last four weeks through the stages before signing."""
    since = clock.start_of_day(today - timedelta(days=FLOW_DAYS), zone)
    arrivals = (PlacementKind.CREATED, PlacementKind.MOVED)
    rows = db.session.execute(
        select(Placement.from_stage, Placement.stage, func.count().label("how_many"))
        .join(deals, deals.c.id == Placement.deal_id)
        .where(
            Placement.stage.in_(STAGES),
            Placement.entered_at >= since,
            Placement.kind.in_(arrivals),
            Placement.undone_at.is_(None),
            scope.holds(deals.c.owner_id),
        )
        .group_by(Placement.from_stage, Placement.stage)
    )
    came: Counter[Stage] = Counter()
    went_on: Counter[Stage] = Counter()
    for row in rows:
        came[row.stage] += row.how_many
        if row.from_stage is not None and row.stage.position > row.from_stage.position:
            went_on[row.from_stage] += row.how_many
    return {stage: Flow(came[stage], went_on[stage]) for stage in OPEN_STAGES}


def bottleneck(through: dict[Stage, Flow]) -> Stage | None:
    """The stage from which the smallest part went on; None where too little moved to say so."""
    enough = {stage: flow for stage, flow in through.items() if flow.came >= FEWEST_FOR_BOTTLENECK}
    narrowest = min(enough, key=lambda stage: enough[stage].went_on / enough[stage].came, default=None)
    return narrowest if narrowest and enough[narrowest].went_on < enough[narrowest].came else None


def _open(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return Deal.outcome == Outcome.OPEN, scope.holds(Deal.owner_id)


def _talks(scope: Scope, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        FollowUp.kind == FollowUpKind.TALK,
        FollowUp.taken_back_at.is_(None),
        FollowUp.occurred_at >= since,
        scope.holds(FollowUp.author_id),
    )


def _past(ages: Ages, sign: AgeSign) -> ColumnElement[bool]:
    """The condition that a stay carries this sign or a worse one, each stage by its own limits."""
    since = {
        stage: cutoffs.overdue_from if sign is AgeSign.OVERDUE else cutoffs.first_sign_from
        for stage, cutoffs in ages.cutoffs().items()
    }
    past = [and_(Deal.stage == stage, Deal.entered_on <= day) for stage, day in since.items() if day]
    return or_(false(), *past)


def _sign(ages: Ages) -> ColumnElement[str]:
    return case(
        (_past(ages, AgeSign.OVERDUE), AgeSign.OVERDUE.value),
        (_past(ages, AgeSign.WARNED), AgeSign.WARNED.value),
        else_=AgeSign.SAFE.value,
    )


def _oldest(scope: Scope, ages: Ages) -> dict[Stage, list[Row[Any]]]:
    """The few that have stayed longest in each stage, of those that carry a sign."""
    parts = [
        select(Deal.id)
        .where(*_open(scope), Deal.stage == stage, Deal.entered_on <= cutoffs.first_sign_from)
        .order_by(Deal.entered_on, Deal.id)
        .limit(NAMES_A_STAGE)
        .subquery()
        for stage, cutoffs in ages.cutoffs().items()
        if cutoffs.first_sign_from
    ]
    found: dict[Stage, list[Row[Any]]] = defaultdict(list)
    if parts:
        picked = union_all(*(select(part) for part in parts)).subquery()
        for row in db.session.execute(facts_of(picked).order_by(deals.c.entered_on, deals.c.id)):
            found[row.stage].append(row)
    return found


def _marks(stage: Stage, stays: Counter[int], names: Iterable[Row[Any]], ages: Ages) -> list[Mark]:
    limits = ages.settings[stage].limits
    aged = ((days, StageAge(days, limits).sign, count) for days, count in stays.items())
    told = [(ages.of(stage, row.entered_on).days, row.customer_name) for row in names]
    return named(marks(aged, limits), told)
