"""To whom the rows of a file give their records."""

from __future__ import annotations

from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import kept_key
from salesboard.exchange.reasons import NotTaken
from salesboard.exchange.records import CustomerRecord, RowRecords


def customer_keys(record: CustomerRecord) -> list[str]:
    """The names under which a file may know one customer, the surest first."""
    numbers = [f"number {number}" for number in (record.number, record.external_id) if number]
    return [*numbers, f"name {kept_key(record.name)}"] if record.name else numbers


class Ownership:
    """Reads a whole file for who looks after whom, so that one sheet can tell what another leaves open."""

    def __init__(self, crew: Crew, rows: list[RowRecords]) -> None:
        self._crew = crew
        self._said: dict[str, str] = {}
        for row in rows:
            owner = row.customer.owner or (row.deal.owner if row.deal else None)
            owner = owner or (row.followup.author if row.followup else None)
            if owner:
                for key in customer_keys(row.customer):
                    self._said.setdefault(key, owner)

    def check(self, row: RowRecords) -> None:
        """Raises NotTaken unless everybody whom the row names is somebody the importer may act for."""
        for name in (row.customer.owner, row.deal.owner if row.deal else None):
            if name:
                self._crew.check_owner(name)
        if row.followup and row.followup.author:
            self._crew.check_author(row.followup.author)

    def of_new(self, record: CustomerRecord) -> str | None:
        """Who a new customer is given to: its owner, its deal's, whoever entered it; None for the fallback.

        Raises NotTaken where there is none either.
        """
        hinted = (self._said.get(key) for key in customer_keys(record))
        owner = next(
            (name for name in (record.owner, *hinted, record.created_by) if name and self._may_own(name)),
            None,
        )
        if owner is None and self._crew.fallback is None:
            raise NotTaken("no_owner")
        return owner

    def _may_own(self, name: str) -> bool:
        try:
            self._crew.check_owner(name)
        except NotTaken:
            return False
        return True
