"""Moving a deal: the note's form, the move, its undo, and a card's place in its own column."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.assessments import ABSENT_FOR_INVALID
from salesboard.deals.blueprint import deals
from salesboard.deals.forms import PositionForm, UndoForm, stage_from
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.playbook import playbook_text, sections
from salesboard.deals.positions import slot_between
from salesboard.deals.replies import Told, came_from, moved, sheet_page, tell
from salesboard.deals.rules import STAGES, quick_dates
from salesboard.deals.shown import deal_shown
from salesboard.deals.stages import Ages, stage_settings
from salesboard.errors import Conflict, Refused
from salesboard.fields import all_valid
from salesboard.followups.conflicts import conflict_page, keep_as_note
from salesboard.followups.moves import carry_out
from salesboard.followups.sheets import Sheet
from salesboard.installation import working_calendar
from salesboard.service.forms import PlanForm
from salesboard.service.models import Payment
from salesboard.web import found

Answered = str | Response | tuple[str, int]


@deals.route("/deals/<number>/placement", methods=["GET", "POST"])
@allow(*WRITERS)
def placement(number: str) -> Answered:
    """The sheet of a move, and the move itself. Without a target, the choice of one."""
    deal = found(deal_shown(number))
    target = stage_from(request.form.get("stage") or request.args.get("to"))
    if request.method == "GET":
        if deal.is_lost:
            return redirect(url_for("deals.closure", number=number, back=came_from()))
        if target is None or target is deal.stage:
            return _choice_of_target(deal)
        sheet = Sheet.blank(deal, target)
        return _show(sheet, PlanForm(Payment.of(deal)) if sheet.signing else None)
    if target is None:
        return _choice_of_target(deal, _("Choose where the deal goes.")), HTTPStatus.UNPROCESSABLE_ENTITY
    sheet = Sheet.filled(deal, target)
    lines = PlanForm([]) if sheet.signing else None
    if not all_valid(sheet, lines):
        return _show(sheet, lines), HTTPStatus.UNPROCESSABLE_ENTITY
    if sheet.move.go.data == "note":
        return keep_as_note(deal, sheet.note, sheet.assessment.answers(), sheet.target)
    return _place(sheet, lines)


@deals.post("/deals/<number>/undo")
@allow(*WRITERS)
def undo(number: str) -> Response:
    """Takes the last move back, for the mover and right after."""
    found(deal_shown(number))
    form = UndoForm()
    if not form.validate():
        raise Refused(_("This does not say which move to take back."))
    with writing():
        deal = found(Deal.locked(number))
        taken_back = db.session.get(Placement, form.placement.data)
        if taken_back is None or taken_back.deal_id != deal.id:
            raise Refused(_("This does not say which move to take back."))
        deal.undo(taken_back, by=current_sign_in().user, now=clock.now())
    stage = stage_settings()[deal.stage].label
    told = Told(
        _("Taken back: it is in %(stage)s again", stage=stage),
        _("The note stays in the history, marked as taken back."),
        undone=taken_back,
    )
    return tell(deal, told, touched=(taken_back.stage, deal.stage))


@deals.post("/deals/<number>/position")
@allow(*WRITERS)
def position(number: str) -> tuple[str, int]:
    """Another place in the same column, when it is sorted by hand. No note is owed."""
    found(deal_shown(number))
    form = PositionForm()
    if not form.validate():
        raise Refused(_("This does not say where the card goes."))
    with writing():
        deal = found(Deal.locked(number))
        place = slot_between(deal.stage, form.above.data or "", form.below.data or "")
        if place is None:
            raise Refused(_("This does not say where the card goes."))
        deal.rearrange(place, by=current_sign_in().user, now=clock.now())
    return "", HTTPStatus.NO_CONTENT


def _place(sheet: Sheet, lines: PlanForm | None) -> Answered:
    answers, terms = sheet.answers(), sheet.terms

    def place(held: Deal, **given: Any) -> Placement:
        placed = held.place(
            sheet.target,
            expected_version=sheet.move.version.data,
            probability=sheet.probability,
            answers=answers,
            terms=terms,
            position=slot_between(sheet.target, *sheet.slot),
            **given,
        )
        if lines is not None and lines.is_sent and terms is not None:
            Payment.plan(held, lines.instalments(terms.contract_amount), by=given["by"], now=given["now"])
        return placed

    try:
        key, person = sheet.note.request_key.data or None, current_sign_in().user
        placed = carry_out(sheet.deal.id, sheet.note.note(), key, person, place)
    except Conflict as conflict:
        return conflict_page(sheet.deal, sheet.note, conflict, sheet.target), HTTPStatus.CONFLICT
    except Refused as refusal:
        sheet.move.form_errors.append(str(refusal))
        return _show(sheet, lines), HTTPStatus.UNPROCESSABLE_ENTITY
    touched = [stage for stage in (placed.from_stage, sheet.target) if stage is not None]
    return tell(placed.deal, moved(placed), touched=touched, slot=sheet.slot)


def _show(sheet: Sheet, lines: PlanForm | None) -> str:
    settings, ages = stage_settings(), Ages.now()
    return sheet_page(
        "deals/placement.html",
        sheet=sheet,
        lines=lines,
        deal=sheet.deal,
        target=settings[sheet.target],
        source=settings[sheet.deal.stage],
        age=ages.of(sheet.deal.stage, sheet.deal.entered_on),
        playbook=sections(playbook_text(settings[sheet.target])),
        quick_dates=quick_dates(ages.today, working_calendar()),
        absent_for_invalid=ABSENT_FOR_INVALID,
        back=came_from(),
    )


def _choice_of_target(deal: Deal, error: str = "") -> str:
    settings = stage_settings()
    return sheet_page(
        "deals/targets.html",
        deal=deal,
        source=settings[deal.stage],
        targets=[settings[stage] for stage in STAGES if stage is not deal.stage],
        following=deal.stage.next,
        error=error,
        back=came_from(),
    )
