"""The charts of a report as a workbook draws them: a title that says the finding, and the numbers behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from salesboard.exchange.export_tables import OutColumn, Type
from salesboard.exchange.report_paper import Paper
from salesboard.insight.charts import sum_by
from salesboard.insight.periods import Period
from salesboard.insight.shown import Shown
from salesboard.insight.wording import stage_name

MOST_POINTS = 35


class Drawn(StrEnum):
    """What a workbook calls such a chart."""

    BAR = "bar"
    LINE = "line"
    PIE = "pie"


@dataclass(frozen=True)
class Picture:
    """The first column names what is counted; the next `series` are drawn, others only stand in the table."""

    title: str
    drawn: Drawn
    columns: tuple[OutColumn, ...]
    rows: list[list[Any]]
    series: int = 1


def pictures(paper: Paper, shown: Shown) -> list[Picture]:
    """All charts of the report's page that a workbook can draw; those without a row have none to draw."""
    title, before = shown.title_of, paper.names.before
    stage, deals = OutColumn(_("Stage")), OutColumn(_("Deals"), Type.WHOLE)
    amount = OutColumn(_("Signed amount"), Type.AMOUNT)
    went_on = _("Went on")
    others = _("Others")
    return [
        Picture(
            title["funnel"],
            Drawn.BAR,
            (
                stage,
                deals,
                OutColumn(went_on, Type.SHARE),
                OutColumn(f"{went_on}: {before}", Type.SHARE),
            ),
            [[stage_name(bar.stage), bar.n, bar.went_on, bar.went_on_before] for bar in shown.funnel],
        ),
        Picture(
            title["trend"],
            Drawn.LINE,
            (
                OutColumn(_("Day"), Type.DAY),
                OutColumn(_("This period"), Type.AMOUNT),
                OutColumn(before, Type.AMOUNT),
            ),
            _course(paper.result["trend"], paper.report.period, paper.as_of.date()),
            series=2,
        ),
        Picture(
            title["people"],
            Drawn.BAR,
            (OutColumn(_("Owner")), amount),
            [[bar.label or others, bar.value] for bar in shown.people],
        ),
        Picture(
            title["spans"],
            Drawn.BAR,
            (
                stage,
                OutColumn(_("Median, days"), Type.NUMBER),
                OutColumn(_("Nine in ten within, days"), Type.NUMBER),
                deals,
            ),
            [[stage_name(span.stage), span.median, span.p90, span.n] for span in shown.spans],
            series=2,
        ),
        Picture(
            title["industries"],
            Drawn.PIE,
            (OutColumn(_("Industry")), deals),
            [[arc.label or others, arc.n] for arc in shown.industries],
        ),
        Picture(
            title["lost"],
            Drawn.PIE,
            (OutColumn(_("Lost reason")), deals),
            [[bar.label or others, int(bar.value)] for bar in shown.lost],
        ),
    ]


def _course(sums: dict[str, list[list[float]]], period: Period, today: date) -> list[list[Any]]:
    """What was signed by some days of the period, evenly apart, the last one among them; nothing of those ahead."""
    step = -(-period.days // MOST_POINTS)
    offsets: Sequence[int] = sorted({*range(0, period.days, step), period.days - 1})
    length_before = period.previous().days
    return [
        [
            period.starts_on + timedelta(days=offset),
            sum_by(sums["now"], offset + 1) if period.starts_on + timedelta(days=offset) <= today else None,
            sum_by(sums["previous"], round((offset + 1) * length_before / period.days)),
        ]
        for offset in offsets
    ]
