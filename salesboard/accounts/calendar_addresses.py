"""The secret address under which a calendar reads what somebody has to do."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.accounts.rules import token_digest
from salesboard.database import Base, UtcDateTime, db


class CalendarAddress(Base):
    """A person has one at most. The database holds the digest of its secret, so it is told once, when it is made."""

    __tablename__ = "calendar_addresses"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def make(cls, person: User, now: datetime) -> str:
        """Gives the person a new address, in place of the one there was; answers its secret."""
        person.hold()
        token = secrets.token_urlsafe(32)
        kept = person.calendar_address or cls(user_id=person.id)
        kept.token_digest, kept.made_at = token_digest(token), now
        person.calendar_address = kept
        audit.record("person.calendar_made", person.label, actor_id=person.id, at=now)
        return token

    @classmethod
    def revoke(cls, person: User, now: datetime) -> None:
        """From here on the address leads nowhere. Done twice it changes nothing."""
        person.hold()
        if person.calendar_address is not None:
            person.calendar_address = None
            audit.record("person.calendar_revoked", person.label, actor_id=person.id, at=now)

    @classmethod
    def reader(cls, token: str) -> User | None:
        """Whose calendar the secret opens; None where it was never made or is revoked, or the person has left."""
        whose = select(User).join(cls, cls.user_id == User.id).where(User.deactivated_at.is_(None))
        return db.session.scalar(whose.where(cls.token_digest == token_digest(token)))
