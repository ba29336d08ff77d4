"""The calendar of a person, for whoever knows its secret address: a calendar program signs in nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from http import HTTPStatus

from flask import Response, abort
from flask_babel import force_locale
from werkzeug.wrappers import Response as WerkzeugResponse

from salesboard.access import acting_as, anyone
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.links import in_full
from salesboard.accounts.models import User
from salesboard.accounts.throttling import TooManyTries, limit_fetching
from salesboard.installation import installation
from salesboard.service.feed import payments_of
from salesboard.tasks.blueprint import tasks
from salesboard.tasks.calendar_text import calendar_text
from salesboard.tasks.feed import Entry, renewals_of, tasks_of
from salesboard.web import found, kept_until_changed

SOURCES: tuple[Callable[[User, date], list[Entry]], ...] = (tasks_of, renewals_of, payments_of)
"""Whoever knows of dates of a person; each asks through the person's eyes."""


@tasks.get("/calendar/<token>.ics")
@anyone
def feed(token: str) -> WerkzeugResponse:
    """What the person may see at this moment, in their language."""
    try:
        limit_fetching(token)
    except TooManyTries as refusal:
        abort(Response(str(refusal), HTTPStatus.TOO_MANY_REQUESTS, refusal.headers, mimetype="text/plain"))
    person: User = found(CalendarAddress.reader(token))
    here = installation()
    with acting_as(person.viewer()), force_locale(person.locale or here.locale):
        entries = [entry for source in SOURCES for entry in source(person, here.today)]
        addresses = [
            in_full(endpoint, **({"number": number} if number else {}))
            for endpoint, number in (each.page for each in entries)
        ]
        body = calendar_text(
            entries, addresses, name=f"{here.name} · {person.name}", zone=person.timezone or here.timezone
        )
    return kept_until_changed(Response(body, content_type="text/calendar; charset=utf-8"))
