"""The installation: its name, currency, zone and language, and its own working days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from flask import current_app, g, has_request_context
from sqlalchemy import CheckConstraint, Date, String, select, true
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit, clock
from salesboard.clock import WorkingCalendar
from salesboard.database import Base, Money, UtcDateTime, db
from salesboard.lasting import lasting

CHECK_SAMPLE, UNMET_DAYS, HIGH_VALUE = 5, 30, Decimal(500_000)


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
    check_sample: Mapped[int] = mapped_column(default=CHECK_SAMPLE, server_default=str(CHECK_SAMPLE))
    """So many customers a supervisor checks each week."""
    unmet_days: Mapped[int] = mapped_column(default=UNMET_DAYS, server_default=str(UNMET_DAYS))
    """After so many days without a talk a decision maker counts as not met."""
    high_value: Mapped[Decimal] = mapped_column(
        Money, default=HIGH_VALUE, server_default=str(int(HIGH_VALUE * 100))
    )
    """From this sum on a customer's deals are of high value."""
    days_off_wait: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether a talk on a day off may be noted until noon of the next working day."""

    @classmethod
    def by_default(cls) -> Installation:
        """The operator's defaults, before the set-up; read from the settings alone."""
        here = current_app.config["SETTINGS"]
        return cls(
            id=1,
            name="salesboard",
            currency=here.currency,
            timezone=here.timezone,
            locale=here.locale,
            check_sample=CHECK_SAMPLE,
            unmet_days=UNMET_DAYS,
            high_value=HIGH_VALUE,
            days_off_wait=True,
        )

    @classmethod
    def establish(
        cls, *, name: str, currency: str, timezone: str, locale: str, now: datetime
    ) -> Installation:
        """Sets the installation up. A second time the database refuses the row."""
        here = cls(
            id=1,
            name=" ".join(name.split()),
            currency=currency,
            timezone=timezone,
            locale=locale,
            set_up_at=now,
        )
        db.session.add(here)
        db.session.flush()
        audit.record("installation.set_up", "installation", actor_id=None, at=now, **here._facts())
        if has_request_context():
            g.installation = here
        return here

    @classmethod
    def to_change(cls) -> Installation:
        """The row itself, in the transaction under way; begun with the operator's defaults where there is none."""
        here = db.session.get(cls, 1) or cls.by_default()
        db.session.add(here)
        return here

    @property
    def today(self) -> date:
        """The date in the installation's zone."""
        return clock.today(self.timezone)

    def change(
        self,
        *,
        name: str,
        currency: str,
        timezone: str,
        locale: str,
        by_id: int,
        now: datetime,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        """What the admin changes about the installation. Amounts are not converted: see who calls.

        `rules` may hold `check_sample`, `unmet_days`, `high_value` and `days_off_wait`.
        """
        before = self._facts()
        for rule, value in (rules or {}).items():
            setattr(self, rule, value)
        self.name, self.currency = " ".join(name.split()), currency
        self.timezone, self.locale = timezone, locale
        after = self._facts()
        if after != before:
            changed = {key: [before[key], after[key]] for key in after if after[key] != before[key]}
            audit.record("installation.changed", "installation", actor_id=by_id, at=now, changed=changed)

    def _facts(self) -> dict[str, str]:
        return {
            "name": self.name,
            "currency": self.currency,
            "timezone": self.timezone,
            "locale": self.locale,
            "check_sample": str(self.check_sample),
            "unmet_days": str(self.unmet_days),
            "high_value": str(self.high_value),
            "days_off_wait": str(self.days_off_wait),
        }


class CalendarDay(Base):
    """A day on which the installation departs from the official calendar."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_worked: Mapped[bool]
    label: Mapped[str] = mapped_column(String(80), default="")

    @classmethod
    def mark(cls, days: Sequence[date], *, is_worked: bool, label: str, by_id: int, now: datetime) -> None:
        """Says of each of these days whether it is worked, whatever was said before."""
        kept = {row.day: row for row in db.session.scalars(select(cls).where(cls.day.in_(days)))}
        for day in days:
            row = kept.get(day) or cls(day=day)
            row.is_worked, row.label = is_worked, label
            db.session.add(row)
        audit.record(
            "calendar.marked",
            f"days {days[0]} to {days[-1]}",
            actor_id=by_id,
            at=now,
            is_worked=is_worked,
            label=label,
        )

    @classmethod
    def clear(cls, days: Sequence[date], *, by_id: int, now: datetime) -> None:
        """Goes back to the official calendar for these days; done twice it changes nothing."""
        for row in db.session.scalars(select(cls).where(cls.day.in_(days))):
            db.session.delete(row)
            audit.record("calendar.cleared", f"day {row.day}", actor_id=by_id, at=now)


def installation() -> Installation:
    """What is kept about the installation; the operator's defaults where the set-up has not been done yet.

    To be read: who changes it takes `Installation.to_change()`.
    """
    if has_request_context() and "installation" in g:
        return cast(Installation, g.installation)
    return _as_kept() or Installation.by_default()


@lasting(Installation)
def _as_kept() -> Installation | None:
    row = db.session.execute(select(Installation.__table__)).mappings().one_or_none()
    return None if row is None else Installation(**row)


@lasting(CalendarDay)
def working_calendar() -> WorkingCalendar:
    """The official calendar with the installation's own days."""
    own = db.session.execute(select(CalendarDay.day, CalendarDay.is_worked))
    return WorkingCalendar({row.day: row.is_worked for row in own})
