"""Columns of a record as JSON keeps them, so that a change can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Enum, inspect

from salesboard.database import Money, UtcDateTime
from salesboard.sealed import Secret


def as_json(record: Any, names: Iterable[str]) -> dict[str, Any]:
    """The present values of some columns of any record, as JSON values."""
    return {name: _to_json(record, name) for name in names}


def restore(record: Any, before: dict[str, Any]) -> None:
    """Sets the columns back to what `as_json` kept; what is no column is set as it was kept."""
    columns = inspect(type(record)).local_table.c
    for name, value in before.items():
        attribute = getattr(type(record), name)
        if isinstance(attribute, Secret):
            setattr(record, name, attribute.from_text(value))
        else:
            setattr(record, name, _from_json(value, columns[name].type if name in columns else None))


def _to_json(record: Any, name: str) -> Any:
    """A secret value too: whoever keeps the JSON keeps it sealed."""
    value, attribute = getattr(record, name), getattr(type(record), name)
    if isinstance(attribute, Secret):
        return attribute.as_text(value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _from_json(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Money):
        return Decimal(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Enum):
        return kind.enum_class(value)  # type: ignore[misc]
    return date.fromisoformat(value) if isinstance(kind, Date) else value
