"""Strings that break programs, in every text field of every record: they come in as they are, are found by search, and
go out and in again unchanged. What the given collections hold goes along where ../shared/data is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from salesboard.access import acting_as_system
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import values_of
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Contact, Customer
from salesboard.customers.selection import of_customers
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.exchange.export_tables import OutColumn, OutTable
from salesboard.exchange.export_xlsx import write_xlsx
from salesboard.exchange.fields import BY_KEY, Kind
from salesboard.exchange.models import OnDuplicate
from salesboard.followups.models import FollowUp
from tests.domain.exchange.bringing import brought, everything, tried
from tests.domain.exchange.going_out import taken_out
from tests.domain.exchange.test_out_and_in_again import touched
from tests.own_fields import add_field
from tests.rules.exchange.test_writing_tables import texts
from tests.standing import People

LONGEST, A_LINE = 190, 120
"""Names and words take so much; most lines are shorter."""
LINES = ("industry", "region", "source", "title", "competitor")
TEXTS = {
    Kind.CUSTOMERS: (Customer, ("industry", "main_business", "region", "source", "needs", "remarks")),
    Kind.CONTACTS: (Contact, ("contact_title",)),
    Kind.DEALS: (Deal, ("name", "competitor", "first_goal", "lost_words")),
    Kind.FOLLOWUPS: (
        FollowUp,
        ("content", "participants", "feedback", "agreed", "materials", "promised", "needs", "objection",
         "competitor_news", "opportunity_risk"),
    ),
}  # fmt: skip
OTHERS = {
    Kind.CUSTOMERS: {},
    Kind.CONTACTS: {"contact.contact_name": "Cleo"},
    Kind.DEALS: {"deal.stage": "Lost", "deal.amount": "1"},
    Kind.FOLLOWUPS: {"followup.occurred_at": "2026-05-12 10:00", "followup.method": "Phone"},
}
"""What has to stand beside the texts."""
OURS = {"contact_title": "title", "needs": "new_needs"}
"""Fields that are called otherwise in their table."""


def named(text: str, number: int) -> str:
    """A customer's name, each one's own."""
    return f"{text} {number}"


def sheet(kind: Kind, strings: list[str], customer: Callable[[str, int], str] = named) -> OutTable:
    """A row for each string: it stands in every text field of the record, where there is room for it."""
    names = TEXTS[kind][1]
    keys = ["customer.name", *(f"{kind.singular}.{name}" for name in names), *OTHERS[kind]]
    heads = [str(BY_KEY[key].label) for key in keys]
    own = [f"x:Own {kind.singular}"] if kind in (Kind.CUSTOMERS, Kind.DEALS) else []
    rows = [
        [
            customer(text, number),
            *(in_room(name, text) for name in names),
            *OTHERS[kind].values(),
            *(text for _ in own),
        ]
        for number, text in enumerate(strings)
    ]
    return OutTable(kind.value, tuple(map(OutColumn, [*heads, *own])), rows)


def in_room(name: str, text: str) -> str | None:
    return text if len(text) <= (A_LINE if OURS.get(name, name) in LINES else LONGEST) else None


def in_one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.split("\n"))


def lost(strings: list[str]) -> list[str]:
    """What does not stand in its field as it came."""
    by_name = {customer.name: customer.id for customer in everything(Customer)}
    faults = []
    for kind, (model, names) in TEXTS.items():
        records = {getattr(each, "customer_id", each.id): each for each in everything(model)}
        own = (
            values_of(Subject(kind.singular), [each.id for each in records.values()])
            if kind.singular in list(Subject)
            else {}
        )
        for number, text in enumerate(strings):
            record = records[by_name[in_one_line(named(text, number))]]
            for name in names:
                kept = getattr(record, OURS.get(name, name) if kind is not Kind.CUSTOMERS else name)
                if in_room(name, text) not in (kept, None) and in_one_line(text) != kept:
                    faults.append(f"{kind}.{name}: {text!r} became {kept!r}")
            if (
                own
                and text not in own.get(record.id, {}).values()
                and in_one_line(text) not in own.get(record.id, {}).values()
            ):
                faults.append(f"{kind}: {text!r} in an own field became {own.get(record.id, {})}")
    return faults


def not_found(strings: list[str]) -> list[str]:
    """Those of the customers named by the strings whom a search for the string does not find."""
    missed = []
    with acting_as_system("a test looks"):
        ids = {customer.name: customer.id for customer in db.session.scalars(select(Customer))}
        for number, text in enumerate(strings):
            asked = of_customers(CustomerFilters.parse({"q": [text]}))
            mine = Customer.id == ids[in_one_line(named(text, number))]
            if not db.session.scalar(select(func.count(Customer.id)).where(*asked, mine)):
                missed.append(text)
    return missed


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("form", "part"), [("xlsx", 0), ("csv", 1)])
def test_naughty_texts_come_in_are_found_and_change_nothing_when_they_come_in_again(
    people: People, tmp_path: Path, form: str, part: int
) -> None:
    """Every text goes through both forms in the rules' tests; here half of them go all the way in each."""
    strings = [text for text in texts()[part::2] if len(text) <= LONGEST]
    for subject in Subject:
        add_field(subject, f"Own {subject}")
    write_xlsx([sheet(kind, strings) for kind in Kind], tmp_path / "naughty.xlsx", tmp_path)
    found = brought(tmp_path / "naughty.xlsx", by=people.owner, on_duplicate=OnDuplicate.CREATE)
    assert found.warnings == []
    with acting_as_system("a test looks"):
        assert lost(strings) == []
    assert not_found(strings) == []
    for kind in Kind:
        path = taken_out(tmp_path, kind, form=form, by=people.owner)
        again = tried(path, by=people.owner, on_duplicate=OnDuplicate.UPDATE)
        assert touched(again) == {}, kind
        assert again.warnings == []
