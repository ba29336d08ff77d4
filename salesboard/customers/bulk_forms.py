"""What a person may send about many customers at once, checked."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired

from salesboard.customers.rules import Level
from salesboard.customers.wording import LEVEL_NAMES
from salesboard.fields import Line, PageForm, at_most, choices_of, refuse_unwritable
from salesboard.numbering import is_own_number

LONGEST_QUERY = 2_000
LONGEST_REGION = 120


class PickForm(PageForm):
    """Which customers are meant, and what is to be changed of them."""

    query = HiddenField(validators=[at_most(LONGEST_QUERY)])
    picks = HiddenField()
    """Numbers of the ticked ones, in one field however many they are."""
    all = HiddenField()
    confirmed = HiddenField()
    """What the page told of the customers, in short; empty before anybody has seen it."""

    def validate_query(self, field: HiddenField) -> None:
        refuse_unwritable(field.data or "")


def _id(text: object) -> int | None:
    """Of the person chosen; None while nobody is."""
    return int(str(text)) if text else None


def _level(text: object) -> Level | None:
    return Level(str(text)) if text else None


class OwnerForm(PageForm):
    """Who looks after them from now on."""

    value = SelectField(_l("New owner"), coerce=_id, validators=[InputRequired(_l("Choose a person."))])
    with_deals = BooleanField(_l("Open deals that the earlier owner has with them go along"), default=True)


class LevelForm(PageForm):
    """Their level from now on."""

    value = SelectField(
        _l("New level"),
        coerce=_level,
        choices=choices_of(LEVEL_NAMES, blank=_l("Choose…")),
        validators=[InputRequired(_l("Choose one."))],
    )


class RegionForm(PageForm):
    """Their region from now on."""

    value = Line(_l("New region"), validators=[at_most(LONGEST_REGION)])


def numbers_in(texts: list[str], most: int) -> tuple[str, ...]:
    """The customers' numbers among what was ticked, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for number in re.split(r"[\s,]+", text[: most * 20]):
            if is_own_number(number, "C"):
                found[number] = None
    return tuple(found)[: most + 1]
