"""Two records about one thing: what one leaves open is taken from the other, and what they say otherwise is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from flask_babel import LazyString

from salesboard.exchange.fields import BY_KEY, CALLED_OTHERWISE, OWN
from salesboard.exchange.records import CustomerRecord, DealRecord

Record = TypeVar("Record", CustomerRecord, DealRecord)


def filled(record: Record, further: Record) -> Record:
    """The record, with what it leaves open taken from another row about the same."""
    gaps: dict[str, Any] = {
        each.name: getattr(further, each.name)
        for each in fields(record)
        if getattr(record, each.name) is None
    }
    return replace(record, **gaps, own={**further.own, **record.own})


def differing(
    record: CustomerRecord | DealRecord, facts: dict[str, Any], own: Mapping[int, str]
) -> list[str]:
    """The facts that the record says otherwise, by name, then those of `own` fields; what it leaves open differs from
    nothing."""
    said = {name: getattr(record, name) for name in facts}
    changed = [name for name, value in said.items() if value not in (None, facts[name])]
    return changed + [f"{OWN}{shape.name}" for shape, text in record.own.items() if text != own.get(shape.id)]


def filling(record: CustomerRecord | DealRecord, facts: dict[str, Any], own: Mapping[int, str]) -> list[str]:
    """As `differing`, of what is empty so far."""
    stands = {f"{OWN}{shape.name}" for shape in record.own if own.get(shape.id)}
    changed = (name for name in differing(record, facts, own) if name not in stands)
    return [name for name in changed if facts.get(name) in (None, "")]


def labels(kind: str, names: Iterable[str]) -> list[LazyString | str]:
    """What the fields of a customer, contact or deal are called."""
    keys = {name: CALLED_OTHERWISE.get(f"{kind}.{name}", f"{kind}.{name}") for name in names}
    return [
        name.removeprefix(OWN) if name.startswith(OWN) else BY_KEY[key].label for name, key in keys.items()
    ]
