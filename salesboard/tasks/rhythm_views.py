"""How often customers are to be talked with: by level, and one customer differently."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, Role, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown
from salesboard.customers.replies import back_to
from salesboard.database import writing
from salesboard.deals.replies import sheet_page
from salesboard.formats import own_today
from salesboard.tasks.blueprint import tasks
from salesboard.tasks.forms import CadenceForm, RhythmForm
from salesboard.tasks.keeping import renew_cadence
from salesboard.tasks.rhythm import Cadence, Rhythm, cadences
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]


@tasks.route("/customers/<number>/rhythm", methods=["GET", "POST"])
@allow(*WRITERS)
def rhythm(number: str) -> Answered:
    """The customer's own rhythm; all empty follows the level again."""
    shown = found(customer_shown(number))
    if request.method == "GET":
        return _rhythm_page(shown, RhythmForm(data=_known(Rhythm.of(shown))))
    form = RhythmForm()
    if not form.validate():
        return _rhythm_page(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    with writing():
        held = found(Customer.locked(number))
        Rhythm.set(
            held,
            days=form.days.data,
            paused_until=form.paused_until.data,
            reason=form.reason.data or "",
            by=current_sign_in().user,
            now=clock.now(),
        )
        renew_cadence(held.id, clock.now())
    return back_to(shown, _("Changed."))


@tasks.route("/admin/cadence", methods=["GET", "POST"])
@allow(Role.ADMIN)
def cadence() -> Answered:
    """Days between two talks, for each level."""
    form = CadenceForm(data={level.value: days for level, days in cadences().items()})
    if request.method == "GET" or not form.validate():
        page = render("tasks/cadence.html", form=form)
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    with writing():
        Cadence.adjust(form.days(), by_id=current_user.id, now=clock.now())
    flash(_("Saved."))
    return redirect(url_for("tasks.cadence"), HTTPStatus.SEE_OTHER)


def _known(kept: Rhythm | None) -> dict[str, Any]:
    """What the form begins with; a pause that is over is none."""
    if kept is None:
        return {}
    rests = kept.paused_until is not None and kept.paused_until >= own_today()
    return {
        "days": kept.days,
        "paused_until": kept.paused_until if rests else None,
        "reason": kept.reason if rests or kept.days else "",
    }


def _rhythm_page(shown: Customer, form: RhythmForm) -> str:
    back = url_for("customers.customer", number=shown.number)
    usual = cadences()[shown.level]
    return sheet_page("tasks/rhythm.html", customer=shown, form=form, usual=usual, back=back)
