"""How reliably customers are looked after, person by person: four rates, each with the rows it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesboard.insight.evaluation import plain
from salesboard.insight.facts import Cut, Facts, divided
from salesboard.insight.metrics import BY_CODE
from salesboard.insight.queries import Reading
from salesboard.insight.wording import METRIC_NAMES, cut_label, interval_text, rows_text, value_text

CODES = ("follow_up_rate", "on_time_notes", "tasks_on_time", "objections_settled")

Part = Mapping[str, Any]
"""A value of a cut with its figures, as CONTRACT.md has it."""


@dataclass(frozen=True)
class Cell:
    """One rate: as text, of how many rows, and how little these prove."""

    code: str
    value: str
    rows: str
    interval: str


@dataclass(frozen=True)
class Row:
    """Whose rates; `key` is the value of the cut."""

    key: str | None
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """Everybody's rates, and all together."""

    heads: list[tuple[str, str]]
    rows: list[Row]
    whole: list[Cell]


def read_discipline(reading: Reading) -> Table:
    """The four rates of the period and scope, person by person; five SELECTs."""
    metrics = [BY_CODE[code] for code in CODES]
    facts: Facts = {metric.rows: reading.rows(metric.rows) for metric in metrics}
    names = {fact.owner: fact.owner_name for rows in facts.values() for fact in rows}
    parts = [
        {"key": key, "label": cut_label(Cut.OWNER, key, names), "metrics": _figures(part)}
        for key, part in divided(facts, Cut.OWNER).items()
    ]
    return table_of(sorted(parts, key=lambda part: part["label"]), _figures(facts))


def is_told(metrics: Mapping[str, Any]) -> bool:
    """Whether an evaluation has these rates at all."""
    return all(code in metrics for code in CODES)


def table_of(parts: Sequence[Part], whole: Mapping[str, Any]) -> Table:
    heads = [(code, str(METRIC_NAMES[code])) for code in CODES]
    return Table(heads, rows_of(parts), [_cell(code, whole[code]) for code in CODES])


def rows_of(parts: Sequence[Part], codes: Sequence[str] = CODES) -> list[Row]:
    return [
        Row(part["key"], part["label"], [_cell(code, part["metrics"][code]) for code in codes])
        for part in parts
    ]


def _figures(facts: Facts) -> dict[str, Any]:
    return {code: plain(BY_CODE[code].figure(facts)) for code in CODES}


def _cell(code: str, figure: dict[str, Any]) -> Cell:
    return Cell(code, value_text(code, figure["value"]), rows_text(code, figure["n"]), interval_text(figure))
