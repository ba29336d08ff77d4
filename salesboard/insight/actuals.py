"""What was reached of the metrics that targets are set for, person by person: one pass of SQL for each metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from salesboard.accounts.models import User
from salesboard.clock import WorkingCalendar
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.insight.attainment import TargetMetric, attainment, needed_per_week, share_gone, target_of
from salesboard.insight.facts import Fact
from salesboard.insight.metrics import BY_CODE
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.insight.targets import targets_of
from salesboard.installation import installation, working_calendar
from salesboard.service.models import Payment, Receipt
from salesboard.service.queries import is_signed

Actual = Decimal | None
"""In the metric's own unit; None where nothing can be said."""


def actual_of(metric: TargetMetric, scope: Scope, period: Period) -> Actual:
    """What the scope reached as a whole."""
    if metric is TargetMetric.RECEIVED:
        return sum(received_by_person(scope, period).values(), Decimal(0))
    return _figure(metric, _facts(metric, scope, period))


def actual_by_person(
    metric: TargetMetric, scope: Scope, period: Period, people: Sequence[User]
) -> dict[int, Actual]:
    """What each of these people reached, by their id; of a rate None where there was nothing to count."""
    if metric is TargetMetric.RECEIVED:
        received = received_by_person(scope, period)
        return {person.id: received.get(person.id, Decimal(0)) for person in people}
    facts: dict[str, list[Fact]] = {}
    for fact in _facts(metric, scope, period):
        facts.setdefault(fact.owner, []).append(fact)
    return {person.id: _figure(metric, facts.get(person.email, [])) for person in people}


def received_by_person(scope: Scope, period: Period) -> dict[int, Decimal]:
    """What came in during the period for instalments of signed deals, by who looks after the deal. One SELECT."""
    came = (
        select(Deal.owner_id, func.sum(Receipt.amount).label("total"))
        .select_from(Receipt)
        .join(Payment, Payment.id == Receipt.payment_id)
        .join(Deal, Deal.id == Payment.deal_id)
        .where(
            *is_signed(),
            Receipt.day.between(period.starts_on, period.ends_on),
            scope.holds(Deal.owner_id),
        )
        .group_by(Deal.owner_id)
    )
    return {row.owner_id: row.total for row in db.session.execute(came)}


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on the way to a target. `gone` is the share of the period's working days that has begun;
    `per_week` what each week from now on has to bring, of what adds up."""

    metric: TargetMetric
    period: Period
    target: Decimal
    actual: Actual
    gone: Decimal
    per_week: Decimal | None

    @property
    def attainment(self) -> Decimal | None:
        return attainment(self.actual, self.target)

    @property
    def whole(self) -> Decimal:
        """What the bar of the way there is long: of a rate everything there could be, else the target."""
        return Decimal(1) if self.metric.is_rate else self.target

    @property
    def expected(self) -> Decimal:
        """Where one stands by now who works evenly; of a rate the target itself."""
        return self.target if self.metric.is_rate else self.target * self.gone


def standing(
    metric: TargetMetric,
    period: Period,
    target: Decimal,
    actual: Actual,
    today: date,
    calendar: WorkingCalendar,
) -> Standing:
    per_week = None
    if actual is not None and not metric.is_rate:
        per_week = needed_per_week(actual, target, period.ends_on, today)
    return Standing(metric, period, target, actual, share_gone(period, today, calendar), per_week)


def standings(scope: Scope, period: Period) -> list[Standing]:
    """One team or person on the way to every target of the period. One SELECT, and one more for each target."""
    known, today, calendar = targets_of(scope, period.year), installation().today, working_calendar()
    found = []
    for metric in TargetMetric:
        target = target_of(period, known.get(metric, {}), metric)
        if target is not None:
            actual = actual_of(metric, scope, period)
            found.append(standing(metric, period, target, actual, today, calendar))
    return found


def _facts(metric: TargetMetric, scope: Scope, period: Period) -> Sequence[Fact]:
    defined = BY_CODE[metric]
    return defined.chosen({defined.rows: Reading.here(scope, period).rows(defined.rows)})


def _figure(metric: TargetMetric, facts: Sequence[Fact]) -> Actual:
    value = BY_CODE[metric].of(facts).value
    return None if value is None else Decimal(str(value))
