"""The board: the whole of it, the next cards of a column, and which columns a person folds away."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import signed_in
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import saved_menu
from salesboard.database import writing
from salesboard.deals.blueprint import deals
from salesboard.deals.board import FOLDED, column_after, order_parameters, whole_board
from salesboard.deals.filter_bar import filter_bar
from salesboard.deals.filters import CardOrder, Filters, Parameters, parse_order
from salesboard.deals.orders import read_cursor
from salesboard.deals.rules import STAGES, Stage
from salesboard.web import found, is_fragment_request, render, safe_next

ORDER_WORDS = {
    CardOrder.NEXT: _l("Next step first"),
    CardOrder.HAND: _l("By hand"),
    CardOrder.AMOUNT: _l("Largest first"),
    CardOrder.AGE: _l("Longest in stage first"),
}


@deals.get("/")
@signed_in
def board() -> str | Response:
    """Six columns with their first cards, and the rail of the lost; an address that asks for nothing leads to the
    person's own view."""
    asked = request.args.to_dict(flat=False)
    filters, order = Filters.parse(asked, fields_of(Subject.DEAL)).of_board(), parse_order(asked)
    kept = order_parameters(order)
    saved = saved_menu(ListKind.BOARD, {**filters.parameters, **kept}, _meaning)
    if saved.default_url and not request.args:
        return redirect(saved.default_url)
    columns, lost = whole_board(filters, order)
    is_empty = not (lost or filters.is_set or any(column.head.count for column in columns))
    return render(
        "deals/board.html",
        columns=columns,
        lost=lost,
        bar=filter_bar(filters, kept, saved),
        orders=[(words, _board_url(filters, each), each is order) for each, words in ORDER_WORDS.items()],
        board_url=_board_url(filters, order),
        list_url=url_for("deals.list_deals", **filters.parameters),
        is_empty=is_empty,
    )


@deals.get("/board/<stage>/cards")
@signed_in
def more_cards(stage: str) -> str:
    """The cards of a column after those shown: for htmx the cards alone, else a page of them."""
    asked = request.args.to_dict(flat=False)
    filters, order = Filters.parse(asked, fields_of(Subject.DEAL)).of_board(), parse_order(asked)
    here = found(Stage(stage) if stage in list(Stage) else None)
    cursor = found(read_cursor(request.args.get("after", ""), order))
    column = column_after(here, filters, order, cursor)
    return render(
        "deals/more_cards.html", "deals/_cards.html", column=column, board_url=_board_url(filters, order)
    )


@deals.post("/board/columns")
@signed_in
def fold_columns() -> Response | tuple[str, int]:
    """Folds a column away for this person, or opens it again."""
    with writing():
        folded = set(current_user.preferences.get(FOLDED, ()))
        folded = (folded | set(request.form.getlist("fold"))) - set(request.form.getlist("unfold"))
        current_user.prefer(**{FOLDED: [stage.value for stage in STAGES if stage in folded]})
    if is_fragment_request():
        return "", HTTPStatus.NO_CONTENT
    return redirect(safe_next(request.form.get("next")) or url_for("deals.board"), HTTPStatus.SEE_OTHER)


def _meaning(told: Parameters) -> object:
    return Filters.parse(told, fields_of(Subject.DEAL)).of_board(), parse_order(told)


def _board_url(filters: Filters, order: CardOrder) -> str:
    return url_for("deals.board", **filters.parameters, **order_parameters(order))
