"""My day: what waits for one, part by part, and the week."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import get_timezone
from flask_login import current_user

from salesboard import clock
from salesboard.access import signed_in
from salesboard.deals.stages import Ages
from salesboard.deals.wording import METHOD_DRAWINGS, METHOD_NAMES
from salesboard.followups.promised import promises_due
from salesboard.followups.rules import first_line
from salesboard.formats import own_today
from salesboard.insight.scopes import Scope
from salesboard.insight.shown_targets import goals_shown
from salesboard.tasks.agenda import Agenda, agenda
from salesboard.tasks.blueprint import tasks
from salesboard.tasks.models import Task
from salesboard.tasks.queries import (
    CADENCE,
    MOST_WARNED,
    OWED,
    Part,
    done_on,
    last_talks_before,
    parts_of_day,
    tasks_of_week,
    warned_deals,
    week_of,
)
from salesboard.tasks.rhythm import cadences
from salesboard.tasks.rules import Bucket, end_of_week
from salesboard.tasks.wording import BUCKET_NAMES, task_words
from salesboard.web import render


@tasks.get("/today")
@signed_in
def today() -> str:
    """What waits for the person today, and what was done."""
    ages, today, zone = Ages.now(), own_today(), str(get_timezone())
    parts = parts_of_day(current_user.id, today, clock.now(), zone)
    asked = parts.get(CADENCE, Part())
    warned = warned_deals(current_user.id, ages)
    week_ends = max(end_of_week(ages.today), ages.today + timedelta(days=1))
    return render(
        "tasks/today.html",
        today=today,
        zone=zone,
        owed=parts.get(OWED, Part()),
        no_tasks=Part(),
        agenda=_agenda(parts, today, ZoneInfo(zone)),
        buckets={bucket: parts[bucket] for bucket in Bucket if bucket in parts},
        bucket_names=BUCKET_NAMES,
        asked=asked,
        last_talks=last_talks_before(asked.tasks) if asked.tasks else {},
        cadences=cadences(),
        promises=promises_due(lambda owner_id: owner_id == current_user.id, week_ends),
        week=week_of(current_user.id, today, ages),
        warned=warned[:MOST_WARNED],
        has_more_warned=len(warned) > MOST_WARNED,
        ages=ages,
        done=done_on(current_user.id, today, zone),
        task_words=task_words,
        first_line=first_line,
        method_names=METHOD_NAMES,
        method_drawings=METHOD_DRAWINGS,
        **goals_shown(Scope(person=current_user), ages.today),
    )


@tasks.get("/today/week")
@signed_in
def week() -> str:
    """The tasks of a week, day by day; `of` is any day of it."""
    ages, today = Ages.now(), own_today()
    monday = end_of_week(_asked_day(today)) - timedelta(days=6)
    return render(
        "tasks/week.html",
        today=today,
        monday=monday,
        days=week_of(current_user.id, monday, ages),
        by_day=tasks_of_week(current_user.id, monday, str(get_timezone())),
        task_words=task_words,
        method_names=METHOD_NAMES,
        method_drawings=METHOD_DRAWINGS,
    )


def _agenda(parts: dict[str, Part], today: date, zone: ZoneInfo) -> Agenda[Task] | None:
    """Of what is shown, all that has its hour today: to come, or still without its note."""
    shown = [*parts.get(Bucket.TODAY, Part()).tasks, *parts.get(OWED, Part()).tasks]
    timed = ((task.due_at.astimezone(zone), task) for task in shown if task.due_at)
    return agenda(((at, task) for at, task in timed if at.date() == today), clock.now().astimezone(zone))


def _asked_day(today: date) -> date:
    """The day of the address; a senseless one is today. Kept so far from the ends of time that weeks exist."""
    try:
        asked = date.fromisoformat(request.args.get("of", ""))
    except ValueError:
        return today
    return asked if 1990 <= asked.year <= 2100 else today
