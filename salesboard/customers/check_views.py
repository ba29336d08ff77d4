"""Spot checks (抽查核对): the week's customers of a supervisor, and what was found."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.checks import SpotCheck
from salesboard.customers.forms import CheckForm
from salesboard.customers.queries import earlier_checks, week_checks
from salesboard.customers.rules import monday_of
from salesboard.customers.wording import LEVEL_NAMES, RESULT_NAMES, STATUS_NAMES
from salesboard.database import writing
from salesboard.deals.of_customers import under_way
from salesboard.followups.of_customers import last_talks_with
from salesboard.installation import installation
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]


@customers.get("/customers/checks")
@allow(*LEADERS)
def checks() -> str:
    """This week's customers, and the results of earlier ones."""
    return _page()


@customers.post("/customers/checks")
@allow(*LEADERS)
def draw_checks() -> Response:
    """Draws this week's customers now; where they are drawn already, nothing changes."""
    here, person = installation(), current_sign_in().user
    with writing():
        drawn = SpotCheck.draw(person, day=here.today, how_many=here.check_sample, now=clock.now())
    if not drawn:
        flash(_("Your teams have no customers to check yet."), "plain")
    return redirect(url_for("customers.checks"), HTTPStatus.SEE_OTHER)


@customers.post("/customers/checks/<int(max=2147483647):check_id>")
@allow(*LEADERS)
def record_check(check_id: int) -> Answered:
    """What was found."""
    person, form = current_sign_in().user, CheckForm(prefix=f"check-{check_id}-")
    found(SpotCheck.locked(check_id, person))
    if not form.validate():
        return _page(form, check_id), HTTPStatus.UNPROCESSABLE_ENTITY
    with writing():
        check = found(SpotCheck.locked(check_id, person))
        check.record(form.result.data, form.words.data or "", by=person, now=clock.now())
    flash(_("Recorded."))
    return redirect(url_for("customers.checks"), HTTPStatus.SEE_OTHER)


def _page(sent: CheckForm | None = None, sent_id: int = 0) -> str:
    person, week = current_sign_in().user, monday_of(installation().today)
    drawn = week_checks(person, week)
    ids = [check.customer_id for check in drawn]
    forms = {check.id: CheckForm(formdata=None, prefix=f"check-{check.id}-") for check in drawn}
    if sent is not None:
        forms[sent_id] = sent
    return render(
        "customers/checks.html",
        week=week,
        checks=drawn,
        earlier=earlier_checks(week),
        forms=forms,
        under_way=under_way(ids),
        talks=last_talks_with(ids),
        level_names=LEVEL_NAMES,
        status_names=STATUS_NAMES,
        result_names=RESULT_NAMES,
        sample=installation().check_sample,
    )
