"""Attributes whose values lie sealed in the database: read and set like others, but never named in SQL.

A model that holds some derives from `Sealing`, declares a column `<name>_sealed` for each, and `<name> = Secret(...)`.
Each value is bound to its table, its row and its column.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import Dialect, LargeBinary, String, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import crypto

Value = TypeVar("Value")


class Sealing:
    """A row with sealed values. `seal_id` is what they are bound to: random, given with the first of them."""

    seal_id: Mapped[str | None] = mapped_column(String(16), unique=True)


class Secret(Generic[Value]):
    """A value that lies sealed in the column `<name>_sealed`; None lies open as NULL.

    `reads` and `writes` turn it into text and back; `noted` hears of each new value.
    """

    def __init__(
        self,
        table: str,
        *,
        reads: Callable[[str], Value],
        writes: Callable[[Value], str] = str,
        noted: Callable[[Any, Value | None], None] | None = None,
    ) -> None:
        self._table, self._reads, self._writes, self._noted = table, reads, writes, noted
        self.name = self.column = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name, self.column = name, f"{name}_sealed"
        _secrets.setdefault(self._table, []).append(self)

    @overload
    def __get__(self, row: None, owner: type) -> Secret[Value]: ...
    @overload
    def __get__(self, row: object, owner: type) -> Value | None: ...
    def __get__(self, row: Any, owner: type) -> Secret[Value] | Value | None:
        return self if row is None else self.of(row)

    def __set__(self, row: Any, value: Value | None) -> None:
        if value == self.of(row):
            return
        if row.seal_id is None and value is not None:
            row.seal_id = new_seal_id()
        setattr(row, self.column, self.sealed(row.seal_id, value))
        if self._noted is not None:
            self._noted(row, value)

    def of(self, row: Any) -> Value | None:
        """The value of anything that has this column and `seal_id`, such as a row of a SELECT of both."""
        sealed = getattr(row, self.column)
        if sealed is None:
            return None
        return self._reads(crypto.ring().open(sealed, self.place(row.seal_id)).decode())

    def sealed(self, seal_id: str | None, value: Value | None) -> bytes | None:
        """The value as its column holds it in the row with this `seal_id`."""
        if value is None:
            return None
        assert seal_id is not None
        plain = self._writes(value).encode("utf-8", "surrogatepass")
        return crypto.ring().seal(plain, self.place(seal_id))

    def as_text(self, value: Value | None) -> str | None:
        """As JSON can keep it; `from_text` gives it back."""
        return None if value is None else self._writes(value)

    def from_text(self, text: str | None) -> Value | None:
        return None if text is None else self._reads(text)

    def place(self, seal_id: str) -> str:
        """What a value of the row with this `seal_id` is bound to."""
        return f"{self._table}|{seal_id}|{self.name}"


_secrets: dict[str, list[Secret[Any]]] = {}


def secrets_of(table: str) -> list[Secret[Any]]:
    """The sealed attributes of a table."""
    return list(_secrets.get(table, ()))


def tables_with_secrets() -> list[str]:
    return sorted(_secrets)


def new_seal_id() -> str:
    return secrets.token_urlsafe(12)


def sealed_row(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row for a plain INSERT: its secret attributes in their sealed columns."""
    hidden = {secret.name: secret for secret in secrets_of(table)}
    if not hidden:
        return row
    seal_id = new_seal_id()
    written = {name: value for name, value in row.items() if name not in hidden}
    columns = {
        secret.column: secret.sealed(seal_id, row.get(name)) for name, secret in hidden.items() if name in row
    }
    return {**written, "seal_id": seal_id, **columns}


def secret_text(table: str, *, noted: Callable[[Any, str | None], None] | None = None) -> Secret[str]:
    """A sealed text; an empty one counts as none."""
    return Secret(table, reads=str, noted=noted)


def secret_amount(table: str) -> Secret[Decimal]:
    """A sealed amount of money, with two places."""
    return Secret(table, reads=Decimal, writes=lambda amount: f"{amount:f}")


class SealedJson(TypeDecorator[Any]):
    """JSON that may repeat what a person typed or a file said, sealed for its table and column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return crypto.ring().seal(text.encode("utf-8", "surrogatepass"), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.loads(crypto.ring().open(bytes(value), self.place).decode("utf-8", "surrogatepass"))


def columns_for(model: Any, names: tuple[str, ...]) -> list[Any]:
    """What a SELECT asks for to know these attributes of `model`; `value_of` reads them from its rows."""
    hidden = [getattr(model, name) for name in names if isinstance(getattr(model, name), Secret)]
    open_ones = [getattr(model, name) for name in names if not isinstance(getattr(model, name), Secret)]
    sealed = [getattr(model, secret.column) for secret in hidden]
    return [*open_ones, *([model.seal_id, *sealed] if sealed else [])]


def value_of(model: Any, row: Any, name: str) -> Any:
    """The attribute `name` of a row that `columns_for` asked for."""
    attribute = getattr(model, name)
    return attribute.of(row) if isinstance(attribute, Secret) else getattr(row, name)
