"""The append-only record that every verb writes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from salesboard.database import Base, UtcDateTime, db


class AuditEvent(Base):
    """Who did what to which record, when. Rows are only ever added."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(verb: str, subject: str, *, actor_id: int | None, at: datetime, **details: Any) -> None:
    """Adds one event to the transaction under way. `subject` is a kind and number such as `deal O20261122001`."""
    db.session.add(AuditEvent(at=at, actor_id=actor_id, verb=verb, subject=subject, details=details))


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
def _refuse_change(_mapper: object, _connection: object, target: AuditEvent) -> None:
    raise RuntimeError(f"the audit log is append-only: event {target.id} cannot be changed")
