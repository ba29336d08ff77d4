"""Writing down a new lead: once, at the right customer, without telling on colleagues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Level
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]


def lead(**more: Any) -> dict[str, Any]:
    """A whole form, as a browser sends it."""
    sent = {
        "customer": "纸鹤包装有限公司",
        "deal": "能耗监测一期",
        "amount": "48.6万",
        "level": "key",
        "source": "Met at the spring fair",
        "request_key": "abc",
    }
    return {**sent, **more}


def all_of(model: Any) -> list[Any]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(
            db.session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True))
        )


def test_a_lead_makes_its_customer_and_says_where_it_came_from(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    today = clock.today("Asia/Shanghai")
    more = {
        "contact": "Wen",
        "phone": "021-5550123",
        "next_step": "Call",
        "next_due": today.isoformat(),
        "next_method": "phone",
    }
    client_as(people.owner).post("/deals/new", lead(**more))
    (deal,), (customer,), (contact,), (note,) = map(all_of, (Deal, Customer, Contact, FollowUp))
    assert (deal.name, deal.stage, str(deal.amount), deal.owner_id) == (
        "能耗监测一期",
        Stage.LEAD,
        "486000.00",
        people.owner.id,
    )
    assert (deal.next_step, deal.next_due, deal.next_method) == ("Call", today, Method.PHONE)
    assert (customer.name, customer.level, customer.source) == (
        "纸鹤包装有限公司",
        Level.KEY,
        "Met at the spring fair",
    )
    assert (contact.name, contact.phone, contact.customer_id) == ("Wen", "021-5550123", customer.id)
    assert (note.kind, note.content, note.deal_id) == (FollowUpKind.RECORD, "Met at the spring fair", deal.id)


def test_sent_twice_it_is_one_lead(app: Flask, people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    for _ in range(2):
        browser.post("/deals/new", lead())
    assert (len(all_of(Deal)), len(all_of(Customer)), len(all_of(FollowUp))) == (1, 1, 1)
    browser.post("/deals/new", lead(request_key="another", deal="二期"))
    assert (len(all_of(Deal)), len(all_of(Customer))) == (2, 1)


def test_ones_own_customer_is_taken_up_by_any_spelling(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    customer = make_customer(people.owner, name="纸鹤包装有限公司", level=Level.POTENTIAL)
    client_as(people.owner).post("/deals/new", lead(customer=" 纸鹤包装有限责任公司（总部）"))
    (deal,) = all_of(Deal)
    assert deal.customer_id == customer.id
    assert all_of(Customer)[0].level is Level.POTENTIAL


def test_a_colleagues_customer_is_named_with_whom_to_ask_and_nothing_more(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    customer = make_customer(people.teammate, name="纸鹤包装有限公司", needs="Secret needs")
    make_deal(people.teammate, customer=customer, name="Secret deal")
    html = client_as(people.owner).post("/deals/new", lead(), 422).get_data(as_text=True)
    assert "Tom Teammate looks after this customer already" in html
    assert "Secret" not in html
    assert customer.number not in html
    assert len(all_of(Deal)) == 1
    client_as(people.supervisor).post("/deals/new", lead())
    assert len(all_of(Customer)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer", ""),
        ("customer", " "),
        ("customer", "x" * 201),
        ("deal", ""),
        ("source", ""),
        ("amount", "much"),
        ("level", "gold"),
        ("phone", "021-5550123"),
        ("next_step", "Call"),
        ("next_due", "2020-01-01"),
        ("source", "Their card is 4111 1111 1111 1111"),
        ("deal", "a\x00b"),
        ("request_key", "no blanks allowed"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_what_was_typed(
    app: Flask, people: People, client_as: ClientAs, field: str, value: str
) -> None:
    html = client_as(people.owner).post("/deals/new", lead(**{field: value}), 422).get_data(as_text=True)
    assert "error" in html or "notice-late" in html
    assert field == "deal" or "能耗监测一期" in html
    assert all_of(Deal) == all_of(Customer) == []


def test_on_the_board_the_card_comes_without_a_reload(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    make_deal(people.owner, customer=make_customer(people.owner, name="Another"))
    headers = {"HX-Current-URL": "http://localhost/"}
    browser = client_as(people.owner)
    form = browser.get("/deals/new", fragment=True, headers=headers).get_data(as_text=True)
    assert "<dialog" in form
    answer = browser.post("/deals/new", lead(), 200, fragment=True, headers=headers).get_data(as_text=True)
    number = all_of(Deal)[-1].number
    assert f'id="deal-{number}"' in answer
    assert 'id="head-lead"' in answer
    assert '<span class="count">2</span>' in answer


def test_two_peoples_request_keys_do_not_meet(app: Flask, people: People, client_as: ClientAs) -> None:
    for person, customer in ((people.owner, "One"), (people.teammate, "Two")):
        client_as(person).post("/deals/new", lead(customer=customer))
    assert [deal.owner_id for deal in all_of(Deal)] == [people.owner.id, people.teammate.id]
