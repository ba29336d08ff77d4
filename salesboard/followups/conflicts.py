"""When two people change one deal: the second is told, keeps the words, and may go on from there."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard.accounts.signing import current_sign_in
from salesboard.deals.assessments import Answer
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.rules import PlacementKind
from salesboard.deals.shown import deal_shown, last_placement
from salesboard.deals.stages import stage_settings
from salesboard.errors import Conflict
from salesboard.followups.forms import TalkForm
from salesboard.followups.moves import keep_note
from salesboard.web import found, kept_fields

SET_ANEW = frozenset({"csrf_token", "version", "content", "go", "request_key"})
"""Fields that the page about a conflict sets itself; all others are carried through it as they were sent."""


def conflict_page(deal: Deal, talk: TalkForm, conflict: Conflict, goal: str) -> str:
    """Who changed the deal meanwhile and where it is now, with the note ready to be sent on.

    `goal` is the stage that the note was to bring it to, or "lost" or "reopened".
    """
    deal = found(deal_shown(deal.number))
    return sheet_page(
        "deals/conflict.html",
        deal=deal,
        talk=talk,
        conflict=conflict,
        goal=goal,
        target=next((each for stage, each in stage_settings().items() if stage == goal), None),
        present=stage_settings()[deal.stage],
        latest=last_placement(deal),
        can_go_on=deal.is_lost if goal == PlacementKind.REOPENED else not deal.is_lost and goal != deal.stage,
        carried=[(name, value) for name, value in kept_fields() if name not in SET_ANEW],
        request_key=uuid.uuid4(),
        action=request.path,
        back=came_from(),
    )


def keep_as_note(deal: Deal, talk: TalkForm, answers: list[Answer], goal: str) -> Response | tuple[str, int]:
    """The words become a follow-up; what somebody else moved and planned meanwhile stands.

    `goal` is what the form was for.
    """
    key, person = talk.request_key.data or None, current_sign_in().user
    try:
        keep_note(deal.id, talk.note(), key, person, plans=False, answers=answers)
    except Conflict as conflict:
        return conflict_page(deal, talk, conflict, goal), HTTPStatus.CONFLICT
    stage = stage_settings()[deal.stage].label
    return tell(
        deal, Told(_("Your note is kept. The deal stays in %(stage)s.", stage=stage)), touched=(deal.stage,)
    )
