"""One evaluation: every metric of a period and scope, against the period before and the wider scope, and cut up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from salesboard.deals.stages import stage_settings
from salesboard.insight.facts import Cut, Facts, RowSet, divided
from salesboard.insight.findings import find
from salesboard.insight.metrics import BY_CODE, DEFINITIONS, METRICS, Figure, figures
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.insight.wording import cut_label, sentence

STEPS = 4
"""What `evaluate` reports its progress in: the period, the one before, the wider scope, the sums."""


@dataclass(frozen=True)
class Evaluation:
    """The result as CONTRACT.md shapes it, and the facts behind each of its numbers."""

    result: dict[str, Any]
    facts: Facts


def evaluate(
    period: Period, scope: Scope, *, as_of: datetime, after_step: Callable[[int], None] = lambda _done: None
) -> Evaluation:
    """Reads and counts; `after_step` is told how many of `STEPS` are done. Runs with the rights of the viewer."""
    facts = Reading.here(scope, period).as_things_stand()
    after_step(1)
    before = Reading.here(scope, period.previous()).over_the_period()
    after_step(2)
    wider_scope = scope.wider()
    wider = Reading.here(wider_scope, period).as_things_stand() if wider_scope is not None else None
    after_step(3)
    people = scope.people()
    result: dict[str, Any] = {
        "period": {"key": period.key, "from": str(period.starts_on), "to": str(period.ends_on)},
        "scope": scope.key,
        "compared_with": wider_scope.key if wider_scope is not None else None,
        "as_of": as_of.isoformat(timespec="seconds"),
        "definitions": DEFINITIONS,
        "metrics": _compared(facts, before, wider),
        "by": {cut.value: _cut_by(cut, facts, before, wider, people) for cut in Cut},
        "lost_reasons": _lost_reasons(facts),
        "limits": {
            stage.value: {"warn_days": setting.warn_days, "limit_days": setting.limit_days}
            for stage, setting in stage_settings().items()
        },
        "trend": {"now": _running_sum(facts, period), "previous": _running_sum(before, period.previous())},
    }
    result["findings"] = [{**finding, "text": sentence(finding)} for finding in find(result)]
    after_step(STEPS)
    return Evaluation(result, facts)


def _compared(facts: Facts, before: Facts | None, wider: Facts | None) -> dict[str, Any]:
    now_all = figures(facts)
    before_all = figures(before) if before is not None else {}
    wider_all = figures(wider) if wider is not None else {}
    return {
        metric.code: plain(now_all[metric.code], before_all.get(metric.code), wider_all.get(metric.code))
        for metric in METRICS
    }


def plain(now: Figure | None, before: Figure | None = None, wider: Figure | None = None) -> dict[str, Any]:
    """A figure as CONTRACT.md has it."""
    return {
        "value": _number(now.value) if now else None,
        "numerator": _number(now.numerator) if now else None,
        "denominator": now.denominator if now else None,
        "n": now.n if now else 0,
        "interval": list(now.interval) if now and now.interval else None,
        "previous": _number(before.value) if before else None,
        "team": _number(wider.value) if wider else None,
    }


def _number(value: Any) -> Any:
    """As JSON has it: amounts, exact within this process, become plain numbers on their way out."""
    if isinstance(value, dict):
        return {key: _number(part) for key, part in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def _cut_by(
    cut: Cut, facts: Facts, before: Facts, wider: Facts | None, people: dict[str, str]
) -> list[dict[str, Any]]:
    """Every value of the cut that the facts have; of owners also those of the scope who have nothing yet."""
    names = people | {fact.owner: fact.owner_name for rows in facts.values() for fact in rows}
    parts = divided(facts, cut)
    if cut is Cut.OWNER:
        nothing: Facts = {row_set: [] for row_set in facts}
        parts = {email: parts.get(email, nothing) for email in sorted(names)}
    before_parts = divided(before, cut)
    wider_parts = divided(wider, cut) if wider is not None else {}
    nothing_before: Facts = {row_set: [] for row_set in before}
    return [
        {
            "key": key,
            "label": cut_label(cut, key, names),
            "metrics": _compared(part, before_parts.get(key, nothing_before), wider_parts.get(key)),
        }
        for key, part in parts.items()
    ]


def _lost_reasons(facts: Facts) -> list[dict[str, Any]]:
    """Why deals were lost in the period, the commonest reason first."""
    counted = Counter(fact.reason for fact in facts[RowSet.CLOSED] if fact.is_lost)
    return [
        {"key": reason, "n": n} for reason, n in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    ]


def _running_sum(facts: Facts, period: Period) -> list[list[Any]]:
    """Signed so far, by day of the period: pairs of the day's place (0 is the first) and the amount."""
    by_day: dict[date, Decimal] = {}
    for fact in BY_CODE["signed_amount"].chosen(facts):
        by_day[fact.day] = by_day.get(fact.day, Decimal(0)) + (fact.amount or 0)
    days = sorted(by_day)
    sums = accumulate(by_day[day] for day in days)
    return [[(day - period.starts_on).days, float(total)] for day, total in zip(days, sums, strict=True)]
