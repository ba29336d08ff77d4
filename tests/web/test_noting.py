"""Notes from a customer's page, about one of its deals or none; how late one is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.followups.models import FollowUp
from salesboard.installation import Installation
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal
from tests.web.test_moving import fresh, note, text_of

ClientAs = Callable[..., Browser]


def notes_of(customer: Customer) -> list[FollowUp]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        wanted = select(FollowUp).where(FollowUp.customer_id == customer.id, FollowUp.next_method.is_(None))
        return list(db.session.scalars(wanted.order_by(FollowUp.id)))


def sent(deal: Deal, **words: object) -> dict[str, object]:
    return {**note(deal, None), "next_method": "", "about": "", **words}


def test_a_note_from_the_customers_page_is_about_a_deal_or_none(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, Stage.INTENT, customer=customer)
    owner, url = client_as(people.owner), f"/customers/{customer.number}/followups"
    plain = {"content": "Met the new buyer", "next_step": "", "next_due": "", "request_key": "one"}
    for _time in range(2):
        owner.post(url, sent(deal, **plain), 303)
    told = text_of(owner.post(url, sent(deal, **{**plain, "content": "Other"}), 409))
    assert "sent before, with other words" in told
    about = {"about": deal.number, "content": "Spoke of line two", "request_key": "two"}
    assert "a deal without one is forgotten" in text_of(
        owner.post(url, sent(deal, **{**about, "next_step": "", "next_due": ""}), 422)
    )
    owner.post(url, sent(deal, **about), 303)
    written = [(each.content, each.deal_id) for each in notes_of(customer)][-2:]
    assert written == [("Met the new buyer", None), ("Spoke of line two", deal.id)]
    assert fresh(deal).next_step == "Send the offer"
    page = text_of(owner.get(f"/customers/{customer.number}"))
    assert "Met the new buyer" in page
    assert "Spoke of line two" in page


def test_who_sees_only_a_deal_writes_about_that(app: Flask, people: People, client_as: ClientAs) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, Stage.INTENT, customer=customer)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, deal.id).share_with(people.collaborator, by=people.owner, now=clock.now())
    helper, url = client_as(people.collaborator), f"/customers/{customer.number}/followups"
    words = {"content": "Checked the meter", "next_step": "", "next_due": "", "request_key": "h"}
    helper.post(url, sent(deal, **words), 422)
    helper.post(url, sent(deal, **words, about=deal.number), 303)
    assert notes_of(customer)[-1].deal_id == deal.id


def test_the_history_says_how_late_a_note_is(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    with writing():
        Installation.to_change().days_off_wait = False
    long_ago = (clock.now() - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    owner.post(f"/deals/{deal.number}/followups", note(deal, None, occurred_at=long_ago, content="Old talk"))
    assert "days late" in text_of(owner.get(f"/deals/{deal.number}"))
