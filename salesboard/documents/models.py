"""Documents of a customer or a deal (单据), their versions, and the verbs that change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import Base, Money, UtcDateTime, choice, db
from salesboard.deals.belonging import seen_with_its_record
from salesboard.deals.models import Deal
from salesboard.documents.rules import DocumentKind
from salesboard.errors import Conflict, Refused


@dataclass(frozen=True)
class Kept:
    """A file that lies sealed under `key`, and what is known of it."""

    key: str
    label: str
    media_type: str
    size: int


@guarded
class Document(Base):
    """A paper of a customer or of one of its deals, in one or several versions."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("edition >= 1", name="edition"),
        Index(None, "customer_id"),
        Index(None, "deal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[DocumentKind] = mapped_column(choice(DocumentKind, "kind"))
    name: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Decimal | None] = mapped_column(Money)
    day: Mapped[date] = mapped_column(Date)
    edition: Mapped[int] = mapped_column(default=1)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship()
    deal: Mapped[Deal | None] = relationship()
    added_by: Mapped[User | None] = relationship(foreign_keys=added_by_id)
    changed_by: Mapped[User | None] = relationship(foreign_keys=changed_by_id)
    files: Mapped[list[DocumentFile]] = relationship(
        back_populates="document", order_by="DocumentFile.edition.desc(), DocumentFile.id"
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_with_its_record(cls, viewer)

    @classmethod
    def file(
        cls,
        customer: Customer,
        deal: Deal | None,
        *,
        kept: Sequence[Kept],
        by: User,
        now: datetime,
        **facts: Any,
    ) -> Document:
        """A new document with its first version; `facts` are kind, name, amount and day."""
        document = cls(
            customer_id=customer.id,
            deal_id=deal.id if deal else None,
            added_by_id=by.id,
            added_at=now,
            changed_by_id=by.id,
            changed_at=now,
            edition=1,
            version=1,
            **facts,
        )
        db.session.add(document)
        db.session.flush()
        document._take(kept, by, now)
        document._record("document.filed", by, now, customer=customer.number, files=len(kept))
        return document

    @classmethod
    def locked(cls, document_id: int) -> Document | None:
        """The document, if visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == document_id).with_for_update(of=cls))

    @property
    def label(self) -> str:
        """How the audit log names this document."""
        return f"document {self.id}"

    @property
    def latest(self) -> list[DocumentFile]:
        """The files of the present version."""
        return [file for file in self.files if file.edition == self.edition]

    def revise(self, *, by: User, now: datetime, expected_version: int, **facts: Any) -> None:
        """Changes what is known about the document. Raises Conflict when it changed since `expected_version`."""
        self._expect(expected_version)
        changed = {name: value for name, value in facts.items() if getattr(self, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(self, name, value)
            self._touch(by, now)
            self._record("document.revised", by, now, fields=sorted(changed))

    def add_edition(self, kept: Sequence[Kept], *, by: User, now: datetime, expected_version: int) -> None:
        """A newer version; the earlier ones stay. Raises Conflict as `revise` does."""
        self._expect(expected_version)
        self.edition += 1
        self._touch(by, now)
        self._take(kept, by, now)
        self._record("document.edition_added", by, now, edition=self.edition, files=len(kept))

    def remove(self, *, by: User, now: datetime, expected_version: int) -> list[str]:
        """Takes the document out of sight; that it was there, who removed it and when stays on record.

        Gives back the keys of its files, to be removed after the commit. Raises Conflict as `revise` does.
        """
        self._expect(expected_version)
        keys = [file.file_key for file in self.files if file.file_key]
        for file in self.files:
            file.file_key = None
        self.removed_at = now
        self._touch(by, now)
        self._record("document.removed", by, now, name=self.name, kind=self.kind)
        return keys

    def _take(self, kept: Sequence[Kept], by: User, now: datetime) -> None:
        for each in kept:
            self.files.append(
                DocumentFile(
                    edition=self.edition,
                    file_key=each.key,
                    label=each.label,
                    media_type=each.media_type,
                    size=each.size,
                    added_by_id=by.id,
                    added_at=now,
                )
            )
        db.session.flush()

    def _touch(self, by: User, now: datetime) -> None:
        self.changed_by_id, self.changed_at = by.id, now
        self.version += 1

    def _expect(self, version: int) -> None:
        if self.removed_at is not None:
            raise Refused(_("This document was deleted meanwhile."))
        if version != self.version:
            raise Conflict(
                _("This document was changed meanwhile."),
                changed_by=self.changed_by.name if self.changed_by else None,
                changed_at=self.changed_at,
            )

    def _record(self, verb: str, by: User, now: datetime, **details: Any) -> None:
        audit.record(verb, self.label, actor_id=by.id, at=now, **details)


@guarded
class DocumentFile(Base):
    """A file of one version of a document. Without a `file_key` it is gone, and this row is its trace."""

    __tablename__ = "document_files"
    __table_args__ = (CheckConstraint("size >= 0", name="size"), Index(None, "document_id", "edition"))

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    edition: Mapped[int]
    file_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    label: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    document: Mapped[Document] = relationship(back_populates="files")
    added_by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.document_id.in_(select(Document.id).where(Document.visible_to(viewer)))
