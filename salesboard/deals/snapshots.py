"""A deal's columns as they were before a move, kept as JSON on the placement so that the move can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Enum, inspect

from salesboard.database import Money, UtcDateTime
from salesboard.sealed import Secret

if TYPE_CHECKING:
    from salesboard.deals.columns import DealColumns

UNDOABLE = (
    "stage", "outcome", "entered_at", "entered_on", "amount", "probability", "position", "next_step", "next_due",
    "next_method", "contract_number", "contract_amount", "signed_on", "payment_terms", "lost_reason", "lost_words",
    "competitor", "closed_on",
)  # fmt: skip
"""What a move may change on the deal, and its undo brings back."""


def snapshot(deal: DealColumns) -> dict[str, Any]:
    """What a move may change, as JSON values."""
    return as_json(deal, UNDOABLE)


def as_json(record: Any, names: Iterable[str]) -> dict[str, Any]:
    """The present values of some columns of any record, as JSON values."""
    return {name: _to_json(record, name) for name in names}


def restore(deal: Any, before: dict[str, Any]) -> None:
    """Sets the columns back to what `snapshot` or `as_json` kept; what is no column is set as it was kept."""
    columns = inspect(type(deal)).local_table.c
    for name, value in before.items():
        attribute = getattr(type(deal), name)
        if isinstance(attribute, Secret):
            setattr(deal, name, attribute.from_text(value))
        else:
            setattr(deal, name, _from_json(value, columns[name].type if name in columns else None))


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
