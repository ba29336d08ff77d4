"""Writing into a report: its fields, saved while one types, and comments."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.errors import Conflict
from salesboard.formats import day
from salesboard.insight import wording
from salesboard.insight.blueprint import insight
from salesboard.insight.conclusion_forms import CommentForm, ConclusionForm
from salesboard.insight.conclusions import Conclusion, Part, ReportComment
from salesboard.insight.conclusions_shown import Field, field_of, measure_form
from salesboard.insight.measures import Measure
from salesboard.insight.models import Report
from salesboard.web import found, is_fragment_request, render

Answered = str | Response | tuple[str, int]
_REPORT = "/reports/<int(max=2147483647):report_id>"


@insight.route(f"{_REPORT}/conclusions/<part>", methods=["GET", "POST"])
@allow(*WRITERS)
def conclude(report_id: int, part: str) -> Answered:
    """One field of a report on a page of its own, and what is typed into it, for scripts a little at a time."""
    report, told = _done(report_id), found(Part(part) if part in set(Part) else None)
    if request.method == "GET":
        return _page(report, field_of(told, Conclusion.of(report).get(told)))
    if request.form.get("take"):
        return _as_it_stands(report, told)
    form = ConclusionForm()
    if not form.validate():
        field = Field(told, form, Conclusion.of(report).get(told))
        return _page(report, field), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            kept = Conclusion.write(
                _done(report_id),
                told,
                form.words.data or "",
                by=current_sign_in().user,
                now=clock.now(),
                expected_version=form.expected_version,
            )
    except Conflict as conflict:
        form.over.raw_data = None
        field = Field(told, form, Conclusion.of(report).get(told), conflict)
        return _page(report, field), HTTPStatus.CONFLICT
    return _page(report, field_of(told, kept)) if is_fragment_request() else _back_to(report)


@insight.route(f"{_REPORT}/measures", methods=["GET", "POST"])
@allow(*WRITERS)
def measure(report_id: int) -> Answered:
    """The form of a measure on a page of its own, and the measure, which is a task from then on."""
    report, form = _done(report_id), measure_form()
    if request.method == "GET" or not form.validate():
        page = render(
            "insight/measure.html", report=report, names=wording.names_of(report), measure_form=form
        )
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    with writing():
        Measure.decide(
            _done(report_id),
            form.what.data or "",
            form.chosen_owner,
            form.due_on.data,
            by=current_sign_in().user,
            now=clock.now(),
        )
    flash(_("It is a task now, for %(day)s.", day=day(form.due_on.data)))
    return redirect(url_for("insight.report", report_id=report.id, _anchor="measures"), HTTPStatus.SEE_OTHER)


@insight.route(f"{_REPORT}/comments", methods=["GET", "POST"])
@allow(*WRITERS)
def comment(report_id: int) -> Answered:
    """The form of a comment on a page of its own, and the comment."""
    report, form = _done(report_id), CommentForm()
    if request.method == "GET" or not form.validate():
        page = render(
            "insight/comment.html", report=report, names=wording.names_of(report), comment_form=form
        )
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    with writing():
        ReportComment.say(_done(report_id), form.said.data or "", by=current_sign_in().user, now=clock.now())
    flash(_("Said."))
    return redirect(url_for("insight.report", report_id=report.id, _anchor="comments"), HTTPStatus.SEE_OTHER)


def _done(report_id: int) -> Report:
    """The report, once there is something to conclude from."""
    return found(Report.finished(report_id))


def _as_it_stands(report: Report, part: Part) -> Answered:
    """One's own words are given up for what stands there."""
    if not is_fragment_request():
        return _back_to(report)
    field = field_of(part, Conclusion.of(report).get(part))
    answer = make_response(render("insight/_conclusion.html", report=report, field=field, is_taken=True))
    answer.headers["HX-Retarget"] = f"#part-{part}"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _back_to(report: Report) -> Response:
    address = url_for("insight.report", report_id=report.id, _anchor="conclusions")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _page(report: Report, field: Field) -> str:
    return render(
        "insight/conclusion.html",
        "insight/_conclusion_state.html",
        report=report,
        names=wording.names_of(report),
        field=field,
    )
