"""What one reading of facts comes to, whole and cut up. Pure.

A year of everybody's notes is many rows: they are counted one set after the other, and no set is held for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from salesboard.insight.facts import Cut, Fact, RowSet, grouped
from salesboard.insight.metrics import METRICS, Figure, Metric

Figures = Mapping[str, Figure]
NOTHING: Figures = {metric.code: metric.of([]) for metric in METRICS}
"""Every figure of no rows at all."""


class Counted:
    """The figures of the sets that were added so far; `closed`, a small set that more is told of, is kept itself."""

    def __init__(self) -> None:
        self.whole: dict[str, Figure] = {}
        self.owner_names: dict[str, str] = {}
        self.closed: Sequence[Fact] = ()
        self._parts: dict[Cut, dict[str | None, dict[str, Figure]]] = {cut: {} for cut in Cut}

    def add(self, row_set: RowSet, rows: Sequence[Fact]) -> None:
        metrics = [metric for metric in METRICS if metric.rows is row_set]
        self.whole |= _figures(metrics, rows)
        if row_set is RowSet.CLOSED:
            self.closed = rows
        for cut, parts in self._parts.items():
            for key, part in grouped(rows, cut).items():
                parts.setdefault(key, {}).update(_figures(metrics, part))
                if cut is Cut.OWNER:
                    self.owner_names[part[0].owner] = part[0].owner_name

    def keys(self, cut: Cut) -> Iterable[str | None]:
        """The values that the cut has among all sets."""
        return self._parts[cut].keys()

    def part(self, cut: Cut, key: str | None) -> dict[str, Figure]:
        """The figures of one value of a cut; of a set that has no row of it those of nothing."""
        return {**{code: NOTHING[code] for code in self.whole}, **self._parts[cut].get(key, {})}


def _figures(metrics: Iterable[Metric], rows: Sequence[Fact]) -> dict[str, Figure]:
    return {metric.code: metric.of(metric.among(rows)) for metric in metrics}
