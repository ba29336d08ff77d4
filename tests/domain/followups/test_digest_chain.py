"""Follow-ups are chained as they are written; whatever changes behind the verbs' back is found and named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.followups.digest_chain import ChainHead, ChainLink, LinkKind
from salesboard.followups.digest_check import chain_end, passes_through, records_out_of_chain
from salesboard.followups.models import FollowUp
from salesboard.ops.verify import Noted, inspect_database
from tests.domain.exchange.bringing import brought, undo, workbook
from tests.domain.test_moving_at_once import at_once, move
from tests.standing import People, make_customer, make_deal

FIRST, SECOND, THIRD, LAST = range(4)


@pytest.fixture
def numbers(app: Flask, people: People) -> list[str]:
    """The follow-ups of a deal that came to negotiation, in the order in which they were written."""
    make_deal(people.owner, Stage.NEGOTIATION)
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(FollowUp.number).order_by(FollowUp.id)))


def what_does_not_fit() -> list[str]:
    with acting_as_system("a test looks"):
        return list(records_out_of_chain())


BY_HAND = {
    "UPDATE followups SET content = 'They said yes' WHERE number = :second": "{1} (not as it was recorded)",
    "UPDATE followups SET agreed = 'A discount' WHERE number = :second": "{1} (not as it was recorded)",
    """INSERT INTO objections (followup_id, position, text, told, state, version)
        SELECT id, 1, 'Too dear', 'raised', 'raised', 1 FROM followups WHERE number = :second""": (
        "{1} (not as it was recorded)"
    ),
    "UPDATE followups SET author_id = (SELECT id FROM users WHERE name LIKE 'Tom%') WHERE number = :last": (
        "{3} (not as it was recorded)"
    ),
    "UPDATE followups SET occurred_at = '2020-01-01 08:00:00+00' WHERE number = :first": (
        "{0} (not as it was recorded)"
    ),
    "UPDATE followups SET recorded_at = '2020-01-01 08:00:00+00' WHERE number = :last": (
        "{3} (not as it was recorded)"
    ),
    "UPDATE followups SET is_on_time = false WHERE number = :second": "{1} (not as it was recorded)",
    "UPDATE followups SET taken_back_at = recorded_at WHERE number = :third": "{2} (not in the chain)",
    "UPDATE followups SET number = 'F19990101001' WHERE number = :third": "{2} (gone)",
    "UPDATE followups SET deal_id = NULL WHERE number = :third": None,
    "DELETE FROM placements; DELETE FROM followups WHERE number = :second": "{1} (gone)",
    "DELETE FROM placements; DELETE FROM followups WHERE number = :last": "{3} (gone)",
    "DELETE FROM followup_links WHERE number = :second": "a link missing between {0} and {2}",
    "DELETE FROM followup_links WHERE number = :last": "a link missing after {2}",
    """DELETE FROM placements; DELETE FROM followups WHERE number = :last;
        DELETE FROM followup_links WHERE number = :last""": "a link missing after {2}",
    """UPDATE followup_links SET position = 99 WHERE number = :second;
        UPDATE followup_links SET position = 2 WHERE number = :third;
        UPDATE followup_links SET position = 3 WHERE number = :second""": (
        "{2} (link 2 does not follow the one before)"
    ),
    """UPDATE followups SET content = 'x' WHERE number = :second;
        UPDATE followup_links SET said = (SELECT said FROM followup_links WHERE number = :third)
        WHERE number = :second""": "{1} (link 2 does not follow the one before)",
    "UPDATE followup_chain SET digest = 'x'": "{3} (the chain's head knows another end)",
    "DELETE FROM followup_chain": "{3} (the chain's head knows another end)",
}
"""Statements by hand, and the first record that is named: by its place among the four, or none."""


def test_each_change_by_hand_is_found_and_the_first_record_named(numbers: list[str]) -> None:
    assert what_does_not_fit() == []
    places = dict(zip(("first", "second", "third", "last"), numbers, strict=True))
    found, expected = {}, {}
    for statements, fault in BY_HAND.items():
        for statement in statements.split(";"):
            asked = {name: number for name, number in places.items() if f":{name}" in statement}
            db.session.execute(text(statement), asked)
        found[statements] = next(iter(what_does_not_fit()), None)
        expected[statements] = fault and fault.format(*numbers)
        db.session.rollback()
    assert found == expected


def test_a_follow_up_slipped_in_is_found(app: Flask, numbers: list[str]) -> None:
    with writing():
        note = dict(db.session.execute(select(FollowUp.__table__).limit(1)).mappings().one())
        del note["id"]
        db.session.execute(FollowUp.__table__.insert(), {**note, "number": "F20200101001"})  # type: ignore[attr-defined]
    assert what_does_not_fit() == ["F20200101001 (not in the chain)"]


def test_nobody_edits_a_follow_up_silently(app: Flask, numbers: list[str]) -> None:
    with (
        acting_as_system("a test tries"),
        pytest.raises(RuntimeError, match=f"{numbers[FIRST]} is never edited silently: content"),
        writing(),
    ):
        db.session.scalars(select(FollowUp).where(FollowUp.number == numbers[FIRST])).one().content = "Other"


def test_a_move_that_is_undone_stays_in_the_chain(app: Flask, people: People, numbers: list[str]) -> None:
    with acting_as_system("a test undoes"), writing():
        deal = db.session.scalars(select(Deal)).one()
        deal.undo(deal.open_placement(), by=people.owner, now=clock.now())
    assert what_does_not_fit() == []
    last = db.session.scalars(select(ChainLink).order_by(ChainLink.position.desc()).limit(1)).one()
    assert (last.kind, last.number) == (LinkKind.TAKEN_BACK, numbers[LAST])
    for earlier in (None, clock.now() + timedelta(hours=1)):
        db.session.execute(
            text("UPDATE followups SET taken_back_at = :at WHERE number = :number"),
            {"at": earlier, "number": numbers[LAST]},
        )
        assert what_does_not_fit() == [f"{numbers[LAST]} (no longer taken back as it was)"]
        db.session.rollback()


def test_people_who_write_at_once_make_one_chain(app: Flask, people: People) -> None:
    deals = [make_deal(people.owner, name=f"Line {n}") for n in range(6)]
    with writing():
        db.session.execute(text("DELETE FROM followup_links"))
        db.session.execute(text("DELETE FROM followup_chain"))  # they also meet where it begins
    assert "conflict" not in at_once(app, [move(deal, people.owner, f"key-{deal.id}") for deal in deals])
    db.session.rollback()
    assert chain_end()[0] == 6
    assert len(what_does_not_fit()) == 6, "only those that were written before have no link"


def test_what_an_import_brought_and_took_back_leaves_a_chain_that_fits(app: Flask, tmp_path: Path) -> None:
    """Brought in again, records bear the numbers that they bore before."""
    path = workbook(tmp_path)
    found = brought(path)
    assert what_does_not_fit() == []
    written = chain_end()[0]
    assert written > 3
    undo(found)
    assert what_does_not_fit() == []
    assert chain_end()[0] == 2 * written
    brought(path)
    assert what_does_not_fit() == []


def test_an_end_that_was_noted_down_shows_a_chain_made_anew(people: People, numbers: list[str]) -> None:
    noted = Noted(*chain_end())
    make_deal(people.owner, name="Line two", customer=make_customer(people.owner, "Other Works"))
    db.session.rollback()
    assert passes_through(*noted)
    assert inspect_database(noted).findings == []
    forged = Noted(noted.position, "0" * 64)
    assert [finding.name for finding in inspect_database(forged).findings] == ["noted"]


def test_the_head_counts_every_link(app: Flask, numbers: list[str]) -> None:
    head = db.session.scalars(select(ChainHead)).one()
    assert head.length == len(numbers)
