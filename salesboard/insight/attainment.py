"""Targets against what was reached: attainment, what is needed from now on, a year spread over its months. Pure.

Definitions: PRODUCT.md 3 (Target) and 5 (target attainment: actual ÷ target of the same metric, period and scope).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from salesboard.clock import WorkingCalendar
from salesboard.insight.periods import Period, PeriodKind


class TargetMetric(StrEnum):
    """What a target may be set for; each is a metric of PRODUCT.md 5 of the same name."""

    SIGNED_AMOUNT = "signed_amount"
    SIGNED_DEALS = "signed_deals"
    NEW_CUSTOMERS = "new_customers"
    RECEIVED = "received"
    FOLLOW_UP_RATE = "follow_up_rate"

    @property
    def is_money(self) -> bool:
        return self in (TargetMetric.SIGNED_AMOUNT, TargetMetric.RECEIVED)

    @property
    def is_rate(self) -> bool:
        """A share, which is never added up."""
        return self is TargetMetric.FOLLOW_UP_RATE


TARGET_KINDS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
PARTS_OF_A_YEAR = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.HALF: 2, PeriodKind.YEAR: 1}
_SMALLER = {
    PeriodKind.YEAR: PeriodKind.HALF,
    PeriodKind.HALF: PeriodKind.QUARTER,
    PeriodKind.QUARTER: PeriodKind.MONTH,
}
DAYS_A_WEEK = 7


def periods_of(kind: PeriodKind, year: int) -> list[Period]:
    """The months, quarters or halves of a year, or the year itself."""
    return [Period.of(kind, year, part) for part in range(1, PARTS_OF_A_YEAR[kind] + 1)]


def parts_of(period: Period) -> list[Period]:
    """The next smaller periods that make it up; none of a month."""
    smaller = _SMALLER.get(period.kind)
    if smaller is None:
        return []
    within = periods_of(smaller, period.year)
    return [part for part in within if period.starts_on <= part.starts_on <= period.ends_on]


def target_of(period: Period, known: Mapping[str, Decimal], metric: TargetMetric) -> Decimal | None:
    """The target of a period: what was set for it, else what its parts come to where each of them has one.

    `known` holds what was set, by the key of its period. Amounts and counts add up, a rate is the mean of its parts.
    """
    if period.key in known:
        return known[period.key]
    parts = [target_of(part, known, metric) for part in parts_of(period)]
    told = [part for part in parts if part is not None]
    if not parts or len(told) < len(parts):
        return None
    total = sum(told, Decimal(0))
    return total / len(told) if metric.is_rate else total


def attainment(actual: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Actual ÷ target; None where either is unknown or the target is nothing."""
    return actual / target if actual is not None and target else None


def needed_per_week(actual: Decimal, target: Decimal, ends_on: date, today: date) -> Decimal | None:
    """What each week from now on has to bring, today included: what is missing ÷ the weeks that are left.

    In the last week it is all that is missing. Nothing once the target is reached, None once the period is over.
    """
    days_left = (ends_on - today).days + 1
    if days_left <= 0:
        return None
    missing = max(Decimal(0), target - actual)
    return missing if days_left <= DAYS_A_WEEK else missing * DAYS_A_WEEK / days_left


def share_gone(period: Period, today: date, calendar: WorkingCalendar) -> Decimal:
    """Which share of the period's working days has begun: where somebody stands who works evenly."""
    eve = date.fromordinal(period.starts_on.toordinal() - 1)
    working = calendar.between(eve, period.ends_on)
    if today < period.starts_on or not working:
        return Decimal(0)
    return Decimal(calendar.between(eve, min(today, period.ends_on))) / working


def working_days_left(period: Period, today: date, calendar: WorkingCalendar) -> int:
    """Working days after today until the period's end."""
    return calendar.between(today, period.ends_on) if today < period.ends_on else 0


def spread(total: Decimal, shares: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """The parts of `total` in proportion to `shares`, each a multiple of `step`, and together the whole.

    What rounding leaves goes to the parts that lost most by it, the earlier first. At least one share is positive.
    """
    whole = sum(shares, Decimal(0))
    exact = [total * share / whole for share in shares]
    parts = [(part / step).to_integral_value(ROUND_FLOOR) * step for part in exact]
    left = int((total - sum(parts, Decimal(0))) / step)
    by_loss = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_loss[:left]:
        parts[place] += step
    lost = total - sum(parts, Decimal(0))
    parts[by_loss[0]] += lost  # less than a step, where the total is no multiple of it
    return parts


@dataclass(frozen=True)
class TeamCheck:
    """A team's target beside what its people's come to; `difference` is what theirs lack of it."""

    team: Decimal | None
    people: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return self.team - self.people if self.team is not None and self.people is not None else None


def check_team(team: Decimal | None, people: Sequence[Decimal | None], metric: TargetMetric) -> TeamCheck:
    """The team's own target against the sum of its people's; of a rate against their mean. Who has none is left out."""
    told = [each for each in people if each is not None]
    if not told:
        return TeamCheck(team, None)
    total = sum(told, Decimal(0))
    return TeamCheck(team, total / len(told) if metric.is_rate else total)


def pasted_rows(text: str) -> list[list[str]]:
    """The cells of a table as Excel puts it on the clipboard: lines, and tabs between cells."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [[cell.strip().strip('"') for cell in line.split("\t")] for line in lines if line.strip()]
