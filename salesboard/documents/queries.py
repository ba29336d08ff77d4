"""Reads of documents that feed a page, each in a fixed number of SELECTs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.documents.models import Document, DocumentFile


def documents_of(record: Customer | Deal) -> Sequence[Document]:
    """The documents of a customer and its deals, or of one deal, the latest first; deleted ones are left out."""
    of_record = (
        Document.deal_id == record.id if isinstance(record, Deal) else Document.customer_id == record.id
    )
    wanted = _with_people().where(of_record, Document.removed_at.is_(None))
    return db.session.scalars(wanted.order_by(Document.day.desc(), Document.id.desc())).all()


def document_shown(document_id: int) -> Document | None:
    """The document, if visible and not deleted, with all its versions."""
    wanted = _with_people().where(Document.id == document_id, Document.removed_at.is_(None))
    return db.session.scalar(wanted.options(selectinload(Document.files).joinedload(DocumentFile.added_by)))


def file_shown(document_id: int, file_id: int) -> DocumentFile | None:
    """One file of a document, if visible and still there."""
    return db.session.scalar(
        select(DocumentFile)
        .where(
            DocumentFile.id == file_id,
            DocumentFile.document_id == document_id,
            DocumentFile.file_key.is_not(None),
        )
        .options(joinedload(DocumentFile.document))
    )


def kept_keys() -> set[str]:
    """The keys of all files that documents need."""
    return set(db.session.scalars(select(DocumentFile.file_key).where(DocumentFile.file_key.is_not(None))))


def _with_people() -> Select[Document]:
    return select(Document).options(
        joinedload(Document.customer), joinedload(Document.deal), joinedload(Document.added_by)
    )
