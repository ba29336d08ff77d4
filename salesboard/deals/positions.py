"""Where a card lies in a column that is sorted by hand."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update

from salesboard.access import acting_as_system
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, Stage, between_positions

STEP = 1024.0


def slot_between(stage: Stage, above: str, below: str) -> float | None:
    """The position between two cards of a column, named by their numbers; None where neither lies in it.

    Only what the reader sees can be named, and one name is enough: the other neighbour is then whatever lies next to
    it. Where no room is left between two cards, the column is spaced anew.
    """
    if not above and not below:
        return None
    upper, lower = _neighbours(stage, above, below)
    if upper is None and lower is None:
        return None
    middle = between_positions(upper, lower)
    if _fits(upper, middle, lower):
        return middle
    _space_out(stage)
    return between_positions(*_neighbours(stage, above, below))


def _neighbours(stage: Stage, above: str, below: str) -> tuple[float | None, float | None]:
    here = Deal.outcome == Outcome.OPEN, Deal.stage == stage
    named = select(Deal.number, Deal.position).where(*here, Deal.number.in_([above, below]))
    found = {row.number: row.position for row in db.session.execute(named)}
    upper, lower = found.get(above), found.get(below)
    with acting_as_system("the next card of a column may be anybody's"):
        if lower is None and upper is not None:
            beneath = select(func.max(Deal.position)).where(*here, Deal.position < upper)
            lower = db.session.scalar(beneath)
        elif upper is None and lower is not None:
            over = select(func.min(Deal.position)).where(*here, Deal.position > lower)
            upper = db.session.scalar(over)
    return upper, lower


def _fits(upper: float | None, middle: float, lower: float | None) -> bool:
    return (upper is None or middle < upper) and (lower is None or middle > lower)


def _space_out(stage: Stage) -> None:
    with acting_as_system("a column is spaced anew whoever owns its cards"):
        in_column = select(Deal.id).where(Deal.outcome == Outcome.OPEN, Deal.stage == stage)
        ids = db.session.scalars(in_column.order_by(Deal.position, Deal.id)).all()
    table = Deal.__table__
    moved = update(table).where(table.c.id == bindparam("card")).values(position=bindparam("place"))  # type: ignore[arg-type]
    places = [{"card": card, "place": index * STEP} for index, card in enumerate(ids)]
    db.session.connection().execute(moved, places)
