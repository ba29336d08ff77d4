"""Accounts: who may be changed how, and what ends whose sign-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.models import SignIn, Team, User
from salesboard.accounts.passwords import hash_password
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.errors import Invalid, Refused
from tests.standing import People


def sign_in(person: User, **options: bool) -> str:
    with writing():
        SignIn.begin(person, address="203.0.113.7", browser="test", now=clock.now(), **options)
    return person.sign_in_token


def is_signed_in(token: str) -> bool:
    db.session.rollback()
    return SignIn.current(token, clock.now()) is not None


def events(verb: str) -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def test_the_cookies_secret_is_not_in_the_database(app: Flask, people: People) -> None:
    token = sign_in(people.owner)
    kept = db.session.scalars(select(SignIn.token_digest)).one()
    assert token not in kept
    assert is_signed_in(token)
    assert not is_signed_in(kept)


def test_a_sign_in_runs_out(app: Flask, people: People) -> None:
    token, kept = sign_in(people.owner), sign_in(people.owner, is_kept=True)
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        assert not is_signed_in(token)
        assert is_signed_in(kept)
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        assert not is_signed_in(kept)


def test_deactivation_ends_every_sign_in_at_once(app: Flask, people: People) -> None:
    tokens = [sign_in(people.owner), sign_in(people.owner, is_kept=True)]
    with writing():
        people.owner.deactivate(by=people.admin, now=clock.now())
    assert [is_signed_in(token) for token in tokens] == [False, False]
    with pytest.raises(Refused):
        sign_in(people.owner)
    with writing():
        people.owner.reactivate(by=people.admin, now=clock.now())
    assert [is_signed_in(token) for token in tokens] == [False, False], "what ended stays ended"
    assert len(events("person.deactivated")) == len(events("person.reactivated")) == 1


def test_deactivating_twice_changes_nothing(app: Flask, people: People) -> None:
    for _time in range(2):
        with writing():
            people.owner.deactivate(by=people.admin, now=clock.now())
    assert len(events("person.deactivated")) == 1


def test_a_new_password_ends_every_other_sign_in(app: Flask, people: People) -> None:
    other, own = sign_in(people.owner), sign_in(people.owner)
    keep = SignIn.current(own, clock.now())
    password_hash = hash_password("a few unrelated words")
    with writing():
        people.owner.set_password(password_hash, by=None, now=clock.now(), keep=keep)
    assert (is_signed_in(other), is_signed_in(own)) == (False, True)


def test_the_last_admin_stays_admin(app: Flask, people: People) -> None:
    admin = people.admin
    with pytest.raises(Invalid) as refusal, writing():
        admin.change(email=admin.email, name=admin.name, role=Role.REP, teams=[], by=admin, now=clock.now())
    assert "role" in refusal.value.errors
    with pytest.raises(Refused), writing():
        admin.deactivate(by=admin, now=clock.now())
    assert db.session.get(User, admin.id, populate_existing=True).role is Role.ADMIN


def test_with_a_second_admin_the_first_may_go(app: Flask, people: People) -> None:
    with writing():
        people.supervisor.role = Role.ADMIN
    with writing():
        people.admin.deactivate(by=people.supervisor, now=clock.now())
    assert not people.admin.is_active
    with pytest.raises(Refused), writing():
        people.supervisor.deactivate(by=people.admin, now=clock.now())


def test_an_address_is_taken_once_whatever_its_case(app: Flask, people: People) -> None:
    with pytest.raises(Invalid) as refusal, writing():
        User.invite("OLIVE@example.com", "Other", Role.REP, teams=[], by=people.admin, now=clock.now())
    assert "email" in refusal.value.errors
    with pytest.raises(Invalid), writing():
        people.teammate.change(
            email="Olive@Example.com", name="T", role=Role.REP, teams=[], by=people.admin, now=clock.now()
        )


def test_what_an_admin_changes_is_in_the_log_before_and_after(app: Flask, people: People) -> None:
    south = db.session.scalar(select(Team).where(Team.name == "South"))
    with writing():
        people.owner.change(
            email="new@example.com",
            name="Olive\nO.",
            role=Role.SUPERVISOR,
            teams=[south],
            by=people.admin,
            now=clock.now(),
        )
    (event,) = events("person.changed")
    assert event.actor_id == people.admin.id
    assert event.details["changed"] == {
        "email": ["olive@example.com", "new@example.com"],
        "name": ["Olive Owner", "Olive O."],
        "role": ["rep", "supervisor"],
        "teams": [["North"], ["South"]],
    }


def test_a_change_that_changes_nothing_is_not_in_the_log(app: Flask, people: People) -> None:
    owner = people.owner
    with writing():
        owner.change(
            email=owner.email,
            name=owner.name,
            role=owner.role,
            teams=owner.teams,
            by=people.admin,
            now=clock.now(),
        )
    assert events("person.changed") == []


def test_team_names_are_unique(app: Flask, people: People) -> None:
    with pytest.raises(Invalid), writing():
        Team.found(" North ", by=people.admin, now=clock.now())
    north = db.session.scalar(select(Team).where(Team.name == "North"))
    with pytest.raises(Invalid), writing():
        north.rename("South", by=people.admin, now=clock.now())
    with writing():
        north.rename("North", by=people.admin, now=clock.now())
        north.rename("North-east", by=people.admin, now=clock.now())
    assert [event.details["name"] for event in events("team.renamed")] == ["North-east"]


def test_the_longest_address_still_fits_the_log(app: Flask, people: People) -> None:
    address = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.example.com"
    with writing():
        person = User.invite(address, "Long", Role.REP, teams=[], by=people.admin, now=clock.now())
    assert len(person.label) <= 60
