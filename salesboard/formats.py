"""How money, dates and moments are written for a reader, in templates and messages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, get_timezone
from flask_babel import gettext as _

from salesboard.installation import installation

TEN_THOUSAND, HUNDRED_MILLION = Decimal(10_000), Decimal(100_000_000)
THOUSAND, MILLION = Decimal(1_000), Decimal(1_000_000)


def init_formats(app: Flask) -> None:
    """Makes the filters known to templates."""
    app.jinja_env.filters.update(
        short_money=short_money,
        money_unit=money_unit,
        full_money=full_money,
        day=day,
        moment=moment,
        percent=percent,
    )


def short_money(amount: Decimal | None) -> str:
    """An amount as people say it, without its unit: 48.6 (万) in Chinese, 486 (K) in English."""
    if amount is None:
        return "–"
    scaled = amount / _scale(amount)
    return f"{scaled.quantize(Decimal('0.1')).normalize():,f}"


def money_unit(amount: Decimal | None) -> str:
    """The unit that goes with `short_money`: 万, 亿, K, M, or nothing."""
    if amount is None:
        return ""
    units = {
        HUNDRED_MILLION: "亿" if _reads("zh_Hans") else "億",
        TEN_THOUSAND: "万" if _reads("zh_Hans") else "萬",
    }
    western = {MILLION: "M", THOUSAND: "K"}
    return (units if _reads_chinese() else western).get(_scale(amount), "")


def full_money(amount: Decimal | None) -> str:
    """The whole amount with its currency: CNY 486,000.00."""
    return "–" if amount is None else f"{installation().currency} {amount:,.2f}"


def day(value: date | datetime | None, style: str = "short") -> str:
    """A date as short as the reader needs: without its year in this year; `style` "full" always says the year."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(str(get_timezone()))).date()
    if style == "short" and value.year == installation().today.year:
        return str(format_date(value, _("MMM d")))
    return str(format_date(value, _("MMM d, y")))


def moment(value: datetime | None) -> str:
    """A moment in the reader's zone, to the minute."""
    if value is None:
        return "–"
    return f"{day(value)} {format_datetime(value, 'HH:mm')}"


def percent(ratio: Decimal | float | None, places: int = 0) -> str:
    """A ratio as percent; a dash where nothing can be said."""
    return "–" if ratio is None else f"{float(ratio) * 100:.{places}f}%"


def _reads(locale: str) -> bool:
    return str(get_locale()) == locale


def _reads_chinese() -> bool:
    return str(get_locale()).startswith("zh")


def _scale(amount: Decimal) -> Decimal:
    """The largest unit that the amount fills in the reader's language."""
    steps = (HUNDRED_MILLION, TEN_THOUSAND) if _reads_chinese() else (MILLION, THOUSAND)
    return next((step for step in steps if abs(amount) >= step), Decimal(1))
