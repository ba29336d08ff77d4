"""The admin's verbs on custom fields, and values that are seen with their record and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.customers.changes import FieldChange
from salesboard.customers.custom_fields import CustomField, fields_of
from salesboard.customers.custom_queries import how_often_filled
from salesboard.customers.custom_rules import MOST_LISTED, FieldKind, FieldShape, Subject
from salesboard.customers.custom_values import (
    CustomValue,
    read_value,
    rename_choice,
    take_values,
    values_of,
)
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.errors import Invalid, Refused
from tests.browsing import counted_selects
from tests.own_fields import add_field, change_field, fill_in
from tests.standing import People, make_customer, make_deal


def names(subject: Subject = Subject.CUSTOMER) -> list[str]:
    return [field.name for field in fields_of(subject)]


def seen_by(person: User, subject: Subject, record_id: int) -> dict[int, str]:
    with acting_as(person.viewer()):
        return values_of(subject, [record_id]).get(record_id, {})


def told(verb: str) -> list[dict[str, Any]]:
    return [event.details for event in db.session.scalars(select(AuditEvent).where(AuditEvent.verb == verb))]


def test_fields_stand_in_the_order_that_the_admin_gives_them(app: Flask, people: People) -> None:
    first, second, third = (add_field(Subject.CUSTOMER, name) for name in ("Grade", "Colour", "Size"))
    add_field(Subject.DEAL, "Grade")
    change_field(third, "move", up=True)
    change_field(third, "move", up=True)
    change_field(third, "move", up=True)
    assert names() == ["Size", "Grade", "Colour"]
    change_field(second, "move", up=False)
    assert names() == ["Size", "Grade", "Colour"]
    change_field(first, "move", up=False)
    assert names() == ["Size", "Colour", "Grade"]
    assert names(Subject.DEAL) == ["Grade"]


def test_a_name_stands_once_among_the_fields_in_use(app: Flask, people: People) -> None:
    grade = add_field(Subject.CUSTOMER, "Grade")
    with pytest.raises(Invalid, match="already"):
        add_field(Subject.CUSTOMER, "ｇｒａｄｅ ")
    change_field(grade, "retire")
    again = add_field(Subject.CUSTOMER, "Grade")
    with pytest.raises(Invalid, match="already"):
        change_field(grade, "bring_back")
    change_field(again, "change", name="Class", is_required=True, is_listed=False)
    change_field(grade, "bring_back")
    assert names() == ["Class", "Grade"]


@pytest.mark.parametrize("name", ["Ratio = 2", "Ratio 1:2"])
def test_a_name_holds_no_sign_at_which_the_import_parts(app: Flask, people: People, name: str) -> None:
    with pytest.raises(Invalid, match="colon"):
        add_field(Subject.CUSTOMER, name)


def test_lists_show_three_fields_at_most(app: Flask, people: People) -> None:
    for number in range(MOST_LISTED):
        add_field(Subject.CUSTOMER, f"Field {number}", is_listed=True)
    with pytest.raises(Invalid, match="Lists show"):
        add_field(Subject.CUSTOMER, "One more", is_listed=True)
    add_field(Subject.DEAL, "Of a deal", is_listed=True)


def test_the_database_itself_refuses_a_second_value_and_one_of_nothing(app: Flask, people: People) -> None:
    field, customer = add_field(Subject.CUSTOMER, "Grade"), make_customer(people.owner)
    row = {"field_id": field.id, "customer_id": customer.id, "text": "A", "updated_at": clock.now()}
    with db.engine.begin() as connection:
        connection.execute(insert(CustomValue.__table__), row)
    for wrong in (row, {**row, "customer_id": None}, {**row, "text": ""}):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(insert(CustomValue.__table__), wrong)


def test_a_value_is_seen_with_its_record_alone(app: Flask, people: People) -> None:
    of_customer, of_deal = add_field(Subject.CUSTOMER, "Grade"), add_field(Subject.DEAL, "Width")
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.collaborator, by=people.owner, now=clock.now())
    fill_in(customer, {of_customer: "A"}, people.owner)
    fill_in(deal, {of_deal: "40"}, people.owner)
    seen = {
        name: (
            seen_by(person, Subject.CUSTOMER, customer.id).get(of_customer.id),
            seen_by(person, Subject.DEAL, deal.id).get(of_deal.id),
        )
        for name, person in vars(people).items()
    }
    everything, nothing = ("A", "40"), (None, None)
    assert seen == {
        "owner": everything,
        "teammate": nothing,
        "collaborator": everything,
        "supervisor": everything,
        "outsider": nothing,
        "admin": everything,
    }
    assert values_of(Subject.DEAL, [deal.id]) == {}, "nobody looks"


def test_filling_in_makes_a_new_version_and_is_audited(app: Flask, people: People) -> None:
    grade, since = add_field(Subject.CUSTOMER, "Grade"), add_field(Subject.CUSTOMER, "Since", FieldKind.DATE)
    customer = make_customer(people.owner)
    assert fill_in(customer, {grade: "A", since: "2026-05-01"}, people.owner)
    assert not fill_in(customer, {grade: "A"}, people.owner)
    assert fill_in(customer, {grade: "", since: "2026-05-02"}, people.owner)
    assert seen_by(people.owner, Subject.CUSTOMER, customer.id) == {since.id: "2026-05-02"}
    assert told("customer.filled") == [{"fields": ["x:Grade", "x:Since"]}] * 2
    with acting_as_system("a test looks"):
        changes = db.session.scalars(select(FieldChange).order_by(FieldChange.id))
        assert [(change.field, change.before, change.after, change.version) for change in changes] == [
            ("x:Grade", None, "A", 2),
            ("x:Since", None, "2026-05-01", 2),
            ("x:Grade", "A", None, 3),
            ("x:Since", "2026-05-01", "2026-05-02", 3),
        ]
        assert db.session.get_one(Customer, customer.id, populate_existing=True).version == 3


def test_a_retired_field_keeps_what_stands_in_it(app: Flask, people: People) -> None:
    grade, customer = add_field(Subject.CUSTOMER, "Grade"), make_customer(people.owner)
    fill_in(customer, {grade: "A"}, people.owner)
    change_field(grade, "retire")
    change_field(grade, "retire")
    assert names() == []
    assert len(told("field.retired")) == 1
    change_field(grade, "bring_back")
    assert names() == ["Grade"]
    assert seen_by(people.owner, Subject.CUSTOMER, customer.id) == {grade.id: "A"}


def test_a_renamed_choice_is_renamed_wherever_it_was_chosen(app: Flask, people: People) -> None:
    grade = add_field(Subject.CUSTOMER, "Grade", FieldKind.CHOICE, choices=["Gold", "Silver", "Lead"])
    golden, leaden = make_customer(people.owner, "Golden"), make_customer(people.owner, "Leaden")
    fill_in(golden, {grade: "Gold"}, people.owner)
    fill_in(leaden, {grade: "Lead"}, people.owner)
    with acting_as_system("the admin changes a field"), writing():
        field = db.session.get_one(CustomField, grade.id)
        said = {"Gold": "Golden", "Silver": "Silver"}
        for old, new in field.offer(
            ["Golden", "Silver", "Tin"], renamed=said, by=people.admin, now=clock.now()
        ):
            rename_choice(field.id, old, new)
    assert fields_of(Subject.CUSTOMER)[0].choices == ("Golden", "Silver", "Tin")
    assert seen_by(people.owner, Subject.CUSTOMER, golden.id) == {grade.id: "Golden"}
    assert seen_by(people.owner, Subject.CUSTOMER, leaden.id) == {grade.id: "Lead"}, "chosen once, kept"


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (FieldKind.TEXT, "Card 4111 1111 1111 1111", "bank-card"),
        (FieldKind.TEXT, "ID 11010519491231002X", "identity-card"),
        (FieldKind.TEXT, "a\x00b", "cannot be stored"),
        (FieldKind.DATE, "1066-10-14", "too far away"),
        (FieldKind.NUMBER, "plenty", "not a number"),
        (FieldKind.CHOICE, "Bronze", "Gold, Silver"),
    ],
)
def test_a_text_that_is_no_value_is_refused_with_a_sentence(
    app: Flask, kind: FieldKind, text: str, why: str
) -> None:
    field = FieldShape(1, Subject.CUSTOMER, "Grade", kind, ("Gold", "Silver"))
    with pytest.raises(Refused, match=why):
        read_value(field, text)


def test_values_of_many_records_are_taken_and_read_in_a_fixed_number_of_statements(
    app: Flask, people: People
) -> None:
    fields = [add_field(Subject.CUSTOMER, f"Field {number}", FieldKind.NUMBER) for number in range(4)]
    customers = [make_customer(people.owner, f"Works {number}") for number in range(12)]
    said = {customer.id: {field.id: str(field.id) for field in fields} for customer in customers}
    for _time in range(2):
        with acting_as_system("a test fills in"), writing():
            take_values(Subject.CUSTOMER, said, by=people.owner, now=clock.now())
    with acting_as(people.owner.viewer()), counted_selects() as selects:
        assert values_of(Subject.CUSTOMER, said) == said
    assert len(selects) == 1


def test_use_tells_how_often_by_whom_and_when_last(app: Flask, people: People) -> None:
    grade = add_field(Subject.CUSTOMER, "Grade")
    add_field(Subject.DEAL, "Width")
    for number, person in enumerate((people.owner, people.owner, people.teammate, people.owner)):
        customer = make_customer(person, f"Works {number}")
        if number < 3:
            fill_in(customer, {grade: "A"}, person)
    with acting_as_system("the admin looks"), counted_selects() as selects:
        of_grade, of_width = how_often_filled(clock.now())
    assert (of_grade.filled, of_grade.records, of_grade.share) == (3, 4, 0.75)
    assert (of_grade.mostly_by, of_grade.by_them) == ("Olive Owner", 2)
    assert of_grade.last_used is not None
    assert (of_width.filled, of_width.share, of_width.mostly_by) == (0, None, None)
    assert not of_width.is_unused, "it has only just been added"
    assert len(selects) == 3
