"""Reads that feed the list of customers and a customer's page, each in a fixed number of SELECTs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from salesboard.access import WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.customers.checks import SpotCheck
from salesboard.customers.filters import WORDS
from salesboard.customers.models import Contact, Customer
from salesboard.database import db

MOST_SUGGESTED, MOST_LOOKED_THROUGH = 60, 300
EARLIER_CHECKS = 20


def used(viewer: Viewer, name: str) -> list[str]:
    """What stands in this column of the customers that the viewer looks after: industry, region or source."""
    return list(db.session.scalars(_used(viewer, name)))


def used_words(viewer: Viewer) -> dict[str, list[str]]:
    """The same of all three columns, by name. One SELECT."""
    each = {name: _used(viewer, name).subquery() for name in WORDS}
    told = union_all(
        *(select(literal(name).label("name"), words.c[0].label("word")) for name, words in each.items())
    )
    found: dict[str, list[str]] = {name: [] for name in each}
    for name, word in db.session.execute(told):
        found[name].append(word)
    return {name: sorted(words) for name, words in found.items()}


def _used(viewer: Viewer, name: str) -> Select[Any]:
    """For whoever looks after several people's, each word is found by a step through the column's index, however many
    customers there are; one person's are few.
    """
    customers = Customer.__table__.c
    column, is_theirs = customers[name], viewer.sees_owner(customers.owner_id)
    if viewer.owner_ids is not None and len(viewer.owner_ids) <= 1:
        named = select(column).where(is_theirs, column != "")
        return named.distinct().order_by(column).limit(MOST_SUGGESTED)
    step = select(func.min(column).label("word")).where(column > "").cte(f"step_{name}", recursive=True)
    following = select(func.min(column)).where(column > step.c.word).scalar_subquery()
    steps = step.union_all(select(following).where(step.c.word.is_not(None)))
    words = select(steps.c.word).limit(MOST_LOOKED_THROUGH).subquery()
    stands = select(customers.id).where(column == words.c.word, is_theirs).exists()
    return select(words.c.word).where(stands).limit(MOST_SUGGESTED)


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


def survivor_of(number: str) -> Customer | None:
    """The customer into which the one with this number was merged, if visible."""
    merged = Customer.__table__.alias("merged").c
    into = select(merged.merged_into_id).where(merged.number == number)
    return db.session.scalar(select(Customer).where(Customer.id.in_(into)))


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
