"""Customers and their contacts, and the verbs that change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.rules import ContactRole, CustomerStatus, Level, name_key, pinyin_keys
from salesboard.customers.sharing import has_seen_deal
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Conflict
from salesboard.numbering import next_number
from salesboard.sealed import Sealing, secret_amount, secret_text


@guarded
class Customer(Sealing, Base):
    """A company the team sells to."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("employees >= 0", name="employees"),
        Index(None, "owner_id", "name_key"),
        Index(None, "name_key"),
        Index(None, "updated_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(120), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(800))
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
    level: Mapped[Level] = mapped_column(choice(Level, "level"), default=Level.NORMAL)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    needs: Mapped[str | None] = mapped_column(Text)
    remarks: Mapped[str | None] = mapped_column(Text)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id)
    contacts: Mapped[list[Contact]] = relationship(back_populates="customer", order_by="Contact.id")
    annual_revenue = secret_amount("customers")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Own and one's teams' customers, and those of deals that one looks after or was added to."""
        return viewer.sees_owner(cls.owner_id) | has_seen_deal(viewer, cls.id)

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
        customer = cls(
            number=number or next_number("C", day),
            owner_id=owner.id,
            created_by_id=by.id if by else None,
            created_at=now,
            updated_at=now,
            **facts,
        )
        customer.rename(name)
        db.session.add(customer)
        db.session.flush()
        audit.record("customer.registered", customer.label, actor_id=by.id if by else None, at=now)
        return customer

    @classmethod
    def locked(cls, number: str) -> Customer | None:
        """The customer with this number, if visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.number == number).with_for_update(of=cls))

    @property
    def label(self) -> str:
        """How the audit log names this customer."""
        return f"customer {self.number}"

    def revise(self, *, by: User | None, now: datetime, expected_version: int, **facts: Any) -> None:
        """Changes what is known about the customer; after another name its deals have to take it over.

        Raises Conflict when the customer or one of its contacts changed since `expected_version`.
        """
        self._expect(expected_version)
        changed = {name: value for name, value in facts.items() if getattr(self, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.rename(self.name)
        self.touch(now)
        actor_id = by.id if by else None
        audit.record("customer.revised", self.label, actor_id=actor_id, at=now, fields=sorted(changed))

    def add_contact(self, *, by: User, now: datetime, expected_version: int, **facts: Any) -> Contact:
        """A new person at the customer. Raises Conflict as `revise` does."""
        self._expect(expected_version)
        contact = Contact(customer_id=self.id, created_at=now, **facts)
        db.session.add(contact)
        self.touch(now)
        audit.record("contact.added", self.label, actor_id=by.id, at=now)
        return contact

    def revise_contact(
        self, contact: Contact, *, by: User, now: datetime, expected_version: int, **facts: Any
    ) -> None:
        """Changes what is known about one of the customer's people. Raises Conflict as `revise` does."""
        self._expect(expected_version)
        changed = {name: value for name, value in facts.items() if getattr(contact, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(contact, name, value)
        self.touch(now)
        audit.record("contact.revised", self.label, actor_id=by.id, at=now, fields=sorted(changed))

    def rename(self, name: str) -> None:
        """Takes the name and keeps what it is found by in step: normalised, pinyin, initials."""
        self.name = name.strip()
        self.name_key = name_key(self.name)[:200]
        self.search_text = " ".join((self.name.lower(), *pinyin_keys(self.name)))[:800]

    def touch(self, now: datetime) -> None:
        self.updated_at = now
        self.version += 1

    def _expect(self, version: int) -> None:
        if version == self.version:
            return
        last_change = (
            select(User.name)
            .join(audit.AuditEvent, audit.AuditEvent.actor_id == User.id)
            .where(audit.AuditEvent.subject == self.label)
            .order_by(audit.AuditEvent.at.desc(), audit.AuditEvent.id.desc())
        )
        raise Conflict(
            _("This customer was changed meanwhile."),
            changed_by=db.session.scalar(last_change.limit(1)),
            changed_at=self.updated_at,
        )


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
    __table_args__ = (CheckConstraint("name <> ''", name="named"), Index(None, "customer_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(120))
    phone_sealed: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None]
    wechat_sealed: Mapped[bytes | None]
    role: Mapped[ContactRole | None] = mapped_column(choice(ContactRole, "role"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer: Mapped[Customer] = relationship(back_populates="contacts")
    ways: Mapped[list[ContactWay]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", passive_deletes=True
    )
    phone = secret_text("contacts", noted=_index_ways(WayKind.PHONE))
    email = secret_text("contacts", noted=_index_ways(WayKind.EMAIL))
    wechat = secret_text("contacts", noted=_index_ways(WayKind.WECHAT))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.customer_id.in_(select(Customer.id).where(Customer.visible_to(viewer)))
