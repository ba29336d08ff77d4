"""What the browser gets back after a deal changed: parts of the board it came from, or the way to a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import flash, make_response, render_template, request, url_for
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.deals.board import card_face, filters_of_page, order_of_page, touched_columns
from salesboard.deals.filters import CardOrder
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import UNDO_WINDOW, PlacementKind, Stage
from salesboard.deals.stages import stage_settings
from salesboard.fields import warn_of_home
from salesboard.numbering import is_own_number
from salesboard.web import htmx_page, is_fragment_request, lead_to, render, safe_next


@dataclass(frozen=True)
class Told:
    """What is said about a change: first what happened, then what follows.

    `undo` is a move that may be taken back, `undone` one that just was. `goal` is what the form was for: its draft is
    no longer needed.
    """

    title: str
    text: str = ""
    undo: Placement | None = None
    undone: Placement | None = None
    goal: str = ""


def sheet_page(template: str, **context: Any) -> str:
    """A form as a whole page, or for htmx as a dialog: the same template in another frame."""
    is_fragment = is_fragment_request()
    frame = "components/dialog.html" if is_fragment else "components/dialog_page.html"
    heading, part = ("h2", "h3") if is_fragment else ("h1", "h2")
    return render(template, template, frame=frame, heading=heading, part=part, **context)


def moved(placement: Placement) -> Told:
    """What the mover is told, with the offer to take it back."""
    name = stage_settings()[placement.stage].label
    titles = {
        PlacementKind.LOST: _("Marked as lost"),
        PlacementKind.REOPENED: _("Reopened in %(stage)s", stage=name),
    }
    until = format_time(placement.recorded_at + UNDO_WINDOW, "HH:mm")
    return Told(
        titles.get(placement.kind, _("Moved to %(stage)s", stage=name)),
        _("Until %(time)s you can undo it; the undo stays in the history too.", time=until),
        undo=placement,
        goal=placement.kind if placement.kind is not PlacementKind.MOVED else placement.stage,
    )


def tell(
    deal: Deal, told: Told, *, touched: Sequence[Stage] = (), slot: tuple[str, str] = ("", "")
) -> Response:
    """The answer to a change: on the board its parts, elsewhere the page one came from with what is `told`.

    `touched` are the stages whose heads changed; `slot` names the cards between which this one was dropped.
    """
    if is_fragment_request() and _came_from_board():
        return _board_parts(deal, told, touched, slot)
    flash(_flashed(deal, told), "act")
    return lead_to(came_from())


def came_from(usual: str = "deals.board") -> str:
    """The page that a form was opened on: what htmx says, else what the form or the link says, else the `usual` one."""
    if is_fragment_request():
        there = htmx_page()
        target = f"{there.path}?{there.query}" if there.query else there.path
    else:
        target = request.values.get("back", "")
    return safe_next(target) or url_for(usual)


def _came_from_board() -> bool:
    return urlsplit(came_from()).path == url_for("deals.board")


def _board_parts(deal: Deal, told: Told, touched: Sequence[Stage], slot: tuple[str, str]) -> Response:
    warn_of_home()
    columns, lost = touched_columns(filters_of_page(), touched, with_lost=_changes_lost(told))
    parts = render_template(
        "deals/_moved.html",
        deal=deal,
        told=told,
        face=None if deal.is_lost else card_face(deal.number),
        place=_place_of(deal, slot),
        columns=columns,
        lost=lost,
    )
    answer = make_response(parts)
    answer.headers["HX-Trigger"] = f'{{"done": {{}}, "moved": {{"number": "{deal.number}"}}}}'
    return answer


def _changes_lost(told: Told) -> bool:
    """Whether the rail of the lost holds more or fewer deals now."""
    changed = told.undo or told.undone
    return changed is not None and changed.kind in (PlacementKind.LOST, PlacementKind.REOPENED)


def _place_of(deal: Deal, slot: tuple[str, str]) -> dict[str, str]:
    """Where the card is put: between its neighbours in a column sorted by hand, else on top, where one sees it."""
    above, below = slot if order_of_page() is CardOrder.HAND else ("", "")
    if is_own_number(above, "O"):
        return {"target": f"#deal-{above}", "swap": "afterend"}
    if is_own_number(below, "O"):
        return {"target": f"#deal-{below}", "swap": "beforebegin"}
    return {"target": f"#cards-{deal.stage}", "swap": "afterbegin"}


def _flashed(deal: Deal, told: Told) -> Any:
    shown = {
        "title": told.title,
        "text": told.text,
        "saved": f"{current_user.id}:{deal.number}:{told.goal}" if told.goal else "",
    }
    if told.undo is None:
        return shown
    fields = {"placement": told.undo.id, "back": came_from()}
    return shown | {"act": _("Undo"), "url": url_for("deals.undo", number=deal.number), "fields": fields}
