"""The page where one makes, replaces and revokes the address of one's calendar."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import signed_in
from salesboard.accounts.blueprint import accounts
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.links import in_full
from salesboard.database import writing
from salesboard.web import render


@accounts.get("/settings/calendar")
@signed_in
def calendar() -> str:
    return render("accounts/calendar.html", kept=current_user.calendar_address, address="")


@accounts.post("/settings/calendar")
@signed_in
def make_calendar() -> str:
    """The answer itself shows the address: it lies nowhere from which another page could tell it."""
    with writing():
        token = CalendarAddress.make(current_user, clock.now())
    address = in_full("tasks.feed", token=token)
    return render("accounts/calendar.html", kept=current_user.calendar_address, address=address)


@accounts.post("/settings/calendar/revocation")
@signed_in
def revoke_calendar() -> Response:
    with writing():
        CalendarAddress.revoke(current_user, clock.now())
    flash(_("The address leads nowhere any more."))
    return redirect(url_for("accounts.calendar"), HTTPStatus.SEE_OTHER)
