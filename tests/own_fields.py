"""Custom fields as the admin adds them and people fill them in, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from salesboard.customers.custom_values import set_values
from salesboard.database import db, writing


def add_field(subject: Subject, name: str, kind: FieldKind = FieldKind.TEXT, **facts: Any) -> FieldShape:
    with writing():
        return CustomField.add(subject, name, kind, by=None, now=clock.now(), **facts).shape


def change_field(field: FieldShape, verb: str, **facts: Any) -> None:
    with writing():
        getattr(db.session.get_one(CustomField, field.id), verb)(by=None, now=clock.now(), **facts)


def fill_in(record: Any, values: Mapping[FieldShape, str], by: User) -> bool:
    """Whether anything changed."""
    with acting_as_system("a test fills in"), writing():
        held = db.session.get_one(type(record), record.id)
        said = {field.id: text for field, text in values.items()}
        return set_values(held, said, by=by, now=clock.now())
