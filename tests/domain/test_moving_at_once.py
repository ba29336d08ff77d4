"""Several people, or one impatient one, at the same deal in the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Method, Stage
from salesboard.errors import Conflict
from salesboard.followups.models import FollowUp
from salesboard.followups.moves import carry_out
from salesboard.followups.rules import Note
from tests.standing import People, make_deal


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs all acts together, each in a thread and session of its own; what each gave, or the conflict it met."""
    together, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        with app.app_context(), acting_as_system("a test acts"):
            together.wait()
            try:
                answers.append(act())
            except Conflict:
                answers.append("conflict")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def move(deal: Deal, by: User, key: str, stage: Stage = Stage.INTENT) -> Callable[[], int]:
    deal_id, person_id, version = deal.id, by.id, deal.version
    note = Note(occurred_at=clock.now(), method=Method.PHONE, content="At once")

    def act() -> int:
        def place(held: Deal, **given: Any) -> Placement:
            return held.place(stage, expected_version=version, probability=20, **given)

        person = db.session.get_one(User, person_id)
        return carry_out(deal_id, note, key, person, place).id

    return act


def stays_of(deal: Deal) -> int:
    db.session.rollback()
    with acting_as_system("a test looks"):
        stays = select(func.count(Placement.id)).where(Placement.deal_id == deal.id)
        notes = select(func.count(FollowUp.id)).where(FollowUp.deal_id == deal.id)
        counted = db.session.scalar(stays), db.session.scalar(notes)
    assert counted[0] == counted[1], "every stay has its note, and no note is left without its stay"
    return counted[0] or 0


def test_of_several_moves_of_one_card_one_wins_and_the_others_are_told(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    acts = [move(deal, people.owner, f"key-{n}", [Stage.INTENT, Stage.PROPOSAL][n % 2]) for n in range(6)]
    answers = at_once(app, acts)
    assert Counter(answers)["conflict"] == 5
    assert stays_of(deal) == 2


def test_one_form_sent_many_times_at_once_moves_once(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    answers = at_once(app, [move(deal, people.owner, "one-key")] * 6)
    assert len(set(answers)) == 1
    assert answers[0] != "conflict"
    assert stays_of(deal) == 2


def test_many_deals_move_at_once_without_waiting_in_vain(app: Flask, people: People) -> None:
    deals = [make_deal(people.owner, name=f"Line {n}") for n in range(6)]
    answers = at_once(app, [move(deal, people.owner, f"key-{deal.id}") for deal in deals])
    assert "conflict" not in answers
    assert [stays_of(deal) for deal in deals] == [2] * 6
    with acting_as_system("a test looks"):
        numbers = db.session.scalars(select(FollowUp.number)).all()
    assert len(set(numbers)) == len(numbers)
