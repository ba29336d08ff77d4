"""Reads about custom fields: how they are used. Each in a fixed number of SELECTs, whatever there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select, table, union_all

from salesboard.accounts.models import User
from salesboard.customers.custom_fields import CustomField, fields_of
from salesboard.customers.custom_filters import OwnFilter
from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from salesboard.customers.custom_values import CustomValue, values_of
from salesboard.customers.custom_wording import shown
from salesboard.customers.models import Customer
from salesboard.database import db

UNUSED_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class FieldUse:
    """How one field is used. `records` are all customers or deals there are; `mostly_by` filled in most of what
    stands in it now, `by_them` of `filled`."""

    field: FieldShape
    filled: int
    records: int
    mostly_by: str | None
    by_them: int
    last_used: datetime | None
    is_unused: bool
    """There for ninety days, and nobody has filled it in within them."""

    @property
    def share(self) -> float | None:
        return self.filled / self.records if self.records else None


def own_facts(subject: Subject, record_id: int) -> list[tuple[str, str]]:
    """The fields of a customer or deal by name, with what stands in them as pages show it. Two SELECTs at most."""
    fields = fields_of(subject)
    values = values_of(subject, [record_id]).get(record_id, {}) if fields else {}
    return [(field.name, shown(field, values.get(field.id))) for field in fields]


def asks_for(asked: OwnFilter, record_id: Any) -> ColumnElement[bool]:
    """The condition that a record holds what is asked. Whoever sees the record sees what stands in its fields, so that
    values are looked up in the plain table."""
    values, subject = CustomValue.__table__.alias(), asked.field.subject
    here = values.c.field_id == asked.field.id, values.c[f"{subject}_id"] == record_id
    return exists().where(*here, *_compared(asked, values.c))


def _compared(asked: OwnFilter, values: Any) -> Iterator[ColumnElement[bool]]:
    if asked.field.kind is FieldKind.TEXT:
        yield values.text.icontains(asked.text, autoescape=True)
    elif asked.text:
        yield values.text == asked.text
    column, end = (values.number, "number") if asked.field.kind is FieldKind.NUMBER else (values.day, "day")
    if asked.low:
        yield column >= getattr(asked.low, end)
    if asked.high:
        yield column <= getattr(asked.high, end)


def how_often_filled(now: datetime) -> list[FieldUse]:
    """Every field in use, in its order. Three SELECTs."""
    in_use = select(CustomField).where(CustomField.retired_at.is_(None))
    fields = db.session.scalars(in_use.order_by(CustomField.position, CustomField.id)).all()
    records, hands = _records(), _hands()
    return [_use(field, records[field.subject], hands.get(field.id, []), now) for field in fields]


def _use(field: CustomField, records: int, hands: list[Any], now: datetime) -> FieldUse:
    most = max(hands, key=lambda hand: hand.filled, default=None)
    last = max((hand.last for hand in hands), default=None)
    return FieldUse(
        field=field.shape,
        filled=sum(hand.filled for hand in hands),
        records=records,
        mostly_by=most.name if most else None,
        by_them=most.filled if most else 0,
        last_used=last,
        is_unused=max(last or field.created_at, field.created_at) < now - UNUSED_AFTER,
    )


def _hands() -> dict[int, list[Any]]:
    """By field who filled in how many of its values, and when last."""
    rows = db.session.execute(
        select(
            CustomValue.field_id,
            User.name,
            func.count().label("filled"),
            func.max(CustomValue.updated_at).label("last"),
        )
        .join(User, User.id == CustomValue.updated_by_id, isouter=True)
        .group_by(CustomValue.field_id, CustomValue.updated_by_id, User.name)
        .order_by(CustomValue.field_id, User.name)
    )
    by_field: dict[int, list[Any]] = {}
    for row in rows:
        by_field.setdefault(row.field_id, []).append(row)
    return by_field


def _records() -> dict[Subject, int]:
    counted = (
        select(literal(Subject.CUSTOMER.value).label("subject"), func.count().label("records")).where(
            Customer.__table__.c.merged_into_id.is_(None)
        ),
        select(literal(Subject.DEAL.value), func.count()).select_from(table("deals")),
    )
    return {Subject(row.subject): row.records for row in db.session.execute(union_all(*counted))}
