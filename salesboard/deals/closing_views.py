"""The end of a deal that was not won, and its second beginning: both take their note."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.deals.assessments import COMPETITOR, LOST_REASON, ON_LOSING, answer
from salesboard.deals.blueprint import deals
from salesboard.deals.forms import Assessment, ClosingForm, ReopeningForm
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.replies import came_from, moved, sheet_page, tell
from salesboard.deals.rules import OPEN_STAGES, LostReason, PlacementKind, quick_dates
from salesboard.deals.shown import deal_shown
from salesboard.deals.stages import stage_settings
from salesboard.deals.wording import LOST_REASON_NAMES
from salesboard.errors import Conflict, Refused
from salesboard.fields import all_valid
from salesboard.followups.about import About
from salesboard.followups.conflicts import conflict_page, keep_as_note
from salesboard.followups.forms import NoteForm, TalkForm
from salesboard.followups.moves import Verb, carry_out
from salesboard.followups.sheets import what_is_known_of_the_talk
from salesboard.installation import installation, working_calendar
from salesboard.web import found

Answered = str | Response | tuple[str, int]


@deals.get("/deals/<number>/closure")
@allow(*WRITERS)
def closure(number: str) -> Answered:
    """The form that loses an open deal, or reopens a lost one."""
    deal = found(deal_shown(number))
    if not deal.is_lost and deal.stage not in OPEN_STAGES:
        raise Refused(_("A signed deal cannot be lost."))
    known, version = what_is_known_of_the_talk(deal), deal.version
    if deal.is_lost:
        return _show(deal, NoteForm(About.of(deal), data=known), ReopeningForm(data={"version": version}))
    asked = request.args.get("reason")
    reason = LostReason(asked) if asked in list(LostReason) else None
    closing = ClosingForm(data={"version": version, "reason": reason})
    return _show(deal, TalkForm(About.of(deal), data=known), closing, Assessment(ON_LOSING, {}))


@deals.post("/deals/<number>/closure")
@allow(*WRITERS)
def close(number: str) -> Answered:
    """Loses the deal, or reopens it: the form says which, so that sending twice means the same twice."""
    deal = found(deal_shown(number))
    act = request.form.get("act", "reopen" if deal.is_lost else "lose")
    return _reopen(deal) if act == "reopen" else _lose(deal)


def _lose(deal: Deal) -> Answered:
    talk, closing, lesson = TalkForm(About.of(deal)), ClosingForm(), Assessment(ON_LOSING, {})
    if not all_valid(talk, closing, lesson):
        return _show(deal, talk, closing, lesson), HTTPStatus.UNPROCESSABLE_ENTITY
    why = closing.closing()
    answers = [answer("reason", LOST_REASON, why.reason, str(LOST_REASON_NAMES[why.reason]))]
    if why.competitor:
        answers.append(answer("competitor", COMPETITOR, why.competitor))
    answers += lesson.answers()

    def lose(held: Deal, **given: Any) -> Placement:
        return held.lose(why, answers=answers, expected_version=closing.version.data, **given)

    return _carry_out(deal, talk, closing, lose, lesson)


def _reopen(deal: Deal) -> Answered:
    note, reopening = NoteForm(About.of(deal)), ReopeningForm()
    if not all_valid(note, reopening):
        return _show(deal, note, reopening), HTTPStatus.UNPROCESSABLE_ENTITY

    def reopen(held: Deal, **given: Any) -> Placement:
        return held.reopen(expected_version=reopening.version.data, **given)

    return _carry_out(deal, note, reopening, reopen)


def _carry_out(
    deal: Deal,
    talk: TalkForm,
    closing: ClosingForm | ReopeningForm,
    verb: Verb,
    lesson: Assessment | None = None,
) -> Answered:
    goal = PlacementKind.REOPENED if isinstance(closing, ReopeningForm) else PlacementKind.LOST
    if closing.go.data == "note":
        return keep_as_note(deal, talk, lesson.answers() if lesson else [], goal)
    try:
        key, person = talk.request_key.data or None, current_sign_in().user
        placed = carry_out(deal.id, talk.note(), key, person, verb)
    except Conflict as conflict:
        return conflict_page(deal, talk, conflict, goal), HTTPStatus.CONFLICT
    except Refused as refusal:
        closing.form_errors.append(str(refusal))
        return _show(deal, talk, closing, lesson), HTTPStatus.UNPROCESSABLE_ENTITY
    return tell(placed.deal, moved(placed), touched=(placed.stage,))


def _show(
    deal: Deal,
    talk: TalkForm,
    closing: ClosingForm | ReopeningForm,
    lesson: Assessment | None = None,
) -> str:
    return sheet_page(
        "deals/reopening.html" if isinstance(closing, ReopeningForm) else "deals/losing.html",
        deal=deal,
        source=stage_settings()[deal.stage],
        talk=talk,
        closing=closing,
        assessment=lesson,
        quick_dates=quick_dates(installation().today, working_calendar()),
        back=came_from(),
    )
