"""A deal's own page, its facts and its next step."""

from __future__ import annotations

from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, WRITERS, allow, current_viewer, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.custom_forms import OwnFields, own_fields_of
from salesboard.customers.custom_queries import own_facts
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import set_values
from salesboard.customers.history import CHANGES_SHOWN, changes_of
from salesboard.database import writing
from salesboard.deals.assessments import suggests_invalid_lead
from salesboard.deals.blueprint import deals
from salesboard.deals.forms import FactsForm, NextStepForm
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.rules import OPEN_STAGES, UNDO_WINDOW, Stage, may_undo, quick_dates, step_state
from salesboard.deals.shared import may_share
from salesboard.deals.shown import deal_shown
from salesboard.deals.stages import Ages, stage_settings
from salesboard.deals.track import stays_left_by, stays_of, steps_of
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_DRAWINGS, METHOD_NAMES
from salesboard.documents.queries import documents_of
from salesboard.documents.wording import KIND_NAMES
from salesboard.errors import Conflict
from salesboard.fields import all_valid
from salesboard.followups.queries import events_of
from salesboard.installation import installation, working_calendar
from salesboard.service.complaints import complaints_of
from salesboard.service.models import Payment
from salesboard.service.satisfaction import scores_of
from salesboard.tasks.queries import open_tasks_of
from salesboard.tasks.wording import task_words
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]
PARTS = ("all", "moves", "objections")
"""What of the history may be shown alone."""


@deals.get("/deals/<number>")
@signed_in
def deal(number: str) -> str:
    """Everything about one deal: its way, its next step, its facts, its whole history."""
    shown = found(deal_shown(number))
    ages, events = Ages.now(), events_of(shown)
    placements = [event.placement for event in events if event.placement]
    stays = stays_of(placements, ages)
    latest = next(placement for placement in placements if placement.left_at is None)
    can_undo = latest.before and latest.version_after == shown.version
    part = request.args.get("show", "all")
    return render(
        "deals/deal.html",
        deal=shown,
        own_facts=own_facts(Subject.DEAL, shown.id),
        events=events,
        part=part if part in PARTS else "all",
        left=stays_left_by(placements, stays),
        steps=steps_of(shown, stays),
        age=ages.of(shown.stage, shown.entered_on),
        days_in_all=ages.calendar.between(shown.created_on, ages.today),
        step=step_state(shown.next_due, ages.today),
        latest=latest,
        undo_until=latest.recorded_at + UNDO_WINDOW,
        can_undo=can_undo and may_undo(latest.by_id, current_user.id, latest.recorded_at, clock.now()),
        settings=ages.settings,
        method_names=METHOD_NAMES,
        method_drawings=METHOD_DRAWINGS,
        reason_names=LOST_REASON_NAMES,
        following=shown.stage.next,
        can_be_lost=not shown.is_lost and shown.stage in OPEN_STAGES,
        seems_invalid=shown.stage is Stage.INTENT and suggests_invalid_lead(latest.answers),
        may_share=may_share(shown, current_viewer()),
        may_hand_over=current_user.role in LEADERS,
        customer=shown.customer,
        history=changes_of(shown.customer, {}, most=CHANGES_SHOWN, deal_id=shown.id),
        documents=documents_of(shown),
        document_kinds=KIND_NAMES,
        open_tasks=open_tasks_of(shown),
        payments=Payment.of(shown) if shown.stage.is_signed else [],
        scores=scores_of(shown) if shown.stage.is_signed else [],
        complaints=complaints_of(shown) if shown.stage.is_signed else [],
        today=ages.today,
        task_words=task_words,
    )


@deals.route("/deals/<number>/edit", methods=["GET", "POST"])
@allow(*WRITERS)
def edit(number: str) -> Answered:
    """The facts that change without a note."""
    shown = found(deal_shown(number))
    own = own_fields_of(Subject.DEAL, shown.id)
    if request.method == "GET":
        return _facts_page(shown, FactsForm(obj=shown), own)
    form = FactsForm()
    if not all_valid(form, own):
        return _facts_page(shown, form, own), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Deal.locked(number))
            person, version = current_sign_in().user, form.version.data
            held.revise(by=person, now=clock.now(), expected_version=version, **form.facts())
            set_values(held, own.values(), by=person, now=clock.now())
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _facts_page(held, form, own, conflict), HTTPStatus.CONFLICT
    return tell(held, Told(_("Changed.")))


@deals.route("/deals/<number>/next-step", methods=["GET", "POST"])
@allow(*WRITERS)
def next_step(number: str) -> Answered:
    """Plans what comes next, or clears it."""
    shown = found(deal_shown(number))
    if request.method == "GET":
        return _step_page(shown, NextStepForm(obj=shown))
    form = NextStepForm()
    if not form.validate():
        return _step_page(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Deal.locked(number))
            held.plan(
                form.next_step.data or "",
                form.next_due.data,
                form.next_method.data,
                by_id=current_user.id,
                now=clock.now(),
                expected_version=form.version.data,
            )
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _step_page(held, form, conflict), HTTPStatus.CONFLICT
    told = _("The next step is set.") if held.next_step else _("The next step is cleared.")
    return tell(held, Told(told), touched=(held.stage,))


def _facts_page(shown: Deal, form: FactsForm, own: OwnFields, conflict: Conflict | None = None) -> str:
    return sheet_page("deals/edit.html", deal=shown, form=form, own=own, conflict=conflict, back=came_from())


def _step_page(shown: Deal, form: NextStepForm, conflict: Conflict | None = None) -> str:
    return sheet_page(
        "deals/next_step.html",
        deal=shown,
        form=form,
        conflict=conflict,
        stage=stage_settings()[shown.stage],
        quick_dates=quick_dates(installation().today, working_calendar()),
        back=came_from(),
    )
