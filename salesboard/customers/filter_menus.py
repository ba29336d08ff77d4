"""What the bar of filters above a list or the board is made of, whatever it lists: menus, ranges, ready-made views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from salesboard.access import Role, current_viewer
from salesboard.accounts.models import Team, team_members
from salesboard.customers.custom_menus import OwnMenu
from salesboard.customers.queries import used_words
from salesboard.customers.saved_menu import SavedMenu
from salesboard.customers.wording import FACT_NAMES
from salesboard.database import db
from salesboard.formats import day, full_money

Address = Callable[[Any], str]
"""The address of the list with these filters."""


@dataclass(frozen=True)
class Option:
    """One choice: its value in the address, its words, and the address that has it."""

    value: str
    words: str
    url: str
    is_on: bool


@dataclass(frozen=True)
class FilterMenu:
    """One thing to filter by. `chosen` are the words of what is, empty while nothing is; `is_extra` where it has no
    button of its own, but a place in the form that has all filters."""

    name: str
    label: str
    chosen: str
    clear_url: str
    options: list[Option]
    takes_several: bool = False
    is_extra: bool = False


@dataclass(frozen=True)
class RangeMenu:
    """What is asked from one value to another, in the form that has all filters; `low` and `high` as they are typed."""

    name: str
    label: str
    chosen: str
    clear_url: str
    low: str
    high: str
    is_of_days: bool = True


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
    ranges: list[RangeMenu] = field(default_factory=list)
    saved: SavedMenu | None = None
    """The views that the person keeps or is given."""

    @property
    def held(self) -> dict[str, Any]:
        """What is chosen without being in a menu, for the form that has them all."""
        return {
            name: self.parameters[name] for name in ("mine", "outcome", "archived") if name in self.parameters
        }


def one_of(
    name: str,
    label: str,
    filters: Any,
    named: Iterable[tuple[Any, str]],
    url: Address,
    *,
    asks: str = "",
    is_extra: bool = False,
) -> FilterMenu:
    """A menu of which one value is chosen; `asks` is the filters' field where it is not called like the parameter."""
    asks = asks or name
    chosen = getattr(filters, asks)
    options = [
        Option(str(value), words, url(filters.but(**{asks: value})), chosen == value)
        for value, words in named
    ]
    words = next((option.words for option in options if option.is_on), "")
    if chosen and not words:
        words = chosen if isinstance(chosen, str) else _("another")
    return FilterMenu(name, label, words, url(filters.without(asks)), options, is_extra=is_extra)


def some_of_people(people: Iterable[Any], filters: Any, url: Address) -> FilterMenu:
    """The menu of owners, of whom several may be chosen."""
    asked = set(filters.owners)
    options = [
        Option(str(person.id), person.name, url(filters.toggling(person.id)), person.id in asked)
        for person in people
    ]
    chosen = _(", ").join(option.words for option in options if option.is_on)
    return FilterMenu(
        name="owner",
        label=_("Owner"),
        chosen=chosen or (_("somebody else") if asked else ""),
        clear_url=url(filters.but(owners=())),
        options=options,
        takes_several=True,
    )


def word_menus(filters: Any, url: Address, *, shown: Iterable[str] = ()) -> Iterator[FilterMenu]:
    """Region, industry and source: what stands in the customers that the reader looks after. Those that are `shown`
    have a button of their own. One SELECT."""
    viewer = current_viewer()
    assert viewer is not None
    used = used_words(viewer)
    for name in ("region", "industry", "source"):
        if used[name] or getattr(filters, name):
            named = [(word, word) for word in used[name]]
            yield one_of(name, str(FACT_NAMES[name]), filters, named, url, is_extra=name not in shown)


def worth_range(name: str, label: str, filters: Any, asks: str, url: Address) -> RangeMenu:
    """From one amount to another; `asks` is the filters' field."""
    cleared, asked = url(filters.without(asks)), getattr(filters, asks)
    typed = range_of(name, label, asked, cleared, full_money, lambda end: f"{end:f}".removesuffix(".00"))
    return replace(typed, is_of_days=False)


def day_range(name: str, label: str, filters: Any, asks: str, url: Address) -> RangeMenu:
    """From one day to another; `asks` is the filters' field."""
    cleared, asked = url(filters.without(asks)), getattr(filters, asks)
    return range_of(name, label, asked, cleared, day, lambda end: end.isoformat())


def range_of(
    name: str, label: str, asked: Any, clear_url: str, told: Callable[[Any], str], typed: Callable[[Any], str]
) -> RangeMenu:
    """A range as the form shows it; `told` says an end in words, `typed` as it is typed."""
    low, high = asked.low, asked.high
    if low is not None and high is not None:
        chosen = _("%(low)s to %(high)s", low=told(low), high=told(high))
    elif low is not None:
        chosen = _("from %(low)s", low=told(low))
    else:
        chosen = _("up to %(high)s", high=told(high)) if high is not None else ""
    first, last = ("" if end is None else typed(end) for end in (low, high))
    return RangeMenu(name, label, chosen, clear_url, first, last)


def teams_offered() -> list[Any]:
    """The reader's own teams; for an admin, all."""
    teams = select(Team.id, Team.name).order_by(Team.name, Team.id)
    if current_user.role is not Role.ADMIN:
        teams = teams.join(team_members).where(team_members.c.user_id == current_user.id)
    return list(db.session.execute(teams))
