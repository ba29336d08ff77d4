"""What one may choose from about oneself and the installation: languages, time zones, currencies, roles, themes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from babel.numbers import get_currency_name, get_currency_symbol
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from salesboard.access import Role
from salesboard.accounts.rules import Theme

LANGUAGES = (
    SelectChoice("zh_Hans", "简体中文"),
    SelectChoice("zh_Hant", "繁體中文"),
    SelectChoice("en", "English"),
)
"""Each by its own name, for whoever cannot read the others."""

ZONES = """
Asia/Shanghai Asia/Hong_Kong Asia/Macau Asia/Taipei Asia/Urumqi Asia/Singapore Asia/Kuala_Lumpur Asia/Tokyo Asia/Seoul
Asia/Manila Asia/Bangkok Asia/Ho_Chi_Minh Asia/Jakarta Asia/Yangon Asia/Kolkata Asia/Karachi Asia/Tashkent Asia/Almaty
Asia/Dubai Asia/Riyadh Europe/Istanbul Europe/Moscow Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi
Europe/London Europe/Lisbon Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Warsaw Europe/Athens
America/New_York America/Chicago America/Denver America/Los_Angeles America/Toronto America/Vancouver
America/Mexico_City America/Bogota America/Lima America/Santiago America/Sao_Paulo America/Argentina/Buenos_Aires
Australia/Perth Australia/Sydney Pacific/Auckland Pacific/Honolulu UTC
""".split()
CURRENCIES = """
CNY HKD MOP TWD SGD MYR THB VND IDR PHP JPY KRW INR AED SAR RUB EUR GBP CHF USD CAD AUD NZD MXN BRL ZAR
""".split()


def role_choices() -> list[SelectChoice]:
    """The roles as the reader calls them."""
    names = {
        Role.REP: _("Rep"),
        Role.COLLABORATOR: _("Collaborator"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.ADMIN: _("Admin"),
    }
    return [SelectChoice(str(role), name) for role, name in names.items()]


def theme_choices() -> list[SelectChoice]:
    names = {Theme.SYSTEM: _("Auto"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}
    return [SelectChoice(str(theme), name) for theme, name in names.items()]


def zone_choices(now: datetime, *, also: str | None = None) -> list[SelectChoice]:
    """Time zones by their main city, with today's offset; `also` is offered even if it is not among the usual ones."""
    keys = ZONES if also is None or also in ZONES else [also, *ZONES]
    return [
        SelectChoice(key, f"{_city(key)} UTC{_offset(key, now)}" if key != "UTC" else key) for key in keys
    ]


def currency_choices(*, also: str | None = None) -> list[SelectChoice]:
    """Currencies by name, code and sign."""
    codes = CURRENCIES if also is None or also in CURRENCIES else [also, *CURRENCIES]
    return [SelectChoice(code, _currency(code)) for code in codes]


def _city(key: str) -> str:
    """The zone's main city; the library does not know those named after their country too."""
    return str(get_timezone_location(key, locale=get_locale(), return_city=True)).rpartition("/")[2]


def _offset(key: str, now: datetime) -> str:
    """+8, -3:30, or nothing at all for UTC itself."""
    offset = now.astimezone(ZoneInfo(key)).utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else ""


def _currency(code: str) -> str:
    name, sign = get_currency_name(code, locale=get_locale()), get_currency_symbol(code, locale=get_locale())
    label = code if name == code else f"{name} {code}"
    return label if sign == code else f"{label} ({sign})"
