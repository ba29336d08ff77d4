"""Evaluation reports: the list, one report, the rows behind its numbers."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.rules import LostReason, Stage
from salesboard.deals.stages import stage_settings
from salesboard.insight import wording
from salesboard.insight.blueprint import insight
from salesboard.insight.facts import Cut
from salesboard.insight.forms import RequestForm
from salesboard.insight.metrics import BY_CODE, Unit
from salesboard.insight.models import Report
from salesboard.insight.scopes import scopes_of
from salesboard.insight.shown import PARTS, Chosen, rows_behind, shown
from salesboard.installation import installation
from salesboard.web import asked_page, found, is_fragment_request, render, whole_page_again

REPORTS_A_PAGE = 50
ROWS_A_PAGE = 100

insight.add_app_template_filter(wording.money_text, "sum_text")

Answer = str | Response | tuple[str, int]


@insight.route("/reports", methods=["GET", "POST"])
@allow(*WRITERS)
def reports() -> Answer:
    """The reports that one may read, and the form that asks for another."""
    form = RequestForm(scopes_of(current_sign_in().user), installation().today)
    if not form.is_submitted():
        return _list_page(form)
    if not form.validate():
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    period, scope = form.chosen_period(), form.chosen_scope()
    with writing():
        asked = Report.request(period, scope, by=current_sign_in().user, now=clock.now())
    return redirect(url_for("insight.report", report_id=asked.id), HTTPStatus.SEE_OTHER)


@insight.get("/reports/<int(max=2147483647):report_id>")
@allow(*WRITERS)
def report(report_id: int) -> Answer:
    """One report: its numbers once it is done, until then how far it has come, which the page asks every second."""
    asked = _visible(report_id)
    if is_fragment_request() and not asked.is_under_way:
        return whole_page_again()
    names = wording.names_of(asked)
    if asked.result is None:
        return render("insight/waiting.html", "insight/_progress.html", report=asked, names=names)
    return render(
        "insight/report.html", report=asked, names=names, shown=shown(asked), stage_names=_stage_names()
    )


@insight.post("/reports/<int(max=2147483647):report_id>/attempts")
@allow(*WRITERS)
def try_again(report_id: int) -> Response:
    """Another try for a report that failed."""
    _visible(report_id)
    with writing():
        _visible(report_id).try_again(by=current_sign_in().user, now=clock.now())
    return redirect(url_for("insight.report", report_id=report_id), HTTPStatus.SEE_OTHER)


@insight.get("/reports/<int(max=2147483647):report_id>/rows/<code>")
@allow(*WRITERS)
def rows(report_id: int, code: str) -> Answer:
    """The rows that a number was made of, as many as it says."""
    asked = _visible(report_id)
    chosen = found(_chosen()) if code in BY_CODE and asked.result is not None else found(None)
    behind = rows_behind(asked, code, chosen)
    first = min(asked_page() * ROWS_A_PAGE, max(0, (len(behind) - 1) // ROWS_A_PAGE * ROWS_A_PAGE))
    return render(
        "insight/rows.html",
        report=asked,
        names=wording.names_of(asked),
        metric=BY_CODE[code],
        rows=behind[first : first + ROWS_A_PAGE],
        first=first,
        total=len(behind),
        page_size=ROWS_A_PAGE,
        chosen=chosen.words(asked.result or {}),
        value=None if chosen != Chosen() else _value(asked, code),
        day_name=wording.DAY_NAMES[BY_CODE[code].rows],
        wording=wording,
        stage_names=_stage_names(),
    )


def _list_page(form: RequestForm) -> str:
    first = asked_page() * REPORTS_A_PAGE
    listed = db.session.scalars(
        select(Report)
        .options(joinedload(Report.team), joinedload(Report.person), joinedload(Report.requested_by))
        .order_by(Report.requested_at.desc(), Report.id.desc())
        .offset(first)
        .limit(REPORTS_A_PAGE + 1)
    ).all()
    return render(
        "insight/reports.html",
        form=form,
        reports=[(each, wording.names_of(each)) for each in listed[:REPORTS_A_PAGE]],
        page_number=asked_page() + 1,
        has_more=len(listed) > REPORTS_A_PAGE,
    )


def _visible(report_id: int) -> Report:
    return found(db.session.scalar(select(Report).where(Report.id == report_id)))


def _value(report: Report, code: str) -> str | None:
    """The whole number, where it is a single one."""
    if report.result is None or BY_CODE[code].unit is Unit.BY_STAGE:
        return None
    return wording.value_text(code, report.result["metrics"][code]["value"])


def _stage_names() -> dict[Stage, str]:
    return {stage: setting.label for stage, setting in stage_settings().items()}


def _chosen() -> Chosen | None:
    """Which rows the address asks for; None where it makes no sense."""
    args = request.args
    cut, at, part, reason = (args.get(name) for name in ("by", "at", "part", "reason"))
    if (
        (cut is not None and cut not in set(Cut))
        or (at is not None and at not in set(Stage))
        or (part is not None and part not in PARTS)
        or (reason is not None and reason not in set(LostReason))
    ):
        return None
    return Chosen(Cut(cut) if cut else None, args.get("key"), at, part, reason)
