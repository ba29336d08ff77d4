"""Filters of the list as conditions on Customer: what can be told from the customer itself, its owner and its people.

What depends on deals and talks is told by those who know them; `followups.customer_list` has all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from salesboard.accounts.models import team_members
from salesboard.customers.custom_queries import asks_for
from salesboard.customers.filters import WORDS, CustomerFilters
from salesboard.customers.models import Contact, Customer
from salesboard.customers.ranges import Amounts, Days
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.database import db
from salesboard.installation import installation
from salesboard.search_parts import CUSTOMER_PARTS, rows_near

SHORTEST_PHONE = 5
_PHONE = re.compile(r"\+?[\d\s()./-]+")


def of_which_list(filters: CustomerFilters) -> ColumnElement[bool]:
    """That it stands in the history archive, or in the daily lists."""
    in_archive = Customer.archived_at.is_not(None)
    return in_archive if filters.archived else ~in_archive


def of_customers(filters: CustomerFilters) -> list[ColumnElement[bool]]:
    """What else `filters` ask for, but for deals and talks."""
    return [*_whose(filters), *_described(filters), *_begun(filters), *_told(filters)]


def way_asked(text: str) -> tuple[WayKind, list[str]] | None:
    """The phone number or e-mail address that somebody looks for, whole; None where it is neither."""
    if "@" in text and " " not in text:
        return WayKind.EMAIL, ways_in(WayKind.EMAIL, text)
    if _PHONE.fullmatch(text) and len(re.sub(r"\D", "", text)) >= SHORTEST_PHONE:
        return WayKind.PHONE, ways_in(WayKind.PHONE, text)
    return None


def first_moment(day: date) -> datetime:
    """When the day begins by the installation's clocks."""
    return datetime.combine(day, time(), ZoneInfo(installation().timezone))


def within(column: Any, days: Days) -> Iterator[ColumnElement[bool]]:
    """That a moment lies in one of these days."""
    if days.low:
        yield column >= first_moment(days.low)
    if days.high:
        yield column < first_moment(days.high + timedelta(days=1))


def between(column: Any, asked: Days | Amounts) -> Iterator[ColumnElement[bool]]:
    """That a date or an amount lies there, both ends included."""
    if asked.low is not None:
        yield column >= asked.low
    if asked.high is not None:
        yield column <= asked.high


def _whose(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    if filters.owners:
        yield Customer.owner_id.in_(filters.owners)
    if filters.team:
        mates = select(team_members.c.user_id).where(team_members.c.team_id == filters.team)
        yield Customer.owner_id.in_(mates)


def _described(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    for name in ("level", "status", *WORDS):
        if asked := getattr(filters, name):
            yield getattr(Customer, name) == asked
    for own in filters.own:
        yield asks_for(own, Customer.id)


def _begun(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    yield from within(Customer.created_at, filters.created)
    yield from between(Customer.first_contact_date, filters.first_contact)


def _told(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    """By parts of the name, its pinyin or initials; by the number; by a whole phone number or e-mail address.

    What few customers have is looked up here, in two or three SELECTs; then only those are looked at.
    """
    if not filters.words:
        return
    numbered, asked = _numbered(filters.words), way_asked(filters.text)
    reached = _reached_by(*asked) if asked else frozenset()
    says = and_(*(_says(word, numbered.get(word.upper())) for word in filters.words))
    yield or_(says, Customer.id.in_(reached)) if reached else says
    near = rows_near(CUSTOMER_PARTS, filters.words)
    if near is not None:
        yield Customer.id.in_(near.union(reached, *numbered.values()))


def _says(word: str, numbered: set[int] | None) -> ColumnElement[bool]:
    by_name = Customer.search_text.contains(word, autoescape=True)
    return or_(by_name, Customer.id.in_(numbered)) if numbered else by_name


def _numbered(words: Iterable[str]) -> dict[str, set[int]]:
    """By number the customer that has it, and the one that it was merged into."""
    customers = Customer.__table__.c
    named = select(customers.number, customers.id, customers.merged_into_id)
    rows = db.session.execute(named.where(customers.number.in_([word.upper() for word in words])))
    return {row.number: {row.id, row.merged_into_id or row.id} for row in rows}


def _reached_by(kind: WayKind, ways: list[str]) -> frozenset[int]:
    """Whoever sees a customer sees its people: they are looked up in the plain tables, by the blind index."""
    people, found = Contact.__table__.c, ContactWay.__table__.c
    reached = select(found.contact_id).where(
        found.kind == kind, found.digest.in_([digest_of(kind, way) for way in ways])
    )
    return frozenset(db.session.scalars(select(people.customer_id).where(people.id.in_(reached))))
