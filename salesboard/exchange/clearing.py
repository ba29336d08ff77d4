"""Files that nobody waits for any more are removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from salesboard.database import db, writing
from salesboard.exchange import uploads
from salesboard.exchange.models import OVER, Import, ImportState

DAYS_TO_DECIDE = 7
ORPHANED_AFTER = timedelta(hours=1)
"""A file is kept shortly before its import is recorded."""


def clear_out(now: datetime) -> None:
    """Lets imports expire that nobody confirmed, and removes the files of those that are over or were never begun.

    Done twice it changes nothing.
    """
    since = now - timedelta(days=DAYS_TO_DECIDE)
    waiting = select(Import.id).where(Import.state == ImportState.PLANNED, Import.requested_at < since)
    for import_id in db.session.scalars(waiting).all():
        with writing():
            found = Import.locked(import_id)
            if found is not None:
                found.expire(DAYS_TO_DECIDE, now)
    needed = set(db.session.scalars(select(Import.file_key).where(Import.state.not_in(OVER))))
    for path in uploads.lying_for(ORPHANED_AFTER, now):
        if path.name not in needed:
            path.unlink(missing_ok=True)
