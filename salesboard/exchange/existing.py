"""What the database holds already of what a file speaks of: found in few SELECTs, whatever the file's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, Select, String, cast, func, or_, select
from sqlalchemy.orm import aliased

from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import values_of
from salesboard.customers.models import Contact, Customer
from salesboard.customers.needs import CustomerNeed
from salesboard.customers.rules import Priority, name_key
from salesboard.customers.ways import BETWEEN_PHONES, ContactWay, WayKind, digest_of, ways_in
from salesboard.database import db, in_parts
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.records import FollowUpRecord, RowRecords
from salesboard.exchange.values import trimmed
from salesboard.followups.models import FollowUp
from salesboard.sealed import columns_for, value_of

Key = TypeVar("Key")
AT_ONCE = 500
"""Keys asked for in one SELECT."""

CUSTOMER_FACTS = (
    "industry", "employees", "annual_revenue", "main_business", "region", "source", "first_contact_date", "level",
    "needs", "remarks",
)  # fmt: skip
DEAL_FACTS = ("amount", "budget", "probability", "expected_close", "competitor", "first_goal")
"""What a file may say otherwise of a record that is here."""


class KnownTalk(NamedTuple):
    """A talk of the database; `content` is trimmed as a file's is."""

    occurred_at: datetime
    content: str
    feedback: str

    def is_told_by(self, record: FollowUpRecord) -> bool:
        """Whether a row of the same time may mean this one: by its words, or where it has none by what was answered."""
        if record.content is not None:
            return record.content == self.content
        return record.feedback in (None, self.feedback, self.content)


CONTACT_FACTS = ("title", "phone", "email", "wechat", "role", "attitude", "preferred_channel")
"""Beside these a file may say to whom somebody reports: `reports_to`, by name."""


@dataclass(frozen=True)
class KnownContact:
    """Somebody of a customer who is here."""

    id: int
    facts: dict[str, Any]


@dataclass
class KnownDeal:
    id: int
    number: str
    external_id: str | None
    name_key: str
    customer_id: int
    owner_id: int
    stage: Stage
    outcome: Outcome
    facts: dict[str, Any]
    own: dict[int, str] = field(default_factory=dict)
    """What stands in fields of the installation's own, by their ids; so for customers."""


@dataclass
class KnownCustomer:
    """A customer of the database, with what a file could repeat of it."""

    id: int
    number: str
    name: str
    external_id: str | None
    owner_id: int
    facts: dict[str, Any]
    own: dict[int, str] = field(default_factory=dict)
    deals: list[KnownDeal] = field(default_factory=list)
    contacts: dict[str, KnownContact] = field(default_factory=dict)
    """By name; of two that are called alike whoever was known first."""
    contact_ways: set[str] = field(default_factory=set)
    talks: set[KnownTalk] = field(default_factory=set)

    @cached_property
    def deals_by_name(self) -> dict[str, list[KnownDeal]]:
        named: dict[str, list[KnownDeal]] = defaultdict(list)
        for deal in self.deals:
            named[deal.name_key].append(deal)
        return named

    @cached_property
    def last_talk_at(self) -> datetime | None:
        return max((talk.occurred_at for talk in self.talks), default=None)


@dataclass
class Existing:
    """Customers by each of the names that a file may know them by; deals and notes by their numbers."""

    by_number: dict[str, KnownCustomer] = field(default_factory=dict)
    by_external_id: dict[str, list[KnownCustomer]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[KnownCustomer]] = field(default_factory=lambda: defaultdict(list))
    by_way: dict[str, KnownCustomer] = field(default_factory=dict)
    deal_by_number: dict[str, KnownDeal] = field(default_factory=dict)
    deals_by_external_id: dict[str, list[KnownDeal]] = field(default_factory=lambda: defaultdict(list))
    notes_by_number: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Numbers of notes, and the customers whom they are about."""
    taken: set[str] = field(default_factory=set)
    """Numbers, of those the file has, that records here bear."""

    @classmethod
    def of(cls, rows: list[RowRecords], alive: Callable[[], None] = lambda: None) -> Existing:
        """Reads what the rows could meet. Sees everything: a colleague's customer is no reason for a double.

        `alive` is called between the reads.
        """
        found = cls()
        by_id: dict[int, KnownCustomer] = {}
        for condition in _customer_conditions(rows):
            for customer in db.session.execute(_customers().where(condition)):
                found._note_customer(customer, by_id)
            alive()
        found._note_merged(rows, by_id)
        found._note_ways(rows)
        for ids in _parts(by_id):
            found._note_belongings(ids, by_id)
            found._note_own(ids, by_id, rows)
            alive()
        found._note_numbers(rows)
        return found

    def _note_customer(self, row: Any, by_id: dict[int, KnownCustomer]) -> None:
        if row.id in by_id:
            return
        known = by_id[row.id] = _known_customer(row)
        self.taken.add(row.number)
        self.by_number[row.number] = known
        self.by_name[row.name_key].append(known)
        if row.external_id:
            self.by_external_id[row.external_id].append(known)

    def _note_merged(self, rows: list[RowRecords], by_id: dict[int, KnownCustomer]) -> None:
        """By each of its names, a customer that was merged into another is that other one."""
        merged = Customer.__table__.alias("merged").c
        into: dict[int, list[Any]] = defaultdict(list)
        columns = merged.merged_into_id, merged.number, merged.external_id, merged.name_key
        if db.session.scalar(select(merged.id).where(merged.merged_into_id.is_not(None)).limit(1)) is None:
            return
        for condition in _customer_conditions(rows, merged):
            for row in db.session.execute(
                select(*columns).where(merged.merged_into_id.is_not(None), condition)
            ):
                into[row.merged_into_id].append(row)
        for part in _parts(into):
            for row in db.session.execute(_customers().where(Customer.id.in_(part))):
                self._note_customer(row, by_id)
        for customer_id, aliases in into.items():
            for alias in aliases:
                self._note_alias(alias, by_id[customer_id])

    def _note_alias(self, alias: Any, known: KnownCustomer) -> None:
        self.taken.add(alias.number)
        self.by_number.setdefault(alias.number, known)
        for found, key in ((self.by_name, alias.name_key), (self.by_external_id, alias.external_id)):
            if key and known not in found[key]:
                found[key].append(known)

    def _note_ways(self, rows: list[RowRecords]) -> None:
        """Whom the file's telephone numbers and addresses reach already."""
        said = [row.contact for row in rows if row.contact]
        for kind, texts in (
            (WayKind.PHONE, [each.phone for each in said]),
            (WayKind.EMAIL, [each.email for each in said]),
        ):
            by_digest = {digest_of(kind, way): text for text in texts if text for way in ways_in(kind, text)}
            for part in _parts(by_digest):
                reached = (
                    _customers()
                    .add_columns(ContactWay.digest)
                    .join(Contact, Contact.customer_id == Customer.id)
                    .join(ContactWay, ContactWay.contact_id == Contact.id)
                    .where(ContactWay.kind == kind, ContactWay.digest.in_(part))
                )
                for row in db.session.execute(reached):
                    self.by_way.setdefault(by_digest[row.digest], _known_customer(row))

    def _note_belongings(self, ids: Sequence[int], by_id: dict[int, KnownCustomer]) -> None:
        row: Row[*tuple[Any, ...]]
        for row in db.session.execute(_deals().where(Deal.customer_id.in_(ids))):
            by_id[row.customer_id].deals.append(self._note_deal(row))
        boss = aliased(Contact)
        told = (*columns_for(Contact, ("id", "customer_id", "name", *CONTACT_FACTS)), boss.name.label("boss"))
        people = select(*told).outerjoin(boss, boss.id == Contact.reports_to_id)
        for row in db.session.execute(people.where(Contact.customer_id.in_(ids)).order_by(Contact.id)):
            facts = {name: value_of(Contact, row, name) for name in CONTACT_FACTS} | {"reports_to": row.boss}
            known = by_id[row.customer_id]
            known.contacts.setdefault(row.name, KnownContact(row.id, facts))
            phones = (facts["phone"] or "").split(BETWEEN_PHONES)
            known.contact_ways |= {*phones, facts["email"], facts["wechat"]} - {None, ""}
        talks = select(FollowUp.customer_id, FollowUp.occurred_at, FollowUp.content, FollowUp.feedback)
        for row in db.session.execute(talks.where(FollowUp.customer_id.in_(ids))):
            talk = KnownTalk(row.occurred_at, trimmed(row.content), trimmed(row.feedback))
            by_id[row.customer_id].talks.add(talk)

    def _note_own(self, ids: Sequence[int], by_id: dict[int, KnownCustomer], rows: list[RowRecords]) -> None:
        """What stands in fields of the installation's own, where the file says anything of such."""
        if any(row.customer.own for row in rows):
            for customer_id, own in values_of(Subject.CUSTOMER, ids).items():
                by_id[customer_id].own = own
        if any(row.deal.own for row in rows if row.deal):
            deals = {deal.id: deal for customer_id in ids for deal in by_id[customer_id].deals}
            for deal_id, own in values_of(Subject.DEAL, deals).items():
                deals[deal_id].own = own

    def _note_numbers(self, rows: list[RowRecords]) -> None:
        """Numbers and ids that stand somewhere else than the file thinks."""
        deals = [row.deal for row in rows if row.deal]
        for part in _parts(deal.number for deal in deals if deal.number):
            for row in db.session.execute(_deals().where(Deal.number.in_(part))):
                self._note_deal(row)
        notes = select(FollowUp.number, FollowUp.external_id, FollowUp.customer_id)
        talks = [row.followup for row in rows if row.followup]
        for part in _parts(number for talk in talks for number in (talk.number, talk.external_id) if number):
            known = or_(FollowUp.number.in_(part), FollowUp.external_id.in_(part))
            for row in db.session.execute(notes.where(known)):
                self.taken.add(row.number)
                for number in filter(None, (row.number, row.external_id)):
                    self.notes_by_number[number].add(row.customer_id)

    def _note_deal(self, row: Any) -> KnownDeal:
        if row.number in self.deal_by_number:
            return self.deal_by_number[row.number]
        facts = {name: value_of(Deal, row, name) for name in DEAL_FACTS}
        deal = KnownDeal(
            row.id,
            row.number,
            row.external_id,
            name_key(row.name),
            row.customer_id,
            row.owner_id,
            row.stage,
            row.outcome,
            facts,
        )
        self.taken.add(row.number)
        self.deal_by_number[row.number] = deal
        if row.external_id:
            self.deals_by_external_id[row.external_id].append(deal)
        return deal


def kept_key(name: str) -> str:
    """A name's key as the customers' table keeps it."""
    return name_key(name)[:200]


def _known_customer(row: Any) -> KnownCustomer:
    facts = {name: value_of(Customer, row, name) for name in CUSTOMER_FACTS}
    facts["need_priorities"] = tuple(map(Priority, (row.need_priorities or "").split()))
    return KnownCustomer(row.id, row.number, row.name, row.external_id, row.owner_id, facts)


def _customers() -> Select[*tuple[Any, ...]]:
    told = columns_for(Customer, CUSTOMER_FACTS)
    columns = (Customer.id, Customer.number, Customer.external_id, Customer.name, Customer.name_key)
    weights = select(CustomerNeed.priority).where(CustomerNeed.customer_id == Customer.id)
    told_in_order = weights.order_by(CustomerNeed.position).correlate(Customer).subquery()
    words = func.aggregate_strings(cast(told_in_order.c.priority, String), " ")
    priorities = select(words).scalar_subquery()
    asked = select(*columns, Customer.owner_id, *told, priorities.label("need_priorities"))
    return asked.order_by(Customer.id)


def _deals() -> Select[*tuple[Any, ...]]:
    told = columns_for(Deal, DEAL_FACTS)
    columns = (Deal.id, Deal.number, Deal.external_id, Deal.name, Deal.customer_id, Deal.owner_id)
    return select(*columns, Deal.stage, Deal.outcome, *told).order_by(Deal.id)


def _customer_conditions(rows: list[RowRecords], columns: Any = Customer) -> Iterator[Any]:
    said = [row.customer for row in rows]
    for part in _parts(kept_key(customer.name) for customer in said if customer.name):
        yield columns.name_key.in_(part)
    for part in _parts(customer.number for customer in said if customer.number):
        yield or_(columns.number.in_(part), columns.external_id.in_(part))
    for part in _parts(customer.external_id for customer in said if customer.external_id):
        yield columns.external_id.in_(part)


def _parts(keys: Iterable[Key]) -> Iterator[Sequence[Key]]:
    """The different keys, `AT_ONCE` at a time."""
    return in_parts(list(dict.fromkeys(keys)), AT_ONCE)
