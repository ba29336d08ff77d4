"""Customers and their contacts, and the verbs that change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    func,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.archiving import Archiving
from salesboard.customers.needs import CustomerNeed
from salesboard.customers.rules import (
    Attitude,
    Channel,
    ContactRole,
    CustomerStatus,
    Level,
    LostReason,
    Need,
    goes_round,
    name_key,
    needs_in,
    pinyin_keys,
)
from salesboard.customers.sharing import has_seen_deal, merged_away
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Invalid
from salesboard.happenings import handed_over
from salesboard.numbering import next_number
from salesboard.sealed import Sealing, secret_amount, secret_text

SORTED_BY = (
    "sort_name",
    "level",
    "status",
    "industry",
    "region",
    "source",
    "employees",
    "first_contact_date",
    "updated_at",
    "verified_at",
)
"""Columns that the list is sorted by; the id decides between equals."""

COUNTED_BY = (
    "level",
    "status",
    "region",
    "industry",
    "source",
    "owner_id",
    "archived_at",
    "merged_into_id",
)
"""All that the list is usually filtered by, so that it is counted without reading a row."""


_IS_MERGED, _IS_ARCHIVED = text("merged_into_id IS NOT NULL"), text("archived_at IS NOT NULL")
"""Of nearly every statement the opposite is asked: an index of all would lead SQLite away from the list's own order."""


@guarded
class Customer(Archiving, Sealing, Base):
    """A company the team sells to."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("employees >= 0", name="employees"),
        Index(None, "owner_id", "name_key"),
        Index(None, "name_key"),
        *(Index(None, name, "id") for name in SORTED_BY),
        Index("ix_customers_counted", *COUNTED_BY),
        Index(None, "merged_into_id", sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED),
        Index(None, "archived_at", sqlite_where=_IS_ARCHIVED, postgresql_where=_IS_ARCHIVED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(120), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(800))
    sort_name: Mapped[str] = mapped_column(String(200), server_default="")
    industry: Mapped[str | None] = mapped_column(String(120))
    employees: Mapped[int | None]
    annual_revenue_sealed: Mapped[bytes | None]
    main_business: Mapped[str | None] = mapped_column(String(500))
    region: Mapped[str | None] = mapped_column(String(120))
    source: Mapped[str | None] = mapped_column(String(120))
    first_contact_date: Mapped[date | None] = mapped_column(Date)
    status: Mapped[CustomerStatus] = mapped_column(
        choice(CustomerStatus, "status"), default=CustomerStatus.POTENTIAL
    )
    status_is_set: Mapped[bool] = mapped_column(default=False, server_default=false())
    lost_reason: Mapped[LostReason | None] = mapped_column(choice(LostReason, "lost_reason"))
    """Why the customer is lost, where no deal says so; None again once it is not."""
    level: Mapped[Level] = mapped_column(choice(Level, "level"), default=Level.NORMAL)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    remarks: Mapped[str | None] = mapped_column(Text)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    """The customer that this one turned out to be; it is set aside then, and found under that one alone."""
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id)
    verified_by: Mapped[User | None] = relationship(foreign_keys=verified_by_id)
    archived_by: Mapped[User | None] = relationship(foreign_keys=archived_by_id)
    contacts: Mapped[list[Contact]] = relationship(back_populates="customer", order_by="Contact.id")
    need_rows: Mapped[list[CustomerNeed]] = relationship(
        back_populates="customer",
        order_by=CustomerNeed.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    annual_revenue = secret_amount("customers")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Own and one's teams' customers, and those of deals that one looks after or was added to."""
        return viewer.sees_owner(cls.owner_id) | has_seen_deal(viewer, cls.id)

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.merged_into_id.is_(None)

    @classmethod
    def register(
        cls,
        name: str,
        *,
        owner: User,
        by: User | None,
        now: datetime,
        day: date,
        number: str | None = None,
        **facts: Any,
    ) -> Customer:
        """A new customer with its number; `day` is the date that the number carries."""
        own = number or next_number("C", day)
        customer = cls.bring_in(name, number=own, owner=owner, by=by, now=now, **facts)
        db.session.flush()
        return customer

    @classmethod
    def bring_in(
        cls, name: str, *, number: str, owner: User, by: User | None, now: datetime, **facts: Any
    ) -> Customer:
        """A new customer under a number that is its own. Not flushed, so that many come in together."""
        needs = facts.pop("needs", None)
        customer = cls(
            number=number,
            owner=owner,
            owner_id=owner.id,
            created_by_id=by.id if by else None,
            created_at=now,
            updated_at=now,
            **facts,
        )
        customer.needs = needs
        customer.rename(name)
        db.session.add(customer)
        audit.record("customer.registered", customer.label, actor_id=by.id if by else None, at=now)
        return customer

    @classmethod
    def locked(cls, number: str) -> Customer | None:
        """The customer with this number, if visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.number == number).with_for_update(of=cls))

    @hybrid_property
    def needs(self) -> str | None:
        """Needs and pain points, one a line. Set as such, or as `Need`s with their priorities."""
        return "\n".join(need.text for need in self.need_rows) or None

    @needs.inplace.setter
    def _take_needs(self, told: str | Sequence[Need] | None) -> None:
        needs = needs_in(told, self.needs_told) if told is None or isinstance(told, str) else told
        self.need_rows = [
            CustomerNeed(position=place, text=need.text, priority=need.priority)
            for place, need in enumerate(needs)
        ]

    @needs.inplace.expression
    @classmethod
    def _needs_in_sql(cls) -> ColumnElement[str | None]:
        needs = CustomerNeed.__table__.c
        lines = select(needs.text).where(needs.customer_id == cls.id).order_by(needs.position)
        told = lines.correlate(cls).subquery()
        return select(func.aggregate_strings(told.c.text, "\n")).scalar_subquery()

    @property
    def needs_told(self) -> tuple[Need, ...]:
        """The needs one by one, with their priorities."""
        return tuple(need.told for need in self.need_rows)

    def revise(self, *, by: User | None, now: datetime, expected_version: int, **facts: Any) -> None:
        """Changes what is known about the customer; after another name its deals have to take it over.

        What somebody else changed since `expected_version` stays, where these facts leave it as it was; where they
        say otherwise too, raises Conflict. A status that is set so holds until a deal moves.
        """
        if "needs" in facts and not isinstance(facts["needs"], tuple):
            facts["needs"] = needs_in(facts["needs"], self.needs_told)
        before = {name: self._fact(name) for name in facts}
        changed = {name: value for name, value in facts.items() if before[name] != value}
        changed = self._free(changed, expected_version, lambda change: change.contact_id is None)
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.status_is_set = self.status_is_set or "status" in changed
        if "name" in changed:
            self.rename(self.name)
        self._changed(before, changed, by, now)
        actor_id = by.id if by else None
        audit.record("customer.revised", self.label, actor_id=actor_id, at=now, fields=sorted(changed))
        if self.status is not CustomerStatus.LOST:
            self.lost_reason = None
            self.take_out(by=by, now=now)

    def add_contact(self, *, by: User, now: datetime, expected_version: int, **facts: Any) -> Contact:
        """A new person at the customer. Raises Conflict when somebody added one of this name since."""
        self._free({"name": facts["name"]}, expected_version, lambda change: change.after == facts["name"])
        contact = Contact(customer_id=self.id, created_at=now, **facts)
        db.session.add(contact)
        db.session.flush()
        self._refuse_circle(contact, contact.reports_to_id)
        self._changed({}, {"name": contact.name}, by, now, contact)
        audit.record("contact.added", self.label, actor_id=by.id, at=now)
        return contact

    def revise_contact(
        self, contact: Contact, *, by: User | None, now: datetime, expected_version: int, **facts: Any
    ) -> None:
        """Changes what is known about one of the customer's people. Raises Conflict as `revise` does, and Invalid
        when somebody would report to themselves in the end."""
        before = {name: getattr(contact, name) for name in facts}
        changed = {name: value for name, value in facts.items() if before[name] != value}
        changed = self._free(changed, expected_version, lambda change: change.contact_id == contact.id)
        if not changed:
            return
        if "reports_to_id" in changed:
            self._refuse_circle(contact, changed["reports_to_id"])
        for name, value in changed.items():
            setattr(contact, name, value)
        contact.updated_at = now
        self._changed(before, changed, by, now, contact)
        actor_id = by.id if by else None
        audit.record("contact.revised", self.label, actor_id=actor_id, at=now, fields=sorted(changed))

    def hand_over(self, person: User, *, by: User, now: datetime) -> None:
        """Makes somebody else look after the customer. Done twice it changes nothing."""
        if person.id == self.owner_id:
            return
        earlier, earlier_id, self.owner_id = self.owner, self.owner_id, person.id
        self._changed({"owner": earlier.name}, {"owner": person.name}, by, now)
        whose = {"source": earlier.email, "target": person.email}
        audit.record("customer.handed_over", self.label, actor_id=by.id, at=now, **whose)
        handed_over.send(self.id, deal=None, earlier_id=earlier_id, person_id=person.id, by_id=by.id, now=now)

    def rename(self, name: str) -> None:
        """Takes the name and keeps what it is found and sorted by in step: normalised, pinyin, initials."""
        self.name = name.strip()
        self.name_key = name_key(self.name)[:200]
        spoken, initials = pinyin_keys(self.name)
        self.search_text = " ".join((self.name.lower(), spoken, initials))[:800]
        self.sort_name = spoken[:200]

    def _fact(self, name: str) -> Any:
        return self.needs_told if name == "needs" else getattr(self, name)

    def _refuse_circle(self, contact: Contact, boss_id: int | None) -> None:
        """Raises Invalid where the contact would report to themselves in the end, or to another customer's people."""
        people = select(Contact.id, Contact.reports_to_id).where(Contact.customer_id == self.id)
        bosses = {person.id: person.reports_to_id for person in db.session.execute(people)}
        if boss_id is not None and boss_id not in bosses:
            raise Invalid({"reports_to_id": _("This person is not one of the customer's contacts.")})
        if goes_round(contact.id, boss_id, bosses):
            raise Invalid({"reports_to_id": _("In the end they would report to themselves.")})


def _index_ways(kind: WayKind) -> Callable[[Contact, str | None], None]:
    """Keeps the blind indexes of a contact's ways in step with what is written."""

    def index(contact: Contact, text: str | None) -> None:
        others = [way for way in contact.ways if way.kind is not kind]
        told = [ContactWay(kind=kind, digest=digest_of(kind, way)) for way in ways_in(kind, text)]
        contact.ways = [*others, *told]

    return index


@guarded
class Contact(Sealing, Base):
    """A person at a customer. How to reach them lies sealed; `ways` find them by it."""

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        Index(None, "customer_id"),
        Index(None, "reports_to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(120))
    phone_sealed: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None]
    wechat_sealed: Mapped[bytes | None]
    role: Mapped[ContactRole | None] = mapped_column(choice(ContactRole, "role"))
    preferred_channel: Mapped[Channel | None] = mapped_column(choice(Channel, "preferred_channel"))
    attitude: Mapped[Attitude] = mapped_column(
        choice(Attitude, "attitude"), default=Attitude.UNKNOWN, server_default=Attitude.UNKNOWN
    )
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last changed; None as long as it is as it was first written down."""
    customer: Mapped[Customer] = relationship(back_populates="contacts")
    reports_to: Mapped[Contact | None] = relationship(remote_side="Contact.id")
    ways: Mapped[list[ContactWay]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", passive_deletes=True
    )
    phone = secret_text("contacts", noted=_index_ways(WayKind.PHONE))
    email = secret_text("contacts", noted=_index_ways(WayKind.EMAIL))
    wechat = secret_text("contacts", noted=_index_ways(WayKind.WECHAT))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.customer_id.in_(select(Customer.id).where(Customer.visible_to(viewer)))

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.customer_id.not_in(merged_away())
