"""Finding rows by any part of their words, without reading them all.

Beside a table with a `search_text`, another holds what begins at each letter of that text, in the order of an index.
The database keeps it itself, by triggers (migration 0024): whatever writes a text, one row or thousands, need not know
of it. It only says where to look: what it names is then looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.schema import Column

from salesboard.database import Base, built_once, db

LONGEST = 8
"""Letters of a part, as the triggers cut them."""

FEW = 1000
"""Up to so many rows are looked at one by one. A list of more is read in its own order, and its page is full before
long."""

MANY = 4000
"""Up to so many places of a word are gone through, to see which rows have another word too."""

_LAST_LETTER = "\U0010ffff"


def _parts_of_rows(name: str, row_id: str) -> Table:
    """Compared letter by letter on both databases. On SQLite it is nothing but the index."""
    in_order = String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql")
    return Table(
        name,
        Base.metadata,
        Column("part", in_order, primary_key=True),
        Column(row_id, Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


CUSTOMER_PARTS = _parts_of_rows("customer_search_parts", "customer_id")
DEAL_PARTS = _parts_of_rows("deal_search_parts", "deal_id")


def parts_of(text: str) -> set[str]:
    """The parts that the triggers make of a text. No word begins with a space."""
    return {text[place : place + LONGEST] for place in range(len(text)) if text[place] != " "}


def pieces_of(word: str) -> list[str]:
    """What an entry may be asked for: together they cover the word."""
    last = max(0, len(word) - LONGEST)
    return [word[place : place + LONGEST] for place in (*range(0, last, LONGEST), last)]


def rows_near(parts: Table, words: Iterable[str]) -> frozenset[int] | None:
    """The ids of rows among which all are that have these words in their text; None where these are more than a few,
    or each of the words stands in too many places. Two SELECTs, which read no more the more rows there are."""
    pieces = sorted({piece for word in words for piece in pieces_of(word)})
    if not pieces:
        return None
    counted = db.session.execute(_how_many(parts, len(pieces)), {**_ends(pieces), "some": MANY + 1})
    places = {pieces[row.piece]: row.places for row in counted}
    rarest = sorted((piece for piece in pieces if places[piece] <= MANY), key=places.__getitem__)[:2]
    if not rarest:
        return None
    if places[rarest[0]] <= FEW:
        rarest = rarest[:1]
    found = db.session.scalars(_in_all(parts, len(rarest)), {**_ends(rarest), "some": FEW + 1})
    row_ids: frozenset[int] = frozenset(found)
    return row_ids if len(row_ids) <= FEW else None


def _ends(pieces: Iterable[str]) -> dict[str, str]:
    """Between which two entries of the index each piece is."""
    return {
        f"{end}{place}": text
        for place, piece in enumerate(pieces)
        for end, text in (("low", piece), ("high", piece + _LAST_LETTER * (LONGEST - len(piece))))
    }


@built_once
def _how_many(parts: Table, pieces: int) -> CompoundSelect[Any]:
    """In how many places each of so many pieces stands, counted up to `some`."""
    counted: list[Any] = []
    for place in range(pieces):
        some = select(literal(1)).where(_begins(parts, place)).limit(bindparam("some")).subquery()
        counted.append(
            select(literal_column(str(place)).label("piece"), func.count().label("places")).select_from(some)
        )
    return union_all(*counted)


@built_once
def _in_all(parts: Table, pieces: int) -> Select[Any]:
    """The rows in whose text each of so many pieces begins somewhere, `some` of them at most."""
    row_id = parts.columns[1]
    others = (
        row_id.in_(select(each.columns[1]).where(_begins(each, place)))
        for place, each in ((place, parts.alias(f"also{place}")) for place in range(1, pieces))
    )
    return select(row_id).distinct().where(_begins(parts, 0), *others).limit(bindparam("some"))


def _begins(parts: FromClause, place: int) -> ColumnElement[bool]:
    return parts.columns[0].between(bindparam(f"low{place}"), bindparam(f"high{place}"))
