"""A deal moves only with its note, in one transaction, and never over somebody else's change."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal, Placement
from salesboard.deals.rules import Stage
from salesboard.errors import Conflict
from tests.standing import People, make_deal, written


def test_nobody_sees_a_deal_without_saying_who_looks(app: Flask, people: People) -> None:
    make_deal(people.owner)
    assert db.session.scalar(select(func.count(Deal.id))) == 0


def test_owner_and_supervisor_see_it_teammate_and_outsider_do_not(app: Flask, people: People) -> None:
    make_deal(people.owner)

    def sees(person: object) -> int:
        with acting_as(person.viewer()):  # type: ignore[attr-defined]
            return len(db.session.scalars(select(Deal)).all())

    seen = {name: sees(getattr(people, name)) for name in vars(people)}
    assert seen == {"owner": 1, "teammate": 0, "collaborator": 0, "supervisor": 1, "outsider": 0, "admin": 1}


def test_a_move_over_somebody_elses_change_is_told_and_changes_nothing(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    now, day = clock.now(), clock.now().date()
    with acting_as_system("test"), pytest.raises(Conflict), writing():
        held = Deal.locked(deal.number)
        held.place(
            Stage.INTENT,
            note=written("x", people.owner, now, day),
            by=people.owner,
            now=now,
            day=day,
            expected_version=held.version - 1,
            probability=20,
        )
    with acting_as_system("test"):
        assert db.session.scalar(select(func.count(Placement.id))) == 1
