"""Writing a follow-up without moving the deal."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import WRITERS, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.rules import quick_dates
from salesboard.deals.shown import deal_shown
from salesboard.deals.stages import stage_settings
from salesboard.errors import Conflict
from salesboard.followups.about import About
from salesboard.followups.blueprint import followups
from salesboard.followups.forms import FreeNoteForm, NoteForm
from salesboard.followups.moves import keep_note
from salesboard.followups.sheets import what_is_known_of_the_talk
from salesboard.installation import installation, working_calendar
from salesboard.tasks.queries import plan_of
from salesboard.web import found

Answered = str | Response | tuple[str, int]


@followups.route("/deals/<number>/followups", methods=["GET", "POST"])
@signed_in
def write(number: str) -> Answered:
    """A note on a deal: for all who see it. Who may not move the deal need not plan its next step either."""
    deal = found(deal_shown(number))
    kind = NoteForm if current_user.role in WRITERS else FreeNoteForm
    today = installation().today
    if request.method == "GET":
        plan = plan_of(deal) if deal.next_due and deal.next_due > today else {}
        known = what_is_known_of_the_talk(deal) | plan
        return _show(deal, kind(About.of(deal), data=known))
    note = kind(About.of(deal))
    if not note.validate():
        return _show(deal, note), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        kept = keep_note(deal.id, note.note(), note.request_key.data or None, current_sign_in().user)
    except Conflict as conflict:
        note.request_key.raw_data = [str(uuid.uuid4())]
        note.form_errors.append(str(conflict))
        return _show(deal, note), HTTPStatus.CONFLICT
    return tell(deal, Told(_("Kept as %(number)s.", number=kept.number), goal="note"), touched=(deal.stage,))


def _show(deal: Deal, note: FreeNoteForm) -> str:
    return sheet_page(
        "followups/write.html",
        deal=deal,
        talk=note,
        stage=stage_settings()[deal.stage],
        quick_dates=quick_dates(installation().today, working_calendar()),
        back=came_from(),
    )
