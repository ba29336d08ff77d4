"""The history archive (客户历史库): lost customers go out of the daily lists, and come back when something happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, column, exists, select, table
from sqlalchemy.orm import Mapped

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.customers.remembering import Remembering
from salesboard.customers.rules import CustomerStatus
from salesboard.database import db
from salesboard.errors import Refused

IN_ARCHIVE = "yes"
"""How the history of changes writes down that a customer was in the archive."""


class Archiving(Remembering):
    """`Customer` alone is made of it."""

    name: Mapped[str]
    status: Mapped[CustomerStatus]
    archived_at: Mapped[datetime | None]
    archived_by_id: Mapped[int | None]

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

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
