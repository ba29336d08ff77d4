"""Many customers with their contacts, written straight into an installation's database, quicker than any import."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, func, insert, select

from bench import tables
from bench.server import Installation
from salesboard import clock, create_app
from salesboard.access import WRITERS, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Level
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.database import db, in_parts, writing
from salesboard.numbering import keep_number
from salesboard.sealed import sealed_row

CONTACTS_EACH = 2
SEALED_EACH = 1 + 2 * CONTACTS_EACH
"""The customer's revenue, and phone and e-mail address of each contact."""
AT_ONCE = 2000
Row = dict[str, Any]


def add_customers(here: Installation, count: int) -> None:
    """So many more customers, shared out among those who may have some."""
    with create_app(here.settings()).app_context(), acting_as_system("the bench fills an installation"):
        last = db.session.scalar(select(func.max(Customer.__table__.c.id))) or 0
        last_contact = db.session.scalar(select(func.max(Contact.__table__.c.id))) or 0
        owners = db.session.scalars(select(User.id).where(User.role.in_(WRITERS)).order_by(User.id)).all()
        for part in in_parts(range(count), AT_ONCE):
            customers = [customer(last + 1 + n, n, owners) for n in part]
            people = [
                contact(last_contact + 1 + CONTACTS_EACH * n + place, last + 1 + n, CONTACTS_EACH * n + place)
                for n in part
                for place in range(CONTACTS_EACH)
            ]
            with writing():
                _insert(Customer.__table__, [sealed_row("customers", row) for row in customers])
                _insert(Contact.__table__, [sealed_row("contacts", row) for row in people])
                _insert(ContactWay.__table__, [way for row in people for way in _ways(row)])
                keep_number(customers[-1]["number"])


def customer(customer_id: int, n: int, owners: Sequence[int]) -> Row:
    name, industry, *_rest = next(tables.customers_from(n))
    known = Customer()
    known.rename(str(name))
    told = {column: value for column, value in vars(known).items() if column in Customer.__table__.c}
    now = clock.now()
    return {
        "id": customer_id, "number": f"C20200101{n:06d}", **told, "industry": industry, "region": tables.REGIONS[n % 7],
        "annual_revenue": Decimal(100_000 + n), "level": list(Level)[n % len(Level)],
        "owner_id": owners[n % len(owners)], "created_at": now, "updated_at": now, "version": 1,
    }  # fmt: skip


def contact(contact_id: int, customer_id: int, n: int) -> Row:
    return {
        "id": contact_id, "customer_id": customer_id, "name": f"联系人{n}", "phone": phone_of(n),
        "email": f"person{n}@example.com", "created_at": clock.now(),
    }  # fmt: skip


def phone_of(n: int) -> str:
    """The telephone number of the contact that was added as the nth."""
    return f"139{n:08d}"


def _ways(row: Row) -> list[Row]:
    told = ((WayKind.PHONE, row["phone"]), (WayKind.EMAIL, row["email"]))
    return [
        {"contact_id": row["id"], "kind": kind, "digest": digest_of(kind, way)}
        for kind, text in told
        for way in ways_in(kind, text)
    ]


def _insert(table: Any, rows: list[Row]) -> None:
    assert isinstance(table, Table)
    db.session.execute(insert(table), rows)
