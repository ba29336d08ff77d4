"""Evaluation reports: the list, and one report."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.deals.stages import stage_settings
from salesboard.insight import wording
from salesboard.insight.blueprint import insight
from salesboard.insight.conclusions_shown import conclusions_shown
from salesboard.insight.dashboard_asked import asked_dashboard
from salesboard.insight.facts import Cut
from salesboard.insight.forms import RequestForm
from salesboard.insight.models import Report
from salesboard.insight.scopes import scopes_of
from salesboard.insight.shown import shown
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
    rows_url = _rows_url(asked.id)
    return render(
        "insight/report.html",
        report=asked,
        names=names,
        shown=shown(asked),
        stage_names=_stage_names(),
        cell_url=lambda code, key=None: rows_url(code, by=Cut.OWNER, key=key) if key else rows_url(code),
        rows_url=rows_url,
        **conclusions_shown(asked),
    )


@insight.post("/reports/<int(max=2147483647):report_id>/attempts")
@allow(*WRITERS)
def try_again(report_id: int) -> Response:
    """Another try for a report that failed."""
    _visible(report_id)
    with writing():
        _visible(report_id).try_again(by=current_sign_in().user, now=clock.now())
    return redirect(url_for("insight.report", report_id=report_id), HTTPStatus.SEE_OTHER)


@insight.post("/reports/<int(max=2147483647):report_id>/cancellation")
@allow(*WRITERS)
def call_off(report_id: int) -> Response:
    """Stops a report that is being made."""
    _visible(report_id)
    with writing():
        _visible(report_id).call_off(by=current_sign_in().user, now=clock.now())
    return redirect(url_for("insight.report", report_id=report_id), HTTPStatus.SEE_OTHER)


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
        wording=wording,
        stage_names=_stage_names(),
        **asked_dashboard(),
    )


def _visible(report_id: int) -> Report:
    return found(Report.shown(report_id))


def _rows_url(report_id: int) -> Callable[..., str]:
    """Makes the address of the rows behind a number of the report."""

    def address(code: str, **chosen: str) -> str:
        return url_for("insight.rows", report_id=report_id, code=code, **dict[str, Any](chosen))

    return address


def _stage_names() -> dict[Stage, str]:
    return {stage: setting.label for stage, setting in stage_settings().items()}
