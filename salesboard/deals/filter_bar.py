"""The bar of filters above the board and the list: what is chosen, what else can be, and the address of each choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select

from salesboard.access import LEADERS, WRITERS, Role, current_viewer
from salesboard.accounts.models import Team, User, team_members
from salesboard.customers.custom_menus import OwnMenu, own_menus
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.wording import LEVEL_NAMES
from salesboard.database import db
from salesboard.deals.filters import Filters
from salesboard.deals.models import Deal
from salesboard.deals.rules import AgeSign, Outcome, StepState
from salesboard.deals.stages import stage_settings


@dataclass(frozen=True)
class Option:
    """One choice: its value in the address, its words, and the address that has it."""

    value: str
    words: str
    url: str
    is_on: bool


@dataclass(frozen=True)
class FilterMenu:
    """One thing to filter by. `chosen` are the words of what is, empty while nothing is."""

    name: str
    label: str
    chosen: str
    clear_url: str
    options: list[Option]
    takes_several: bool = False


@dataclass(frozen=True)
class FilterBar:
    """All of them, with the ready-made views beside."""

    action: str
    """Where a form of filters is sent."""
    views: list[Option]
    menus: list[FilterMenu]
    text: str
    without_text_url: str
    clear_url: str
    kept: dict[str, Any]
    """Parameters that are no filters, for a form to send along."""
    parameters: dict[str, Any]
    """The filters chosen, for a form to send along."""
    own: list[OwnMenu]
    """Those of the installation's own fields, in the form that has all filters."""

    @property
    def held(self) -> dict[str, Any]:
        """What is chosen without being in a menu, for the form that has them all."""
        return {name: self.parameters[name] for name in ("mine", "outcome") if name in self.parameters}


def filter_bar(filters: Filters, endpoint: str, kept: dict[str, Any], *, in_list: bool = False) -> FilterBar:
    """The bar for a page: `kept` are its parameters that are no filters, such as the order."""

    def url(wanted: Filters) -> str:
        return url_for(endpoint, **wanted.parameters, **kept)

    menus = [*_whose(filters, url), _level(filters, url), *([_stage(filters, url)] if in_list else [])]
    if filters.outcome is Outcome.OPEN:
        menus += [_age(filters, url), _step(filters, url)]
    return FilterBar(
        action=url_for(endpoint),
        views=_views(filters, url),
        menus=menus,
        text=filters.text,
        without_text_url=url(filters.but(text="")),
        clear_url=url(Filters()),
        kept=kept,
        parameters=filters.parameters,
        own=own_menus(fields_of(Subject.DEAL), filters.own, lambda own: url(filters.but(own=own))),
    )


Address = Callable[[Filters], str]


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
    teams = _teams() if leads else []
    people = _people() if leads else []
    menus = []
    if len(teams) > 1 or filters.team:
        named = [(str(team.id), team.name) for team in teams]
        menus.append(_one_of("team", _("Team"), filters, filters.team, named, url))
    if len(people) > 1 or filters.owners:
        options = [
            Option(str(person.id), person.name, url(filters.toggling(person.id)), person.id in filters.owners)
            for person in people
        ]
        chosen = ", ".join(option.words for option in options if option.is_on)
        menus.append(
            FilterMenu(
                name="owner",
                label=_("Owner"),
                chosen=chosen or (_("somebody else") if filters.owners else ""),
                clear_url=url(filters.but(owners=())),
                options=options,
                takes_several=True,
            )
        )
    return menus


def _level(filters: Filters, url: Address) -> FilterMenu:
    named = [(level, str(name)) for level, name in LEVEL_NAMES.items()]
    return _one_of("level", _("Level"), filters, filters.level, named, url)


def _stage(filters: Filters, url: Address) -> FilterMenu:
    named = [(stage, setting.label) for stage, setting in stage_settings().items()]
    return _one_of("stage", _("Stage"), filters, filters.stage, named, url)


def _age(filters: Filters, url: Address) -> FilterMenu:
    named = [(AgeSign.WARNED, _("Past the warning")), (AgeSign.OVERDUE, _("Overdue"))]
    return _one_of("age", _("In stage"), filters, filters.age, named, url)


def _step(filters: Filters, url: Address) -> FilterMenu:
    named = [
        (StepState.LATE, _("Late")),
        (StepState.TODAY, _("Today")),
        (StepState.NONE, _("Missing")),
    ]
    return _one_of("next", _("Next step"), filters, filters.step, named, url, field="step")


def _one_of(
    name: str,
    label: str,
    filters: Filters,
    chosen: Any,
    named: Iterable[tuple[str, str]],
    url: Address,
    field: str | None = None,
) -> FilterMenu:
    field = field or name
    options = [
        Option(value, words, url(filters.but(**{field: _as_field(field, value)})), str(chosen) == value)
        for value, words in named
    ]
    words = next((option.words for option in options if option.is_on), _("another") if chosen else "")
    return FilterMenu(name, label, words, url(filters.but(**{field: None})), options)


def _as_field(field: str, value: str) -> Any:
    return int(value) if field == "team" else value


def _people() -> list[Any]:
    """Those whose deals the reader sees: everybody who can own some, or does."""
    owns = exists().where(Deal.owner_id == User.id)
    people = select(User.id, User.name).where(User.role.in_(WRITERS) | owns).order_by(User.name, User.id)
    viewer = current_viewer()
    if viewer is not None and viewer.owner_ids is not None:
        people = people.where(User.id.in_(viewer.owner_ids))
    return list(db.session.execute(people))


def _teams() -> list[Any]:
    """The reader's own teams; for an admin, all."""
    teams = select(Team.id, Team.name).order_by(Team.name, Team.id)
    if current_user.role is not Role.ADMIN:
        teams = teams.join(team_members).where(team_members.c.user_id == current_user.id)
    return list(db.session.execute(teams))
