"""Customers who are lost, and the history archive (客户历史库): out of the daily lists until something happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, column, exists, select, table
from sqlalchemy.orm import Mapped

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.customers.remembering import Remembering
from salesboard.customers.rules import CustomerStatus, LostReason
from salesboard.database import db
from salesboard.errors import Invalid, Refused

IN_ARCHIVE = "yes"
"""How the history of changes writes down that a customer was in the archive."""

STANDING = ("status", "status_is_set", "lost_reason", "archived_at", "archived_by_id")
"""What a customer is, why, and whether it is in the archive."""


class Archiving(Remembering):
    """`Customer` alone is made of it."""

    name: Mapped[str]
    status: Mapped[CustomerStatus]
    status_is_set: Mapped[bool]
    lost_reason: Mapped[LostReason | None]
    archived_at: Mapped[datetime | None]
    archived_by_id: Mapped[int | None]

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def lose(self, reason: LostReason | None, *, by: User, now: datetime) -> None:
        """Calls the customer lost, by hand; one that is lost gets the reason. Done twice it changes nothing.

        Raises Invalid where one that is not lost yet gets no reason, and Refused where it has a deal that is not.
        """
        told: dict[str, Any] = {"lost_reason": reason} if reason else {}
        if self.status is not CustomerStatus.LOST:
            self.expect_no_open_deal()
            if reason is None:
                raise Invalid({"reason": _("Choose the reason.")})
            told["status"] = CustomerStatus.LOST
        before = {name: getattr(self, name) for name in told}
        changed = {name: value for name, value in told.items() if before[name] != value}
        if not changed:
            return
        self.status_is_set = self.status_is_set or "status" in changed
        for name, value in changed.items():
            setattr(self, name, value)
        self._changed(before, changed, by, now)
        audit.record("customer.lost", self.label, actor_id=by.id, at=now, reason=reason)

    def archive(self, *, by: User, now: datetime) -> None:
        """Moves the customer into the history archive. Done twice it changes nothing.

        Raises Refused for one that is not lost, or that has a deal which is not.
        """
        if self.is_archived:
            return
        if self.status is not CustomerStatus.LOST:
            raise Refused(_("Only lost customers go into the history archive."))
        self.expect_no_open_deal()
        self.archived_at, self.archived_by_id = now, by.id
        self._changed({}, {"archived": IN_ARCHIVE}, by, now)
        audit.record("customer.archived", self.label, actor_id=by.id, at=now)

    def take_out(self, *, by: User | None, now: datetime) -> None:
        """Takes the customer back into the daily lists. Done twice it changes nothing."""
        if not self.is_archived:
            return
        self.archived_at = self.archived_by_id = None
        self._changed({"archived": IN_ARCHIVE}, {"archived": None}, by, now)
        audit.record("customer.taken_out", self.label, actor_id=by.id if by else None, at=now)

    @property
    def standing(self) -> dict[str, Any]:
        """Whether and why it is lost and archived, as `stand_as` takes it."""
        return {
            "status": self.status,
            "status_is_set": self.status_is_set,
            "lost_reason": self.lost_reason,
            "archived_at": self.archived_at.isoformat() if self.archived_at else None,
            "archived_by_id": self.archived_by_id,
        }

    def stand_as(self, earlier: dict[str, Any], *, by: User, now: datetime) -> None:
        """Gives back what `standing` was earlier."""
        before = {"status": self.status, "lost_reason": self.lost_reason, "archived": self._in_archive}
        reason, moment = earlier["lost_reason"], earlier["archived_at"]
        self.status, self.status_is_set = CustomerStatus(earlier["status"]), earlier["status_is_set"]
        self.lost_reason = LostReason(reason) if reason else None
        self.archived_at = datetime.fromisoformat(moment) if moment else None
        self.archived_by_id = earlier["archived_by_id"]
        after = {"status": self.status, "lost_reason": self.lost_reason, "archived": self._in_archive}
        changed = {name: value for name, value in after.items() if before[name] != value}
        self._changed(before, changed, by, now)
        audit.record("customer.given_back", self.label, actor_id=by.id, at=now, fields=sorted(changed))

    @property
    def _in_archive(self) -> str | None:
        return IN_ARCHIVE if self.is_archived else None

    def expect_no_open_deal(self) -> None:
        """Raises Refused where a deal with the customer is not lost, whoever owns it."""
        if db.session.scalar(select(has_open_deal(self.id))):
            raise Refused(
                _("%(customer)s has a deal that is not lost: see to that first.", customer=self.name)
            )


def has_open_deal(customer_id: Any) -> ColumnElement[bool]:
    """The condition that this customer has a deal which is not lost; kept below the deals, as sharing.py is."""
    deals = table("deals", column("customer_id"), column("outcome"))
    return exists().where(deals.c.customer_id == customer_id, deals.c.outcome == "open")
