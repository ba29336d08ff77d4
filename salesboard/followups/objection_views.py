"""Saying how an objection stands, some time after it was raised."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.deals.replies import came_from, sheet_page
from salesboard.errors import Conflict
from salesboard.followups.blueprint import followups
from salesboard.followups.forms import OBJECTION_STATES, ObjectionForm
from salesboard.followups.objections import Objection
from salesboard.followups.rules import ObjectionState
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]


@followups.route("/objections/<int(max=2147483647):objection_id>", methods=["GET", "POST"])
@signed_in
def objection(objection_id: int) -> Answered:
    """For all who see the note: an objection is answered, settled, or open after all."""
    shown = found(Objection.shown(objection_id))
    if request.method == "GET":
        offered = ObjectionState.SETTLED if shown.state is not ObjectionState.SETTLED else shown.state
        return _show(shown, ObjectionForm(data={"version": shown.version, "state": offered}))
    form = ObjectionForm()
    if not form.validate():
        return _show(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Objection.locked(objection_id))
            state, words, version = form.state.data, form.words.data or "", form.version.data
            person = current_sign_in().user
            held.become(state, words, by=person, now=clock.now(), expected_version=version)
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _show(held, form, conflict), HTTPStatus.CONFLICT
    flash(_("Kept."))
    return lead_to(came_from())


def _show(shown: Objection, form: ObjectionForm, conflict: Conflict | None = None) -> str:
    return sheet_page(
        "followups/objection.html",
        objection=shown,
        form=form,
        conflict=conflict,
        state_names=OBJECTION_STATES,
        back=came_from(),
    )
