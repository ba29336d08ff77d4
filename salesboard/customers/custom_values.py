"""What stands in the custom fields of customers and deals: the one place to read and write it.

Whatever shows, brings in or takes out custom values goes through `fields_of`, `read_value`, `values_of`, `set_values`
and `take_values`. A value is a canonical text: 1200.5, 2026-05-31, yes, a choice's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    column,
    delete,
    exists,
    select,
    table,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from wtforms.validators import ValidationError

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.changes import changes_since, note_changes
from salesboard.customers.conflicts import Settlement, settle
from salesboard.customers.custom_fields import every_field, fields_of
from salesboard.customers.custom_rules import FieldShape, NotReadable, Subject, Value, read, typed
from salesboard.customers.custom_wording import why_not
from salesboard.customers.models import Customer
from salesboard.customers.sharing import merged_away, shared_deals
from salesboard.database import Base, Figure, UtcDateTime, db, insert_into
from salesboard.errors import Conflict, Refused
from salesboard.fields import clean, refuse_absurd, refuse_unwritable

__all__ = ["CustomValue", "fields_of", "read_value", "set_values", "take_values", "values_of"]

AT_ONCE = 500
"""Rows of one INSERT, ids of one SELECT."""

_deals = table("deals", column("id"), column("owner_id"))


@guarded
class CustomValue(Base):
    """What stands in one field of one customer or deal; an empty field has no row.

    `text` is what people read; `number`, `day` and `flag` repeat it for comparing.
    """

    __tablename__ = "custom_values"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (deal_id IS NULL)", name="one_record"),
        CheckConstraint("text <> ''", name="filled"),
        UniqueConstraint("field_id", "customer_id"),
        UniqueConstraint("field_id", "deal_id"),
        Index(None, "customer_id"),
        Index(None, "deal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("custom_fields.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(500))
    number: Mapped[Decimal | None] = mapped_column(Figure)
    day: Mapped[date | None] = mapped_column(Date)
    flag: Mapped[bool | None]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With its customer or its deal."""
        customer = exists().where(Customer.id == cls.customer_id, Customer.visible_to(viewer))
        seen = viewer.sees_owner(_deals.c.owner_id) | _deals.c.id.in_(shared_deals(viewer))
        return customer | exists().where(_deals.c.id == cls.deal_id, seen)

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.customer_id.is_(None) | cls.customer_id.not_in(merged_away())

    @classmethod
    def of(cls, subject: Subject) -> Any:
        """The column that names the record."""
        return cls.customer_id if subject is Subject.CUSTOMER else cls.deal_id


def read_value(field: FieldShape, text: str) -> str:
    """The value that a person or a file means by `text`; empty for an empty one. Raises Refused with a sentence."""
    said = clean(text)
    if not said:
        return ""
    try:
        refuse_unwritable(said)
        value = read(field.kind, said, field.choices)
        if value.day is not None:
            refuse_absurd(value.day)
    except NotReadable as refusal:
        raise Refused(why_not(refusal, said, field)) from None
    except ValidationError as refusal:
        raise Refused(str(refusal)) from None
    return value.text


def values_of(subject: Subject, ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """By record and field what is filled in, as far as the reader sees the records; retired fields too.

    One SELECT for up to five hundred records.
    """
    found: dict[int, dict[int, str]] = {}
    record, wanted = CustomValue.of(subject), list(ids)
    for start in range(0, len(wanted), AT_ONCE):
        rows = select(record.label("record_id"), CustomValue.field_id, CustomValue.text).where(
            record.in_(wanted[start : start + AT_ONCE])
        )
        for row in db.session.execute(rows):
            found.setdefault(row.record_id, {})[row.field_id] = row.text
    return found


def set_values(
    record: Any,
    values: Mapping[int, str | None],
    *,
    by: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> bool:
    """Fills a customer's or deal's fields with canonical values; an empty one empties the field. Whether anything
    changed: then the record has a new version, and its history says what stood there before.

    What somebody else filled in at a customer since `expected_version` stays, where these values leave it as it was;
    where they say otherwise too, raises Conflict.
    """
    subject = Subject.CUSTOMER if isinstance(record, Customer) else Subject.DEAL
    names = {field.id: own_name(field) for field in every_field() if field.subject is subject}
    before = values_of(subject, [record.id]).get(record.id, {})
    changed = {
        field_id: text or None
        for field_id, text in values.items()
        if field_id in names and (text or None) != before.get(field_id)
    }
    if expected_version is not None and subject is Subject.CUSTOMER:
        free = _free(record, {names[field_id]: text for field_id, text in changed.items()}, expected_version)
        changed = {field_id: text for field_id, text in changed.items() if names[field_id] in free}
    if not changed:
        return False
    _write(subject, record.id, changed, by, now)
    actor_id = by.id if by else None
    if subject is Subject.CUSTOMER:
        record.touch(now)
        about = {"customer_id": record.id}
    else:
        record.touch(now, actor_id)
        about = {"customer_id": record.customer_id, "deal_id": record.id}
    stood = {names[field_id]: before.get(field_id) for field_id in changed}
    stands = {names[field_id]: text for field_id, text in changed.items()}
    note_changes(stood, stands, version=record.version, by_id=actor_id, at=now, **about)
    audit.record(f"{subject}.filled", record.label, actor_id=actor_id, at=now, fields=sorted(stands))
    return True


def own_name(field: FieldShape) -> str:
    """What the history of a record calls the field."""
    return f"x:{field.name}"


def settled(customer_id: int, said: Mapping[str, str | None], expected_version: int) -> Settlement:
    """What becomes of values, by `own_name`, that were entered on an earlier version of a customer."""
    since = changes_since(customer_id, expected_version)
    return settle(said, [change for change in since if change.contact_id is None])


def _free(customer: Customer, said: dict[str, str | None], expected_version: int) -> dict[str, str | None]:
    found = settled(customer.id, said, expected_version)
    if not found.disputed:
        return found.free
    last = next(
        change
        for change in reversed(changes_since(customer.id, expected_version))
        if change.field in found.disputed
    )
    raise Conflict(
        _("This customer was changed meanwhile."),
        changed_by=last.by.name if last.by else None,
        changed_at=last.at,
        fields=found.disputed,
    )


def _write(
    subject: Subject, record_id: int, values: Mapping[int, str | None], by: User | None, now: datetime
) -> None:
    emptied = [field_id for field_id, text in values.items() if text is None]
    held = CustomValue.of(subject) == record_id
    db.session.execute(delete(CustomValue).where(held, CustomValue.field_id.in_(emptied)))
    _upsert(subject, {record_id: {field_id: text for field_id, text in values.items() if text}}, by, now)


def take_values(
    subject: Subject, values: Mapping[int, Mapping[int, str]], *, by: User | None, now: datetime
) -> None:
    """Fills the fields of many new records at once. Their own beginning is what the audit log tells of them; the
    values of a record that people have seen already go through `set_values`."""
    if _upsert(subject, values, by, now):
        actor_id = by.id if by else None
        audit.record("fields.taken", f"{subject} fields", actor_id=actor_id, at=now, records=len(values))


def rename_choice(field_id: int, old: str, new: str) -> None:
    """Where the choice stands, it is called by its new words from now on."""
    said = CustomValue.field_id == field_id, CustomValue.text == old
    db.session.execute(update(CustomValue).where(*said).values(text=new))


def _upsert(subject: Subject, values: Mapping[int, Mapping[int, str]], by: User | None, now: datetime) -> int:
    kinds = {field.id: field.kind for field in every_field()}
    key = f"{subject}_id"
    rows = [
        {
            key: record_id,
            "field_id": field_id,
            **_columns(typed(kinds[field_id], text)),
            "updated_by_id": by.id if by else None,
            "updated_at": now,
        }
        for record_id, said in values.items()
        for field_id, text in said.items()
        if text
    ]
    for start in range(0, len(rows), AT_ONCE):
        insert = insert_into(CustomValue).values(rows[start : start + AT_ONCE])
        fresh = {name: insert.excluded[name] for name in (*_TWINS, "updated_by_id", "updated_at")}
        db.session.execute(insert.on_conflict_do_update(index_elements=["field_id", key], set_=fresh))
    return len(rows)


_TWINS = ("text", "number", "day", "flag")


def _columns(value: Value) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _TWINS}
