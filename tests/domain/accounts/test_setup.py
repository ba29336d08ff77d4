"""The first start: one code, one set-up."""

from __future__ import annotations

import stat

import pytest
from flask import Flask

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.models import Team, User
from salesboard.accounts.passwords import hash_password
from salesboard.accounts.setup import FirstFacts, code_if_needed, is_right_code, is_set_up, set_up
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.installation import installation
from tests.standing import People

PASSWORD_HASH = hash_password("a few unrelated words")


def facts(**changed: str) -> FirstFacts:
    typed = {
        "name": "Gu Nanzhou",
        "email": "nanzhou.gu@example.cn",
        "password_hash": PASSWORD_HASH,
        "team_name": "华东一组",
        "currency": "TWD",
        "timezone": "Asia/Taipei",
        "locale": "zh_Hant",
    }
    return FirstFacts(**{**typed, **changed})


def test_the_code_is_made_once_and_read_by_its_owner_alone(app: Flask) -> None:
    code = code_if_needed(app)
    assert code is not None
    assert code == code_if_needed(app)
    assert len(code.replace("-", "")) == 8
    (file,) = app.config["SETTINGS"].data_dir.glob("setup.code")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_code_may_be_typed_in_any_spacing_and_case(app: Flask) -> None:
    code = code_if_needed(app) or ""
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert is_right_code(typed)
    for typed in ("", "-", "AAAA-AAAA", code[:-1], code + "A", "口令口令口令口令"):
        assert not is_right_code(typed)


def test_set_up_makes_installation_team_and_admin(app: Flask) -> None:
    with writing():
        admin = set_up(facts(), clock.now())
    assert admin.role is Role.ADMIN
    assert admin.can_sign_in
    assert [team.name for team in admin.teams] == ["华东一组"]
    here = installation()
    assert (here.name, here.currency, here.timezone, here.locale) == (
        "华东一组",
        "TWD",
        "Asia/Taipei",
        "zh_Hant",
    )
    assert is_set_up()
    assert code_if_needed(app) is None
    assert list(app.config["SETTINGS"].data_dir.glob("setup.code")) == []


def test_it_is_done_once(app: Flask) -> None:
    with writing():
        set_up(facts(), clock.now())
    with pytest.raises(Refused), writing():
        set_up(facts(email="second@example.cn"), clock.now())
    assert db.session.query(User).count() == 1


def test_where_people_can_sign_in_there_is_no_code(app: Flask, people: People) -> None:
    assert code_if_needed(app) is None
    assert not is_right_code("")


def test_owners_whom_an_import_brought_do_not_close_the_set_up(app: Flask) -> None:
    with writing():
        User.invite("nanzhou.gu@example.cn", "顾", Role.REP, teams=[], by=None, now=clock.now())
        Team.found("华东一组", by=None, now=clock.now())
    assert code_if_needed(app) is not None
    with writing():
        admin = set_up(facts(), clock.now())
    assert (admin.name, admin.role) == ("Gu Nanzhou", Role.ADMIN)
    assert db.session.query(User).count() == db.session.query(Team).count() == 1
