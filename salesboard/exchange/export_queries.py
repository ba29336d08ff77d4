"""Reads that feed the pages of exports, each in a fixed number of SELECTs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from salesboard.database import db
from salesboard.exchange.export_models import Export

EXPORTS_A_PAGE = 30


def exports_page(page: int) -> tuple[Sequence[Export], bool]:
    """The exports that the viewer may see, the newest first, and whether there are more; pages count from 0."""
    newest = select(Export).options(joinedload(Export.requested_by)).order_by(Export.id.desc())
    listed = db.session.scalars(newest.offset(page * EXPORTS_A_PAGE).limit(EXPORTS_A_PAGE + 1)).all()
    return listed[:EXPORTS_A_PAGE], len(listed) > EXPORTS_A_PAGE


def export_shown(export_id: int) -> Export | None:
    """One export, if visible."""
    wanted = select(Export).where(Export.id == export_id).options(joinedload(Export.requested_by))
    return db.session.scalar(wanted)


def waiting_keys() -> set[str]:
    """The keys of all files that wait to be fetched, or are being made."""
    return set(db.session.scalars(select(Export.file_key).where(Export.file_key.is_not(None))))
