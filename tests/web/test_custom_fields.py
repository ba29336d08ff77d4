"""Custom fields on the admin's pages, in forms, on the pages of customers and deals, and in lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.custom_fields import fields_of
from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from salesboard.customers.custom_values import values_of
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from tests.browsing import Browser, counted_selects
from tests.filling import forms_in
from tests.own_fields import add_field, change_field, fill_in
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]


def html_of(client: Browser, path: str, **options: object) -> str:
    return client.get(path, **options).get_data(as_text=True)


# ── The admin's pages ─────────────────────────────────────────────────────────────


def test_the_admin_adds_renames_orders_and_retires_fields(client_as: ClientAs, people: People) -> None:
    admin = client_as(people.admin)
    new = {
        "subject": "customer",
        "name": "Grade",
        "kind": "choice",
        "choices": "Gold\nSilver",
        "is_required": "y",
    }
    admin.post("/admin/fields", new)
    admin.post("/admin/fields", {"subject": "customer", "name": "Since", "kind": "date"})
    grade, since = fields_of(Subject.CUSTOMER)
    assert (grade.choices, grade.is_required, since.is_required) == (("Gold", "Silver"), True, False)
    admin.post(f"/admin/fields/{since.id}/position", {"way": "up"})
    changed = {"name": "Class", "choice-0": "Golden", "choice-1": "", "choices": "Tin", "is_listed": "y"}
    admin.post(f"/admin/fields/{grade.id}", changed)
    since, grade = fields_of(Subject.CUSTOMER)
    assert (grade.name, grade.choices, grade.is_required) == ("Class", ("Golden", "Tin"), False)
    assert grade.is_listed
    admin.post(f"/admin/fields/{grade.id}/retirement")
    assert fields_of(Subject.CUSTOMER) == [since]
    assert "Class" in html_of(admin, "/admin/fields")
    admin.post(f"/admin/fields/{grade.id}/return")
    assert [field.name for field in fields_of(Subject.CUSTOMER)] == ["Since", "Class"]


def test_what_is_wrong_with_a_field_stands_beside_it(client_as: ClientAs, people: People) -> None:
    grade = add_field(Subject.CUSTOMER, "Grade")
    admin = client_as(people.admin)
    new = {"subject": "customer", "kind": "choice", "choices": "", "name": "Class"}
    assert "at least one choice" in admin.post("/admin/fields", new, 422).get_data(as_text=True)
    page = admin.post("/admin/fields", {**new, "kind": "text", "name": "grade"}, 422).get_data(as_text=True)
    assert re.search(r'id="name-error"[^>]*>.*There is a field of this name already', page)
    assert 'value="grade"' in page
    change_field(grade, "retire")
    add_field(Subject.CUSTOMER, "Grade")
    admin.post(f"/admin/fields/{grade.id}/return")
    assert "There is a field of this name already" in html_of(admin, f"/admin/fields/{grade.id}")


def test_use_is_marked_where_there_was_none_for_ninety_days(
    app: Flask, client_as: ClientAs, people: People, freeze: Callable[..., None]
) -> None:

    now = clock.now()
    freeze(now - timedelta(days=91))
    add_field(Subject.CUSTOMER, "Bygone")
    freeze(now)
    add_field(Subject.CUSTOMER, "Fresh", FieldKind.NUMBER)
    page = html_of(client_as(people.admin), "/admin/fields/use")
    lines = re.findall(r'<th scope="row">(.*?)</th>', page, re.DOTALL)
    assert ["unused for 90 days" in line for line in lines] == [True, False]


# ── In forms and on pages ─────────────────────────────────────────────────────────


def kept(subject: Subject, record: Customer | Deal) -> dict[int, str]:
    with acting_as_system("a test looks"):
        return values_of(subject, [record.id]).get(record.id, {})


def test_a_required_field_is_asked_of_a_new_customer(client_as: ClientAs, people: People) -> None:
    grade = add_field(
        Subject.CUSTOMER, "Grade", FieldKind.CHOICE, choices=["Gold", "Silver"], is_required=True
    )
    fair = add_field(Subject.CUSTOMER, "Met at a fair", FieldKind.YES_NO)
    owner, new = client_as(people.owner), {"name": "Paper Crane", "level": "normal"}
    page = owner.post("/customers/new", new, 422).get_data(as_text=True)
    assert re.search(rf'id="x-{grade.id}-error"[^>]*>.*Fill this in', page)
    owner.post("/customers/new", {**new, f"x-{grade.id}": "Bronze"}, 422)
    owner.post("/customers/new", {**new, f"x-{grade.id}": "Gold", f"x-{fair.id}": "no"})
    customer = found_customer("Paper Crane")
    assert kept(Subject.CUSTOMER, customer) == {grade.id: "Gold", fair.id: "no"}
    page = html_of(owner, f"/customers/{customer.number}")
    assert re.findall(r"<dt>(Grade|Met at a fair)</dt><dd>(.*?)</dd>", page) == [
        ("Grade", "Gold"),
        ("Met at a fair", "No"),
    ]


def test_a_text_is_refused_beside_its_field_and_kept_as_typed(client_as: ClientAs, people: People) -> None:
    motto = add_field(Subject.CUSTOMER, "Motto")
    count = add_field(Subject.CUSTOMER, "Headcount", FieldKind.NUMBER)
    customer = make_customer(people.owner)
    sent = {
        "name": customer.name,
        "level": "normal",
        "version": customer.version,
        f"x-{motto.id}": "card 4111 1111 1111 1111",
        f"x-{count.id}": "many",
    }
    path = f"/customers/{customer.number}/edit"
    page = client_as(people.owner).post(path, sent, 422).get_data(as_text=True)
    assert re.search(rf'id="x-{motto.id}-error"[^>]*>.*bank-card', page)
    assert re.search(rf'id="x-{count.id}-error"[^>]*>.*“many” is not a number', page)
    assert 'value="many"' in page
    assert kept(Subject.CUSTOMER, customer) == {}


def test_two_who_edit_at_once_lose_nothing(client_as: ClientAs, people: People) -> None:
    motto, customer = add_field(Subject.CUSTOMER, "Motto"), make_customer(people.owner)
    sent = {"name": customer.name, "level": "normal", "version": customer.version, f"x-{motto.id}": "Cut"}
    fill_in(customer, {motto: "Fold"}, people.supervisor)
    owner, path = client_as(people.owner), f"/customers/{customer.number}/edit"
    page = owner.post(path, sent, 409).get_data(as_text=True)
    assert "now: Fold" in page
    assert 'value="Cut"' in page
    assert kept(Subject.CUSTOMER, customer) == {motto.id: "Fold"}
    owner.post(path, {**sent, f"x-{motto.id}": "", "region": "East"})
    assert kept(Subject.CUSTOMER, customer) == {motto.id: "Fold"}, "it was left as it was"


def test_after_a_conflict_what_only_the_other_filled_in_is_taken_over(
    client_as: ClientAs, people: People
) -> None:
    motto, count = (
        add_field(Subject.CUSTOMER, "Motto"),
        add_field(Subject.CUSTOMER, "Count", FieldKind.NUMBER),
    )
    customer = make_customer(people.owner)
    sent = {
        "name": customer.name,
        "level": "normal",
        "version": customer.version,
        f"x-{motto.id}": "Cut",
        f"x-{count.id}": "",
    }
    fill_in(customer, {motto: "Fold", count: "5"}, people.supervisor)
    owner, path = client_as(people.owner), f"/customers/{customer.number}/edit"
    page = owner.post(path, sent, 409).get_data(as_text=True)
    again = {
        name: value for form in forms_in(page) if form.id == "note" for name, value in form.filled().items()
    }
    owner.post(path, again)
    assert kept(Subject.CUSTOMER, customer) == {motto.id: "Cut", count.id: "5"}


def test_a_choice_that_is_offered_no_more_may_stay(client_as: ClientAs, people: People) -> None:
    grade = add_field(Subject.DEAL, "Grade", FieldKind.CHOICE, choices=["Gold", "Lead"])
    deal = make_deal(people.owner)
    fill_in(deal, {grade: "Lead"}, people.owner)
    client_as(people.admin).post(f"/admin/fields/{grade.id}", {"name": "Grade", "choice-0": "Gold"})
    owner, path = client_as(people.owner), f"/deals/{deal.number}/edit"
    page = html_of(owner, path)
    assert re.findall(r'<option(?: selected)? value="(\w*)"', page) == ["", "Gold", "Lead"]
    sent = {
        name: value for form in forms_in(page) if form.id == "note" for name, value in form.filled().items()
    }
    owner.post(path, {**sent, "name": "Line two"})
    assert kept(Subject.DEAL, deal) == {grade.id: "Lead"}
    assert "<dt>Grade</dt><dd>Lead</dd>" in html_of(owner, f"/deals/{deal.number}")


def test_a_new_lead_asks_for_what_is_required_and_no_more(client_as: ClientAs, people: People) -> None:
    width = add_field(Subject.DEAL, "Width", FieldKind.NUMBER, is_required=True)
    add_field(Subject.DEAL, "Colour")
    since = add_field(Subject.CUSTOMER, "Since", FieldKind.DATE, is_required=True)
    owner = client_as(people.owner)
    assert "Colour" not in html_of(owner, "/deals/new")
    lead = {"customer": "Paper Crane", "deal": "Line one", "source": "A fair", "level": "normal"}
    page = owner.post("/deals/new", lead, 422).get_data(as_text=True)
    assert f'id="x-{width.id}-error"' in page
    assert f'id="of-customer-{since.id}-error"' in page
    filled = {**lead, f"x-{width.id}": "1,200", f"of-customer-{since.id}": "2026-05-01"}
    owner.post("/deals/new", filled)
    customer = found_customer("Paper Crane")
    assert kept(Subject.CUSTOMER, customer) == {since.id: "2026-05-01"}
    owner.post("/deals/new", {**lead, "deal": "Line two", f"x-{width.id}": "7"})
    with acting_as_system("a test looks"):
        widths = [
            kept(Subject.DEAL, deal)[width.id] for deal in db.session.scalars(select(Deal).order_by(Deal.id))
        ]
    assert widths == ["1200", "7"]


def test_a_collaborator_reads_the_fields_of_a_deal_they_were_added_to(
    client_as: ClientAs, people: People
) -> None:
    width, deal = add_field(Subject.DEAL, "Width", FieldKind.NUMBER), make_deal(people.owner)
    fill_in(deal, {width: "1200"}, people.owner)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.collaborator, by=people.owner, now=clock.now())
    assert "<dt>Width</dt><dd>1,200</dd>" in html_of(client_as(people.collaborator), f"/deals/{deal.number}")
    client_as(people.outsider).get(f"/deals/{deal.number}", 404)


def found_customer(name: str) -> Customer:
    with acting_as_system("a test looks"):
        return db.session.scalars(select(Customer).where(Customer.name == name)).one()


# ── In lists ──────────────────────────────────────────────────────────────────────


def filled_fields(subject: Subject, records: list[Any], by: User) -> dict[FieldKind, FieldShape]:
    """A field of each kind, filled in differently at each of three records; the last one has nothing."""
    told = {
        FieldKind.TEXT: ("Fold 100%", "fold it", "Cut"),
        FieldKind.NUMBER: ("9", "10", "-1.5"),
        FieldKind.DATE: ("2026-05-01", "2026-06-01", "2026-07-01"),
        FieldKind.CHOICE: ("Gold", "Silver", "Gold"),
        FieldKind.YES_NO: ("yes", "no", "no"),
    }
    fields = {
        kind: add_field(subject, f"Own {kind.value}", kind, choices=["Gold", "Silver"]) for kind in told
    }
    for place, record in enumerate(records[:3]):
        fill_in(record, {fields[kind]: texts[place] for kind, texts in told.items()}, by)
    return fields


ASKED = [
    (FieldKind.TEXT, "x.{}=FOLD", "12"),
    (FieldKind.TEXT, "x.{}=100%25", "1"),
    (FieldKind.NUMBER, "x.{}.from=9", "12"),
    (FieldKind.NUMBER, "x.{}.to=9", "13"),
    (FieldKind.NUMBER, "x.{}.from=-2&x.{}.to=0", "3"),
    (FieldKind.DATE, "x.{}.from=2026-05-02&x.{}.to=2026-06-01", "2"),
    (FieldKind.CHOICE, "x.{}=Gold", "13"),
    (FieldKind.YES_NO, "x.{}=no", "23"),
    (FieldKind.CHOICE, "x.{}=Bronze", "1234"),
    (FieldKind.NUMBER, "x.{}.from=many", "1234"),
]


def test_the_list_of_customers_is_narrowed_by_custom_fields(client_as: ClientAs, people: People) -> None:
    customers = [make_customer(people.owner, f"Works {number}") for number in "1234"]
    fields = filled_fields(Subject.CUSTOMER, customers, people.owner)
    owner = client_as(people.owner)
    for kind, query, expected in ASKED:
        html = html_of(owner, "/customers?" + query.replace("{}", str(fields[kind].id)))
        assert "".join(sorted(re.findall(r">Works (\d)</a>", html))) == expected, query
    choice, answer = fields[FieldKind.CHOICE].id, fields[FieldKind.YES_NO].id
    html = html_of(owner, f"/customers?x.{choice}=Gold&x.{answer}=no")
    assert re.findall(r">Works (\d)</a>", html) == ["3"]
    assert f'href="/customers?x.{answer}=no">Own choice <b>Gold</b>' in html


def test_board_and_list_are_narrowed_by_the_fields_of_deals(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    deals = [make_deal(people.owner, name=f"Line {number}", customer=customer) for number in "1234"]
    fields = filled_fields(Subject.DEAL, deals, people.owner)
    owner = client_as(people.owner)
    for kind, query, expected in ASKED:
        query = query.replace("{}", str(fields[kind].id))
        for page in ("/deals", "/"):
            shown = set(re.findall(r"Line (\d)", html_of(owner, f"{page}?{query}")))
            assert "".join(sorted(shown)) == expected, query
    assert "Own choice <b>Gold</b>" in html_of(owner, f"/?x.{fields[FieldKind.CHOICE].id}=Gold")


def test_lists_show_the_fields_that_the_admin_marks(client_as: ClientAs, people: People) -> None:
    width = add_field(Subject.DEAL, "Width", FieldKind.NUMBER, is_listed=True)
    motto = add_field(Subject.CUSTOMER, "Motto", is_listed=True)
    hidden = add_field(Subject.CUSTOMER, "Hidden")
    deal = make_deal(people.owner)
    with acting_as_system("a test looks"):
        customer = db.session.get_one(Customer, deal.customer_id)
    fill_in(deal, {width: "1200"}, people.owner)
    fill_in(customer, {motto: "Fold <b>it</b>", hidden: "Nothing to see"}, people.owner)
    owner = client_as(people.owner)
    customers, deals = html_of(owner, "/customers"), html_of(owner, "/deals")
    assert re.search(r'data-label="Motto">Fold &lt;b&gt;it&lt;/b&gt;</td>', customers)
    assert "Nothing to see" not in customers
    assert re.search(r'data-label="Width">1,200</td>', deals)
    assert 'data-label="Motto"' not in deals


def test_lists_cost_the_same_however_many_rows_and_fields(client_as: ClientAs, people: People) -> None:
    def fill(number: int) -> None:
        customer = make_customer(people.owner, f"Works {number}")
        deal = make_deal(people.owner, name=f"Line {number}", customer=customer)
        for subject, record in ((Subject.CUSTOMER, customer), (Subject.DEAL, deal)):
            listed = number < 3
            field = add_field(subject, f"Own {number}", FieldKind.NUMBER, is_listed=listed)
            fill_in(record, {field: "5"}, people.owner)

    def selects() -> list[int]:
        counts = []
        for path in (
            "/customers",
            "/deals",
            "/",
            f"/customers?x.{first.id}.from=1",
            f"/deals?x.{of_deal.id}.to=9",
        ):
            owner.get(path)
            with counted_selects() as statements:
                owner.get(path)
            counts.append(len(statements))
        return counts

    fill(0)
    first, of_deal = fields_of(Subject.CUSTOMER)[0], fields_of(Subject.DEAL)[0]
    owner = client_as(people.owner)
    few = selects()
    for number in range(1, 8):
        fill(number)
    assert selects() == few
