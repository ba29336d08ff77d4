"""Finding rows by any part of their words, without reading them all.

Beside a table with a `search_text`, another holds what begins at each letter of that text, in the order of an index.
The database keeps it itself, by triggers (migration 0024): whatever writes a text, one row or thousands, need not know
of it. It only says where to look: what it names is then looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CompoundSelect, Integer, String, Table, bindparam, literal_column, select, union_all
from sqlalchemy.schema import Column

from salesboard.database import Base, built_once, db

LONGEST = 8
"""Letters of a part, as the triggers cut them."""

FEW = 1000
"""Up to so many places of a word are looked up one by one. A word in more of them soon meets a list that is read in its
own order, whose page is full before long."""

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
    """The ids of rows among which all are that have these words in their text; None where each of the words stands in
    so many places that these are not worth a look. One SELECT, for any number of rows."""
    pieces = [piece for word in words for piece in pieces_of(word)]
    if not pieces:
        return None
    ends = {
        f"{end}{place}": text
        for place, piece in enumerate(pieces)
        for end, text in (("low", piece), ("high", piece + _LAST_LETTER * (LONGEST - len(piece))))
    }
    found: list[list[int]] = [[] for _piece in pieces]
    for place, row_id in db.session.execute(_places(parts, len(pieces)), {**ends, "some": FEW + 1}):
        found[place].append(row_id)
    few = [frozenset(row_ids) for row_ids in found if len(row_ids) <= FEW]
    return frozenset.intersection(*few) if few else None


@built_once
def _places(parts: Table, pieces: int) -> CompoundSelect[Any]:
    """The rows in whose text each of so many pieces begins, some of them at most."""
    part, row_id = parts.columns
    some = (
        select(literal_column(str(place)).label("place"), row_id)
        .where(part.between(bindparam(f"low{place}"), bindparam(f"high{place}")))
        .limit(bindparam("some"))
        .subquery()
        for place in range(pieces)
    )
    return union_all(*(select(each) for each in some))
