"""The admin's pages about the installation, its working days, work that failed, and invented data."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select
from werkzeug.wrappers import Response

from salesboard import clock, outbox
from salesboard.access import Role, allow
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.fields import EARLIEST_DAY, LATEST_DAY
from salesboard.installation import CalendarDay, Installation, installation, working_calendar
from salesboard.ops import demo
from salesboard.ops.admin_forms import InstallationForm, OwnDaysForm
from salesboard.ops.blueprint import administration
from salesboard.ops.calendar_month import (
    EARLIEST_MONTH,
    LATEST_MONTH,
    DayKind,
    month_beside,
    month_weeks,
    official_holidays,
)
from salesboard.ops.verb_names import WORK_NAMES
from salesboard.outbox import Work, WorkState
from salesboard.web import found, render

Answer = str | Response | tuple[str, int]


@administration.route("/admin/installation", methods=["GET", "POST"])
@allow(Role.ADMIN)
def about_installation() -> Answer:
    here = installation()
    has_amounts = db.session.scalar(select(exists().where(Deal.amount.is_not(None))))
    form = InstallationForm(here, may_change_currency=not has_amounts)
    if not form.validate_on_submit():
        page = render("ops/installation.html", form=form, has_amounts=has_amounts)
        return page, 422 if form.is_submitted() else 200
    with writing():
        Installation.to_change().change(
            name=form.name.data or "",
            currency=form.currency.data,
            timezone=form.timezone.data,
            locale=form.locale.data,
            rules=form.rules(),
            by_id=current_user.id,
            now=clock.now(),
        )
    flash(_("Saved."))
    return redirect(url_for("administration.about_installation"), HTTPStatus.SEE_OTHER)


@administration.route("/admin/calendar", methods=["GET", "POST"])
@allow(Role.ADMIN)
def calendar() -> Answer:
    """A month day by day; the form marks a range of days as free or worked."""
    month = _asked_month()
    form = OwnDaysForm()
    if not form.validate_on_submit():
        return _calendar_page(month, form), 422 if form.is_submitted() else 200
    with writing():
        CalendarDay.mark(
            form.days,
            is_worked=form.is_worked.data == "1",
            label=form.label.data or "",
            by_id=current_user.id,
            now=clock.now(),
        )
    flash(_("Saved."))
    return redirect(
        url_for("administration.calendar", month=f"{form.first.data:%Y-%m}"), HTTPStatus.SEE_OTHER
    )


@administration.post("/admin/calendar/<day>")
@allow(Role.ADMIN)
def turn_day(day: str) -> Response:
    """Turns a worked day free or a free one worked; a day of the team's own goes back to the official calendar."""
    date_ = found(_day(day))
    with writing():
        if db.session.get(CalendarDay, date_) is not None:
            CalendarDay.clear([date_], by_id=current_user.id, now=clock.now())
        else:
            is_worked = not working_calendar().is_working(date_)
            CalendarDay.mark([date_], is_worked=is_worked, label="", by_id=current_user.id, now=clock.now())
    return redirect(url_for("administration.calendar", month=f"{date_:%Y-%m}"), HTTPStatus.SEE_OTHER)


@administration.get("/admin/work")
@allow(Role.ADMIN)
def dead_work() -> str:
    """Promised work that was given up, the latest first."""
    dead = select(Work).where(Work.state == WorkState.DEAD).order_by(Work.finished_at.desc(), Work.id.desc())
    works = db.session.scalars(dead.limit(200)).all()
    return render("ops/dead_work.html", works=works, work_names=WORK_NAMES)


@administration.post("/admin/work/<int(max=2147483647):work_id>/retry")
@allow(Role.ADMIN)
def retry_work(work_id: int) -> Response:
    with writing():
        found(outbox.revive(work_id, by_id=current_user.id, now=clock.now()) or None)
    flash(_("It will be tried again now."))
    return redirect(url_for("administration.dead_work"), HTTPStatus.SEE_OTHER)


@administration.post("/setup/demo")
@allow(Role.ADMIN)
def invent() -> Response:
    """The second door of the set-up: invented data, where there is nothing real yet."""
    try:
        filled = demo.fill(by=current_user)
    except Refused as refusal:
        flash(str(refusal), "late")
    else:
        flash(_("%(count)d invented deals are there to be dragged about.", count=filled.deals))
    return redirect("/", HTTPStatus.SEE_OTHER)


def _asked_month() -> date:
    """The month in the address, else this one."""
    asked = _day(f"{request.args.get('month', '')}-01")
    return asked if asked and EARLIEST_MONTH <= asked <= LATEST_MONTH else installation().today.replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST_DAY <= day <= LATEST_DAY else None


def _calendar_page(month: date, form: OwnDaysForm) -> str:
    first, last = date(month.year, 1, 1), date(month.year, 12, 31)
    of_year = select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day)
    own_days = list(db.session.scalars(of_year))
    weeks = month_weeks(month, {own.day: own for own in own_days})
    worked = [
        cell for week in weeks for cell in week if cell and cell.kind in (DayKind.WORKED, DayKind.MAKE_UP)
    ]
    return render(
        "ops/calendar.html",
        month=month,
        weeks=weeks,
        today=installation().today,
        working_days=len(worked),
        previous_month=month_beside(month, -1),
        next_month=month_beside(month, 1),
        own_days=own_days,
        holidays=official_holidays(month.year),
        last_official_year=clock.last_official_year(),
        form=form,
    )
