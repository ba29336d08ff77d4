"""Nothing new may hang on a customer that was merged away in the very moment in which it was written."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from salesboard.customers.models import Customer
from salesboard.errors import Conflict

WRITTEN_BESIDE = frozenset({"deals", "followups", "documents", "tasks"})
"""Tables whose rows are written without holding the customer."""


@event.listens_for(Session, "after_flush")
def _refuse_strays(session: Session, _context: Any) -> None:
    """On PostgreSQL a row that names a customer waits for whoever holds it, and goes on when the merge is over: only
    then can be seen what became of the customer. SQLite has one writer, who sees it from the start."""
    if session.get_bind().dialect.name == "sqlite":
        return
    new = [row for row in session.new if getattr(row, "__tablename__", "") in WRITTEN_BESIDE]
    ids = {row.customer_id for row in new}
    if ids:
        customers = Customer.__table__.c
        gone = select(customers.id).where(customers.id.in_(ids), customers.merged_into_id.is_not(None))
        if session.connection().execute(gone.limit(1)).first() is not None:
            words = _("This customer was merged into another meanwhile.")
            raise Conflict(words, changed_by=None, changed_at=None)
