"""Probable duplicates: customers alike by name, telephone number or address, and who else is known by what is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from salesboard.access import Viewer, acting_as_system
from salesboard.accounts.models import User
from salesboard.addresses import plain
from salesboard.customers.alike import Alike, Likeness, Mark, groups_of, pair
from salesboard.customers.apart import NotDuplicate
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import name_key, near_keys, without_form
from salesboard.customers.ways import ContactWay, WayKind, ways_in
from salesboard.database import db

COMPARED = {WayKind.PHONE: Likeness.PHONE, WayKind.EMAIL: Likeness.EMAIL}
"""Ways that no two customers should have in common."""

LONGEST_TYPED = 254
MOST_KNOWN = 5
"""So many are named to whoever types what they are known by."""


def probable_duplicates(viewer: Viewer) -> list[Alike]:
    """Those of the customers whom the viewer sees that may be one and the same, the likeliest first. Three SELECTs."""
    with acting_as_system("whom the viewer sees stands in each condition"):
        marks = [*_alike_by_name(viewer), *_alike_by_way(viewer)]
        apart = select(NotDuplicate.first_id, NotDuplicate.second_id)
        said = {pair(first, second) for first, second in db.session.execute(apart)}
    return groups_of(marks, said)


def _alike_by_name(viewer: Viewer) -> list[Mark]:
    """By the same name, or by one that leaves its legal form out."""
    seen = select(Customer.id, Customer.name_key).where(Customer.visible_to(viewer))
    of_key: dict[str, list[int]] = {}
    for row in db.session.execute(seen):
        of_key.setdefault(row.name_key, []).append(row.id)
    marks: list[Mark] = []
    for key, ids in of_key.items():
        short = without_form(key)
        is_shortened = short is not None and short in of_key
        if len(ids) > 1:
            marks += [(Likeness.NAME, key, each) for each in ids]
        if is_shortened:
            marks += [(Likeness.NAME, f"{short} {key}", each) for each in (*ids, *of_key[short or ""])]
    return list(dict.fromkeys(marks))


def _alike_by_way(viewer: Viewer) -> list[Mark]:
    seen = select(Customer.id).where(Customer.visible_to(viewer))
    reached = (
        select(ContactWay.kind, ContactWay.digest, Contact.customer_id)
        .join(Contact, Contact.id == ContactWay.contact_id)
        .where(ContactWay.kind.in_(COMPARED), Contact.customer_id.in_(seen))
        .distinct()
        .cte("reached")
    )
    way = reached.c.kind, reached.c.digest
    shared = select(*way).group_by(*way).having(func.count() > 1).subquery()
    is_shared = and_(reached.c.kind == shared.c.kind, reached.c.digest == shared.c.digest)
    rows = db.session.execute(select(reached).join(shared, is_shared))
    return [(COMPARED[row.kind], row.digest, row.customer_id) for row in rows]


@dataclass(frozen=True)
class Known:
    """Who is known by something that was typed: those whom the reader sees, and whom to ask about the others."""

    customers: Sequence[Customer] = ()
    owners: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.customers or self.owners)


def known_by_name(name: str, *, besides: int | None = None) -> Known:
    """The customers of this name, or of one that leaves its legal form out, but for the one with the id `besides`.

    Two SELECTs.
    """
    near = Customer.name_key.in_(near_keys(name_key(name)[:200]))
    return _known(called(name) | near, besides) if name else Known()


def called(name: str) -> ColumnElement[bool]:
    """The condition that a customer is called so, or that one called so was merged into it."""
    key, merged = name_key(name)[:200], Customer.__table__.alias("merged").c
    into = select(merged.merged_into_id).where(merged.name_key == key, merged.merged_into_id.is_not(None))
    return (Customer.name_key == key) | Customer.id.in_(into)


def known_by_way(kind: WayKind, text: str, *, besides: int | None = None) -> Known:
    """The customers one of whose people is reached so, but for the one with the id `besides`. Two SELECTs."""
    ways = ways_in(kind, text)
    reached = select(Contact.customer_id).join(Contact.ways).where(ContactWay.leads(kind, ways))
    return _known(Customer.id.in_(reached), besides) if ways else Known()


def _known(condition: ColumnElement[bool], besides: int | None) -> Known:
    with acting_as_system("a colleague who looks after the same customer may be asked by name"):
        named = select(Customer.id, User.name).join(User, User.id == Customer.owner_id).where(condition)
        if besides is not None:
            named = named.where(Customer.id != besides)
        owner_of = {row.id: row.name for row in db.session.execute(named.order_by(Customer.id).limit(50))}
    if not owner_of:
        return Known()
    seen = customers_of(owner_of)
    unseen = [owner for customer_id, owner in owner_of.items() if customer_id not in seen]
    return Known([*seen.values()][:MOST_KNOWN], list(dict.fromkeys(unseen))[:MOST_KNOWN])


def customers_of(ids: Iterable[int]) -> dict[int, Customer]:
    """The customers with these ids whom the reader sees, with their owners, by id. One SELECT."""
    listed = select(Customer).where(Customer.id.in_(list(ids))).options(joinedload(Customer.owner))
    return {customer.id: customer for customer in db.session.scalars(listed.order_by(Customer.id))}


def numbered(numbers: Iterable[str]) -> Sequence[Customer]:
    """The customers with these numbers whom the reader sees."""
    return db.session.scalars(select(Customer).where(Customer.number.in_(list(numbers)))).all()


def known_as_typed(typed: Mapping[str, str | None], *, of: str = "", field: str = "") -> dict[str, Known]:
    """By field what is known: of a `name`, a `phone`, an `email`, or of the `field` named alone. `of` is the number of
    the customer that the form is about, which is no other. Two SELECTs a field, and one for `of`."""
    own = db.session.scalar(select(Customer.id).where(Customer.number == of)) if of else None
    told = {name: plain(typed.get(name) or "", LONGEST_TYPED) for name in LOOKED_UP if field in ("", name)}
    found = {name: LOOKED_UP[name](text, besides=own) for name, text in told.items()}
    return {name: known for name, known in found.items() if known}


LOOKED_UP: dict[str, Callable[..., Known]] = {
    "name": known_by_name,
    "phone": partial(known_by_way, WayKind.PHONE),
    "email": partial(known_by_way, WayKind.EMAIL),
}
