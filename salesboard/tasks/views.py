"""Setting, changing, moving, striking and doing tasks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, current_viewer
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.replies import came_from, sheet_page
from salesboard.deals.rules import Outcome, quick_dates
from salesboard.errors import Conflict, Refused
from salesboard.fields import hour_of, moment_of
from salesboard.followups.about import About
from salesboard.followups.forms import FreeNoteForm, NoteForm
from salesboard.followups.leads import known_customer
from salesboard.followups.sheets import what_is_known_of_the_talk, what_is_known_with
from salesboard.formats import day, own_today
from salesboard.installation import installation, working_calendar
from salesboard.tasks.blueprint import tasks
from salesboard.tasks.doing import do_with_note
from salesboard.tasks.forms import (
    LateForm,
    MoveForm,
    NewTaskForm,
    OutcomeForm,
    StrikeForm,
    TaskFactsForm,
    TaskForm,
    own_zone,
)
from salesboard.tasks.models import Task
from salesboard.tasks.queries import late_tasks, people_for_tasks
from salesboard.tasks.wording import task_words
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]
_TASK = "/tasks/<int(max=2147483647):task_id>"


@tasks.route("/tasks/new", methods=["GET", "POST"])
@allow(*WRITERS)
def new_task() -> Answered:
    """The form of a new task, and the task itself."""
    form = NewTaskForm(data={"with_customer": request.args.get("customer", ""), "owner": current_user.id})
    people = _offered(form, None)
    customer = known_customer(form.with_customer.data or "")
    offered = _deals_of(customer)
    form.deal.choices = [("", _("No deal in particular")), *((deal.number, deal.name) for deal in offered)]
    if request.method == "GET" or not form.validate() or not _is_known(form, customer):
        return _sheet("tasks/new.html", form, quick_dates=_quick_dates(), form=form)
    deal = next((deal for deal in offered if deal.number == form.deal.data), None)
    with writing():
        Task.set(
            form.what.data or "",
            customer=found(customer),
            deal=deal,
            owner=people[form.owner.data or current_user.id],
            due_on=form.due_on.data,
            due_at=form.due_at(),
            method=form.method.data,
            goal=form.goal.data or "",
            by=current_sign_in().user,
            now=clock.now(),
        )
    return _told(_("Set for %(day)s.", day=day(form.due_on.data)))


@tasks.route(_TASK, methods=["GET", "POST"])
@allow(*WRITERS)
def task(task_id: int) -> Answered:
    """What is to be done, by whom, how and what for."""
    shown = _shown(task_id)
    form = TaskForm(
        obj=shown, data={"hour": hour_of(shown.due_at), "owner": shown.owner_id, "what": task_words(shown)}
    )
    people = _offered(form, shown)
    page = {"task": shown, "form": form, "words": task_words(shown)}
    if request.method == "GET" or not form.validate():
        return _sheet("tasks/task.html", form, conflict=None, **page)
    own_words = task_words(shown) == form.what.data
    try:
        with writing():
            held = found(Task.locked(task_id))
            held.revise(
                what=held.what if own_words else form.what.data or "",
                owner=people[form.owner.data or held.owner_id],
                due_at=moment_of(held.day_in(own_zone()), form.hour.data) if form.hour.data else None,
                method=form.method.data,
                goal=form.goal.data or "",
                by=current_sign_in().user,
                now=clock.now(),
                expected_version=form.version.data,
            )
    except (Conflict, Refused) as refusal:
        return _refused("tasks/task.html", refusal, page)
    return _told(_("Changed."))


@tasks.route(f"{_TASK}/day", methods=["GET", "POST"])
@allow(*WRITERS)
def move(task_id: int) -> Answered:
    """Another day for the task; putting it off takes a reason."""
    shown = _shown(task_id)
    following = working_calendar().after(max(shown.due_on, own_today()), 1)
    known = {"due_on": _asked_day() or following, "hour": hour_of(shown.due_at), "version": shown.version}
    form = MoveForm(shown.due_on, data=known)
    page = {"task": shown, "form": form, "words": task_words(shown), "quick_dates": _quick_dates()}
    if request.method == "GET" or not form.validate():
        return _sheet("tasks/move.html", form, conflict=None, **page)
    try:
        with writing():
            found(Task.locked(task_id)).postpone(
                form.due_on.data,
                form.reason.data or "",
                due_at=form.due_at(),
                by=current_sign_in().user,
                now=clock.now(),
                expected_version=form.version.data,
            )
    except (Conflict, Refused) as refusal:
        return _refused("tasks/move.html", refusal, page)
    return _told(_("Moved to %(day)s.", day=day(form.due_on.data)))


@tasks.post(f"{_TASK}/strike")
@allow(*WRITERS)
def strike(task_id: int) -> Response:
    """It is no longer to be done."""
    _shown(task_id)
    form = StrikeForm()
    if form.validate():
        try:
            with writing():
                found(Task.locked(task_id)).drop(
                    by=current_sign_in().user, now=clock.now(), expected_version=form.version.data
                )
            flash(_("Struck. It counts as done nowhere."))
        except (Conflict, Refused) as refusal:
            flash(str(refusal), "plain")
    return lead_to(_came_from())


@tasks.route(f"{_TASK}/note", methods=["GET", "POST"])
@allow(*WRITERS)
def write_note(task_id: int) -> Answered:
    """The follow-up that does the task; of a measure, what came of it."""
    shown = _shown(task_id)
    subject = shown.deal or shown.customer
    if subject is None:
        return _settle(shown)
    kind, about = NoteForm if shown.deal is not None else FreeNoteForm, About.of(subject)
    page = {"task": shown, "words": task_words(shown), "quick_dates": _quick_dates()}
    if request.method == "GET":
        form = kind(about, data=_known(shown))
        return _sheet("tasks/note.html", form, talk=form, **page)
    form = kind(about)
    if not form.validate():
        return _sheet("tasks/note.html", form, talk=form, **page)
    try:
        kept = found(
            do_with_note(task_id, form.note(), form.request_key.data or None, current_sign_in().user)
        )
    except Conflict as conflict:
        form.request_key.raw_data = [str(uuid.uuid4())]
        form.form_errors.append(str(conflict))
        return _sheet("tasks/note.html", form, talk=form, **page)[0], HTTPStatus.CONFLICT
    return _told(_("Done, and kept as %(number)s.", number=kept.number))


def _settle(shown: Task) -> Answered:
    form = OutcomeForm(data={"version": shown.version})
    page = {"task": shown, "form": form, "words": task_words(shown)}
    if request.method == "GET" or not form.validate():
        return _sheet("tasks/outcome.html", form, conflict=None, **page)
    try:
        with writing():
            found(Task.locked(shown.id)).settle(
                form.outcome.data or "",
                done_on=installation().today,
                by=current_sign_in().user,
                now=clock.now(),
                expected_version=form.version.data,
            )
    except (Conflict, Refused) as refusal:
        return _refused("tasks/outcome.html", refusal, page)
    return _told(_("Done."))


@tasks.route("/today/late", methods=["GET", "POST"])
@allow(*WRITERS)
def move_late() -> Answered:
    """Everything of one's own that is late goes to one day, with one reason."""
    today, now = own_today(), clock.now()
    form = LateForm(data={"due_on": working_calendar().after(today, 1)})
    waiting = late_tasks(current_user.id, today, now)
    if request.method == "GET" or not form.validate():
        return _sheet("tasks/late.html", form, form=form, how_many=len(waiting), quick_dates=_quick_dates())
    person = current_sign_in().user
    with writing():
        for late in late_tasks(person.id, today, now):
            late.postpone(
                form.due_on.data,
                form.reason.data or "",
                by=person,
                now=now,
                expected_version=late.version,
            )
    return _told(_("Moved to %(day)s.", day=day(form.due_on.data)))


def _shown(task_id: int) -> Task:
    """The task, with those it is about; 404 where the person sees none, or where it is somebody else's business."""
    shown: Task = found(db.session.scalar(select(Task).where(Task.id == task_id)))
    found(shown if shown.is_readers_business else None)
    return shown


def _offered(form: TaskFactsForm, shown: Task | None) -> dict[int, User]:
    """Those who may have the task: whom the person looks after; whoever has it keeps it."""
    people = people_for_tasks(found(current_viewer()))
    if shown is not None:
        people.setdefault(shown.owner_id, shown.owner)
    form.offer(people.values())
    return people


def _deals_of(customer: Customer | None) -> Sequence[Deal]:
    if customer is None:
        return []
    under_way = Deal.customer_id == customer.id, Deal.outcome == Outcome.OPEN
    return db.session.scalars(select(Deal).where(*under_way).order_by(Deal.id.desc()).limit(100)).all()


def _is_known(form: NewTaskForm, customer: Customer | None) -> bool:
    if customer is None:
        form.with_customer.errors = [_("There is no customer of this name among yours.")]
    return customer is not None


def _known(shown: Task) -> dict[str, Any]:
    """What the note begins with."""
    if shown.deal is not None:
        return what_is_known_of_the_talk(shown.deal) | {"method": shown.method or shown.deal.next_method}
    return what_is_known_with(found(shown.customer)) | ({"method": shown.method} if shown.method else {})


def _refused(template: str, refusal: Conflict | Refused, page: dict[str, Any]) -> tuple[str, int]:
    """What was typed stays; of what somebody changed meanwhile the form is on the newest version from now on."""
    form, shown = page["form"], page["task"]
    db.session.refresh(shown)
    form.version.go_on_from(shown.version)
    conflict = refusal if isinstance(refusal, Conflict) else None
    if conflict is None:
        form.form_errors.append(str(refusal))
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    return sheet_page(template, conflict=conflict, back=_came_from(), **page), status


def _sheet(template: str, form: Any, /, **page: Any) -> Any:
    shown = sheet_page(template, back=_came_from(), **page)
    return (shown, HTTPStatus.UNPROCESSABLE_ENTITY) if form.is_submitted() else shown


def _told(words: str) -> Response:
    flash(words)
    return lead_to(_came_from())


def _came_from() -> str:
    return came_from("tasks.today")


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("to", ""))
    except ValueError:
        return None


def _quick_dates() -> Any:
    return quick_dates(own_today(), working_calendar())
