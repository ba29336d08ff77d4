"""The bar of filters above the list of customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from salesboard.access import LEADERS, current_viewer
from salesboard.customers.custom_menus import own_menus
from salesboard.customers.custom_rules import FieldShape
from salesboard.customers.filter_menus import (
    Address,
    FilterBar,
    FilterMenu,
    Option,
    RangeMenu,
    day_range,
    one_of,
    some_of_people,
    teams_offered,
    word_menus,
    worth_range,
)
from salesboard.customers.filters import CustomerFilters, NextStep, TalkedWith
from salesboard.customers.queries import owners
from salesboard.customers.rules import Level
from salesboard.customers.saved_menu import SavedMenu, address
from salesboard.customers.wording import LEVEL_NAMES, STATUS_NAMES

HERE = "customers.index"


def filter_bar(
    filters: CustomerFilters, fields: list[FieldShape], kept: dict[str, Any], saved: SavedMenu
) -> FilterBar:
    """The bar: `kept` are the parameters that are no filters, such as the order."""

    def url(wanted: CustomerFilters) -> str:
        return address(HERE, {**wanted.parameters, **kept}, saved)

    return FilterBar(
        action=url_for(HERE),
        views=_views(filters, url),
        menus=[
            *_whose(filters, url),
            *_kinds(filters, url),
            *word_menus(filters, url, shown=("region",)),
            *_states(filters, url),
        ],
        text=filters.text,
        without_text_url=url(filters.but(text="")),
        clear_url=url(CustomerFilters(archived=filters.archived)),
        kept=kept,
        parameters=filters.parameters,
        own=own_menus(fields, filters.own, lambda own: url(filters.but(own=own))),
        ranges=list(_ranges(filters, url)),
        saved=saved,
    )


def _views(filters: CustomerFilters, url: Address) -> list[Option]:
    ready = {
        _("All customers"): CustomerFilters(),
        _("Key customers"): CustomerFilters(level=Level.KEY),
        _("No next step"): CustomerFilters(step=NextStep.MISSING),
    }
    return [Option("", words, url(view), filters == view) for words, view in ready.items()]


def _whose(filters: CustomerFilters, url: Address) -> Iterator[FilterMenu]:
    """Team and owner: for those who see more than their own, or whose address names somebody."""
    viewer, leads = current_viewer(), current_user.role in LEADERS
    assert viewer is not None
    teams = teams_offered() if leads else []
    people = owners(viewer) if leads else []
    if len(teams) > 1 or filters.team:
        yield one_of("team", _("Team"), filters, [(team.id, team.name) for team in teams], url)
    if len(people) > 1 or filters.owners:
        yield some_of_people(people, filters, url)


def _kinds(filters: CustomerFilters, url: Address) -> Iterator[FilterMenu]:
    yield one_of("level", _("Level"), filters, _named(LEVEL_NAMES), url)
    yield one_of("status", _("Status"), filters, _named(STATUS_NAMES), url)


def _states(filters: CustomerFilters, url: Address) -> Iterator[FilterMenu]:
    steps = [
        (NextStep.LATE, _("Late")),
        (NextStep.TODAY, _("Today")),
        (NextStep.MISSING, _("Missing")),
    ]
    yield one_of("next", _("Next step"), filters, steps, url, asks="step")
    never = [(TalkedWith.NEVER, _("none yet"))]
    yield one_of("talked", _("Talks"), filters, never, url, is_extra=True)


def _ranges(filters: CustomerFilters, url: Address) -> Iterator[RangeMenu]:
    yield worth_range("open", _("Under way"), filters, "worth", url)
    yield day_range("talk", _("Last talk"), filters, "last_talk", url)
    yield day_range("contact", _("First contact"), filters, "first_contact", url)
    yield day_range("created", _("Created"), filters, "created", url)


def _named(names: dict[Any, Any]) -> list[tuple[Any, str]]:
    return [(code, str(words)) for code, words in names.items()]
