"""Columns that hold fields of the installation's own: matched by name or by hand, brought in, taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from salesboard.access import acting_as_system
from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from salesboard.customers.custom_values import CustomValue, values_of
from salesboard.customers.models import Customer
from salesboard.deals.models import Deal
from salesboard.exchange.models import Fate, OnDuplicate
from salesboard.exchange.reasons import FileRefused
from tests.domain.exchange.bringing import (
    brought,
    count,
    everything,
    fates,
    faults,
    named,
    table,
    tried,
    undo,
)
from tests.own_fields import add_field, change_field, fill_in
from tests.standing import People, make_customer, make_deal


@pytest.fixture
def fields(app: Flask) -> dict[str, FieldShape]:
    """Fields of customers, and Grade and Width of deals."""
    told = {
        "Grade": FieldKind.CHOICE,
        "Since": FieldKind.DATE,
        "Headcount": FieldKind.NUMBER,
        "Fair": FieldKind.YES_NO,
        "Motto": FieldKind.TEXT,
    }
    of_customers = {
        name: add_field(Subject.CUSTOMER, name, kind, choices=["Gold", "Silver"])
        for name, kind in told.items()
    }
    return of_customers | {"Width": add_field(Subject.DEAL, "Width", FieldKind.NUMBER)}


def stands(subject: Subject, record: Customer | Deal, fields: dict[str, FieldShape]) -> dict[str, str]:
    names = {field.id: name for name, field in fields.items()}
    with acting_as_system("a test looks"):
        found = values_of(subject, [record.id]).get(record.id, {})
    return {names[field_id]: text for field_id, text in found.items()}


def test_a_column_named_like_a_field_fills_it(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    rows = [
        ["Paper Crane", "gold", date(2026, 5, 1), 1200.5, "是", "= more paper", "Line one", "40"],
        ["Trilobite", "", "2026年4月3日", "1,000", "no", "x:y", "Line two", ""],
    ]
    heads = "Customer GRADE since Headcount x:Fair Motto Deal Width"
    found = brought(table(tmp_path, heads, *rows), by=people.owner)
    crane, line = named(Customer, "Paper Crane"), named(Deal, "Line one")
    assert stands(Subject.CUSTOMER, crane, fields) == {
        "Grade": "Gold",
        "Since": "2026-05-01",
        "Headcount": "1200.5",
        "Fair": "yes",
        "Motto": "= more paper",
    }
    assert stands(Subject.DEAL, line, fields) == {"Width": "40"}
    assert stands(Subject.CUSTOMER, named(Customer, "Trilobite"), fields) == {
        "Since": "2026-04-03",
        "Headcount": "1000",
        "Fair": "no",
        "Motto": "x:y",
    }
    undo(found)
    assert count(Customer) == count(CustomValue) == 0
    assert faults() == []


def test_a_column_is_matched_by_hand_and_its_words_are_ours(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    path = table(tmp_path, "Customer Rang", ["Paper Crane", "1a"], ["Trilobite", ""])
    options = {"columns": ["Rang=x:Grade"], "values": ["x:Grade:1A=Gold"], "defaults": ["x:Grade=Silver"]}
    brought(path, by=people.owner, **options)
    assert stands(Subject.CUSTOMER, named(Customer, "Paper Crane"), fields) == {"Grade": "Gold"}
    assert stands(Subject.CUSTOMER, named(Customer, "Trilobite"), fields) == {"Grade": "Silver"}


def test_a_field_that_is_not_there_or_retired_is_refused_by_name(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    change_field(fields["Grade"], "retire")
    path = table(tmp_path, "Customer Rang", ["Paper Crane", "Gold"])
    for name in ("Grade", "Colour"):
        with pytest.raises(FileRefused, match=f"x:{name}"):
            tried(path, by=people.owner, columns=[f"Rang=x:{name}"])


def test_what_is_no_value_is_left_out_aloud_and_a_private_number_rejects_the_row(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    rows = [
        ["Paper Crane", "Bronze", "many", ""],
        ["Trilobite", "", "", "card 4111 1111 1111 1111"],
        ["Early Works", "", "", "x" * 501],
    ]
    found = tried(table(tmp_path, "Customer Grade Headcount Motto", *rows), by=people.owner)
    assert [fate for _row, fate, _reason in fates(found)] == [Fate.CREATE, Fate.REJECT, Fate.REJECT]
    left_out = [warning["params"]["column"] for warning in found.warnings]
    assert left_out == ["Grade", "Headcount"]


@pytest.mark.parametrize("mode", [OnDuplicate.SKIP, OnDuplicate.UPDATE])
def test_a_customer_that_is_here_is_changed_only_when_asked_and_gets_back_what_it_had(
    tmp_path: Path, people: People, fields: dict[str, FieldShape], mode: OnDuplicate
) -> None:
    customer = make_customer(people.owner, "Paper Crane", industry="Paper")
    deal = make_deal(people.owner, name="Line one", customer=customer)
    fill_in(customer, {fields["Grade"]: "Silver", fields["Motto"]: "Fold"}, people.owner)
    told = {"by": people.owner, "on_duplicate": mode}
    of_customer = table(tmp_path, "Customer Grade Headcount", ["Paper Crane", "Gold", "3"], name="a.csv")
    of_deal = table(tmp_path, "Customer Deal Width", ["Paper Crane", "Line one", "40"], name="b.csv")
    both = [brought(of_customer, **told), brought(of_deal, **told)]
    before = {"Grade": "Silver", "Motto": "Fold"}
    changed = mode is OnDuplicate.UPDATE
    after = {"Grade": "Gold", "Motto": "Fold", "Headcount": "3"} if changed else before
    assert stands(Subject.CUSTOMER, customer, fields) == after
    assert stands(Subject.DEAL, deal, fields) == ({"Width": "40"} if changed else {})
    for found in both:
        undo(found)
    assert stands(Subject.CUSTOMER, customer, fields) == before
    assert stands(Subject.DEAL, deal, fields) == {}


def test_what_somebody_filled_in_since_stays(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    make_customer(people.owner, "Paper Crane")
    path = table(tmp_path, "Customer Grade", ["Paper Crane", "Gold"], ["Trilobite", "Gold"])
    found = brought(path, by=people.owner, on_duplicate=OnDuplicate.UPDATE)
    for customer in everything(Customer):
        fill_in(customer, {fields["Grade"]: "Silver"}, people.owner)
    undo(found)
    assert sorted(kept["name"] for kept in found.kept) == ["Paper Crane", "Trilobite"]
    grades = [stands(Subject.CUSTOMER, customer, fields) for customer in everything(Customer)]
    assert grades == [{"Grade": "Silver"}, {"Grade": "Silver"}]


def test_a_field_of_both_means_the_one_whose_sheet_it_is(
    tmp_path: Path, people: People, fields: dict[str, FieldShape]
) -> None:
    of_deals = fields | {"Grade": add_field(Subject.DEAL, "Grade")}
    customers = table(tmp_path, "Customer Industry Grade", ["Paper Crane", "Paper", "Gold"], name="a.csv")
    deals = table(tmp_path, "Customer Deal Amount Grade", ["Paper Crane", "Line one", "5", "A"], name="b.csv")
    brought(customers, by=people.owner)
    brought(deals, by=people.owner)
    assert stands(Subject.CUSTOMER, named(Customer, "Paper Crane"), fields) == {"Grade": "Gold"}
    assert stands(Subject.DEAL, named(Deal, "Line one"), of_deals) == {"Grade": "A"}
