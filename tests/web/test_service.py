"""What customers say after a signing: scores of deliveries, complaints until they are settled; for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.ops.leaving import HandOver
from salesboard.service.complaints import Complaint, ComplaintState
from salesboard.service.satisfaction import Satisfaction
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
NASTY = "<b>Too loud</b>\nand late"


@pytest.fixture
def won(people: People) -> Deal:
    deal = make_deal(people.owner, Stage.SERVICE, customer=make_customer(people.owner))
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.collaborator, by=people.owner, now=clock.now())
        assert held.customer.number
    return held


def customer_of(deal: Deal) -> str:
    with acting_as_system("a test looks"):
        return db.session.get_one(Deal, deal.id).customer.number


def the(model: type) -> object:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return db.session.scalars(select(model)).one()


def test_a_delivery_is_scored_with_the_customers_words(
    people: People, client_as: ClientAs, won: Deal
) -> None:
    browser, path = client_as(people.owner), f"/deals/{won.number}/satisfaction"
    customer = customer_of(won)
    browser.get(path)
    good = {"score": "4", "delivery": "Acceptance", "day": "2026-04-09", "words": NASTY}
    for wrong in ({"score": "6"}, {"score": ""}, {"day": "2099-01-01"}, {"day": ""}):
        page = browser.post(path, {**good, **wrong}, 422).get_data(as_text=True)
        assert "Acceptance" in page
    browser.post(path, good)
    browser.post(path, good)  # as a second press of the button sends it
    told = the(Satisfaction)
    assert isinstance(told, Satisfaction)
    change = {**good, "score": "5", "version": "1"}
    browser.get(f"/satisfaction/{told.id}")
    browser.post(f"/satisfaction/{told.id}", change)
    assert "meanwhile" in browser.post(f"/satisfaction/{told.id}", change, 409).get_data(as_text=True)
    for page in (f"/deals/{won.number}", f"/customers/{customer}"):
        html = browser.get(page).get_data(as_text=True)
        assert "5.0" in html
        assert "&lt;b&gt;Too loud&lt;/b&gt;" in html
    assert "5.0" in client_as(people.collaborator).get(f"/deals/{won.number}").get_data(as_text=True)


def test_a_complaint_is_opened_answered_and_settled(people: People, client_as: ClientAs, won: Deal) -> None:
    browser, path = client_as(people.collaborator), f"/customers/{customer_of(won)}/complaints/new"
    assert "The customer as a whole" not in browser.get(path).get_data(as_text=True)
    hour_ago = clock.now() - timedelta(hours=1)
    came = {"kind": "complaint", "words": NASTY, "owner": str(people.collaborator.id), "deal": won.number,
            "opened_at": (hour_ago + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")}  # fmt: skip
    for wrong in (
        {"deal": ""},
        {"words": " "},
        {"owner": str(people.outsider.id)},
        {"opened_at": "2099-01-01T00:00"},
    ):
        browser.post(path, {**came, **wrong}, 422)
    browser.post(path, came)
    browser.post(path, came)
    told = the(Complaint)
    assert isinstance(told, Complaint)
    assert (told.state, told.owner_id) == (ComplaintState.OPEN, people.collaborator.id)
    address = f"/complaints/{told.id}"
    client_as(people.outsider).get(address, 404)
    owner = client_as(people.owner)
    assert "Too loud" in owner.get("/complaints").get_data(as_text=True)
    assert "Too loud" not in owner.get("/complaints?owner=me").get_data(as_text=True)
    answer = {
        "state": "answered",
        "answer": "We come on Monday",
        "owner": str(people.owner.id),
        "version": "1",
    }
    browser.get(address)
    browser.post(address, {**answer, "answer": ""}, 422)
    browser.post(address, answer)
    stale = owner.post(address, {**answer, "answer": "Never"}, 409).get_data(as_text=True)
    assert "Never" in stale
    owner.post(address, {**answer, "state": "settled", "version": "2"})
    told = the(Complaint)
    assert isinstance(told, Complaint)
    assert told.answered_at
    assert told.settled_at
    assert told.settled_at >= told.answered_at > told.opened_at
    assert "Too loud" in owner.get("/complaints?state=settled").get_data(as_text=True)


def test_what_is_not_settled_goes_along_with_the_deal_and_with_a_leaver(people: People, won: Deal) -> None:
    now = clock.now()
    with acting_as_system("a test prepares"), writing():
        deal = db.session.get_one(Deal, won.id)
        given = {"kind": "complaint", "opened_at": now, "by": people.owner, "now": now}
        mine = Complaint.open(deal.customer, deal, owner=people.owner, words="Late", **given)
        done = Complaint.open(deal.customer, deal, owner=people.owner, words="Loud", **given)
        done.follow(
            ComplaintState.SETTLED, "Mended", people.owner, by=people.owner, now=now, expected_version=1
        )
        deal.hand_over(people.teammate, by=people.supervisor, now=now)
        db.session.expire_all()
        assert (mine.owner_id, done.owner_id) == (people.teammate.id, people.owner.id)
        HandOver.carry_out(people.teammate, [people.owner], by=people.admin, now=now)
        db.session.expire_all()
        assert mine.owner_id == people.owner.id
