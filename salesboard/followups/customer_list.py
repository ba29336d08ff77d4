"""The list of customers: whom it holds, in which order, page by page. Above customers, for it asks deals and talks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from salesboard.access import acting_as_system
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Customer
from salesboard.customers.orders import CustomerOrder, owners
from salesboard.customers.selection import of_customers, of_which_list
from salesboard.database import db
from salesboard.deals.of_customers import of_deals
from salesboard.followups.of_customers import of_talks
from salesboard.installation import installation
from salesboard.paging import Cursor, Span

CUSTOMERS_A_PAGE = 50
MOST_COUNTED, MOST_FOUND = 10_000, 1_000
"""Beyond so many, of those with words that are looked for, nobody counts along: a list says that there are more."""


@dataclass(frozen=True)
class Wanted:
    """What `filters` ask for, as conditions on Customer. The words are looked up when it is made, once for all uses."""

    filters: CustomerFilters
    besides: tuple[ColumnElement[bool], ...]

    def __iter__(self) -> Iterator[ColumnElement[bool]]:
        yield of_which_list(self.filters)
        yield from self.besides

    @property
    def most_counted(self) -> int:
        return MOST_FOUND if self.filters.words else MOST_COUNTED

    def in_archive(self) -> Wanted:
        """The same of the history archive."""
        return replace(self, filters=self.filters.but(archived=True))


@dataclass(frozen=True)
class CustomerPage:
    """Some customers, in order; `after` is where the next ones begin, None at the end."""

    customers: Sequence[Customer]
    after: str | None


def wanted(filters: CustomerFilters) -> Wanted:
    """What `filters` ask for; for words in two or three SELECTs."""
    rest = *of_deals(filters, installation().today), *of_talks(filters)
    return Wanted(filters, (*of_customers(filters), *rest))


def customer_page(
    asked: Wanted, order: CustomerOrder, after: Cursor | None = None, *options: Any
) -> CustomerPage:
    """The first customers that are wanted, or those after the cursor. Two SELECTs, besides what `options` load.

    The ids are picked from ranges of an index; then just those customers are read.
    """
    parts = [
        select(_picked(span, place, asked, order).subquery()) for place, span in enumerate(order.spans(after))
    ]
    picked = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    directed = [column.desc() if order.falling else column.asc() for column in (picked.c.key, picked.c.id)]
    rows = db.session.execute(
        select(picked).order_by(picked.c.place, *directed).limit(CUSTOMERS_A_PAGE + 1)
    ).all()
    shown = rows[:CUSTOMERS_A_PAGE]
    last = order.cursor(shown[-1].key, shown[-1].id) if len(rows) > CUSTOMERS_A_PAGE else None
    return CustomerPage(_read([row.id for row in shown], options), last)


def customer_ids(asked: Wanted, order: CustomerOrder) -> list[int]:
    """All who are wanted, in order."""
    spans = (_ranged(select(Customer.id), span, asked, order) for span in order.spans())
    return [row_id for span in spans for row_id in db.session.scalars(span)]


def _read(ids: list[int], options: Iterable[Any]) -> list[Customer]:
    """These customers, in this order."""
    with acting_as_system("they were picked through the reader's eyes"):
        found = db.session.scalars(
            select(Customer).where(Customer.id.in_(ids)).options(joinedload(Customer.owner), *options)
        )
        by_id = {customer.id: customer for customer in found}
    return [by_id[row_id] for row_id in ids if row_id in by_id]


def count_customers(asked: Wanted) -> int:
    """How many are wanted; where there are more than are counted, one more than that."""
    some = select(Customer.id).where(*asked).limit(asked.most_counted + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def count_archived(asked: Wanted) -> int:
    """How many of the history archive a search in the daily list would have found there; none without words."""
    is_search = asked.filters.words and not asked.filters.archived
    return count_customers(asked.in_archive()) if is_search else 0


def _picked(span: Span, place: int, asked: Wanted, order: CustomerOrder) -> Select[Any]:
    picked: Select[Any] = select(
        Customer.id, order.told.label("key"), literal(place, literal_execute=True).label("place")
    )
    return _ranged(picked, span, asked, order).limit(CUSTOMERS_A_PAGE + 1)


def _ranged(picked: Select[Any], span: Span, asked: Wanted, order: CustomerOrder) -> Select[Any]:
    if order.needs_owner:
        picked = picked.join(owners, owners.c.id == Customer.owner_id)
    return picked.where(*asked, *span.conditions).order_by(*span.order)
