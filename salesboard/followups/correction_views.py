"""Correcting a follow-up: other words, while the earlier ones stay readable."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.deals.replies import came_from, sheet_page
from salesboard.errors import Conflict, Refused
from salesboard.followups.blueprint import followups
from salesboard.followups.forms import CorrectionForm
from salesboard.followups.models import FollowUp
from salesboard.followups.queries import followup_shown
from salesboard.followups.wording import SAID_NAMES
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]


@followups.route("/followups/<followup_number>/correction", methods=["GET", "POST"])
@signed_in
def correct(followup_number: str) -> Answered:
    """For the author and who leads: other words for a note, with the reason."""
    note = found(followup_shown(followup_number))
    if not note.may_be_corrected_by(current_user):
        abort(HTTPStatus.FORBIDDEN)
    if request.method == "GET":
        return _show(note, CorrectionForm.of(note, filled=True))
    form = CorrectionForm.of(note)
    if not form.validate():
        return _show(note, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(FollowUp.locked(followup_number))
            person, version = current_sign_in().user, form.version.data
            held.correct(form.said(), form.why.data, by=person, now=clock.now(), expected_version=version)
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _show(held, form, conflict), HTTPStatus.CONFLICT
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _show(held, form), HTTPStatus.UNPROCESSABLE_ENTITY
    saved = f"{current_user.id}:{followup_number}:correction"
    told: Any = {"title": _("Corrected."), "text": _("The earlier words stay with it."), "saved": saved}
    flash(told, "act")
    return lead_to(_back(held))


def _show(note: FollowUp, form: CorrectionForm, conflict: Conflict | None = None) -> str:
    now = note.correctable
    mine = note.corrected_with(form.said()) if conflict else now
    differs = {name: now[name] for name in SAID_NAMES if now[name] != mine[name]}
    return sheet_page(
        "followups/correction.html",
        note=note,
        talk=form,
        conflict=conflict,
        differs=differs,
        said_names=SAID_NAMES,
        back=_back(note),
    )


def _back(note: FollowUp) -> str:
    """The page one came from, else where the note stands."""
    if note.deal is not None:
        there = url_for("deals.deal", number=note.deal.number)
    else:
        there = url_for("customers.customer", number=note.customer.number)
    came = came_from()
    return there if came == url_for("deals.board") else came
