"""The rows behind a number: frozen with their report, or as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from sqlalchemy import select

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db
from salesboard.deals.rules import LostReason, Stage
from salesboard.deals.stages import stage_settings
from salesboard.errors import Refused
from salesboard.insight import wording
from salesboard.insight.blueprint import insight
from salesboard.insight.facts import Cut, Fact
from salesboard.insight.metrics import BY_CODE
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.rows import PARTS, Chosen, chosen_of, rows_behind
from salesboard.insight.scopes import Scope, scopes_of
from salesboard.installation import installation
from salesboard.web import asked_page, found, render

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class Source:
    """What the rows were counted for: its name and page, and as of when."""

    name: str
    address: str
    as_of: datetime


@insight.get("/reports/<int(max=2147483647):report_id>/rows/<code>")
@allow(*WRITERS)
def rows(report_id: int, code: str) -> str:
    """The rows that a report's number was made of, as many as it says."""
    report = found(db.session.scalar(select(Report).where(Report.id == report_id)))
    result = found(report.result)
    chosen = found(_chosen()) if code in result["metrics"] else found(None)
    assert report.as_of is not None
    names = wording.names_of(report)
    address = url_for("insight.report", report_id=report_id)
    return _page(
        Source(f"{names.period}, {names.scope}", address, report.as_of),
        code,
        rows_behind(report, code, chosen),
        chosen.words({part["key"]: part["label"] for part in result["by"][Cut.OWNER]}),
        None if chosen != Chosen() else result["metrics"][code]["value"],
    )


@insight.get("/reports/rows/<code>")
@allow(*WRITERS)
def present_rows(code: str) -> str:
    """The rows of a number of `?period=&scope=`, as they are now, or as known by the end of the past day `until`."""
    metric = found(BY_CODE.get(code))
    period, scope, until, chosen = (found(each) for each in (_period(), _scope(), _until(), _chosen()))
    facts = metric.chosen({metric.rows: Reading.here(scope, period, until).rows(metric.rows)})
    figure = metric.of(facts) if chosen == Chosen() else None
    behind = chosen_of(facts, chosen)
    return _page(
        Source(f"{wording.period_name(period)}, {scope.label}", url_for("insight.reports"), clock.now()),
        code,
        behind,
        chosen.words({fact.owner: fact.owner_name for fact in facts}),
        figure.value if figure else None,
    )


def _page(source: Source, code: str, behind: Sequence[Fact], chosen: Sequence[str], value: Any) -> str:
    metric = BY_CODE[code]
    first = min(asked_page() * ROWS_A_PAGE, max(0, (len(behind) - 1) // ROWS_A_PAGE * ROWS_A_PAGE))
    here = {**(request.view_args or {}), **request.args.to_dict()}
    return render(
        "insight/rows.html",
        source=source,
        metric=metric,
        rows=behind[first : first + ROWS_A_PAGE],
        first=first,
        total=len(behind),
        page_size=ROWS_A_PAGE,
        page_url=lambda page: url_for(request.endpoint or "", **{**here, "page": page}),
        chosen=chosen,
        value=None if value is None or metric.unit.has_parts else wording.value_text(code, value),
        day_name=wording.DAY_NAMES[metric.rows],
        wording=wording,
        stage_names={stage: setting.label for stage, setting in stage_settings().items()},
    )


def _period() -> Period | None:
    try:
        return Period.parse(request.args.get("period", ""))
    except Refused:
        return None


def _scope() -> Scope | None:
    """One of those that the reader may have evaluated; without any named, whatever they see."""
    asked = request.args.get("scope", "all")
    if asked == "all":
        return Scope()
    return next((scope for scope in scopes_of(current_sign_in().user) if scope.key == asked), None)


def _until() -> date | None:
    """A past day, or today where none is named."""
    today = installation().today
    try:
        until = date.fromisoformat(request.args.get("until", str(today)))
    except ValueError:
        return None
    return until if until <= today else None


def _chosen() -> Chosen | None:
    """Which rows the address asks for; None where it makes no sense."""
    args = request.args
    cut, at, part, reason, month = (args.get(name) for name in ("by", "at", "part", "reason", "month"))
    if (
        (cut is not None and cut not in set(Cut))
        or (at is not None and at not in set(Stage))
        or (part is not None and part not in PARTS)
        or (reason is not None and reason not in set(LostReason))
    ):
        return None
    return Chosen(Cut(cut) if cut else None, args.get("key"), at, part, reason, month)
