"""The dashboard: this month at a glance, the course of twelve, the funnel, the stages' ages, and everybody's part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from salesboard.accounts.models import User
from salesboard.deals.rules import STAGES, Stage
from salesboard.deals.stages import Ages
from salesboard.insight import overview, titles
from salesboard.insight.charts import FunnelBar, funnel_of
from salesboard.insight.columns import Columns, columns
from salesboard.insight.metrics import wilson
from salesboard.insight.overview import Closed, Said, Standing
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.insight.wording import (
    METRIC_NAMES,
    change_text,
    interval_text,
    rows_text,
    value_text,
)

Change = tuple[int, str] | None


@dataclass(frozen=True)
class Glance:
    """One figure of the month so far, how it changed against the same days of the month before, and of what it was
    made."""

    code: str
    name: str
    value: str
    change: Change
    rows: str
    interval: str


@dataclass(frozen=True)
class MonthLine:
    """A month of the course."""

    period: Period
    closed: Closed


@dataclass(frozen=True)
class AgeLine:
    """A stage: how many deals stand there, how many past the warning, as widths too."""

    stage: Stage
    now: Standing
    width: float
    warned_width: float


@dataclass(frozen=True)
class PastAges:
    """For each stage how the deals stood on the day, and three, six, nine and twelve months before."""

    days: list[date]
    lines: list[tuple[Stage, list[Standing]]]


@dataclass(frozen=True)
class PersonLine:
    """Somebody's part of the month so far."""

    user: User
    closed: Closed
    said: Said
    standing: Standing


@dataclass(frozen=True)
class Dashboard:
    """Everything on the page, in its order."""

    day: date
    month: Period
    before: Period
    glances: list[Glance]
    months: list[MonthLine]
    trend: Columns
    funnel: list[FunnelBar]
    ages: list[AgeLine]
    people: list[PersonLine]
    title_of: dict[str, str]


def dashboard(scope: Scope, day: date) -> Dashboard:
    """As known by the end of `day`. The number of SELECTs is fixed."""
    month, before = overview.so_far(day), overview.same_days_before(day)
    reading, ages = Reading.here(scope, month, day), Ages.now()
    months = overview.months_until(day)
    closed = overview.closed_by_month(scope, months, day)
    closed_before = overview.closed_in(scope, before)
    created, created_before = overview.created_in(scope, month, before)
    said, said_before = overview.said_in(reading, before)
    came = overview.entered_in(reading)
    stood = overview.standing(scope, [day], ages)
    people = overview.people_of(scope, [*closed, *said, *(owner for owner, _stage in stood[day])])

    lines = [
        MonthLine(each, sum((own.get(each.key, Closed()) for own in closed.values()), Closed()))
        for each in months
    ]
    course = columns([(line.period.key, float(line.closed.amount)) for line in lines])
    funnel = funnel_of(_onward(came), None)
    age_lines = _age_lines(overview.by_stage(stood[day]))
    persons = [_person(user, closed, said, stood[day], months[-1].key) for user in people]
    total = lines[-1].closed
    spoken = sum(said.values(), Said())
    now_warned = sum((line.now for line in age_lines), Standing())
    glances = [
        _glance("signed_amount", total.amount, closed_before.amount, total.won),
        _glance("signed_deals", total.won, closed_before.won, total.won),
        _glance("win_rate", total.win_rate, closed_before.win_rate, total.won + total.lost, total.won),
        _glance("lead_conversion", created.rate, created_before.rate, created.count, created.went_on),
        _glance("notes_written", spoken.count, said_before.count, spoken.count),
        _glance("on_time_notes", spoken.rate, said_before.rate, spoken.judged, spoken.on_time),
        _glance("warned_deals", now_warned.warned, None, now_warned.warned),
        _glance("overdue_deals", now_warned.overdue, None, now_warned.overdue),
    ]
    return Dashboard(
        day=day,
        month=month,
        before=before,
        glances=glances,
        months=lines,
        trend=course,
        funnel=funnel,
        ages=age_lines,
        people=sorted(persons, key=lambda line: (-line.closed.amount, line.user.name)),
        title_of={
            "trend": titles.of_months([(line.period, line.closed.amount) for line in lines]),
            "funnel": titles.of_funnel(funnel),
            "ages": titles.of_ages([(line.stage, line.now.count, line.now.warned) for line in age_lines]),
            "people": titles.of_persons([(line.user.name, line.closed.amount) for line in persons]),
        },
    )


def _glance(code: str, value: Any, before: Any, n: int, hits: int | None = None) -> Glance:
    now, then = (float(each) if isinstance(each, Decimal) else each for each in (value, before))
    interval = wilson(hits, n) if hits is not None else None
    return Glance(
        code=code,
        name=str(METRIC_NAMES[code]),
        value=value_text(code, now),
        change=change_text(code, now, then),
        rows=rows_text(code, n),
        interval=interval_text({"interval": interval, "n": n}),
    )


def _onward(came: Mapping[Stage, tuple[int, int]]) -> dict[str, Any]:
    counted = {stage: came.get(stage, (0, 0)) for stage in STAGES}
    return {stage: {"n": n, "onward": went / n if n else None} for stage, (n, went) in counted.items()}


def past_ages(scope: Scope, day: date) -> PastAges:
    """One SELECT, of many stays: asked for when somebody wants to see it."""
    days = overview.age_days(day)
    stood = overview.standing(scope, days, Ages.now())
    by_day = [overview.by_stage(stood[each]) for each in days]
    return PastAges(days, [(stage, [here[stage] for here in by_day]) for stage in STAGES])


def _age_lines(now: Mapping[Stage, Standing]) -> list[AgeLine]:
    widest = max((each.count for each in now.values()), default=0) or 1
    return [
        AgeLine(
            stage,
            now[stage],
            round(100 * now[stage].count / widest, 2),
            round(100 * now[stage].warned / widest, 2),
        )
        for stage in STAGES
    ]


def _person(
    user: User,
    closed: Mapping[int, Mapping[str, Closed]],
    said: Mapping[int, Said],
    stood: Mapping[tuple[int, Stage], Standing],
    month: str,
) -> PersonLine:
    standing = sum((each for (owner, _stage), each in stood.items() if owner == user.id), Standing())
    return PersonLine(user, closed.get(user.id, {}).get(month, Closed()), said.get(user.id, Said()), standing)
