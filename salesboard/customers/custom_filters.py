"""What the address of a list asks of custom fields: `x.12=Gold`, `x.13.from=5`, `x.13.to=9`. Pure: parameters in,
filters out, and back. What makes no sense is left out, as in every address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from salesboard.customers.custom_rules import FieldKind, FieldShape, NotReadable, Value, read

LONGEST_WORDS = 100
RANGES = frozenset({FieldKind.NUMBER, FieldKind.DATE})
"""Kinds that are asked for from one value to another."""


@dataclass(frozen=True)
class OwnFilter:
    """What is asked of one field: of a text a part, of a choice or an answer the whole, of a range its ends."""

    field: FieldShape
    text: str = ""
    low: Value | None = None
    high: Value | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """What `own_filters` would read it from."""
        name = parameter_of(self.field)
        ends = {f"{name}.from": self.low, f"{name}.to": self.high}
        asked = {name: self.text, **{key: end.text for key, end in ends.items() if end}}
        return {key: text for key, text in asked.items() if text}


def parameter_of(field: FieldShape) -> str:
    return f"x.{field.id}"


def own_filters(first: Callable[[str], str], fields: Iterable[FieldShape]) -> tuple[OwnFilter, ...]:
    """The filters of these fields; `first` gives the first value of a parameter, empty for none."""
    asked = (_filter(field, first) for field in fields)
    return tuple(one for one in asked if one.parameters)


def _filter(field: FieldShape, first: Callable[[str], str]) -> OwnFilter:
    name = parameter_of(field)
    if field.kind in RANGES:
        low, high = (_value(field, first(f"{name}.{end}")) for end in ("from", "to"))
        return OwnFilter(field, low=low, high=high)
    text = "".join(sign if sign.isprintable() else " " for sign in first(name))[:LONGEST_WORDS].strip()
    if field.kind is FieldKind.TEXT:
        return OwnFilter(field, text=text)
    value = _value(field, text)
    return OwnFilter(field, text=value.text if value else "")


def _value(field: FieldShape, text: str) -> Value | None:
    try:
        return read(field.kind, text, field.choices) if text else None
    except NotReadable:
        return None
