"""Everything that refers to a customer, and what becomes of it when two customers turn out to be one.

Each column that refers to `customers.id` stands in `MOVES` or, with the reason, in `STAYS`; each that refers to
`contacts.id` in `OF_CONTACTS`. A structure test says so: whoever adds one decides here what a merge does with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, select, update

from salesboard.database import Base, db, in_parts

AT_ONCE = 500
Moved = dict[str, list[int]]
"""By "table.column" the keys of the rows that were moved."""


@dataclass(frozen=True)
class Belonging:
    """A column that names the customer of its row. `key` tells the rows apart.

    Rows of a deal or of a contact go with it, wherever it goes: also those that came later.
    """

    table: str
    column: str = "customer_id"
    key: str = "id"
    has_deal: bool = False
    has_contact: bool = False

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def rows(self) -> Table:
        return Base.metadata.tables[self.table]

    def move(self, source_id: int, target_id: int, besides: ColumnElement[bool] | None = None) -> list[int]:
        """Gives the rows of one customer to another, all but `besides`; the answer names them."""
        rows = self.rows
        mine = rows.c[self.column] == source_id
        moving = update(rows).where(mine if besides is None else and_(mine, ~besides))
        moved = db.session.execute(moving.values({self.column: target_id}).returning(rows.c[self.key]))
        return sorted(set(moved.scalars()))

    def give_back(
        self, keys: Iterable[int], source_id: int, target_id: int, deals: list[int], contacts: list[int]
    ) -> None:
        """Gives the rows back, and those that have come to the deals and contacts that go back, as far as they are
        still here."""
        rows = self.rows
        wanted = [(rows.c[self.key], list(keys))]
        if self.has_deal:
            wanted.append((rows.c["deal_id"], deals))
        if self.has_contact:
            wanted.append((rows.c["contact_id"], contacts))
        for column, ids in wanted:
            for part in in_parts(ids, AT_ONCE):
                held = rows.c[self.column] == source_id, column.in_(part)
                db.session.execute(update(rows).where(*held).values({self.column: target_id}))


MOVES = (
    Belonging("contacts"),
    Belonging("deals"),
    Belonging("deal_collaborators", key="deal_id", has_deal=True),
    Belonging("followups", has_deal=True),
    Belonging("documents", has_deal=True),
    Belonging("complaints", has_deal=True),
    Belonging("field_changes", has_deal=True, has_contact=True),
    Belonging("spot_checks"),
    Belonging("tidied_customers"),
    Belonging("tasks", has_deal=True),
    Belonging("rhythms", key="customer_id"),
    Belonging("customers", "merged_into_id"),
)
"""What goes to the customer that is kept."""

STAYS = {
    "customer_needs.customer_id": "chosen as a fact; what the other one had stays with it for an undo",
    "custom_values.customer_id": "chosen as facts, likewise",
    "not_duplicates.first_id": "says of two records that they are not one",
    "not_duplicates.second_id": "likewise",
    "merges.survivor_id": "says what happened",
    "merges.loser_id": "likewise",
}
"""What stays with the customer that is set aside, and why."""

OF_CONTACTS = {
    "contacts.reports_to_id": "whoever reports to a contact that is not doubled reports to its twin",
    "followup_people.contact_id": "says who took part then; the talk goes along, the name stays in it",
    "contact_ways.contact_id": "found by its contact alone",
    "field_changes.contact_id": "the history of a contact that is not doubled stays with it",
}
"""What refers to contacts, and what becomes of it where both customers know the same person."""


def move_all(loser_id: int, survivor_id: int, twins: Collection[int]) -> Moved:
    """Gives everything to the survivor but the contacts `twins` that it has itself, their history, and what it may
    have but once. The answer is what `give_back_all` takes."""
    return {
        belonging.name: belonging.move(loser_id, survivor_id, _besides(belonging.rows, survivor_id, twins))
        for belonging in MOVES
    }


def _besides(rows: Table, survivor_id: int, twins: Collection[int]) -> ColumnElement[bool] | None:
    """Which rows of a table do not go along."""
    if rows.name == "contacts":
        return rows.c.id.in_(twins) if twins else None
    if rows.name == "field_changes":
        return and_(rows.c.contact_id.is_not(None), rows.c.contact_id.in_(twins)) if twins else None
    other: Any = rows.alias("of_survivor").c
    if rows.name == "spot_checks":  # a supervisor draws a customer once a week
        same = other.week == rows.c.week, other.supervisor_id == rows.c.supervisor_id
        return exists(select(other.id).where(other.customer_id == survivor_id, *same))
    if rows.name == "tasks":  # the cadence asks for one talk at a time
        asks = [and_(each.kind == "cadence", each.state == "open") for each in (rows.c, other)]
        return and_(asks[0], exists(select(other.id).where(other.customer_id == survivor_id, asks[1])))
    if rows.name == "rhythms":
        return exists(select(other.customer_id).where(other.customer_id == survivor_id))
    return None


def give_back_all(moved: Mapping[str, list[int]], survivor_id: int, loser_id: int) -> None:
    """Gives back what `move_all` moved, with all that has come to the deals and contacts among it since."""
    deals, contacts = moved["deals.customer_id"], moved["contacts.customer_id"]
    for belonging in MOVES:
        belonging.give_back(moved.get(belonging.name, ()), survivor_id, loser_id, deals, contacts)


def clear_strangers(customer_id: int) -> list[int]:
    """Lets nobody at this customer report to another customer's people; the answer names whose superior that was."""
    contacts = Base.metadata.tables["contacts"]
    boss = contacts.alias("boss").c
    elsewhere = select(boss.id).where(boss.id == contacts.c.reports_to_id, boss.customer_id != customer_id)
    astray = contacts.c.customer_id == customer_id, exists(elsewhere)
    cleared = update(contacts).where(*astray).values(reports_to_id=None).returning(contacts.c.id)
    return list(db.session.execute(cleared).scalars())
