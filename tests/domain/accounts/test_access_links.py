"""Links: one use, limited in time, and no secret of theirs anywhere it is kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.links import AccessLink
from salesboard.accounts.models import User
from salesboard.accounts.passwords import hash_password, password_matches
from salesboard.accounts.rules import LinkPurpose
from salesboard.database import db, writing
from salesboard.outbox import Work
from tests.standing import People

NEW = "a few unrelated words"


def issue(person: User) -> AccessLink:
    with writing():
        return AccessLink.issue(person, by=None, now=clock.now())


def use(token: str, password_hash: str) -> bool:
    with writing():
        link = AccessLink.find(token, clock.now(), lock=True)
        if link is None:
            return False
        link.use(password_hash, now=clock.now())
    return True


def test_a_link_works_once(app: Flask, people: People) -> None:
    link = issue(people.owner)
    assert link.purpose is LinkPurpose.PASSWORD_RESET
    password_hash = hash_password(NEW)
    assert use(link.token, password_hash)
    assert not use(link.token, password_hash)
    assert password_matches(people.owner.password_hash, NEW)


def test_two_who_use_it_at_once_are_one(app: Flask, people: People) -> None:
    token, password_hash = issue(people.owner).token, hash_password(NEW)
    db.session.rollback()
    start, used = threading.Barrier(2), []

    def try_it() -> None:
        with app.app_context():
            start.wait(timeout=10)
            used.append(use(token, password_hash))

    threads = [threading.Thread(target=try_it) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(used) == [False, True]


def test_a_newer_link_ends_the_older(app: Flask, people: People) -> None:
    older, newer = issue(people.owner), issue(people.owner)
    assert AccessLink.find(older.token, clock.now()) is None
    assert AccessLink.find(newer.token, clock.now()) is not None


@pytest.mark.parametrize(
    ("purpose", "lasts"), [("invitation", timedelta(days=7)), ("reset", timedelta(hours=2))]
)
def test_a_link_runs_out(app: Flask, people: People, purpose: str, lasts: timedelta) -> None:
    person = people.owner
    if purpose == "invitation":
        with writing():
            person = User.invite("new@example.com", "New", Role.REP, teams=[], by=None, now=clock.now())
    link = issue(person)
    assert AccessLink.find(link.token, clock.now() + lasts - timedelta(minutes=1)) is not None
    assert AccessLink.find(link.token, clock.now() + lasts) is None


def test_deactivation_ends_the_link(app: Flask, people: People) -> None:
    link = issue(people.owner)
    with writing():
        people.owner.deactivate(by=people.admin, now=clock.now())
    assert AccessLink.find(link.token, clock.now()) is None


def test_neither_rows_nor_queue_hold_the_secret(app: Flask, people: People) -> None:
    with writing():
        link = AccessLink.issue(people.owner, by=None, now=clock.now())
        link.promise_mail(clock.now())
    rows = [str(row) for table in ("access_links", "outbox", "audit_events") for row in _rows(table)]
    assert not [row for row in rows if link.token in row]
    work = db.session.scalars(select(Work)).one()
    assert (work.kind, work.subject_id) == ("access_link_mail", link.id)


def _rows(table: str) -> list[object]:
    return list(db.session.execute(text(f"SELECT * FROM {table}")).all())
