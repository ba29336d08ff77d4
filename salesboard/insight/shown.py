"""What the page of a finished report shows, from its frozen result alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesboard import clock
from salesboard.insight import titles
from salesboard.insight.charts import Arc, Bar, FunnelBar, Span, Trend, bars, funnel, ring, spans, trend
from salesboard.insight.discipline import Table, is_told, table_of
from salesboard.insight.facts import Cut
from salesboard.insight.metrics import BY_CODE, METRICS, Unit
from salesboard.insight.models import Report
from salesboard.insight.wording import (
    METRIC_NAMES,
    change_text,
    cut_label,
    interval_text,
    reason_name,
    rows_text,
    sentence,
    value_text,
)
from salesboard.installation import installation


@dataclass(frozen=True)
class Line:
    """One metric of the table: now, before, the change between, and the wider scope where it says something."""

    code: str
    name: str
    now: str
    before: str
    change: tuple[int, str] | None
    wider: str
    rows: str
    spread: dict[str, float] | None
    interval: str


@dataclass(frozen=True)
class Shown:
    """Everything on the page, in its order."""

    lines: list[Line]
    funnel: list[FunnelBar]
    trend: Trend
    people: list[Bar]
    spans: list[Span]
    warned: list[Bar]
    industries: list[Arc]
    lost: list[Bar]
    findings: list[dict[str, Any]]
    title_of: dict[str, str]
    discipline: Table | None
    """Missing in reports of older definitions."""
    levels: list[Bar]


def shown(report: Report) -> Shown:
    """The page's charts and tables; `report` is done."""
    result = report.result
    assert result is not None
    assert report.as_of is not None
    day = clock.local_date(report.as_of, installation().timezone)
    stages, running = funnel(result), trend(result, report.period, day)
    people = bars(_by(result, Cut.OWNER, "signed_amount"))
    stays = spans(result)
    warned = bars(_by(result, Cut.STAGE, "warned_deals"))
    industries = ring(_by(result, Cut.INDUSTRY, "signed_deals"))
    lost = bars((each["key"], reason_name(each["key"]), each["n"]) for each in result["lost_reasons"])
    levels = bars(_by(result, Cut.LEVEL, "follow_up_rate")) if is_told(result["metrics"]) else []
    return Shown(
        lines=[
            _line(metric.code, result["metrics"][metric.code])
            for metric in METRICS
            if not metric.unit.has_parts and metric.code in result["metrics"]
        ],
        funnel=stages,
        trend=running,
        people=people,
        spans=stays,
        warned=warned,
        industries=industries,
        lost=lost,
        discipline=table_of(result["by"][Cut.OWNER], result["metrics"])
        if is_told(result["metrics"])
        else None,
        levels=levels,
        findings=[_worded(finding) for finding in result["findings"]],
        title_of={
            "funnel": titles.of_funnel(stages),
            "trend": titles.of_trend(running),
            "people": titles.of_people(people),
            "spans": titles.of_spans(stays),
            "warned": titles.of_warned(warned),
            "industries": titles.of_industries(industries),
            "lost": titles.of_lost(lost),
            "levels": titles.of_levels(levels),
        },
    )


def _line(code: str, figure: dict[str, Any]) -> Line:
    metric = BY_CODE[code]
    return Line(
        code=code,
        name=str(METRIC_NAMES[code]),
        now=value_text(code, figure["value"]),
        before=value_text(code, figure["previous"]),
        change=change_text(code, figure["value"], figure["previous"]),
        wider="–" if metric.is_total else value_text(code, figure["team"]),
        rows=rows_text(code, figure["n"]),
        spread=figure["value"] if metric.unit is Unit.DAYS else None,
        interval=interval_text(figure),
    )


def _worded(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding in the reader's language, with what the address of its rows must say."""
    chosen = {"at": finding.get("at"), "by": finding.get("cut"), "key": finding.get("key")}
    given = {name: value for name, value in chosen.items() if value is not None}
    rows = rows_text(finding["metric"], finding["n"])
    return {"text": sentence(finding), "metric": finding["metric"], "chosen": given, "rows": rows}


def _by(result: dict[str, Any], cut: Cut, code: str) -> Sequence[tuple[str | None, str, Any]]:
    names = {part["key"]: part["label"] for part in result["by"][cut]} if cut is Cut.OWNER else {}
    return [
        (part["key"], cut_label(cut, part["key"], names), part["metrics"][code]["value"] or 0)
        for part in result["by"][cut]
    ]
