"""Reads that feed the list of customers and a customer's page, each in a fixed number of SELECTs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from salesboard.access import WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.customers.checks import SpotCheck
from salesboard.customers.custom_queries import asks_for
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Contact, Customer
from salesboard.database import db

CUSTOMERS_A_PAGE = 50
MOST_SUGGESTED = 60
EARLIER_CHECKS = 20


@dataclass(frozen=True)
class CustomerPage:
    """Some customers, newest first; `after` is the number after which the next ones begin, None at the end."""

    customers: Sequence[Customer]
    after: str | None


def customer_page(filters: CustomerFilters, after: str | None) -> CustomerPage:
    """The first customers that `filters` ask for, or those after the one with the number `after`."""
    listed = select(Customer).where(*wanted(filters)).options(joinedload(Customer.owner))
    if after is not None:
        listed = listed.where(
            Customer.id < select(Customer.id).where(Customer.number == after).scalar_subquery()
        )
    rows = db.session.scalars(listed.order_by(Customer.id.desc()).limit(CUSTOMERS_A_PAGE + 1)).all()
    shown = rows[:CUSTOMERS_A_PAGE]
    return CustomerPage(shown, shown[-1].number if len(rows) > CUSTOMERS_A_PAGE else None)


def count_customers(filters: CustomerFilters) -> int:
    """How many `filters` ask for."""
    return db.session.scalar(select(func.count(Customer.id)).where(*wanted(filters))) or 0


def count_archived(filters: CustomerFilters) -> int:
    """How many of the history archive a search in the daily list would have found there; none without words."""
    is_search = filters.text and not filters.archived
    return count_customers(filters.but(archived=True)) if is_search else 0


def regions(viewer: Viewer) -> list[str]:
    """The regions of the customers that the viewer looks after."""
    return used(viewer, "region")


def used(viewer: Viewer, name: str) -> list[str]:
    """What stands in this column of the customers that the viewer looks after: industry, region or source."""
    customers = Customer.__table__.c
    named = select(customers[name]).where(viewer.sees_owner(customers.owner_id), customers[name] != "")
    return list(db.session.scalars(named.distinct().order_by(customers[name]).limit(MOST_SUGGESTED)))


def owners(viewer: Viewer) -> Sequence[User]:
    """Those whose customers the viewer looks after; collaborators have none."""
    able = select(User).where(viewer.sees_owner(User.id), User.role.in_(WRITERS))
    return db.session.scalars(able.order_by(User.name, User.id)).all()


class FirstContact(NamedTuple):
    name: str
    phone: str | None


def first_contacts(shown: Iterable[Customer]) -> dict[int, FirstContact]:
    """Name and phone of whoever was known first at each of these customers.

    Whom they may be shown to was decided when the customers were picked; here they are only looked up.
    """
    contacts = Contact.__table__.c
    of_these = contacts.customer_id.in_([customer.id for customer in shown])
    first = select(func.min(contacts.id)).where(of_these).group_by(contacts.customer_id)
    wanted: Any = select(contacts.customer_id, contacts.name, contacts.seal_id, contacts.phone_sealed)
    rows = db.session.execute(wanted.where(contacts.id.in_(first)))
    return {row.customer_id: FirstContact(row.name, Contact.phone.of(row)) for row in rows}


def customer_shown(number: str) -> Customer | None:
    """The customer with this number, if visible, with its people, its contacts and needs."""
    return db.session.scalar(
        select(Customer)
        .where(Customer.number == number)
        .options(
            joinedload(Customer.owner),
            joinedload(Customer.created_by),
            joinedload(Customer.verified_by),
            joinedload(Customer.archived_by),
            selectinload(Customer.contacts),
            selectinload(Customer.need_rows),
        )
    )


def last_check(customer: Customer) -> SpotCheck | None:
    """The last spot check of the customer that has a result."""
    checked = select(SpotCheck).where(SpotCheck.customer_id == customer.id, SpotCheck.checked_at.is_not(None))
    latest = checked.options(joinedload(SpotCheck.supervisor)).order_by(SpotCheck.checked_at.desc())
    return db.session.scalar(latest.limit(1))


def week_checks(supervisor: User, week: date) -> Sequence[SpotCheck]:
    """What the supervisor is to check in this week, with what is to be compared. A fixed number of SELECTs."""
    drawn_then = select(SpotCheck).where(SpotCheck.supervisor_id == supervisor.id, SpotCheck.week == week)
    customer = joinedload(SpotCheck.customer)
    told = (
        customer.joinedload(Customer.owner),
        customer.selectinload(Customer.contacts),
        customer.selectinload(Customer.need_rows),
    )
    return db.session.scalars(drawn_then.options(*told).order_by(SpotCheck.position)).all()


def earlier_checks(week: date) -> Sequence[SpotCheck]:
    """The last results from before this week, of whatever supervisor, that the reader sees."""
    told = select(SpotCheck).where(SpotCheck.checked_at.is_not(None), SpotCheck.week < week)
    with_both = joinedload(SpotCheck.customer), joinedload(SpotCheck.supervisor)
    return db.session.scalars(
        told.options(*with_both).order_by(SpotCheck.checked_at.desc()).limit(EARLIER_CHECKS)
    ).all()


def contact_shown(number: str, contact_id: int) -> Contact | None:
    """One of the people of the customer with this number, if visible."""
    return db.session.scalar(
        select(Contact)
        .join(Contact.customer)
        .where(Customer.number == number, Contact.id == contact_id)
        .options(joinedload(Contact.customer))
    )


def wanted(filters: CustomerFilters) -> list[ColumnElement[bool]]:
    """What `filters` ask for, as conditions on Customer."""
    in_archive = Customer.archived_at.is_not(None)
    asked: list[ColumnElement[bool]] = [in_archive if filters.archived else ~in_archive]
    if filters.owner:
        asked.append(Customer.owner_id == filters.owner)
    if filters.level:
        asked.append(Customer.level == filters.level)
    if filters.status:
        asked.append(Customer.status == filters.status)
    if filters.region:
        asked.append(Customer.region == filters.region)
    asked += [asks_for(own, Customer.id) for own in filters.own]
    return asked + [_says(word) for word in filters.words]


def _says(word: str) -> ColumnElement[bool]:
    """By a part of the name, its pinyin or initials; or by the number."""
    return or_(Customer.search_text.contains(word, autoescape=True), Customer.number == word.upper())
