"""The menu of saved views beside the ready-made ones: which there are, which one is shown, and what would be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import url_for
from flask_login import current_user

from salesboard.customers.saved import ListKind, SavedView, default_of, views_of

ENDPOINTS = {
    ListKind.CUSTOMERS: "customers.index",
    ListKind.DEALS: "deals.list_deals",
    ListKind.BOARD: "deals.board",
}
"""Where each list is."""

USUAL = {"view": "all"}
"""The parameter that asks for the list as it usually is, whatever view it opens with."""

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class SavedOption:
    """One saved view as the menu shows it."""

    view: SavedView
    url: str
    is_on: bool
    is_default: bool


@dataclass(frozen=True)
class SavedMenu:
    """The menu; `chosen` is the name of the view that is shown, empty for none."""

    options: list[SavedOption]
    new_url: str

    @property
    def chosen(self) -> str:
        return next((option.view.name for option in self.options if option.is_on), "")

    @property
    def default_url(self) -> str | None:
        """The address of the view that the person's list opens with."""
        return next((option.url for option in self.options if option.is_default), None)


def address(endpoint: str, parameters: Mapping[str, Any], saved: SavedMenu) -> str:
    """The address of a list with these parameters; without any it says so, lest the list opens with its own view."""
    return url_for(endpoint, **(parameters or (USUAL if saved.default_url else {})))


def saved_menu(kind: ListKind, here: Parameters, meaning: Callable[[Parameters], object]) -> SavedMenu:
    """The menu above a list with the parameters `here`; `meaning` says what parameters come to, so that a view is
    known for the one that is shown however its address is written. One SELECT."""
    address, default, shown = url_for(ENDPOINTS[kind]), default_of(current_user, kind), meaning(here)
    options = [
        SavedOption(
            view=view,
            url=f"{address}?{view.query or urlencode(USUAL)}",
            is_on=meaning(parse_qs(view.query, max_num_fields=100)) == shown,
            is_default=view.id == default,
        )
        for view in views_of(current_user, kind)
    ]
    query = urlencode(here, doseq=True)
    return SavedMenu(options, url_for("customers.new_view", kind=kind, query=query))
