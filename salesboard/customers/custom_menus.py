"""Filters of custom fields above a list: what is chosen, in words, and what else can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from salesboard.customers.custom_filters import RANGES, OwnFilter, parameter_of
from salesboard.customers.custom_rules import FieldKind, FieldShape, Value
from salesboard.customers.custom_wording import ANSWER_NAMES, shown


@dataclass(frozen=True)
class OwnMenu:
    """One field to filter by. `chosen` are the words of what is, empty while nothing is; `options` what can be chosen,
    by value, empty where it is typed."""

    field: FieldShape
    name: str
    asked: OwnFilter
    chosen: str
    clear_url: str
    options: dict[str, str]

    @property
    def is_range(self) -> bool:
        return self.field.kind in RANGES


Others = tuple[OwnFilter, ...]


def own_menus(
    fields: Sequence[FieldShape], asked: Sequence[OwnFilter], url: Callable[[Others], str]
) -> list[OwnMenu]:
    """A menu for each field; `url` gives the address of the list with these filters of custom fields alone."""
    by_field = {one.field.id: one for one in asked}
    return [
        OwnMenu(
            field=field,
            name=parameter_of(field),
            asked=by_field.get(field.id, OwnFilter(field)),
            chosen=_words(by_field[field.id]) if field.id in by_field else "",
            clear_url=url(tuple(one for one in asked if one.field.id != field.id)),
            options=_options(field),
        )
        for field in fields
    ]


def _options(field: FieldShape) -> dict[str, str]:
    if field.kind is FieldKind.YES_NO:
        return {code: str(name) for code, name in ANSWER_NAMES.items()}
    return {choice: choice for choice in field.choices}


def _words(asked: OwnFilter) -> str:
    if asked.low and asked.high:
        return _("%(low)s to %(high)s", low=_told(asked, asked.low), high=_told(asked, asked.high))
    if asked.low:
        return _("from %(low)s", low=_told(asked, asked.low))
    if asked.high:
        return _("up to %(high)s", high=_told(asked, asked.high))
    return shown(asked.field, asked.text)


def _told(asked: OwnFilter, end: Value) -> str:
    return shown(asked.field, end.text)
