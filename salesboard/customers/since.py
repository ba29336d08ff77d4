"""What became of the two customers of a merge since: what came to the one that was kept, what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from salesboard.customers.belongings import AT_ONCE, MOVES
from salesboard.database import Base, db, in_parts

if TYPE_CHECKING:
    from salesboard.customers.merging import Merge

BEGAN = {"contacts": "created_at", "deals": "created_at", "followups": "recorded_at", "documents": "added_at"}
"""Of each table whose rows are named in an undo, when a row came."""


def came_since(merge: Merge) -> tuple[tuple[str, int], ...]:
    """By table how many rows came to the survivor itself after the merge, and to nothing that goes back. A SELECT
    each."""
    found = []
    for name, began in BEGAN.items():
        rows = Base.metadata.tables[name].c
        since = select(func.count()).where(rows.customer_id == merge.survivor_id, rows[began] > merge.at)
        if "deal_id" in rows:
            since = since.where(rows.deal_id.is_(None) | rows.deal_id.not_in(_moved(merge, "deals")))
        found.append((name, db.session.scalar(since) or 0))
    return tuple((name, count) for name, count in found if count)


def _moved(merge: Merge, table: str) -> list[int]:
    return merge.moved[f"{table}.customer_id"]


def gone_since(merge: Merge) -> tuple[tuple[str, int], ...]:
    """By table how many of the rows that were moved are not with the survivor any more."""
    found = []
    for belonging in MOVES:
        if belonging.table in BEGAN:
            rows, keys = belonging.rows.c, merge.moved[belonging.name]
            there = sum(
                db.session.scalar(
                    select(func.count()).where(rows.id.in_(part), rows.customer_id == merge.survivor_id)
                )
                or 0
                for part in in_parts(keys, AT_ONCE)
            )
            found.append((belonging.table, len(keys) - there))
    return tuple((name, count) for name, count in found if count)
