"""The orders of the cards in a column, as ranges of an index: nothing is sorted but the page itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, case

from salesboard.deals.filters import CardOrder
from salesboard.paging import Cursor, Span, a_day, a_day_or_none, a_position, an_amount, beyond_cursor

KEYS = {
    CardOrder.NEXT: "next_due",
    CardOrder.HAND: "position",
    CardOrder.AMOUNT: "worth",
    CardOrder.AGE: "entered_on",
}
"""The column that each order goes by; the id decides between equals."""

_FALLING = (CardOrder.HAND, CardOrder.AMOUNT)
_READ: dict[CardOrder, Callable[[str], Any]] = {
    CardOrder.NEXT: a_day_or_none,
    CardOrder.HAND: a_position,
    CardOrder.AMOUNT: an_amount,
    CardOrder.AGE: a_day,
}


def spans(columns: Any, order: CardOrder, today: date, after: Cursor | None = None) -> list[Span]:
    """The ranges that hold a column's cards in this order, from its top or from after a card.

    `columns` are those of the query that the cards are picked from.
    """
    key, row_id = columns[KEYS[order]], columns.id
    if order is CardOrder.NEXT:
        return _next_step_spans(key, row_id, today, after)
    falling = order in _FALLING
    beyond: tuple[ColumnElement[bool], ...] = ()
    if after is not None:
        beyond = (beyond_cursor(key, row_id, after, falling),)
    return [Span(beyond, ordering(key, row_id, order, today))]


def ordering(key: Any, row_id: Any, order: CardOrder, today: date) -> tuple[Any, ...]:
    """The order of a page already picked, given its key and id columns."""
    if order is CardOrder.NEXT:
        return case((key <= today, 0), (key > today, 2), else_=1), key, row_id
    return (key.desc(), row_id.desc()) if order in _FALLING else (key, row_id)


def last_shown(row: Row[Any], order: CardOrder) -> str:
    """The cursor that stands for this card."""
    return str(Cursor(getattr(row, KEYS[order]), row.id))


def read_cursor(text: str, order: CardOrder) -> Cursor | None:
    """What `last_shown` wrote; None for anything else."""
    return Cursor.parse(text, _READ[order])


def _next_step_spans(due: Any, row_id: Any, today: date, after: Cursor | None) -> list[Span]:
    """Late and due today, then nothing planned, then the future: two ranges, for dates already lie in order."""
    dated, unplanned = (due, row_id), (row_id,)
    if after is None:
        return [Span((due > date.min,), dated), Span((due.is_(None),), unplanned)]
    if after.value is None:
        return [Span((due > today,), dated), Span((due.is_(None), row_id > after.id), unplanned)]
    beyond = Span((beyond_cursor(due, row_id, after),), dated)
    return [beyond, Span((due.is_(None),), unplanned)] if after.value <= today else [beyond]
