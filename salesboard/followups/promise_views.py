"""Saying whether a promise was kept, some time after it was given."""

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
from salesboard.followups.forms import PromiseForm
from salesboard.followups.promises import Promise
from salesboard.followups.rules import PromiseState
from salesboard.followups.wording import PROMISE_STATES
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]


@followups.route("/promises/<int(max=2147483647):promise_id>", methods=["GET", "POST"])
@signed_in
def promise(promise_id: int) -> Answered:
    """For all who see the note: a promise was kept or not, is withdrawn, or has time until another day."""
    shown = found(Promise.shown(promise_id))
    if request.method == "GET":
        offered = PromiseState.KEPT if shown.is_open else shown.state
        known = {"version": shown.version, "state": offered, "due_on": shown.due_on}
        return _show(shown, PromiseForm(data=known))
    form = PromiseForm()
    if not form.validate():
        return _show(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Promise.locked(promise_id))
            told = form.state.data, form.due_on.data, form.words.data or ""
            person, version = current_sign_in().user, form.version.data
            held.become(*told, by=person, now=clock.now(), expected_version=version)
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _show(held, form, conflict), HTTPStatus.CONFLICT
    flash(_("Kept."))
    return lead_to(came_from())


def _show(shown: Promise, form: PromiseForm, conflict: Conflict | None = None) -> str:
    return sheet_page(
        "followups/promise.html",
        promise=shown,
        form=form,
        conflict=conflict,
        state_names=PROMISE_STATES,
        back=came_from(),
    )
