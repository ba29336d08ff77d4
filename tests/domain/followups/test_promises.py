"""Promises are rows with a day: kept, not kept or withdrawn later, each step kept and chained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

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
from salesboard.followups.promised import promises_due
from salesboard.followups.promises import Promise
from salesboard.followups.rules import PromiseState
from salesboard.installation import installation
from tests.browsing import Browser
from tests.domain.followups.test_digest_chain import what_does_not_fit
from tests.standing import People, make_deal
from tests.web.test_moving import last_note, note, text_of

ClientAs = Callable[..., Browser]
KEPT, OPEN, WITHDRAWN = PromiseState.KEPT, PromiseState.OPEN, PromiseState.WITHDRAWN


@pytest.fixture
def deal(app: Flask, people: People, client_as: ClientAs) -> Deal:
    """With a note in which the customer promised figures by today, and an answer some day."""
    deal = make_deal(people.owner, Stage.INTENT)
    told = {
        "promise_1-what": "Their figures",
        "promise_1-due": installation().today.isoformat(),
        "promise_3-what": "An answer",
    }
    client_as(people.owner).post(f"/deals/{deal.number}/followups", note(deal, None, **told), 303)
    return deal


def promises() -> list[Promise]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(Promise).order_by(Promise.position)))


def become(state: PromiseState, due: date | None, by: User, words: str = "", version: int = 1) -> None:
    """Says how the first promise stands."""
    first = promises()[0].id
    with acting_as_system("a test acts"), writing():
        held, person = Promise.locked(first), db.session.get_one(User, by.id)
        assert held is not None
        held.become(state, due, words, by=person, now=clock.now(), expected_version=version)


def test_a_promise_is_put_off_and_then_kept(deal: Deal, people: People) -> None:
    today = installation().today
    assert [(each.what, each.due_on, each.state) for each in promises()] == [
        ("Their figures", today, OPEN), ("An answer", None, OPEN),
    ]  # fmt: skip
    later = today + timedelta(days=3)
    become(OPEN, later, people.owner, "They need the week")
    become(KEPT, later, people.supervisor, version=2)
    first = promises()[0]
    assert (first.state, first.told_due, first.due_on, first.version) == (KEPT, today, later, 3)
    assert what_does_not_fit() == []


def test_who_says_otherwise_on_an_old_page_is_told_and_twice_is_once(deal: Deal, people: People) -> None:
    today = installation().today
    for _time in range(2):
        become(KEPT, today, people.owner)
    with pytest.raises(Conflict):
        become(WITHDRAWN, today, people.teammate)
    assert promises()[0].version == 2


BY_HAND = {
    "UPDATE promises SET what = 'Nothing' WHERE position = 2": "not as it was recorded",
    "UPDATE promises SET told_due = '2020-01-01' WHERE position = 1": "not as it was recorded",
    "UPDATE promises SET due_on = '2020-01-01' WHERE position = 1": "a promise stands otherwise",
    "UPDATE promises SET state = 'kept' WHERE position = 2": "a promise stands otherwise",
    "UPDATE promise_steps SET words = 'Gladly'": "what became of a promise is not as it was recorded",
    "DELETE FROM promise_steps": "what became of a promise is not as it was recorded",
}


def test_what_was_changed_by_hand_is_found(deal: Deal, people: People) -> None:
    number = last_note(deal).number
    become(WITHDRAWN, installation().today, people.owner, "They may not")
    for statement, fault in BY_HAND.items():
        db.session.execute(text(statement))
        assert f"{number} ({fault})" in what_does_not_fit(), statement
        db.session.rollback()


def test_it_is_due_for_whoever_looks_after_the_deal_until_it_is_kept(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    owner, first = client_as(people.owner), promises()[0]
    url = f"/promises/{first.id}"
    client_as(people.outsider).get(url, 404)
    client_as(people.outsider).post(url, {"state": "kept", "version": 1}, 404)
    assert "Promised to you" in text_of(owner.get("/today"))
    assert "Their figures" not in text_of(client_as(people.supervisor).get("/team"))
    sent = {"state": "open", "version": 1, "due_on": "2026-01-05", "words": "Due earlier", "back": "/today"}
    owner.post(url, sent, 303)
    assert "Their figures" in text_of(client_as(people.supervisor).get("/team"))
    assert "said meanwhile how it stands: Still open" in text_of(
        owner.post(url, {**sent, "state": "broken"}, 409)
    )
    owner.post(url, {**sent, "state": "kept", "version": 2, "words": ""}, 303)
    assert "Their figures" not in text_of(owner.get("/today"))
    assert "Their figures, by" in text_of(owner.get(f"/deals/{deal.number}"))


def test_a_lost_deal_waits_for_no_promise(deal: Deal, people: People) -> None:
    def mine() -> int:
        with acting_as_system("a test looks"):
            return len(promises_due(lambda owner_id: owner_id == people.owner.id, installation().today))

    assert mine() == 1
    with acting_as_system("a test acts"), writing():
        db.session.execute(
            text("UPDATE deals SET outcome = 'lost', lost_reason = 'price', closed_on = created_on")
        )
    assert mine() == 0


def test_a_day_without_words_is_asked_about_beside_its_row(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    sent = note(deal, None, **{"promise_2-due": "2026-12-24", "request_key": "k2"})
    page = client_as(people.owner).post(f"/deals/{deal.number}/followups", sent, 422)
    assert "Write what was promised by then." in text_of(page)
    assert 'value="2026-12-24"' in page.get_data(as_text=True)
