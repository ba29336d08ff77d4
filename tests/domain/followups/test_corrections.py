"""A follow-up is corrected, never edited: the earlier words stay, with who, when and why, and the chain tells of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.errors import Conflict, NotAllowed, Refused
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from tests.browsing import Browser
from tests.domain.followups.test_digest_chain import what_does_not_fit
from tests.domain.test_moving_at_once import at_once
from tests.standing import People, make_deal, written
from tests.web.test_moving import text_of

ClientAs = Callable[..., Browser]


@pytest.fixture
def number(app: Flask, people: People) -> str:
    """A note of the owner's, on a deal that came to intent."""
    deal = make_deal(people.owner)
    with acting_as_system("a test prepares"), writing():
        note = written("They want two lines", people.owner, clock.now(), clock.now().date())
        note.file(deal.customer, deal, plans=False)
    return note.number


def the_note(number: str) -> FollowUp:
    with acting_as_system("a test looks"):
        return db.session.scalars(select(FollowUp).where(FollowUp.number == number)).one()


def correct(number: str, by: User, version: int = 1, why: str = "Heard wrong", **said: Any) -> None:
    with acting_as_system("a test corrects"), writing():
        person = db.session.get_one(User, by.id)
        held = FollowUp.locked(number)
        assert held is not None
        held.correct(said, why, by=person, now=clock.now(), expected_version=version)


def test_the_earlier_words_stay_with_who_when_and_why(
    people: People, number: str, freeze: Callable[[datetime], None]
) -> None:
    correct(number, people.owner, content="They want one line")
    correct(
        number, people.supervisor, version=2, why="Asked again", content="They want none", agreed="A visit"
    )
    with acting_as_system("a test looks"):
        note = the_note(number)
        told = [
            (each.correction.by.name, each.correction.why, each.words)
            for each in note.earlier
            if each.correction.by
        ]
    assert note.content == "They want none"
    assert told == [
        ("Sue Supervisor", "Asked again", {"content": "They want one line", "agreed": ""}),
        ("Olive Owner", "Heard wrong", {"content": "They want two lines"}),
    ]
    assert what_does_not_fit() == []


def test_only_the_author_and_who_leads_correct_and_only_what_was_said(people: People, number: str) -> None:
    for somebody in (people.teammate, people.collaborator):
        with pytest.raises(NotAllowed):
            correct(number, somebody, content="Other words")
    with pytest.raises(Refused, match="Nothing is different"):
        correct(number, people.owner, content="They want two lines")
    with acting_as_system("a test looks"):
        numbers = select(FollowUp.number).where(FollowUp.kind == FollowUpKind.RECORD)
        first = db.session.scalars(numbers).one()
    with pytest.raises(NotAllowed):
        correct(first, people.owner, content="The system's own record")


def test_a_talk_that_took_place_earlier_than_was_said_may_turn_out_late(people: People, number: str) -> None:
    assert the_note(number).is_on_time is True
    correct(number, people.owner, occurred_at=clock.now() - timedelta(days=3))
    with acting_as_system("a test looks"):
        assert the_note(number).is_on_time is False
    assert what_does_not_fit() == []


def test_of_two_who_correct_at_once_the_second_is_told(app: Flask, people: People, number: str) -> None:
    def act(words: str) -> Callable[[], None]:
        return lambda: correct(number, people.owner, content=words)

    assert sorted(at_once(app, [act("One"), act("Two")]), key=str) == [None, "conflict"]
    db.session.rollback()
    assert what_does_not_fit() == []


def test_the_same_correction_sent_twice_is_one(people: People, number: str) -> None:
    for _time in range(2):
        correct(number, people.owner, content="They want one line")
    with pytest.raises(Conflict):
        correct(number, people.owner, content="They want three lines")
    with acting_as_system("a test looks"):
        assert the_note(number).version == 2


BY_HAND = {
    "UPDATE followups SET content = 'They want ten lines' WHERE number = :number": "not as it was corrected",
    "UPDATE followup_corrections SET why = 'Because'": "not as it was corrected",
    "UPDATE followup_corrections SET before = replace(cast(before AS text), 'two', 'six')::json": (
        "not as it was recorded"
    ),
    "DELETE FROM followup_corrections": "not as it was recorded",
    "UPDATE followups SET version = 3": "corrected outside the chain",
}


def test_corrections_by_hand_are_found(people: People, number: str) -> None:
    correct(number, people.owner, content="They want one line")
    is_sqlite = db.engine.dialect.name == "sqlite"
    for statement, fault in BY_HAND.items():
        spoken = statement.replace("::json", "") if is_sqlite else statement
        asked = {"number": number} if ":number" in statement else {}
        db.session.execute(text(spoken), asked)
        assert f"{number} ({fault})" in what_does_not_fit(), statement
        db.session.rollback()


def test_a_note_is_corrected_on_its_page_and_its_earlier_words_read(
    people: People, client_as: ClientAs, number: str
) -> None:
    owner, url = client_as(people.owner), f"/followups/{number}/correction"
    with acting_as_system("a test looks"):
        deal = db.session.scalars(select(Deal)).one()
    sent = {
        "version": 1, "method": "visit", "occurred_at": "2026-11-20T10:00", "content": "They want one line",
        "why": "Heard wrong",
    }  # fmt: skip
    assert "Say why" in text_of(owner.post(url, {**sent, "why": " "}, 422))
    owner.post(url, sent, 303)
    page = text_of(owner.get(f"/deals/{deal.number}"))
    for words in ("They want one line", "They want two lines", "Heard wrong", "Phone", "Corrected once"):
        assert words in page
    told = text_of(owner.post(url, {**sent, "content": "They want three lines"}, 409))
    assert "Olive Owner corrected this note meanwhile" in told
    assert "They want one line" in told
    client_as(people.outsider).get(url, 404)
