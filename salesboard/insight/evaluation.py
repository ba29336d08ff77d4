"""One evaluation: every metric of a period and scope, against the period before and the wider scope, and cut up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from salesboard.database import packed, unpacked
from salesboard.deals.stages import stage_settings
from salesboard.insight.counting import Counted
from salesboard.insight.facts import Cut, Fact, Facts, RowSet, in_order
from salesboard.insight.findings import find
from salesboard.insight.metrics import BY_CODE, DEFINITIONS, METRICS, Figure
from salesboard.insight.periods import Period
from salesboard.insight.queries import OF_THIS_MOMENT, READERS, Reading
from salesboard.insight.scopes import Scope
from salesboard.insight.wording import cut_label, sentence

STEPS = len(READERS)
"""What `evaluate` reports its progress in: sets of rows."""


@dataclass(frozen=True)
class Evaluation:
    """The result as CONTRACT.md shapes it, and the rows behind each of its numbers, small enough to be kept."""

    result: dict[str, Any]
    packed_rows: dict[RowSet, bytes]

    @property
    def facts(self) -> Facts:
        """The rows again, as they were counted."""
        return {name: [Fact.read(row) for row in unpacked(rows)] for name, rows in self.packed_rows.items()}


@dataclass(frozen=True)
class Compared:
    """The period counted, the one before, and the wider scope if there is one."""

    now: Counted
    before: Counted
    wider: Counted | None

    def whole(self) -> dict[str, Any]:
        return _compared(self.now.whole, self.before.whole, self.wider.whole if self.wider else {})

    def part(self, cut: Cut, key: str | None) -> dict[str, Any]:
        wider = self.wider.part(cut, key) if self.wider and key in self.wider.keys(cut) else {}
        return _compared(self.now.part(cut, key), self.before.part(cut, key), wider)


def evaluate(
    period: Period, scope: Scope, *, as_of: datetime, after_step: Callable[[int], None] = lambda _done: None
) -> Evaluation:
    """Reads and counts; `after_step` is told how many of `STEPS` are done. Runs with the rights of the viewer."""
    wider_scope = scope.wider()
    here, earlier = Reading.here(scope, period), Reading.here(scope, period.previous())
    around = Reading.here(wider_scope, period) if wider_scope is not None else None
    compared = Compared(Counted(), Counted(), Counted() if around is not None else None)
    packed_rows = {}
    for done, row_set in enumerate(READERS, 1):
        packed_rows[row_set] = _counted_and_packed(row_set, here, compared.now)
        if row_set not in OF_THIS_MOMENT:
            compared.before.add(row_set, earlier.rows(row_set))
        if compared.wider is not None and around is not None:
            compared.wider.add(row_set, around.rows(row_set))
        after_step(done)
    names = scope.people() | compared.now.owner_names
    result: dict[str, Any] = {
        "period": {"key": period.key, "from": str(period.starts_on), "to": str(period.ends_on)},
        "scope": scope.key,
        "compared_with": wider_scope.key if wider_scope is not None else None,
        "as_of": as_of.isoformat(timespec="seconds"),
        "definitions": DEFINITIONS,
        "metrics": compared.whole(),
        "by": {cut.value: _cut_by(cut, compared, names) for cut in Cut},
        "lost_reasons": _lost_reasons(compared.now.closed),
        "limits": {
            stage.value: {"warn_days": setting.warn_days, "limit_days": setting.limit_days}
            for stage, setting in stage_settings().items()
        },
        "trend": {
            "now": _running_sum(compared.now.closed, period),
            "previous": _running_sum(compared.before.closed, period.previous()),
        },
    }
    result["findings"] = [{**finding, "text": sentence(finding)} for finding in find(result)]
    return Evaluation(result, packed_rows)


def _counted_and_packed(row_set: RowSet, reading: Reading, counted: Counted) -> bytes:
    rows = reading.rows(row_set)
    counted.add(row_set, rows)
    return packed(rows)


def _compared(
    now: Mapping[str, Figure], before: Mapping[str, Figure], wider: Mapping[str, Figure]
) -> dict[str, Any]:
    codes = [metric.code for metric in METRICS]
    return {code: plain(now[code], before.get(code), wider.get(code)) for code in codes}


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


def _cut_by(cut: Cut, compared: Compared, owner_names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every value of the cut that the facts have; of owners also those of the scope who have nothing yet."""
    keys = sorted(owner_names) if cut is Cut.OWNER else in_order(compared.now.keys(cut))
    return [
        {"key": key, "label": cut_label(cut, key, owner_names), "metrics": compared.part(cut, key)}
        for key in keys
    ]


def _lost_reasons(closed: Sequence[Fact]) -> list[dict[str, Any]]:
    """Why deals were lost in the period, the commonest reason first."""
    counted = Counter(fact.reason for fact in closed if fact.is_lost)
    return [
        {"key": reason, "n": n} for reason, n in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    ]


def _running_sum(closed: Sequence[Fact], period: Period) -> list[list[Any]]:
    """Signed so far, by day of the period: pairs of the day's place (0 is the first) and the amount."""
    by_day: dict[date, Decimal] = {}
    for fact in BY_CODE["signed_amount"].among(closed):
        by_day[fact.day] = by_day.get(fact.day, Decimal(0)) + (fact.amount or 0)
    days = sorted(by_day)
    sums = accumulate(by_day[day] for day in days)
    return [[(day - period.starts_on).days, float(total)] for day, total in zip(days, sums, strict=True)]
