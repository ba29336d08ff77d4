"""By which column the list of customers is sorted, as ranges of an index: nothing is sorted but the page itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from salesboard.accounts.models import User
from salesboard.customers.filters import Parameters
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus, Level
from salesboard.paging import (
    Cursor,
    Span,
    a_count,
    a_day,
    a_moment,
    a_name,
    asked_order,
    beyond_cursor,
    order_told,
)


class CustomerKey(StrEnum):
    """What the list can be sorted by."""

    NAME = "name"
    LEVEL = "level"
    STATUS = "status"
    OWNER = "owner"
    INDUSTRY = "industry"
    REGION = "region"
    SOURCE = "source"
    EMPLOYEES = "employees"
    FIRST_CONTACT = "first_contact"
    UPDATED = "updated"
    VERIFIED = "verified"
    NUMBER = "number"
    CREATED = "created"


owners = User.__table__.alias("whose")
"""Read through the customer: whoever sees it sees whose it is."""

_COLUMNS: dict[CustomerKey, tuple[Any, Callable[[str], Any]]] = {
    CustomerKey.NAME: (Customer.sort_name, a_name),
    CustomerKey.LEVEL: (Customer.level, Level),
    CustomerKey.STATUS: (Customer.status, CustomerStatus),
    CustomerKey.OWNER: (owners.c.name, a_name),
    CustomerKey.INDUSTRY: (Customer.industry, a_name),
    CustomerKey.REGION: (Customer.region, a_name),
    CustomerKey.SOURCE: (Customer.source, a_name),
    CustomerKey.EMPLOYEES: (Customer.employees, a_count),
    CustomerKey.FIRST_CONTACT: (Customer.first_contact_date, a_day),
    CustomerKey.UPDATED: (Customer.updated_at, a_moment),
    CustomerKey.VERIFIED: (Customer.verified_at, a_moment),
    CustomerKey.NUMBER: (Customer.number, a_name),
    CustomerKey.CREATED: (Customer.id, a_count),
}
"""The column of each, and how a cursor's value is read back. Ids are given as customers come."""

_RANKED: dict[CustomerKey, tuple[StrEnum, ...]] = {
    CustomerKey.LEVEL: tuple(Level),
    CustomerKey.STATUS: tuple(CustomerStatus),
}
"""Words whose order is not that of their letters: each has a range of its own."""

_TEXTS = frozenset({CustomerKey.INDUSTRY, CustomerKey.REGION, CustomerKey.SOURCE})
_MAY_BE_EMPTY = _TEXTS | {CustomerKey.EMPLOYEES, CustomerKey.FIRST_CONTACT, CustomerKey.VERIFIED}
_FALLING_FIRST = frozenset(
    {
        CustomerKey.EMPLOYEES,
        CustomerKey.FIRST_CONTACT,
        CustomerKey.UPDATED,
        CustomerKey.VERIFIED,
        CustomerKey.NUMBER,
        CustomerKey.CREATED,
    }
)


@dataclass(frozen=True)
class CustomerOrder:
    """By which column, and from where. Rows of equal value stand in the order in which they came; empty ones last."""

    key: CustomerKey = CustomerKey.CREATED
    falling: bool = True

    @classmethod
    def parse(cls, parameters: Parameters) -> CustomerOrder:
        """From `sort=region` or, falling, `sort=-region`; senseless ones are the usual order."""
        asked = asked_order(parameters, CustomerKey)
        return cls(*asked) if asked else cls()

    def __str__(self) -> str:
        return order_told(self.key, self.falling)

    @property
    def parameters(self) -> dict[str, Any]:
        """What `parse` would read it from."""
        return {} if self == CustomerOrder() else {"sort": [str(self)]}

    def turned_by(self, key: CustomerKey) -> CustomerOrder:
        """The order after a click on the head of `key`: the other way round, or first the way one expects."""
        return CustomerOrder(key, not self.falling if key is self.key else key in _FALLING_FIRST)

    @property
    def column(self) -> Any:
        """What the rows are sorted by; of several ranges, within each."""
        return _COLUMNS[self.key][0]

    @property
    def told(self) -> Any:
        """The same, nothing for an empty text."""
        return func.nullif(self.column, "") if self.key in _TEXTS else self.column

    @property
    def needs_owner(self) -> bool:
        return self.key is CustomerKey.OWNER

    def cursor(self, value: Any, row_id: int) -> str:
        """Where the rows after this one begin."""
        if isinstance(value, datetime):
            value = value.isoformat()
        return str(Cursor(value, row_id))

    def read_cursor(self, text: str) -> Cursor | None:
        """What `cursor` wrote; None for anything else."""
        read = _COLUMNS[self.key][1]
        may_be_empty = self.key in _MAY_BE_EMPTY
        return Cursor.parse(text, lambda value: None if may_be_empty and not value else read(value))

    def spans(self, after: Cursor | None = None) -> list[Span]:
        """The ranges that hold the rows in this order, from the first or from after the one that the cursor names."""
        if self.key in _RANKED:
            return list(self._ranked_spans(_RANKED[self.key], after))
        if self.key is CustomerKey.CREATED:
            return [Span((self._past(after),) if after else (), self._directed())]
        column, both = self.column, self._directed(self.column)
        if self.key not in _MAY_BE_EMPTY:
            return [Span(self._beyond(column, after), both)]
        is_text = self.key in _TEXTS
        is_filled = column > "" if is_text else column.is_not(None)
        is_empty = or_(column.is_(None), column == "") if is_text else column.is_(None)
        among_empty = self._directed()
        if after is not None and after.value is None:
            return [Span((is_empty, self._past(after)), among_empty)]
        return [Span((is_filled, *self._beyond(column, after)), both), Span((is_empty,), among_empty)]

    def _ranked_spans(self, ranked: tuple[StrEnum, ...], after: Cursor | None) -> Iterator[Span]:
        for value in reversed(ranked) if self.falling else ranked:
            here = after is not None and after.value == value
            if after is None or here:
                past = (self._past(after),) if here and after else ()
                yield Span((self.column == value, *past), self._directed())
                after = None

    def _beyond(self, column: Any, after: Cursor | None) -> tuple[ColumnElement[bool], ...]:
        return () if after is None else (beyond_cursor(column, Customer.id, after, self.falling),)

    def _past(self, after: Cursor) -> ColumnElement[bool]:
        return Customer.id < after.id if self.falling else Customer.id > after.id

    def _directed(self, *columns: Any) -> tuple[Any, ...]:
        by = (*columns, Customer.id)
        return tuple(column.desc() if self.falling else column.asc() for column in by)
