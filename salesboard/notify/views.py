"""The bell: what one is reminded of, and that one has read it. Everybody has only their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, allow, current_viewer, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.stages import stage_settings
from salesboard.errors import Refused
from salesboard.installation import installation, working_calendar
from salesboard.notify import channel_wording, wording
from salesboard.notify.blueprint import notify
from salesboard.notify.channel_rules import PutOff, put_off_until
from salesboard.notify.deliveries import hours_of
from salesboard.notify.models import Reminder
from salesboard.notify.queries import A_PAGE, earlier, put_off, unread_count, unread_groups
from salesboard.tasks.models import Task
from salesboard.web import asked_page, found, render, safe_next

PUT_OFF = "put_off"


@notify.app_context_processor
def bell() -> dict[str, Any]:
    """`unread_reminders`, counted when a page first asks for it: a fragment without the bell pays nothing."""
    return {"unread_reminders": LocalProxy(_unread)}


@notify.get("/reminders")
@signed_in
def reminders() -> str:
    """What waits for the person, kind by kind; with `?earlier=1` what was read or replaced before, and with
    `?put_off=1` what they put off."""
    page = asked_page()
    shows_earlier = request.args.get("earlier") == "1"
    shows_put_off = not shows_earlier and request.args.get(PUT_OFF) == "1"
    kept = earlier(current_user.id, page) if shows_earlier else []
    if shows_put_off:
        kept = put_off(current_user.id, page)
    return render(
        "notify/reminders.html",
        groups=[] if shows_earlier or shows_put_off else unread_groups(current_user.id, page),
        kept=kept[:A_PAGE],
        shows_earlier=shows_earlier,
        shows_put_off=shows_put_off,
        put_offs=_put_offs(),
        page_number=page + 1,
        has_more=len(kept) > A_PAGE or (not kept and not shows_earlier and _unread() > (page + 1) * A_PAGE),
        today=installation().today,
        stage_names={stage: setting.label for stage, setting in stage_settings().items()},
        wording=wording,
        put_off_names=channel_wording.PUT_OFF_NAMES,
    )


@notify.post("/reminders/<int(max=2147483647):reminder_id>/reading")
@signed_in
def read(reminder_id: int) -> Response:
    """The person has read one."""
    with writing():
        own = select(Reminder).where(Reminder.id == reminder_id, Reminder.person_id == current_user.id)
        found(db.session.scalar(own)).read(clock.now())
    return _back()


@notify.post("/reminders/<int(max=2147483647):reminder_id>/put-off")
@signed_in
def put_off_one(reminder_id: int) -> Response:
    """It leaves the bell and comes back at the time that was chosen."""
    asked = request.form.get("until")
    until = dict(_put_offs()).get(asked or "")
    with writing():
        own = select(Reminder).where(Reminder.id == reminder_id, Reminder.person_id == current_user.id)
        reminder = found(db.session.scalar(own))
        if until is not None:
            reminder.put_off(until, now=clock.now())
    if until is None:
        flash(_("This time has passed. Choose another."), "plain")
    return _back()


@notify.post("/reminders/reading")
@signed_in
def read_all() -> Response:
    """The person has read all that there is."""
    person_id = current_user.id
    with writing():
        Reminder.read_all(person_id, now=clock.now())
    return _back()


@notify.post("/tasks/<int(max=2147483647):task_id>/nudge")
@allow(*LEADERS)
def nudge(task_id: int) -> Response:
    """Asks whoever has a late task about it."""
    person, viewer = current_sign_in().user, found(current_viewer())
    try:
        with writing():
            task = found(Task.locked(task_id))
            found(task if viewer.sees_person(task.owner_id) else None)
            Reminder.nudge(task, by=person, day=installation().today, now=clock.now())
        flash(_("%(name)s is asked about it.", name=task.owner.name))
    except Refused as refusal:
        flash(str(refusal), "plain")
    return redirect(safe_next(request.form.get("back")) or url_for("insight.team"), HTTPStatus.SEE_OTHER)


def _put_offs() -> list[tuple[str, Any]]:
    """Until when one may put something off, those that are still to come."""
    now, zone = clock.now(), hours_of(current_user)[1]
    calendar = working_calendar()
    offered = [(str(each), put_off_until(each, now, zone, calendar)) for each in PutOff]
    return [(each, until) for each, until in offered if until is not None]


def _unread() -> int:
    if "unread_reminders" not in g:
        g.unread_reminders = unread_count(current_user.id) if current_user.is_authenticated else 0
    return int(g.unread_reminders)


def _back() -> Response:
    return redirect(url_for("notify.reminders"), HTTPStatus.SEE_OTHER)
