"""Reading what goes out: page by page after the last record read, and what each page says of other records.

Between two pages no transaction stays open, however long the whole takes. A page begins after the last id of the one
before, so that no record is read twice or passed over because another came in meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select

from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.database import db, in_parts
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.exchange.export_tables import Line

AT_ONCE = 500
People = dict[int | None, str]
"""What each person is called, by id; nobody, under None, by nothing."""


def lines_of(wanted: Select[Any], model: Any, tell: Callable[[Sequence[Any]], list[Line]]) -> Iterator[Line]:
    """The lines that `tell` makes of each page of the records that `wanted` selects, in the order of their ids."""
    last = 0
    while True:
        page = db.session.scalars(wanted.where(model.id > last).order_by(model.id).limit(AT_ONCE)).all()
        if not page:
            return
        last = page[-1].id
        lines = tell(page)
        del page
        db.session.rollback()
        yield from lines


def lines_in(
    ids: Sequence[int], wanted: Select[Any], model: Any, tell: Callable[[Sequence[Any]], list[Line]]
) -> Iterator[Line]:
    """As `lines_of`, in the order of these ids, which were picked before; who is gone by then is left out."""
    for part in in_parts(ids, AT_ONCE):
        by_id = {record.id: record for record in db.session.scalars(wanted.where(model.id.in_(part)))}
        lines = tell([by_id[record_id] for record_id in part if record_id in by_id])
        del by_id
        db.session.rollback()
        yield from lines


def count_of(wanted: Select[Any], model: Any) -> int:
    """How many records `wanted` selects."""
    return db.session.scalar(wanted.with_only_columns(func.count(model.id))) or 0


def people_called() -> People:
    """Everybody by name; by e-mail address where two have one name, so that an import knows who is meant."""
    people = db.session.execute(select(User.id, User.name, User.email)).all()
    namesakes: dict[str, int] = {}
    for person in people:
        namesakes[person.name] = namesakes.get(person.name, 0) + 1
    called: People = {
        person.id: person.name if namesakes[person.name] == 1 else person.email for person in people
    }
    called[None] = ""
    return called


def customers_named(ids: Iterable[int]) -> dict[int, Row[Any]]:
    """Number, name, level and the like of customers; who may see a deal or a talk may see whose it is."""
    table = Customer.__table__.c
    columns = (
        table.id,
        table.number,
        table.external_id,
        table.name,
        table.level,
        table.industry,
        table.region,
        table.source,
        table.remarks,
    )
    named: Select[Any] = select(*columns)
    return {row.id: row for row in db.session.execute(named.where(table.id.in_(set(ids))))}


def deals_named(ids: Iterable[int | None]) -> dict[int | None, Row[Any]]:
    """Number and name of deals; who may see a talk about one may see which."""
    table = Deal.__table__.c
    named: Select[Any] = select(table.id, table.number, table.name)
    return {row.id: row for row in db.session.execute(named.where(table.id.in_(set(ids) - {None})))}


def contacts_named(ids: Iterable[int | None]) -> dict[int | None, str]:
    """What contacts are called."""
    wanted = select(Contact.id, Contact.name).where(Contact.id.in_(set(ids) - {None}))
    return {row.id: row.name for row in db.session.execute(wanted)}


def main_contacts(customer_ids: Iterable[int]) -> dict[int, Contact]:
    """Whoever was known first at each of these customers, as far as one may see them."""
    wanted = select(Contact).where(Contact.customer_id.in_(set(customer_ids))).order_by(Contact.id.desc())
    return {contact.customer_id: contact for contact in db.session.scalars(wanted)}


def phone_line(contact: Contact) -> str | None:
    """The contact's telephone numbers, and that WeChat knows them under the same where it does."""
    same = contact.phone and contact.wechat == contact.phone
    return f"{contact.phone}（微信同号）" if same else contact.phone


def moving_talks(ids: Iterable[int]) -> set[int]:
    """Which of these talks moved their deal."""
    moves = select(Placement.followup_id).where(
        Placement.followup_id.in_(set(ids)), Placement.undone_at.is_(None)
    )
    return set(db.session.scalars(moves))


def day_in(zone: ZoneInfo, moment: datetime) -> date:
    """The day of a moment by the clocks of a zone."""
    return moment.astimezone(zone).date()
