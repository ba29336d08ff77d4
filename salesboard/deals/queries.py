"""Reads that feed the board: heads and cards, each in one SELECT, whatever the number of deals.

Heads are counted through the covering index ix_deals_heads. Cards are picked per column by ranges of an index, so that
the first page costs the same for a hundred deals as for twenty thousand; then the facts of just those are read.
Built statements are kept: building one takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, Subquery, bindparam, func, literal, select, union_all

from salesboard.database import CENT, Money, built_once, db
from salesboard.deals.filters import CardOrder, Filters
from salesboard.deals.models import Deal
from salesboard.deals.orders import KEYS, last_shown, ordering, spans
from salesboard.deals.rows import deals, facts_of
from salesboard.deals.rules import STAGES, AgeCutoffs, AgeSign, Outcome, Stage
from salesboard.deals.selection import among_lost, in_column, wanted
from salesboard.deals.stages import Ages
from salesboard.paging import Cursor

CARDS_A_PAGE = 20
EVERY_COLUMN = (*STAGES, Outcome.LOST.value)
"""The names of what has a head: the stages, and the lost deals."""


@dataclass(frozen=True)
class Head:
    """What a column holds under the filter: how many deals, their worth, how many carry a sign of age."""

    count: int = 0
    total: Decimal = Decimal(0)
    percents: Decimal = Decimal(0)
    """Sum of worth × probability, the latter in percent."""
    warned: int = 0
    """Past the warning, overdue ones too."""
    overdue: int = 0

    @property
    def weighted(self) -> Decimal:
        """Sum of worth × probability."""
        return (self.percents / 100).quantize(CENT, ROUND_HALF_UP)

    def __add__(self, other: Head) -> Head:
        return Head(
            self.count + other.count,
            self.total + other.total,
            self.percents + other.percents,
            self.warned + other.warned,
            self.overdue + other.overdue,
        )


@dataclass(frozen=True)
class CardPage:
    """Some cards of a column, in order; `after` is where the next ones begin, None at the end."""

    cards: Sequence[Row[Any]] = ()
    after: str | None = None


@dataclass(frozen=True)
class Looking:
    """Which deals are looked at, on which day: all that the statements of a page depend on, besides who may see what.

    `me` is the reader's id where the filters ask for it, else 0, so that readers share their statements.
    """

    filters: Filters
    me: int
    today: date
    cutoffs: tuple[AgeCutoffs, ...]

    @classmethod
    def at(cls, filters: Filters, me: int, ages: Ages) -> Looking:
        cutoffs = ages.cutoffs()
        whose = me if filters.mine else 0
        return cls(filters, whose, ages.today, tuple(cutoffs[stage] for stage in STAGES))

    @property
    def cutoffs_by_stage(self) -> dict[Stage, AgeCutoffs]:
        return dict(zip(STAGES, self.cutoffs, strict=True))

    def conditions(self, columns: Any, stage: Stage) -> list[ColumnElement[bool]]:
        """What is asked of the column of this stage."""
        return in_column(columns, stage, self.filters, self.today, self.cutoffs[stage.position])


def heads(looking: Looking, columns: Sequence[str] = EVERY_COLUMN) -> dict[str, Head]:
    """The heads of these columns, by the stage's code, that of the lost deals by "lost"."""
    found = {name: Head() for name in EVERY_COLUMN if name in columns}
    for row in db.session.execute(_heads(looking, tuple(found))):
        found[row.column] += _head(row)
    return found


def first_cards(looking: Looking, order: CardOrder) -> dict[Stage, CardPage]:
    """The first page of every column."""
    by_stage: dict[Stage, list[Row[Any]]] = {stage: [] for stage in STAGES}
    for row in db.session.execute(_first_cards(looking, order)):
        by_stage[row.stage].append(row)
    return {stage: _page(cards, order) for stage, cards in by_stage.items()}


def next_cards(stage: Stage, looking: Looking, order: CardOrder, after: Cursor) -> CardPage:
    """The cards of one column after the one that the cursor names."""
    picked = _pick(_seen(looking), stage, looking, order, after)
    return _page(db.session.execute(_in_order(picked, order, looking.today)).all(), order)


def card_of(number: str) -> Row[Any] | None:
    """What a card shows of this deal; None where it is not visible."""
    return db.session.execute(_card(), {"number": number}).one_or_none()


@built_once
def _card() -> Select[Any]:
    return facts_of(select(Deal.id).where(Deal.number == bindparam("number")).subquery())


@built_once
def _heads(looking: Looking, columns: tuple[str, ...]) -> Select[Any]:
    """Each column is counted in up to three ranges of one index, by the sign that the stays in it carry."""
    seen = _seen(looking)
    counted = [
        _counted(seen, stage.value, sign, [*looking.conditions(seen.c, stage), *within])
        for stage in STAGES
        if stage in columns
        for sign, within in _bands(seen.c.entered_on, looking.cutoffs[stage.position])
    ]
    if Outcome.LOST in columns:
        counted.append(_counted(seen, Outcome.LOST.value, AgeSign.SAFE, among_lost(seen.c)))
    return select(union_all(*counted).subquery())


def _seen(looking: Looking) -> CTE:
    """The deals that the reader may see and asks for: who may see what is decided here, once per statement.

    Not materialized, so that each use of it goes through the index that suits it.
    """
    needed = (
        Deal.id,
        Deal.outcome,
        Deal.stage,
        Deal.entered_on,
        Deal.next_due,
        Deal.position,
        Deal.worth,
        Deal.probability,
    )
    seen = select(*needed).where(*wanted(looking.filters, looking.me)).cte("seen")
    return seen.prefix_with("NOT MATERIALIZED")


def _counted(seen: CTE, column: str, sign: AgeSign, conditions: Iterable[Any]) -> Any:
    return select(
        literal(column).label("column"),
        literal(sign.value).label("sign"),
        func.count().label("deals"),
        func.sum(seen.c.worth).label("total"),
        func.sum(seen.c.worth * seen.c.probability, type_=Money).label("percents"),
    ).where(*conditions)


def _bands(since: Any, cutoffs: AgeCutoffs) -> Iterator[tuple[AgeSign, list[ColumnElement[bool]]]]:
    """The days of entering, by the sign that a stay since then carries today."""
    warned, overdue = cutoffs.first_sign_from, cutoffs.overdue_from
    if overdue is not None:
        yield AgeSign.OVERDUE, [since <= overdue]
    if warned is not None and warned != overdue:
        yield AgeSign.WARNED, [since <= warned, *([since > overdue] if overdue else [])]
    yield AgeSign.SAFE, [since > warned] if warned else []


def _head(row: Row[Any]) -> Head:
    return Head(
        count=row.deals,
        total=row.total or Decimal(0),
        percents=row.percents or Decimal(0),
        warned=row.deals if row.sign != AgeSign.SAFE else 0,
        overdue=row.deals if row.sign == AgeSign.OVERDUE else 0,
    )


@built_once
def _first_cards(looking: Looking, order: CardOrder) -> Select[Any]:
    seen = _seen(looking)
    picked = union_all(*(select(_pick(seen, stage, looking, order)) for stage in STAGES)).subquery()
    return _in_order(picked, order, looking.today)


def _pick(
    seen: CTE, stage: Stage, looking: Looking, order: CardOrder, after: Cursor | None = None
) -> Subquery:
    """The ids of one page of a column, and of one deal more, which tells that there is a next page."""
    parts = [
        select(seen.c.id, seen.c[KEYS[order]].label("key"))
        .where(*looking.conditions(seen.c, stage), *span.conditions)
        .order_by(*span.order)
        .limit(CARDS_A_PAGE + 1)
        .subquery()
        for span in spans(seen.c, order, looking.today, after)
    ]
    if len(parts) == 1:
        return parts[0]
    both = union_all(*(select(part) for part in parts)).subquery()
    in_order = ordering(both.c.key, both.c.id, order, looking.today)
    return select(both).order_by(*in_order).limit(CARDS_A_PAGE + 1).subquery()


def _in_order(picked: Subquery, order: CardOrder, today: date) -> Select[Any]:
    return facts_of(picked).order_by(*ordering(deals.c[KEYS[order]], deals.c.id, order, today))


def _page(rows: Sequence[Row[Any]], order: CardOrder) -> CardPage:
    shown = rows[:CARDS_A_PAGE]
    return CardPage(shown, last_shown(shown[-1], order) if len(rows) > CARDS_A_PAGE else None)
