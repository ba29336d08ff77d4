"""The installation's own fields as columns of a file may hold them: `x:Its name`, or their name as the head."""

from __future__ import annotations

from contextlib import AbstractContextManager

from salesboard.customers.custom_fields import every_field
from salesboard.customers.custom_rules import (
    LONGEST_TEXT,
    FieldKind,
    FieldShape,
    NotReadable,
    Subject,
    read,
)
from salesboard.exchange.dates import read_date
from salesboard.exchange.fields import OWN, Field, Kind, OwnValue, Reader, knowing
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import NotTaken, Unreadable
from salesboard.exchange.values import Habits, cell_text, storable

_KINDS = {Subject.CUSTOMER: Kind.CUSTOMERS, Subject.DEAL: Kind.DEALS}


def own_fields_known() -> AbstractContextManager[None]:
    """Inside, columns may hold the fields that the admin has added and not retired."""
    return knowing(_field(shape) for shape in every_field() if not shape.is_retired)


def _field(shape: FieldShape) -> Field:
    return Field(f"{OWN}{shape.name}", _KINDS[shape.subject], shape.name, _reader(shape), own=shape)


def _reader(shape: FieldShape) -> Reader:
    def reads(cell: Cell, habits: Habits) -> OwnValue | None:
        if shape.kind is FieldKind.DATE:
            return OwnValue(shape, read_date(cell, habits).isoformat())
        text = " ".join(storable(cell_text(cell)).split("\n")).strip()
        if not text:
            return None
        try:
            return OwnValue(shape, read(shape.kind, text, shape.choices).text)
        except NotReadable as refusal:
            raise _as_reason(refusal, shape, cell, text) from None

    return reads


def _as_reason(refusal: NotReadable, shape: FieldShape, cell: Cell, text: str) -> Exception:
    """In the words of an import."""
    if refusal.code == "too_long":
        return NotTaken("too_long", column=shape.name, length=len(text), limit=LONGEST_TEXT)
    if refusal.code == "not_a_number":
        return Unreadable("not_a_number", cell)
    if refusal.code == "number_too_large":
        return Unreadable("number_too_large", cell)
    if refusal.code == "not_yes_or_no":
        return Unreadable("not_yes_or_no", cell)
    return Unreadable("unknown_word", cell)
