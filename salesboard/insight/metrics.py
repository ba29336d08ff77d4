"""The numbers, each defined once, from facts in. Pure. Definitions: PRODUCT.md 5, quoted at each.

A figure's value is None where its denominator is 0. Sums and counts have no denominator: nothing at all is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from salesboard.deals.rules import STAGES
from salesboard.insight.facts import Fact, Facts, RowSet

DEFINITIONS = 2
"""Raised whenever a definition changes, so that a frozen report says by which it was counted."""

Z_95 = 1.959963984540054
"""So many standard deviations to either side hold 95 % of a normal distribution."""

SMALL_SAMPLE = 30
"""Fewer rows than these, and a share is shown with its interval."""

Value = Decimal | int | float | dict[str, Any] | None


class Unit(StrEnum):
    MONEY = "money"
    COUNT = "count"
    RATIO = "ratio"
    DAYS = "days"
    BY_STAGE = "by_stage"
    BY_MONTH = "by_month"

    @property
    def has_parts(self) -> bool:
        """Whether the value is several numbers, which no single cell holds."""
        return self in (Unit.BY_STAGE, Unit.BY_MONTH)


@dataclass(frozen=True)
class Figure:
    """A number with what it was made of: `n` rows; numerator ÷ denominator where it is a ratio or a mean.

    `interval` is where a share really lies with 95 % certainty, which says how little a few rows prove.
    """

    value: Value
    n: int
    numerator: Decimal | int | None = None
    denominator: int | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Metric:
    """One number: its code (CONTRACT.md), the rows it is made of (of its set all that it `picks`), and how.

    `is_total`: a sum or count, which says nothing beside a larger scope's. `as_of_now`: counted as things stand, not
    over the period, so that no earlier figure is known.
    """

    code: str
    rows: RowSet
    unit: Unit
    of: Callable[[Sequence[Fact]], Figure]
    picks: Callable[[Fact], bool] | None = None
    is_total: bool = False
    as_of_now: bool = False

    def among(self, rows: Sequence[Fact]) -> Sequence[Fact]:
        """The rows of its set that the number is made of: these and no others."""
        return rows if self.picks is None else [row for row in rows if self.picks(row)]

    def chosen(self, facts: Facts) -> Sequence[Fact]:
        """The rows behind the number."""
        return self.among(facts[self.rows])

    def figure(self, facts: Facts) -> Figure | None:
        """The number; None where its rows were not read, for nothing is known of the past as it stood."""
        return self.of(self.chosen(facts)) if self.rows in facts else None


def quantile(values: Sequence[int], share: Fraction) -> float:
    """The value below which `share` of the values lie, between two neighbours in proportion (linear interpolation,
    as PERCENTILE.INC of spreadsheets and numpy's default). `values` must not be empty."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def spread(values: Sequence[int]) -> dict[str, float] | None:
    """Mean, median and 90th percentile; None of nothing."""
    if not values:
        return None
    return {
        "mean": sum(values) / len(values),
        "median": quantile(values, Fraction(1, 2)),
        "p90": quantile(values, Fraction(9, 10)),
    }


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """The 95 % interval of Wilson's score for `hits` of `n`; None of nothing."""
    if not n:
        return None
    share, z2 = hits / n, Z_95 * Z_95
    middle, spread_of = share + z2 / (2 * n), Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = ((middle + sign * spread_of) / (1 + z2 / n) for sign in (-1, 1))
    return low if hits else 0.0, high if hits < n else 1.0


def amounts(rows: Sequence[Fact]) -> Figure:
    total = sum((row.amount or Decimal(0) for row in rows), Decimal(0))
    return Figure(total, len(rows), total)


def count(rows: Sequence[Fact]) -> Figure:
    return Figure(len(rows), len(rows), len(rows))


def average_amount(rows: Sequence[Fact]) -> Figure:
    total = amounts(rows).value
    return Figure(total / len(rows) if rows else None, len(rows), total, len(rows))  # type: ignore[operator, arg-type]


def share_of_hits(rows: Sequence[Fact]) -> Figure:
    hits, n = [row.is_hit for row in rows].count(True), len(rows)
    return Figure(hits / n if rows else None, n, hits, n, wilson(hits, n))


def share_of_weeks(rows: Sequence[Fact]) -> Figure:
    kept, weeks = sum(row.weeks_kept or 0 for row in rows), sum(row.weeks or 0 for row in rows)
    return Figure(kept / weeks if weeks else None, len(rows), kept, weeks)


def growth(rows: Sequence[Fact]) -> Figure:
    """Of the hits over the others, which are of the period before."""
    now = sum(row.is_hit is True for row in rows)
    before = len(rows) - now
    return Figure(now / before - 1 if before else None, len(rows), now, before)


def weighted_by_month(rows: Sequence[Fact]) -> Figure:
    """Amount × probability of each expected month, the earliest first; under "" what has no expected day."""
    months: dict[str, Decimal] = {}
    for row in rows:
        months[row.month or ""] = months.get(row.month or "", Decimal(0)) + weighted(row)
    return Figure(dict(sorted(months.items())), len(rows), sum(months.values(), Decimal(0)))


def weighted(row: Fact) -> Decimal:
    return (row.amount or Decimal(0)) * (row.probability or 0) / 100


def spread_of_days(rows: Sequence[Fact]) -> Figure:
    days = [row.days for row in rows if row.days is not None]
    return Figure(spread(days), len(days), sum(days), len(days))


def conversion_by_stage(rows: Sequence[Fact]) -> Figure:
    def of_stage(here: list[Fact]) -> dict[str, Any]:
        onward, lost = (sum(row.is_hit is True for row in here), sum(row.is_lost for row in here))
        return {
            "onward": onward / len(here) if here else None,
            "lost": lost / len(here) if here else None,
            "onward_n": onward,
            "lost_n": lost,
            "n": len(here),
        }

    return Figure({stage: of_stage(here) for stage, here in _by_stage(rows).items()}, len(rows))


def days_by_stage(rows: Sequence[Fact]) -> Figure:
    def of_stage(here: list[Fact]) -> dict[str, Any]:
        found = spread([row.days for row in here if row.days is not None])
        return {**(found or {"mean": None, "median": None, "p90": None}), "n": len(here)}

    return Figure({stage: of_stage(here) for stage, here in _by_stage(rows).items()}, len(rows))


def _by_stage(rows: Sequence[Fact]) -> Mapping[str, list[Fact]]:
    """All stages but the last, which nothing follows."""
    parts: dict[str, list[Fact]] = {stage.value: [] for stage in STAGES[:-1]}
    for row in rows:
        if row.at_stage in parts:
            parts[row.at_stage].append(row)
    return parts


def is_hit(row: Fact) -> bool:
    """Of closed deals: signed. Of warned ones: past the limit too."""
    return row.is_hit is True


def has_days(row: Fact) -> bool:
    return row.is_hit is True and row.days is not None


def is_judged(row: Fact) -> bool:
    return row.is_hit is not None


METRICS = (
    # signed amount, deals 签约: contract amounts, count, of deals with signing date in the period
    Metric("signed_amount", RowSet.CLOSED, Unit.MONEY, amounts, is_hit, is_total=True),
    Metric("signed_deals", RowSet.CLOSED, Unit.COUNT, count, is_hit, is_total=True),
    # average deal 客单价: signed amount ÷ signed deals
    Metric("average_deal", RowSet.CLOSED, Unit.MONEY, average_amount, is_hit),
    # win rate 成交率: won ÷ (won + lost), closed in the period
    Metric("win_rate", RowSet.CLOSED, Unit.RATIO, share_of_hits),
    # cycle 平均跟进周期: days from creation to signing, of deals signed in the period: mean, median, 90th percentile.
    # A deal dated as signed before it was created says nothing and is left out.
    Metric("cycle_days", RowSet.CLOSED, Unit.DAYS, spread_of_days, has_days),
    # and days in each stage: working days, of the same deals, in stays that have ended
    Metric("stage_days", RowSet.STAYS, Unit.BY_STAGE, days_by_stage),
    # lead conversion 线索转化率: of deals created in the period, those that ever reached intent or beyond ÷ all
    Metric("lead_conversion", RowSet.CREATED, Unit.RATIO, share_of_hits),
    # stage conversion 漏斗转化率: of deals that entered stage S in the period, those that ever went on to a later stage
    # ÷ all, and lost ÷ all. A deal counts once in a stage however often it came back.
    Metric("stage_conversion", RowSet.ENTERED, Unit.BY_STAGE, conversion_by_stage),
    # deals past their stage's warning or limit (PRODUCT.md 2, stage age), as things stand
    Metric("warned_deals", RowSet.WARNED, Unit.COUNT, count, is_total=True, as_of_now=True),
    Metric("overdue_deals", RowSet.WARNED, Unit.COUNT, count, is_hit, is_total=True, as_of_now=True),
    # follow-ups of the period, whoever the deal belongs to: they are their author's
    Metric("notes_written", RowSet.NOTES, Unit.COUNT, count, is_total=True),
    # on-time notes 及时记录率: follow-ups written within 24 h ÷ all. Of imported ones nobody can say: left out.
    Metric("on_time_notes", RowSet.NOTES, Unit.RATIO, share_of_hits, is_judged),
    # follow-up rate 跟进率: customers followed up within their level's cadence ÷ active customers, over the period's
    # weeks
    Metric("follow_up_rate", RowSet.RHYTHM, Unit.RATIO, share_of_weeks),
    # tasks due in the period that a follow-up did by their day ÷ all that were due; of those ahead nobody can say
    Metric("tasks_on_time", RowSet.TASKS, Unit.RATIO, share_of_hits, is_judged),
    # needs accuracy 需求挖掘准确率: proposals that met the need fully ÷ proposals judged
    Metric("needs_accuracy", RowSet.JUDGED, Unit.RATIO, share_of_hits),
    # objections settled 异议处理成功率: settled ÷ raised in the period
    Metric("objections_settled", RowSet.OBJECTIONS, Unit.RATIO, share_of_hits),
    # new customers: first spoken with in the period
    Metric("new_customers", RowSet.NEWCOMERS, Unit.COUNT, count, is_hit, is_total=True),
    # new-customer growth 新客户增长率: new customers in the period ÷ those of the period before − 1
    Metric("new_customer_growth", RowSet.NEWCOMERS, Unit.RATIO, growth),
    # retained customers 老客户维护: customers won before with a follow-up or a new deal in the period ÷ all such
    Metric("retained_customers", RowSet.KEPT, Unit.RATIO, share_of_hits),
    # forecast 预测: Σ amount × probability by expected month, of the deals that are open as things stand
    Metric("forecast", RowSet.AHEAD, Unit.BY_MONTH, weighted_by_month, as_of_now=True),
)
BY_CODE = {metric.code: metric for metric in METRICS}


def figures(facts: Facts) -> dict[str, Figure | None]:
    """Every metric from the same facts."""
    return {metric.code: metric.figure(facts) for metric in METRICS}
