"""What a customer does about its changes: each is written down, and two who change it at once lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Mapped

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.customers.changes import FieldChange, changes_since, note_changes
from salesboard.customers.conflicts import settle
from salesboard.database import db
from salesboard.errors import Conflict

if TYPE_CHECKING:
    from salesboard.customers.models import Contact


class Remembering:
    """`Customer` alone is made of it."""

    id: Mapped[int]
    number: Mapped[str]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    @property
    def label(self) -> str:
        """How the audit log names this customer."""
        return f"customer {self.number}"

    def touch(self, now: datetime) -> None:
        self.updated_at = now
        self.version += 1

    def expect(self, version: int) -> None:
        """Raises Conflict when the customer was changed since this version."""
        if version != self.version:
            raise self._conflict()

    def _free(
        self, said: dict[str, Any], expected_version: int, concerns: Callable[[FieldChange], bool]
    ) -> dict[str, Any]:
        """What of it may be written; raises Conflict where somebody else said otherwise since."""
        if expected_version == self.version:
            return said
        if not 0 <= expected_version < self.version:
            raise self._conflict()
        since = changes_since(self.id, expected_version)
        if len({change.version for change in since}) != self.version - expected_version:
            raise self._conflict()  # more happened than the history tells
        since = [change for change in since if concerns(change)]
        settled = settle(said, since)
        if settled.disputed:
            last = next(change for change in reversed(since) if change.field in settled.disputed)
            raise Conflict(
                _("This customer was changed meanwhile."),
                changed_by=last.by.name if last.by else None,
                changed_at=last.at,
                fields=settled.disputed,
                theirs=settled.theirs,
            )
        return settled.free

    def _changed(
        self,
        before: dict[str, Any],
        after: dict[str, Any],
        by: User | None,
        now: datetime,
        contact: Contact | None = None,
    ) -> None:
        self.touch(now)
        note_changes(
            before,
            after,
            customer_id=self.id,
            contact_id=contact.id if contact else None,
            version=self.version,
            by_id=by.id if by else None,
            at=now,
        )

    def _conflict(self) -> Conflict:
        last_change = (
            select(User.name)
            .join(audit.AuditEvent, audit.AuditEvent.actor_id == User.id)
            .where(audit.AuditEvent.subject == self.label)
            .order_by(audit.AuditEvent.at.desc(), audit.AuditEvent.id.desc())
        )
        return Conflict(
            _("This customer was changed meanwhile."),
            changed_by=db.session.scalar(last_change.limit(1)),
            changed_at=self.updated_at,
        )
