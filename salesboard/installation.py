"""The installation: its name, currency, zone and language, and its own working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from flask import current_app, g, has_request_context
from sqlalchemy import CheckConstraint, Date, String, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import clock
from salesboard.clock import WorkingCalendar
from salesboard.database import Base, UtcDateTime, db


class Installation(Base):
    """The one row that `/setup` fills."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    timezone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(10))
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def today(self) -> date:
        """The date in the installation's zone."""
        return clock.today(self.timezone)


class CalendarDay(Base):
    """A day on which the installation departs from the official calendar."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_worked: Mapped[bool]
    label: Mapped[str] = mapped_column(String(80), default="")


def installation() -> Installation:
    """The installation's row, made with the operator's defaults where the set-up has not been done yet."""
    if has_request_context() and "installation" in g:
        return cast(Installation, g.installation)
    found = db.session.get(Installation, 1)
    if found is None:
        settings = current_app.config["SETTINGS"]
        found = Installation(
            id=1,
            name="salesboard",
            currency=settings.currency,
            timezone=settings.timezone,
            locale=settings.locale,
        )
    if has_request_context():
        g.installation = found
    return found


def working_calendar() -> WorkingCalendar:
    """The official calendar with the installation's own days."""
    if has_request_context() and "working_calendar" in g:
        return cast(WorkingCalendar, g.working_calendar)
    own = {day.day: day.is_worked for day in db.session.scalars(select(CalendarDay))}
    calendar = WorkingCalendar(own)
    if has_request_context():
        g.working_calendar = calendar
    return calendar
