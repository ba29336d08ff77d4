"""Form fields that several concepts share: clean words, amounts as people write them, days, moments in one's zone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import support
from flask import flash, g, request
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    FileField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.i18n import messages_path
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, TextInput

from salesboard.addresses import LARGEST_ID
from salesboard.database import CENT, LARGEST_AMOUNT
from salesboard.errors import Invalid
from salesboard.private_numbers import PrivateNumber, looks_like_home, private_number_in

EARLIEST_DAY, LATEST_DAY = date(1990, 1, 1), date(2100, 12, 31)
_UNITS = {
    "": Decimal(1),
    "k": Decimal(1_000),
    "千": Decimal(1_000),
    "万": Decimal(10_000),
    "萬": Decimal(10_000),
    "w": Decimal(10_000),
    "m": Decimal(1_000_000),
    "百万": Decimal(1_000_000),
    "亿": Decimal(100_000_000),
    "億": Decimal(100_000_000),
}
_AMOUNT = re.compile(r"(?:[a-z]{3}|[¥$€£])?(\d+(?:\.\d+)?)(k|千|万|萬|w|m|百万|亿|億)?(?:元|圆|圓)?")


class PageForm(FlaskForm):
    """A form of a page. It reads the fields of a form alone: no JSON, whose values may be of any type, and files only
    where a file is asked for."""

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect has looked at every request that changes anything, before any view

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> MultiDict[str, Any] | None:
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if not form.is_submitted():
                return None
            asked = [name for name, field in form._fields.items() if isinstance(field, FileField)]
            files = MultiDict((name, file) for name in asked for file in request.files.getlist(name))
            return CombinedMultiDict((files, request.form)) if files or request.form else None

        def get_translations(self, form: FlaskForm) -> support.NullTranslations:
            return _words_of_wtforms(str(get_locale()))


@cache
def _words_of_wtforms(locale: str) -> support.NullTranslations:
    """Kept, for Flask-WTF would read them from their file at each request."""
    return support.Translations.load(messages_path(), [locale], domain="wtforms")


class _Cleaned:
    """What typed text has in common: one kind of line end, no blanks around, nothing a database refuses."""

    data: str | None
    errors: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: object) -> None:
        refuse_unwritable(self.data or "")
        if looks_like_home(self.data or ""):
            g.wrote_home_address = True


class Line(_Cleaned, StringField):
    """A line of text."""


class Words(_Cleaned, TextAreaField):
    """Text of several lines."""


class Version(IntegerField):
    """The version of the record that a form was opened on, carried along unseen."""

    widget = HiddenInput()

    def __init__(self, label: object = None, validators: Any = None, **kwargs: Any) -> None:
        incomplete = _l("Open this form again, it is incomplete.")
        rules = [InputRequired(incomplete), NumberRange(0, LARGEST_ID, incomplete)]
        super().__init__(label, [*rules, *(validators or [])], **kwargs)

    def go_on_from(self, version: int) -> None:
        """Lets a form that met a conflict be sent again, on what the record is now."""
        self.raw_data = [str(version)]


class Day(DateField):
    """A date that a team could mean: from 1990 to 2100."""

    def __init__(self, label: object = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label, validators, invalid_value_message=_l("Write the date as 2026-05-31."), **kwargs
        )

    def pre_validate(self, form: object) -> None:
        if self.data is not None:
            refuse_absurd(self.data)


class LocalMoment(DateTimeLocalField):
    """A moment typed in the person's own zone; `data` is aware, in UTC."""

    def __init__(self, label: object = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label, validators, invalid_value_message=_l("Write the time as 2026-05-31 14:00."), **kwargs
        )

    data: datetime | None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None:
            typed, self.data = self.data, None
            refuse_absurd(typed.date())
            self.data = typed.replace(tzinfo=_own_zone()).astimezone(UTC)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(_own_zone()).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class Hour(TimeField):
    """A time of the day in the person's own zone."""

    def __init__(self, label: object = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, invalid_value_message=_l("Write the time as 14:00."), **kwargs)


class Picks(SelectMultipleField):
    """Checkboxes of records, by their ids. `choices` is set to a function, which is asked once somebody looks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: object = None, **kwargs: Any) -> None:
        super().__init__(label, coerce=int, choices=[], **kwargs)

    @property
    def chosen(self) -> list[int]:
        return list(dict.fromkeys(self.data or []))


class Amount(Field):
    """An amount of money as people write it: 486000, 486,000.00, 48.6万, 1.2m."""

    widget = TextInput()
    data: Decimal | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:f}".removesuffix(".00")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_amount(valuelist[0])


def choices_of(names: Mapping[Any, Any], blank: object = None) -> list[SelectChoice]:
    """The options of a field from codes and what they are called; `blank` is what no choice is called."""
    options = [SelectChoice(code, name) for code, name in names.items()]
    return options if blank is None else [SelectChoice("", blank), *options]


def all_valid(*forms: Any) -> bool:
    """Checks every form, so that everything that is wrong is said at once; None stands for a form not asked."""
    verdicts = [form.validate() for form in forms if form is not None]
    return all(verdicts)


def warn_of_home() -> None:
    """Has the person warned, with what they see next, if a text that they sent reads like a home address."""
    if g.pop("wrote_home_address", False):
        flash(_("This reads like a home address. Take it out again unless it is a place of work."), "plain")


def at_most(longest: int) -> Length:
    """The validator that bounds a text, counted in characters."""
    return Length(max=longest, message=_l("At most %(max)d characters."))


def clean(text: str) -> str:
    """One kind of line end, no blanks around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def refuse_unwritable(text: str) -> None:
    """Raises ValidationError for text that no database keeps, or that must not be recorded."""
    if "\x00" in text or any(unicodedata.category(sign) == "Cs" for sign in text):
        raise ValidationError(_("This holds a sign that cannot be stored. Type it again."))
    private = private_number_in(text)
    if private is PrivateNumber.IDENTITY_CARD:
        raise ValidationError(_("This holds an identity-card number. Such numbers are not to be recorded."))
    if private is PrivateNumber.BANK_CARD:
        raise ValidationError(_("This holds a bank-card number. Such numbers are not to be recorded."))


def refuse_absurd(day: date) -> None:
    """Raises ValidationError for a date that nobody can mean."""
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValidationError(_("This date is too far away. Check the year."))


def read_amount(text: str) -> Decimal:
    """The amount, with two places. Raises ValidationError, saying what would be read."""
    plain = re.sub(r"[\s,_']", "", unicodedata.normalize("NFKC", text).lower())
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise ValidationError(_("Write the amount in figures, such as 486000 or 48.6万."))
    try:
        amount = (Decimal(found[1]) * _UNITS[found[2] or ""]).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        amount = LARGEST_AMOUNT + 1
    if amount > LARGEST_AMOUNT:
        raise ValidationError(_("This amount is too large."))
    return amount


def moment_of(due_on: date, hour: time) -> datetime:
    """The moment of a day and hour in the person's own zone, in UTC."""
    return datetime.combine(due_on, hour, _own_zone()).astimezone(UTC)


def hour_of(due_at: datetime | None) -> time | None:
    """The hour of a moment in the person's own zone."""
    return due_at.astimezone(_own_zone()).time() if due_at else None


def _own_zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def show_invalid(form: BaseForm, refusal: Invalid) -> None:
    """Puts a verb's objections beside the fields they are about; what names no field goes to the form as a whole."""
    for name, sentence in refusal.errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)
