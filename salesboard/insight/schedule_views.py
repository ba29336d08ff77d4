"""Choosing which reports are made by themselves."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from salesboard import clock
from salesboard.access import LEADERS, allow
from salesboard.accounts.models import Team
from salesboard.accounts.queries import teams_led_by
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.fields import PageForm, all_valid, choices_of
from salesboard.insight.blueprint import insight
from salesboard.insight.periods import PeriodKind
from salesboard.insight.schedules import KINDS, USUAL, ReportSchedule, schedules
from salesboard.web import render

KIND_NAMES = {
    PeriodKind.WEEK: _l("Each week"),
    PeriodKind.MONTH: _l("Each month"),
    PeriodKind.QUARTER: _l("Each quarter"),
    PeriodKind.HALF: _l("Each half-year"),
    PeriodKind.YEAR: _l("Each year"),
}


class TeamScheduleForm(PageForm):
    """The kinds of periods of one team."""

    kinds = SelectMultipleField(
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=choices_of({kind.value: KIND_NAMES[kind] for kind in KINDS}),
    )


@insight.route("/reports/schedule", methods=["GET", "POST"])
@allow(*LEADERS)
def schedule() -> str | Response | tuple[str, int]:
    """Each team that one leads, with the kinds of periods it has reports made of."""
    known = schedules()
    forms = [(team, _form(team, known.get(team.id, USUAL))) for team in teams_led_by(current_user)]
    if request.method == "GET":
        return render("insight/schedule.html", forms=forms)
    if not all_valid(*(form for _team, form in forms)):
        return render("insight/schedule.html", forms=forms), HTTPStatus.UNPROCESSABLE_ENTITY
    with writing():
        by, now = current_sign_in().user, clock.now()
        changed = [
            ReportSchedule.choose(team, {PeriodKind(each) for each in form.kinds.data}, by=by, now=now)
            for team, form in forms
        ]
    flash(_("Changed.") if any(changed) else _("Nothing changed."))
    return redirect(url_for("insight.schedule"), HTTPStatus.SEE_OTHER)


def _form(team: Team, kinds: frozenset[PeriodKind]) -> TeamScheduleForm:
    form = TeamScheduleForm(prefix=f"team{team.id}-", data={"kinds": [kind.value for kind in kinds]})
    form.kinds.label.text = team.name
    return form
