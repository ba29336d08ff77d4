"""A report as PDF: set in type from its own figures, with a font that comes along, so that Chinese shows anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from salesboard.exchange.report_effect import state_of
from salesboard.exchange.report_paper import Paper
from salesboard.formats import percent
from salesboard.insight.charts import Bar
from salesboard.insight.shown import Line, Shown, shown
from salesboard.insight.wording import money_text, stage_name

_HERE = Path(__file__).parent
SHEET, FONTS = _HERE / "report.typ", _HERE / "fonts"


def pdf_of(paper: Paper) -> bytes:
    """The report in the reader's language, on A4."""
    return typeset(told_by(paper))[0]


def typeset(
    told: dict[str, Any], form: Literal["pdf", "png"] = "pdf", *, only_own_fonts: bool = False
) -> list[bytes]:
    """The file, or as `form` png a picture of each page. What the font that comes along lacks (very rare
    letters, bold ones) is taken from the system's fonts where it has them, unless `only_own_fonts`."""
    import typst  # 80 MB of program, loaded where a PDF is asked for

    made: Any = typst.compile(
        str(SHEET),
        root=str(_HERE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=only_own_fonts,
        format=form,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
    )
    return made if isinstance(made, list) else [made]


def told_by(paper: Paper) -> dict[str, Any]:
    """Everything that stands on the pages, as words and places."""
    names, seen, locale = paper.names, shown(paper.report), get_locale()
    region = {"Hans": "cn", "Hant": "tw"}.get(locale.script or "") if locale else None
    return {
        "lang": locale.language if locale else "en",
        "region": region,
        "title": paper.title,
        "sub": paper.subtitle,
        "frozen": paper.frozen,
        "words": {
            "figures": _("Key figures"),
            "charts": _("Charts"),
            "findings": _("Findings"),
            "nothing": _("Nothing stands out, or there are too few rows to say."),
            "conclusions": _("Conclusions and measures"),
        },
        "heads": [
            _("Figure"),
            _("This period"),
            names.before,
            _("Change"),
            *([names.wider] if names.wider else []),
            _("Made of"),
        ],
        "lines": [_line(line, has_wider=bool(names.wider)) for line in seen.lines],
        "course": _course(paper, seen),
        "charts": _charts(seen),
        "findings": [{"text": each["text"], "rows": each["rows"]} for each in seen.findings],
        "written": [list(each) for each in paper.written],
        "measure_heads": [_("Measure"), _("By whom"), _("By when"), _("State")],
        "measures": [
            [each.what, each.owner, str(format_date(each.due_on)), state_of(each)] for each in paper.measures
        ],
    }


def _line(line: Line, *, has_wider: bool) -> list[str]:
    turn, by = line.change or (0, "–")
    sign = {1: "↑ ", -1: "↓ "}.get(turn, "")
    made_of = " ".join(filter(None, (line.rows, line.interval)))
    return [line.name, line.now, line.before, f"{sign}{by}", *([line.wider] if has_wider else []), made_of]


def _course(paper: Paper, seen: Shown) -> dict[str, Any] | None:
    if not seen.trend.total and not seen.trend.total_before:
        return None
    period, names = paper.report.period, paper.names
    return {
        "title": seen.title_of["trend"],
        "now": _points(seen.trend.points),
        "before": _points(seen.trend.points_before),
        "now_name": f"{_('This period')} {money_text(seen.trend.total)}",
        "before_name": f"{names.before} {money_text(seen.trend.total_before)}",
        "from": str(format_date(period.starts_on)),
        "to": str(format_date(period.ends_on)),
    }


def _points(line: str) -> list[list[float]]:
    return [[float(place) for place in point.split(",")] for point in line.split()]


def _charts(seen: Shown) -> list[dict[str, Any]]:
    """Bars of everything that has any."""
    title = seen.title_of
    longest = max((span.median for span in seen.spans), default=0) or 1
    industries = sum(arc.n for arc in seen.industries)
    charts = [
        (title["funnel"], [(stage_name(bar.stage), bar.width, str(bar.n)) for bar in seen.funnel]),
        (title["people"], [_bar(bar, money_text(bar.value)) for bar in seen.people]),
        (
            title["spans"],
            [
                (stage_name(each.stage), 100 * each.median / longest, f"{each.median:g}")
                for each in seen.spans
            ],
        ),
        (
            title["industries"],
            [
                (
                    arc.label or _("Others"),
                    100 * arc.n / industries,
                    f"{arc.n} ({percent(arc.n / industries)})",
                )
                for arc in seen.industries
            ],
        ),
        (title["lost"], [_bar(bar, f"{bar.value:g}") for bar in seen.lost]),
        (title["warned"], [_bar(bar, f"{bar.value:g}") for bar in seen.warned]),
    ]
    return [
        {"title": said, "rows": [dict(zip(("label", "width", "value"), row, strict=True)) for row in rows]}
        for said, rows in charts
        if rows
    ]


def _bar(bar: Bar, value: str) -> tuple[str, float, str]:
    return bar.label or _("Others"), bar.width, value
