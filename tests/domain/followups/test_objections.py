"""Objections are rows: several in one note, answered and settled later, each step kept and chained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import Conflict
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection
from salesboard.followups.rules import ObjectionState
from tests.browsing import Browser
from tests.domain.followups.test_digest_chain import what_does_not_fit
from tests.standing import People, make_deal
from tests.web.test_moving import last_note, note, text_of

ClientAs = Callable[..., Browser]
SETTLED, ANSWERED, RAISED = ObjectionState.SETTLED, ObjectionState.ANSWERED, ObjectionState.RAISED


@pytest.fixture
def deal(app: Flask, people: People, client_as: ClientAs) -> Deal:
    """With a note in which two objections were raised."""
    deal = make_deal(people.owner, Stage.INTENT)
    words = {"objection": "Too dear\n\n Too slow ", "objection_state": "raised", "request_key": "k"}
    client_as(people.owner).post(f"/deals/{deal.number}/followups", note(deal, None, **words), 303)
    return deal


def objections() -> list[Objection]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(Objection).order_by(Objection.position)))


def become(place: int, state: ObjectionState, by: User, words: str = "", version: int = 1) -> None:
    with acting_as_system("a test acts"), writing():
        held = Objection.locked(objections_ids()[place])
        assert held is not None
        person = db.session.get_one(User, by.id)
        held.become(state, words, by=person, now=clock.now(), expected_version=version)


def objections_ids() -> list[int]:
    return list(db.session.scalars(select(Objection.id).order_by(Objection.position)))


def test_each_line_is_an_objection_of_its_own(deal: Deal) -> None:
    assert [(each.text, each.told, each.state) for each in objections()] == [
        ("Too dear", RAISED, RAISED), ("Too slow", RAISED, RAISED),
    ]  # fmt: skip
    assert what_does_not_fit() == []


def test_one_is_settled_later_and_the_other_stays_open(deal: Deal, people: People) -> None:
    become(0, ANSWERED, people.owner, "Counted it through")
    become(0, SETTLED, people.supervisor, version=2)
    dear, slow = objections()
    assert (dear.state, slow.state) == (SETTLED, RAISED)
    assert None not in (dear.answered_at, dear.settled_at)
    assert what_does_not_fit() == []
    become(0, RAISED, people.owner, "Too dear after all", version=3)
    assert (objections()[0].answered_at, objections()[0].settled_at) == (None, None)
    assert what_does_not_fit() == []


def test_who_says_otherwise_on_an_old_page_is_told_and_twice_is_once(deal: Deal, people: People) -> None:
    for _time in range(2):
        become(0, SETTLED, people.owner)
    with pytest.raises(Conflict):
        become(0, ANSWERED, people.teammate)
    assert objections()[0].version == 2


BY_HAND = {
    "UPDATE objections SET text = 'Cheap' WHERE position = 2": "not as it was recorded",
    "UPDATE objections SET state = 'settled' WHERE position = 2": "an objection stands otherwise",
    "UPDATE objection_steps SET words = 'They gave in'": "what became of an objection is not as it was recorded",
    "DELETE FROM objection_steps": "what became of an objection is not as it was recorded",
    "DELETE FROM objection_steps; DELETE FROM objections": "not as it was recorded",
}


def test_what_was_changed_by_hand_is_found(deal: Deal, people: People) -> None:
    number = last_note(deal).number
    become(0, SETTLED, people.owner, "Counted it through")
    for statements, fault in BY_HAND.items():
        for statement in statements.split(";"):
            db.session.execute(text(statement))
        assert f"{number} ({fault})" in what_does_not_fit(), statements
        db.session.rollback()


def test_it_is_said_on_the_deals_page_by_whoever_sees_it(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    owner, (dear, _slow) = client_as(people.owner), objections()
    url = f"/objections/{dear.id}"
    client_as(people.outsider).get(url, 404)
    client_as(people.outsider).post(url, {"state": "settled", "version": 1}, 404)
    assert "Too dear" in text_of(owner.get(url))
    sent = {"state": "settled", "version": 1, "words": "Paid in parts", "back": f"/deals/{deal.number}"}
    owner.post(url, sent, 303)
    page = text_of(owner.get(f"/deals/{deal.number}?show=objections"))
    for words in ("Too dear: settled", "Too slow: open", "Paid in parts"):
        assert words in page
    assert "said meanwhile how it stands: Settled" in text_of(
        owner.post(url, {**sent, "state": "raised"}, 409)
    )
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(FollowUp.id).where(FollowUp.version > 1)) is None
