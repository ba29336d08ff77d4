"""What the board's templates need, for the whole page and for each part that an answer brings up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from flask import url_for
from flask_login import current_user

from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.deals import queries
from salesboard.deals.faces import DealFace, Faces
from salesboard.deals.filters import CardOrder, Filters, Parameters, parse_order
from salesboard.deals.queries import CardPage, Head, Looking
from salesboard.deals.rules import STAGES, Outcome, Stage, StageLimits
from salesboard.deals.stages import Ages
from salesboard.web import htmx_page

FOLDED = "folded_columns"
"""Under this name a person's preferences keep the codes of the columns that are folded away."""


@dataclass(frozen=True)
class Column:
    """A stage on the board: its head, and the cards that are shown of it."""

    stage: Stage
    name: str
    limits: StageLimits
    head: Head
    is_folded: bool
    cards: Sequence[DealFace] = ()
    more_url: str | None = None


def touched_columns(
    filters: Filters, stages: Sequence[Stage], *, with_lost: bool
) -> tuple[list[Column], int | None]:
    """What the heads of these columns need, without their cards; and how many deals are lost, where that is asked."""
    ages = Ages.now()
    names = [*stages, Outcome.LOST.value] if with_lost else stages
    if not names:
        return [], None
    heads = queries.heads(_looking(filters, ages), names)
    columns = [_column(stage, ages, heads[stage]) for stage in STAGES if stage in heads]
    return columns, heads[Outcome.LOST].count if with_lost else None


def whole_board(filters: Filters, order: CardOrder) -> tuple[list[Column], int]:
    """Every column with its first cards, and how many deals are lost."""
    ages = Ages.now()
    looking, faces = _looking(filters, ages), Faces(ages)
    heads, pages = queries.heads(looking), queries.first_cards(looking, order)
    columns = [
        _column(stage, ages, heads[stage], pages[stage], faces, more_url(stage, filters, order, pages[stage]))
        for stage in STAGES
    ]
    return columns, heads[Outcome.LOST].count


def column_after(stage: Stage, filters: Filters, order: CardOrder, cursor: queries.Cursor) -> Column:
    """The next cards of a column, after the one that the cursor names. Its head is left empty."""
    ages = Ages.now()
    page = queries.next_cards(stage, _looking(filters, ages), order, cursor)
    return _column(stage, ages, Head(), page, Faces(ages), more_url(stage, filters, order, page))


def card_face(number: str) -> DealFace | None:
    """The card of this deal; None where it is not visible."""
    row = queries.card_of(number)
    return None if row is None else Faces(Ages.now()).of(row)


def filters_of_page() -> Filters:
    """The filters of the board that htmx sent this request from; none where it came from elsewhere."""
    return Filters.parse(_page_parameters(), fields_of(Subject.DEAL))


def order_of_page() -> CardOrder:
    """The order of the board that htmx sent this request from."""
    return parse_order(_page_parameters())


def more_url(stage: Stage, filters: Filters, order: CardOrder, page: CardPage) -> str | None:
    """Where the cards after this page are; None where there are none."""
    if page.after is None:
        return None
    chosen = {**filters.parameters, **order_parameters(order)}
    return url_for("deals.more_cards", stage=stage, after=page.after, **chosen)


def order_parameters(order: CardOrder) -> dict[str, Any]:
    return {} if order is CardOrder.NEXT else {"sort": [order.value]}


def _looking(filters: Filters, ages: Ages) -> Looking:
    return Looking.at(filters, current_user.id, ages)


def _column(
    stage: Stage,
    ages: Ages,
    head: Head,
    page: CardPage | None = None,
    faces: Faces | None = None,
    more: str | None = None,
) -> Column:
    setting = ages.settings[stage]
    return Column(
        stage=stage,
        name=setting.label,
        limits=setting.limits,
        head=head,
        is_folded=stage in current_user.preferences.get(FOLDED, ()),
        cards=[faces.of(row) for row in page.cards] if page and faces else (),
        more_url=more,
    )


def _page_parameters() -> Parameters:
    there = htmx_page()
    return parse_qs(there.query) if there.path == url_for("deals.board") else {}
