"""Filters of the list as conditions on Customer: what can be told from the customer itself, its owner and its people.

What depends on deals and talks is told by those who know them; `followups.customer_list` has all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from salesboard.accounts.models import team_members
from salesboard.customers.custom_queries import asks_for
from salesboard.customers.filters import WORDS, CustomerFilters, Days
from salesboard.customers.models import Contact, Customer
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.installation import installation

SHORTEST_PHONE = 5
_PHONE = re.compile(r"\+?[\d\s()./-]+")


def of_customers(filters: CustomerFilters) -> list[ColumnElement[bool]]:
    """What `filters` ask for, but for deals and talks."""
    in_archive = Customer.archived_at.is_not(None)
    which = in_archive if filters.archived else ~in_archive
    return [which, *_whose(filters), *_described(filters), *_begun(filters), *_told(filters)]


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
    if filters.first_contact.low:
        yield Customer.first_contact_date >= filters.first_contact.low
    if filters.first_contact.high:
        yield Customer.first_contact_date <= filters.first_contact.high


def _told(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    """By parts of the name, its pinyin or initials; by the number; by a whole phone number or e-mail address."""
    if not filters.words:
        return
    says = and_(*(_says(word) for word in filters.words))
    asked = way_asked(filters.text)
    yield or_(says, _reached_by(*asked)) if asked else says


def _says(word: str) -> ColumnElement[bool]:
    merged = Customer.__table__.alias("merged").c
    numbered = select(merged.merged_into_id).where(merged.number == word.upper())
    by_number = or_(Customer.number == word.upper(), Customer.id.in_(numbered))
    return or_(Customer.search_text.contains(word, autoescape=True), by_number)


def _reached_by(kind: WayKind, ways: list[str]) -> ColumnElement[bool]:
    """Whoever sees a customer sees its people: they are looked up in the plain tables, by the blind index."""
    people, found = Contact.__table__.c, ContactWay.__table__.c
    reached = select(found.contact_id).where(
        found.kind == kind, found.digest.in_([digest_of(kind, way) for way in ways])
    )
    return Customer.id.in_(select(people.customer_id).where(people.id.in_(reached)))
