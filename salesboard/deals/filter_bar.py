"""The bar of filters above the board and the list: what is chosen, what else can be, and the address of each choice."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select

from salesboard.access import LEADERS, WRITERS, current_viewer
from salesboard.accounts.models import User
from salesboard.customers.custom_menus import own_menus
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.filter_menus import (
    Address,
    FilterBar,
    FilterMenu,
    Option,
    day_range,
    one_of,
    some_of_people,
    teams_offered,
    word_menus,
    worth_range,
)
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import ENDPOINTS, SavedMenu, address
from salesboard.customers.wording import LEVEL_NAMES
from salesboard.database import db
from salesboard.deals.filters import Filters
from salesboard.deals.models import Deal
from salesboard.deals.rules import AgeSign, Outcome, StepState
from salesboard.deals.stages import stage_settings


def filter_bar(
    filters: Filters, kept: dict[str, Any], saved: SavedMenu, *, in_list: bool = False
) -> FilterBar:
    """The bar for a page: `kept` are its parameters that are no filters, such as the order."""
    endpoint = ENDPOINTS[ListKind.DEALS if in_list else ListKind.BOARD]

    def url(wanted: Filters) -> str:
        return address(endpoint, {**wanted.parameters, **kept}, saved)

    menus = [*_whose(filters, url), _level(filters, url), *([_stage(filters, url)] if in_list else [])]
    if filters.outcome is Outcome.OPEN:
        menus += [_age(filters, url), _step(filters, url)]
    menus += word_menus(filters, url)
    return FilterBar(
        action=url_for(endpoint),
        views=_views(filters, url),
        menus=menus,
        text=filters.text,
        without_text_url=url(filters.but(text="")),
        clear_url=url(Filters()),
        kept=kept,
        parameters=filters.parameters,
        saved=saved,
        ranges=[
            worth_range("amount", _("Amount"), filters, "worth", url),
            day_range("close", _("Expected close"), filters, "expected_close", url),
            day_range("created", _("Created"), filters, "created", url),
        ],
        own=own_menus(fields_of(Subject.DEAL), filters.own, lambda own: url(filters.but(own=own))),
    )


def _views(filters: Filters, url: Address) -> list[Option]:
    ready = {
        _("All deals"): Filters(),
        _("Mine"): Filters(mine=True),
        _("Needs attention"): Filters(age=AgeSign.WARNED),
    }
    return [Option("", words, url(view), filters == view) for words, view in ready.items()]


def _whose(filters: Filters, url: Address) -> list[FilterMenu]:
    """Team and owner: for those who see more than their own, or whose address names somebody."""
    leads = current_user.role in LEADERS
    teams = teams_offered() if leads else []
    people = _people() if leads else []
    menus = []
    if len(teams) > 1 or filters.team:
        menus.append(one_of("team", _("Team"), filters, [(team.id, team.name) for team in teams], url))
    if len(people) > 1 or filters.owners:
        menus.append(some_of_people(people, filters, url))
    return menus


def _level(filters: Filters, url: Address) -> FilterMenu:
    named = [(level, str(name)) for level, name in LEVEL_NAMES.items()]
    return one_of("level", _("Level"), filters, named, url)


def _stage(filters: Filters, url: Address) -> FilterMenu:
    named = [(stage, setting.label) for stage, setting in stage_settings().items()]
    return one_of("stage", _("Stage"), filters, named, url)


def _age(filters: Filters, url: Address) -> FilterMenu:
    named = [(AgeSign.WARNED, _("Past the warning")), (AgeSign.OVERDUE, _("Overdue"))]
    return one_of("age", _("In stage"), filters, named, url)


def _step(filters: Filters, url: Address) -> FilterMenu:
    named = [
        (StepState.LATE, _("Late")),
        (StepState.TODAY, _("Today")),
        (StepState.NONE, _("Missing")),
    ]
    return one_of("next", _("Next step"), filters, named, url, asks="step")


def _people() -> list[Any]:
    """Those whose deals the reader sees: everybody who can own some, or does."""
    owns = exists().where(Deal.owner_id == User.id)
    people = select(User.id, User.name).where(User.role.in_(WRITERS) | owns).order_by(User.name, User.id)
    viewer = current_viewer()
    if viewer is not None and viewer.owner_ids is not None:
        people = people.where(User.id.in_(viewer.owner_ids))
    return list(db.session.execute(people))
