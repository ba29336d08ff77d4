"""Whatever refers to a customer or a contact says what becomes of it when two customers are merged."""

from __future__ import annotations

import pytest

import salesboard.tables  # noqa: F401 - makes the metadata whole
from salesboard.customers.belongings import MOVES, OF_CONTACTS, STAYS
from salesboard.database import Base


def referring_to(table: str) -> set[str]:
    """Every column with a foreign key to this table's id."""
    return {
        f"{own.name}.{key.parent.name}"
        for own in Base.metadata.tables.values()
        for key in own.foreign_keys
        if key.column.table.name == table
    }


def test_each_column_that_names_a_customer_moves_or_stays_for_a_reason() -> None:
    """A new one is named in one of the two lists of customers/belongings.py."""
    moving = [belonging.name for belonging in MOVES]
    assert sorted([*moving, *STAYS]) == sorted(referring_to("customers"))


def test_each_column_that_names_a_contact_is_thought_of() -> None:
    """A new one is named in OF_CONTACTS of customers/belongings.py, and seen to in customers/merging.py."""
    assert OF_CONTACTS.keys() == referring_to("contacts")


@pytest.mark.parametrize("belonging", MOVES, ids=lambda each: each.name)
def test_what_belongs_to_a_deal_or_a_contact_goes_with_it(belonging: object) -> None:
    rows = Base.metadata.tables[belonging.table].c  # type: ignore[attr-defined]
    assert belonging.has_deal == ("deal_id" in rows)  # type: ignore[attr-defined]
    assert belonging.has_contact == ("contact_id" in rows)  # type: ignore[attr-defined]
    assert belonging.key in rows  # type: ignore[attr-defined]
