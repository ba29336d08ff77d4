"""What the database holds already of what a file speaks of: found in few SELECTs, whatever the file's length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, or_, select

from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import name_key
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.exchange.records import RowRecords
from salesboard.followups.models import FollowUp

Key = TypeVar("Key")
AT_ONCE = 500
"""Keys asked for in one SELECT."""


@dataclass
class KnownDeal:
    id: int
    number: str
    external_id: str | None
    name_key: str


@dataclass
class KnownCustomer:
    """A customer of the database, with what a file could repeat of it."""

    id: int
    number: str
    name: str
    owner_id: int
    deals: list[KnownDeal] = field(default_factory=list)
    contacts: set[str] = field(default_factory=set)
    talks: set[tuple[datetime, str]] = field(default_factory=set)


@dataclass
class Existing:
    """Customers by each of the names that a file may know them by, and the numbers of notes that are there."""

    by_number: dict[str, KnownCustomer] = field(default_factory=dict)
    by_external_id: dict[str, KnownCustomer] = field(default_factory=dict)
    by_name: dict[str, KnownCustomer] = field(default_factory=dict)
    deal_numbers: dict[str, KnownDeal] = field(default_factory=dict)
    deal_external_ids: dict[str, KnownDeal] = field(default_factory=dict)
    note_numbers: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, rows: list[RowRecords]) -> Existing:
        """Reads what the rows could meet. Sees everything: a colleague's customer is no reason for a double."""
        found = cls()
        by_id: dict[int, KnownCustomer] = {}
        for condition in _customer_conditions(rows):
            for customer in db.session.execute(_customers().where(condition)):
                found._note_customer(customer, by_id)
        for ids in _parts(by_id):
            found._note_belongings(ids, by_id)
        found._note_numbers(rows)
        return found

    def _note_customer(self, row: Any, by_id: dict[int, KnownCustomer]) -> None:
        known = by_id.setdefault(row.id, KnownCustomer(row.id, row.number, row.name, row.owner_id))
        self.by_number[row.number] = known
        self.by_name.setdefault(row.name_key, known)
        if row.external_id:
            self.by_external_id[row.external_id] = known

    def _note_belongings(self, ids: list[int], by_id: dict[int, KnownCustomer]) -> None:
        row: Row[*tuple[Any, ...]]
        deals = select(Deal.id, Deal.number, Deal.external_id, Deal.name, Deal.customer_id).order_by(Deal.id)
        for row in db.session.execute(deals.where(Deal.customer_id.in_(ids))):
            deal = KnownDeal(row.id, row.number, row.external_id, name_key(row.name))
            by_id[row.customer_id].deals.append(deal)
            self._note_deal(deal)
        contacts = select(Contact.customer_id, Contact.name).where(Contact.customer_id.in_(ids))
        for row in db.session.execute(contacts):
            by_id[row.customer_id].contacts.add(row.name)
        talks = select(FollowUp.customer_id, FollowUp.occurred_at, FollowUp.content)
        for row in db.session.execute(talks.where(FollowUp.customer_id.in_(ids))):
            by_id[row.customer_id].talks.add((row.occurred_at, row.content))

    def _note_numbers(self, rows: list[RowRecords]) -> None:
        """Numbers and ids that stand somewhere else than the file thinks."""
        deals = select(Deal.id, Deal.number, Deal.external_id, Deal.name)
        for part in _parts(row.deal.number for row in rows if row.deal and row.deal.number):
            self._note_deals(deals.where(Deal.number.in_(part)))
        for part in _parts(row.deal.external_id for row in rows if row.deal and row.deal.external_id):
            self._note_deals(deals.where(Deal.external_id.in_(part)))
        for part in _parts(row.followup.number for row in rows if row.followup and row.followup.number):
            known = or_(FollowUp.number.in_(part), FollowUp.external_id.in_(part))
            for row in db.session.execute(select(FollowUp.number, FollowUp.external_id).where(known)):
                self.note_numbers |= {row.number, row.external_id} - {None}

    def _note_deals(self, deals: Select[*tuple[Any, ...]]) -> None:
        for row in db.session.execute(deals):
            self._note_deal(KnownDeal(row.id, row.number, row.external_id, name_key(row.name)))

    def _note_deal(self, deal: KnownDeal) -> None:
        self.deal_numbers[deal.number] = deal
        if deal.external_id:
            self.deal_external_ids[deal.external_id] = deal


def _customers() -> Select[*tuple[Any, ...]]:
    columns = (Customer.id, Customer.number, Customer.external_id, Customer.name, Customer.name_key)
    return select(*columns, Customer.owner_id).order_by(Customer.id)


def _customer_conditions(rows: list[RowRecords]) -> Iterator[Any]:
    said = [row.customer for row in rows]
    for part in _parts(name_key(customer.name) for customer in said if customer.name):
        yield Customer.name_key.in_(part)
    for part in _parts(customer.number for customer in said if customer.number):
        yield or_(Customer.number.in_(part), Customer.external_id.in_(part))
    for part in _parts(customer.external_id for customer in said if customer.external_id):
        yield Customer.external_id.in_(part)


def _parts(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """The different keys, `AT_ONCE` at a time."""
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), AT_ONCE):
        yield distinct[start : start + AT_ONCE]
