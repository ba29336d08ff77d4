"""The list: the board's deals as lines of a table, and the lost ones."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import signed_in
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of, values_of
from salesboard.customers.custom_wording import shown
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import saved_menu
from salesboard.deals.blueprint import deals
from salesboard.deals.faces import Faces
from salesboard.deals.filter_bar import filter_bar
from salesboard.deals.filters import Filters, Parameters
from salesboard.deals.listing import ListOrder, SortKey, lines, read_cursor, summary
from salesboard.deals.queries import Looking, card_of
from salesboard.deals.rules import Outcome
from salesboard.deals.stages import Ages
from salesboard.deals.wording import METHOD_NAMES
from salesboard.followups.latest import last_talks, latest_note
from salesboard.followups.rules import first_line
from salesboard.web import found, render

HEADS = {
    SortKey.CUSTOMER: (_l("Customer · deal"), ""),
    SortKey.LEVEL: (_l("Level"), "x0"),
    SortKey.OWNER: (_l("Owner"), ""),
    SortKey.STAGE: (_l("Stage"), ""),
    SortKey.AGE: (_l("In stage"), ""),
    SortKey.NEXT: (_l("Next step"), ""),
    SortKey.CLOSE: (_l("Expected close"), "x1"),
    SortKey.PROBABILITY: (_l("Probability"), "n x1"),
    SortKey.AMOUNT: (_l("Amount"), "n"),
}
"""The columns of the list: their words, and the class that says when there is room for them."""


@deals.get("/deals")
@signed_in
def list_deals() -> str | Response:
    """A page of the list; for htmx the lines alone. An address that asks for nothing leads to the person's own view."""
    asked = request.args.to_dict(flat=False)
    filters, order, ages = Filters.parse(asked, fields_of(Subject.DEAL)), ListOrder.parse(asked), Ages.now()
    looking, faces = Looking.at(filters, current_user.id, ages), Faces(ages)
    kept: dict[str, Any] = {"sort": [str(order)]} if order != ListOrder() else {}
    here = {**filters.parameters, **kept}
    saved = saved_menu(ListKind.DEALS, here, _meaning)
    if saved.default_url and not request.args:
        return redirect(saved.default_url)
    after = request.args.get("after")
    page = lines(looking, order, found(read_cursor(after, order)) if after else None)
    columns = [field for field in fields_of(Subject.DEAL) if field.is_listed]
    return render(
        "deals/list.html",
        "deals/_rows.html",
        faces=[faces.of(row) for row in page.rows],
        talks=last_talks(row.id for row in page.rows),
        own_columns=columns,
        own_values=values_of(Subject.DEAL, [row.id for row in page.rows]) if columns else {},
        own_shown=shown,
        stages=ages.settings,
        is_lost=filters.outcome is Outcome.LOST,
        more_url=url_for("deals.list_deals", **here, after=page.after) if page.after else None,
        first_url=url_for("deals.list_deals", **here) if after else None,
        summary=summary(looking),
        bar=filter_bar(filters, kept, saved, in_list=True),
        heads=[_head(key, order, filters) for key in SortKey],
        board_url=url_for("deals.board", **filters.of_board().parameters),
        list_url=url_for("deals.list_deals", **here),
    )


@deals.get("/deals/<number>/last-note")
@signed_in
def last_note(number: str) -> str:
    """The beginning of the last note about a deal, for its card."""
    deal = found(card_of(number))
    note = latest_note(deal.id)
    return render(
        "deals/last_note.html",
        "deals/_last_note.html",
        deal=deal,
        note=note,
        method=METHOD_NAMES[note.method] if note else "",
        words=first_line(note.content) if note else "",
    )


def _meaning(told: Parameters) -> object:
    return Filters.parse(told, fields_of(Subject.DEAL)), ListOrder.parse(told)


def _head(key: SortKey, order: ListOrder, filters: Filters) -> dict[str, str]:
    words, css = HEADS[key]
    direction = ("descending" if order.falling else "ascending") if key is order.key else ""
    url = url_for("deals.list_deals", **filters.parameters, sort=str(order.turned_by(key)))
    return {"key": key.value, "words": str(words), "class": css, "direction": direction, "url": url}
