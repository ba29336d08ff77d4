"""The list: the board's deals as lines of a table, and the lost ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import signed_in
from salesboard.customers.column_choice import Columns, head_of
from salesboard.customers.custom_rules import FieldShape, Subject
from salesboard.customers.custom_values import fields_of, values_of
from salesboard.customers.custom_wording import shown
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import ENDPOINTS, saved_menu
from salesboard.deals.blueprint import deals
from salesboard.deals.faces import Faces
from salesboard.deals.filter_bar import filter_bar
from salesboard.deals.filters import Filters, Parameters
from salesboard.deals.list_columns import DEAL_COLUMNS, NAME, OF_DETAILS
from salesboard.deals.listing import Lines, ListOrder, lines, read_cursor, summary
from salesboard.deals.queries import Looking, card_of
from salesboard.deals.rows import details_of
from salesboard.deals.rules import Outcome
from salesboard.deals.stages import Ages
from salesboard.deals.wording import METHOD_NAMES
from salesboard.followups.latest import last_talks, latest_note
from salesboard.followups.rules import first_line
from salesboard.web import found, render

HERE = ENDPOINTS[ListKind.DEALS]


@deals.get("/deals")
@signed_in
def list_deals() -> str | Response:
    """A page of the list; for htmx the lines alone. An address that asks for nothing leads to the person's own view."""
    asked, fields = request.args.to_dict(flat=False), list(fields_of(Subject.DEAL))
    filters, order, ages = Filters.parse(asked, fields), ListOrder.parse(asked), Ages.now()
    columns = DEAL_COLUMNS.parse(asked, fields, current_user.preferences)
    whole = {**filters.parameters, **order.parameters, "cols": [str(columns)]}
    saved = saved_menu(ListKind.DEALS, whole, lambda told: _meaning(told, fields))
    if saved.default_url and not request.args:
        return redirect(saved.default_url)
    looking, faces = Looking.at(filters, current_user.id, ages), Faces(ages)
    after = request.args.get("after")
    page = lines(looking, order, found(read_cursor(after, order)) if after else None)
    kept: dict[str, Any] = {**order.parameters, **({"cols": [str(columns)]} if "cols" in asked else {})}
    here = {**filters.parameters, **kept}

    def sorted_by(wanted_order: ListOrder) -> str:
        return url_for(HERE, **{**here, "sort": [str(wanted_order)]})

    return render(
        "deals/list.html",
        "deals/_rows.html",
        **_around(page, columns),
        faces=[faces.of(row) for row in page.rows],
        stages=ages.settings,
        is_lost=filters.outcome is Outcome.LOST,
        more_url=url_for(HERE, **here, after=page.after) if page.after else None,
        first_url=url_for(HERE, **here) if after else None,
        summary=summary(looking),
        bar=filter_bar(filters, kept, saved, in_list=True),
        columns=columns,
        heads=[head_of(column, order, sorted_by) for column in (NAME, *columns.shown)],
        board_url=url_for("deals.board", **filters.of_board().parameters),
        list_url=url_for(HERE, **here),
        export_query=urlencode(whole, doseq=True),
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


def _meaning(told: Parameters, fields: Sequence[FieldShape]) -> object:
    """What the parameters of an address come to for the person who reads it."""
    columns = DEAL_COLUMNS.parse(told, fields, current_user.preferences)
    return Filters.parse(told, fields), ListOrder.parse(told), str(columns)


def _around(page: Lines, columns: Columns) -> dict[str, Any]:
    """What the columns say besides the lines' own facts; each costs a SELECT, and only where it is shown."""
    ids = [row.id for row in page.rows]
    return {
        "talks": last_talks(ids) if "talk" in columns else {},
        "details": details_of(ids) if any(column in OF_DETAILS for column in columns.shown) else {},
        "own_values": values_of(Subject.DEAL, ids) if columns.own else {},
        "own_shown": shown,
    }
