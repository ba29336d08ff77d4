"""Probable duplicates: told while one types, listed, said not to be the same; of colleagues' only whom to ask."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.apart import NotDuplicate
from salesboard.customers.doubles import probable_duplicates
from salesboard.customers.models import Contact, Customer
from salesboard.database import db, writing
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]


def reached(customer: Customer, people: People, name: str = "Cleo", **ways: str) -> Contact:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(
            by=people.owner, now=clock.now(), expected_version=held.version, name=name, **ways
        )


def known(browser: Browser, **typed: str) -> str:
    return browser.post("/customers/duplicates/known", typed, status=200, fragment=True).get_data(
        as_text=True
    )


def groups(browser: Browser) -> list[list[str]]:
    """The names in each group of the list."""
    html = browser.get("/customers/duplicates").get_data(as_text=True)
    return [re.findall(r'scope="row"><a [^>]+>([^<]+)', part) for part in html.split("<section")[1:]]


# ── While one types ─────────────────────────────────────────────────────────────────


def test_ones_own_customer_is_named_by_name_phone_and_address(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, "青石滩建材有限公司")
    reached(customer, people, phone="+86 571 8888 6666", email="Cleo@Example.com")
    browser = client_as(people.owner)
    for typed in (
        {"name": "青石灘建材有限責任公司"},
        {"phone": "0571-88886666"},
        {"email": "cleo@example.com"},
    ):
        told = known(browser, **typed)
        assert customer.number in told, typed
        assert f"/customers/{customer.number}" in told
    assert known(browser, name="青石滩商贸有限公司", phone="0571-88886667", email="") == ""


def test_a_name_that_leaves_its_legal_form_out_is_told_and_listed(
    client_as: ClientAs, people: People
) -> None:
    for name in ("青石滩建材", "青石滩建材有限公司", "远山商贸"):
        make_customer(people.owner, name)
    browser = client_as(people.owner)
    assert "远山商贸" in known(browser, name="远山商贸股份有限公司")
    assert [sorted(names) for names in groups(browser)] == [["青石滩建材", "青石滩建材有限公司"]]


def test_of_a_colleagues_customer_one_learns_whom_to_ask_and_nothing_more(
    client_as: ClientAs, people: People
) -> None:
    customer = make_customer(people.outsider, "Far Away Works Ltd")
    reached(customer, people, name="Zoe", phone="0571 88886666", email="zoe@example.com")
    for typed in (
        {"name": "far away works limited"},
        {"phone": "0571 8888 6666"},
        {"email": "ZOE@example.com"},
    ):
        told = known(client_as(people.owner), **typed)
        assert "Oscar Outsider" in told
        assert not any(secret in told for secret in (customer.number, "Far Away", "Zoe", "<a "))


def test_the_customer_that_a_form_is_about_is_no_other(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    reached(customer, people, phone="0571 88886666")
    browser = client_as(people.owner)
    sent = {"phone": "0571 88886666"}
    path = f"/customers/duplicates/known?of={customer.number}"
    assert browser.post(path, sent, status=200, fragment=True).get_data(as_text=True) == ""


def test_without_script_a_contact_is_taken_and_the_warning_follows(
    client_as: ClientAs, people: People
) -> None:
    first, second = make_customer(people.owner, "First Works"), make_customer(people.owner, "Second Works")
    reached(first, people, phone="0571 88886666")
    far = make_customer(people.outsider, "Far Away Works")
    reached(far, people, email="zoe@example.com")
    browser = client_as(people.owner)
    sent = {"version": 1, "name": "Ada", "phone": "057188886666", "email": "zoe@example.com"}
    browser.post(f"/customers/{second.number}/contacts/new", sent)
    html = browser.get(f"/customers/{second.number}").get_data(as_text=True)
    assert "Ada" in html
    assert f"This number is known already, at First Works, {first.number}." in html
    assert "Oscar Outsider has a customer with this address." in html
    wrong = browser.post(f"/customers/{second.number}/contacts/new", {**sent, "name": ""}, status=422)
    assert f"at First Works, {first.number}." in wrong.get_data(as_text=True)


def test_a_lead_with_a_known_number_is_taken_and_the_warning_follows(
    client_as: ClientAs, people: People
) -> None:
    first = make_customer(people.owner, "First Works")
    reached(first, people, phone="0571 88886666")
    lead = {"customer": "New Works", "deal": "A line", "level": "normal", "source": "Fair", "contact": "Ada"}
    browser = client_as(people.owner)
    browser.post("/deals/new", {**lead, "phone": "057188886666", "request_key": "k"})
    assert f"at First Works, {first.number}." in browser.get("/").get_data(as_text=True)


# ── The list ────────────────────────────────────────────────────────────────────────


def test_each_sees_the_likely_ones_among_their_own(client_as: ClientAs, people: People) -> None:
    one = make_customer(people.owner, "Paper Works Ltd")
    make_customer(people.owner, "Paper Works Limited")
    other = make_customer(people.owner, "Card Works")
    make_customer(people.teammate, "Paper Works Ltd.")
    reached(one, people, phone="0571 88886666")
    reached(other, people, name="Cleo C", phone="+86 571 88886666")
    assert groups(client_as(people.owner)) == [["Paper Works Ltd", "Paper Works Limited", "Card Works"]]
    assert len(groups(client_as(people.supervisor))[0]) == 4
    assert groups(client_as(people.teammate)) == groups(client_as(people.outsider)) == [[]]
    html = client_as(people.owner).get("/customers/duplicates").get_data(as_text=True)
    assert "same name" in html
    assert "same phone" in html
    assert "same e-mail" not in html
    assert "88886666" not in html


def test_what_is_said_not_to_be_the_same_is_remembered_and_can_be_taken_back(
    client_as: ClientAs, people: People
) -> None:
    one, other = (make_customer(people.owner, name) for name in ("Paper Works Ltd", "Paper Works Limited"))
    browser, sent = client_as(people.owner), {"customer": f"{one.number},{other.number}"}
    for _twice in range(2):
        browser.post("/customers/duplicates/apart", sent)
    assert groups(browser) == [[]]
    assert probable_duplicates(people.admin.viewer()) == []
    said = browser.get("/customers/duplicates/apart").get_data(as_text=True)
    assert "Paper Works Ltd" in said
    assert "Olive Owner" in said
    for _twice in range(2):
        browser.post("/customers/duplicates/apart/removal", sent)
    assert groups(browser) == [["Paper Works Ltd", "Paper Works Limited"]]


def test_nothing_is_said_of_customers_whom_one_does_not_see(client_as: ClientAs, people: People) -> None:
    mine, far = make_customer(people.owner, "Paper Works"), make_customer(people.outsider, "Paper Works")
    sent = {"customer": f"{mine.number},{far.number}"}
    for path in ("/customers/duplicates/apart", "/customers/duplicates/apart/removal"):
        client_as(people.owner).post(path, sent, status=404)
        client_as(people.owner).post(path, {"customer": mine.number}, status=422)
    client_as(people.admin).post("/customers/duplicates/apart", sent)
    assert "Paper Works" not in client_as(people.owner).get("/customers/duplicates/apart").get_data(
        as_text=True
    )
    with acting_as_system("a test looks"):
        assert len(NotDuplicate.page(0)[0]) == 1


def test_the_list_costs_the_same_for_many_and_goes_on_page_by_page(
    app: Flask, client_as: ClientAs, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.customers.double_views.GROUPS_A_PAGE", 3)
    browser = client_as(people.owner)

    def selects() -> int:
        with counted_selects() as statements:
            groups(browser)
        return len(statements)

    def double(name: str) -> None:
        for n in range(2):
            reached(make_customer(people.owner, name), people, name=f"Cleo {n}")

    double("Works 0")
    few = selects()
    for n in range(1, 4):
        double(f"Works {n}")
    assert selects() == few <= 14
    assert len(groups(browser)) == 3
    assert "Works 0" in browser.get("/customers/duplicates?page=2").get_data(as_text=True)
