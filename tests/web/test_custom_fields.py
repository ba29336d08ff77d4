"""Custom fields on the admin's pages, in forms, on the pages of customers and deals, and in lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from salesboard import clock
from salesboard.customers.custom_fields import fields_of
from salesboard.customers.custom_rules import FieldKind, Subject
from tests.browsing import Browser
from tests.own_fields import add_field, change_field
from tests.standing import People

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
