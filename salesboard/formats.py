"""How money, dates and moments are written for a reader, in templates and messages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, get_timezone, ngettext
from flask_babel import gettext as _

from salesboard import clock
from salesboard.amounts import short_amount
from salesboard.installation import installation


def init_formats(app: Flask) -> None:
    """Makes the filters known to templates."""
    app.jinja_env.filters.update(
        short_money=short_money,
        money_unit=money_unit,
        full_money=full_money,
        day=day,
        moment=moment,
        hour=hour,
        weekday=weekday,
        percent=percent,
        stay=stay,
        delay=delay,
        grouped=grouped,
        file_size=file_size,
    )


def own_today() -> date:
    """The date by the reader's own clock, which may be another than the installation's."""
    return clock.today(str(get_timezone()))


def short_money(amount: Decimal | None) -> str:
    """An amount as people say it, without its unit: 48.6 (万) in Chinese, 486 (K) in English."""
    return "–" if amount is None else short_amount(amount, _language())[0]


def money_unit(amount: Decimal | None) -> str:
    """The unit that goes with `short_money`: 万, 亿, K, M, or nothing."""
    return "" if amount is None else short_amount(amount, _language())[1]


def full_money(amount: Decimal | None) -> str:
    """The whole amount with its currency: CNY 486,000.00."""
    return "–" if amount is None else f"{installation().currency} {amount:,.2f}"


def day(value: date | datetime | None, style: str = "short") -> str:
    """A date as short as the reader needs: without its year in this year; `style` "full" always says the year."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(str(get_timezone()))).date()
    return _written_day(value, style != "short" or value.year != installation().today.year, _language())


@lru_cache(maxsize=4096)
def _written_day(value: date, with_year: bool, _language: str) -> str:
    """Kept, for a board writes the same few days again and again."""
    return str(format_date(value, _("MMM d, y") if with_year else _("MMM d")))


def stay(days: int, days_over: int = 0) -> str:
    """How long a deal has been in its stage: "3 days"; beyond the limit "18 days · 4 over"."""
    return _written_stay(days, days_over, _language())


@lru_cache(maxsize=4096)
def _written_stay(days: int, days_over: int, _language: str) -> str:
    length = ngettext("%(num)d day", "%(num)d days", days)
    if not days_over:
        return length
    over = _("%(days)d over", days=days_over)
    return f"{length} · {over}"


def delay(hours: int) -> str:
    """How late something is: in hours for two days, then in whole days."""
    if hours <= 48:
        return ngettext("%(num)d hour late", "%(num)d hours late", hours)
    return ngettext("%(num)d day late", "%(num)d days late", hours // 24)


def moment(value: datetime | None) -> str:
    """A moment in the reader's zone, to the minute."""
    if value is None:
        return "–"
    return f"{day(value)} {format_datetime(value, 'HH:mm')}"


def hour(value: datetime) -> str:
    """The time of day in the reader's zone: 14:05."""
    return str(format_datetime(value, "HH:mm"))


def weekday(value: date, style: str = "") -> str:
    """The date with its day of the week: "Thursday, May 21"; in style "short" that day alone, in "letter" its sign."""
    return str(format_date(value, {"short": "EEE", "letter": "EEEEE"}.get(style) or _("EEEE, MMM d")))


def grouped(number: int) -> str:
    """A count with its thousands set apart: 1,204."""
    return f"{number:,}"


def file_size(octets: int) -> str:
    """A file's size, in the units that Chinese and English share: 8 B, 12 KB, 7.6 MB."""
    if octets < 1000:
        return f"{octets} B"
    size, unit = (octets / 1000, "KB") if octets < 1_000_000 else (octets / 1_000_000, "MB")
    return f"{size:.3g} {unit}" if size < 999 else f"{size:.0f} {unit}"


def percent(ratio: Decimal | float | None, places: int = 0) -> str:
    """A ratio as percent; a dash where nothing can be said."""
    return "–" if ratio is None else f"{float(ratio) * 100:.{places}f}%"


def _language() -> str:
    return str(get_locale())
