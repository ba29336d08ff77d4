"""Planning the steps towards targets."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.formats import day
from salesboard.insight.blueprint import insight
from salesboard.insight.measures import Measure
from salesboard.insight.periods import Period
from salesboard.insight.plan_shown import step_form
from salesboard.insight.target_asked import asked_targets
from salesboard.web import render


@insight.route("/targets/steps", methods=["GET", "POST"])
@allow(*WRITERS)
def plan_step() -> str | Response | tuple[str, int]:
    """The form of a step on a page of its own, and the step, which is a task from then on."""
    asked = asked_targets()
    form = step_form(asked)
    if request.method == "GET" or not form.validate():
        page = render("insight/plan_step.html", asked=asked, step_form=form)
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    with writing():
        Measure.plan(
            Period.parse(form.period.data),
            asked.whose,
            form.what.data or "",
            form.chosen_owner,
            form.due_on.data,
            checked_on=form.checked_on.data,
            by=current_sign_in().user,
            now=clock.now(),
        )
    flash(_("It is a task now, for %(day)s.", day=day(form.due_on.data)))
    address = url_for("insight.targets", _anchor="plan", **asked.parameters)
    return redirect(address, HTTPStatus.SEE_OTHER)
