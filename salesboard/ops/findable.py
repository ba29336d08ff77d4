"""Whether customers and deals are found by what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import select

from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.search_parts import CUSTOMER_PARTS, DEAL_PARTS, parts_of


def customers_not_to_be_found() -> Iterator[str]:
    known = Customer()
    names = Customer.name_key, Customer.search_text, Customer.sort_name
    for number, name, *kept in db.session.execute(select(Customer.number, Customer.name, *names)):
        known.rename(name)
        if [known.name_key, known.search_text, known.sort_name] != kept:
            yield number


def deals_not_to_be_found() -> Iterator[str]:
    known, customer = Deal(), Customer()
    kept = select(Deal.number, Deal.name, Deal.search_text, Customer.search_text.label("of_customer"))
    for deal in db.session.execute(kept.join(Customer, Customer.id == Deal.customer_id)):
        customer.search_text = deal.of_customer
        known.rename(deal.name, customer)
        if known.search_text != deal.search_text:
            yield deal.number


def not_where_they_stand() -> Iterator[str]:
    """Those whom a part of their words would not find, or a part of other words would; merged customers too."""
    for named, parts in ((Customer.__table__.c, CUSTOMER_PARTS), (Deal.__table__.c, DEAL_PARTS)):
        part, row_id = parts.columns
        kept = _digests((row[0], row[1]) for row in db.session.execute(select(row_id, part)))
        texts = db.session.execute(select(named.id, named.number, named.search_text)).all()
        right = _digests((each.id, its_part) for each in texts for its_part in parts_of(each.search_text))
        yield from (each.number for each in texts if kept.pop(each.id, 0) != right.get(each.id, 0))
        yield from (f"{parts.name} of {stray}, which is not there" for stray in kept)


def _digests(parts: Iterable[tuple[int, str]]) -> dict[int, int]:
    """By row a sum that another part would change: millions of parts need not be kept to compare them."""
    sums: dict[int, int] = defaultdict(int)
    for row_id, part in parts:
        sums[row_id] += hash(part)
    return sums
