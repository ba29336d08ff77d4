"""The first start, as a person meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.accounts.setup import code_if_needed
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.installation import installation
from tests.browsing import Browser, Page
from tests.standing import People

Client = Callable[..., Browser]
PASSWORD = "a few unrelated words"


def typed(app: Flask, **changed: str) -> dict[str, str]:
    fields = {
        "code": code_if_needed(app) or "",
        "name": "Gu Nanzhou",
        "email": "Nanzhou.Gu@example.cn",
        "password": PASSWORD,
        "password_again": PASSWORD,
        "team_name": "East One",
        "currency": "HKD",
        "timezone": "Asia/Hong_Kong",
        "locale": "en",
    }
    return {**fields, **changed}


def test_before_the_set_up_every_page_leads_there(client_as: Client) -> None:
    for path in ("/", "/sign-in", "/settings", "/admin", "/forgotten", "/links/x"):
        assert client_as().get(path, 303).headers["Location"] == "/setup"
    client_as().post("/sign-in", {"email": "a"}, 303)
    client_as().get("/healthz")


def test_whoever_has_the_code_becomes_admin_and_is_signed_in(app: Flask, client_as: Client) -> None:
    browser = client_as()
    browser.get("/setup")
    answer = browser.post("/setup", typed(app))
    assert answer.headers["Location"] == "/setup/doors"
    assert "East One is ready" in browser.get("/setup/doors").get_data(as_text=True)
    admin = db.session.scalars(select(User)).one()
    assert (admin.email, admin.role, admin.locale) == ("nanzhou.gu@example.cn", Role.ADMIN, "en")
    assert [team.name for team in admin.teams] == ["East One"]
    here = installation()
    assert (here.name, here.currency, here.timezone) == ("East One", "HKD", "Asia/Hong_Kong")
    browser.post("/sign-out")
    browser.post("/sign-in", {"email": "nanzhou.gu@example.cn", "password": PASSWORD})


def test_row_18_without_the_code_there_is_no_first_admin(app: Flask, client_as: Client) -> None:
    page = client_as().post("/setup", typed(app, code="AAAA-AAAA"), 422)
    assert "not the code" in page.get_data(as_text=True)
    values = {
        field.get("name"): field.get("value") for field in Page(page.get_data(as_text=True)).all("input")
    }
    assert (values["name"], values["team_name"]) == ("Gu Nanzhou", "East One"), "what was typed is kept"
    assert not values.get("password"), "but never a password"
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_row_18_the_code_cannot_be_guessed_fast(app: Flask, client_as: Client) -> None:
    statuses = [
        client_as().send("/setup", "POST", data=typed(app, code=f"AAAA-AAA{n}")).status_code
        for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
    client_as().post("/setup", typed(app), 429)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "7 more characters"),
        ("password", "woaini5201314", "Guessers try this one early"),
        ("password_again", "something else", "not the same"),
        ("email", "nobody", "name@example.cn"),
        ("name", "", "Enter your name"),
        ("team_name", " ", "Name the team"),
        ("currency", "XXX", "choice"),
        ("timezone", "Mars/Olympus", "choice"),
        ("name", "a\x00b", "cannot be stored"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    app: Flask, client_as: Client, field: str, value: str, words: str
) -> None:
    page = client_as().post("/setup", typed(app, **{field: value}), 422).get_data(as_text=True)
    assert words in page
    assert f'id="{field}-error"' in page


def test_it_is_done_once(app: Flask, client_as: Client) -> None:
    form = typed(app)
    client_as().post("/setup", form)
    client_as().get("/setup", 404)
    client_as().post("/setup", form, 404)
    assert (
        db.session.scalar(select(func.count(User.id))) == db.session.scalar(select(func.count(Team.id))) == 1
    )


def test_the_page_speaks_the_readers_language(client_as: Client) -> None:
    def language(**options: object) -> str:
        return Page(client_as().get("/setup", **options).get_data(as_text=True)).all("html")[0]["lang"]

    assert language(headers={"Accept-Language": "zh-TW,zh;q=0.9"}) == "zh-Hant"
    assert language(headers={"Accept-Language": "zh-CN"}) == "zh-Hans"
    assert language(headers={"Accept-Language": "zh-CN"}, query_string={"lang": "en"}) == "en"


def test_the_second_door_invents_data_once(people: People, client_as: Client) -> None:
    admin = client_as(people.admin)
    admin.post("/setup/demo", status=303)
    with acting_as_system("test"):
        invented = db.session.scalar(select(func.count(Deal.id)))
        assert invented > 50
        admin.post("/setup/demo", status=303)
        db.session.rollback()
        assert db.session.scalar(select(func.count(Deal.id))) == invented


def test_invented_data_never_comes_beside_real_records(
    people: People, client_as: Client, make_customer: Callable[..., Customer]
) -> None:
    make_customer(people.owner)
    admin = client_as(people.admin)
    admin.post("/setup/demo", status=303)
    with acting_as_system("test"):
        assert db.session.scalar(select(func.count(Deal.id))) == 0
