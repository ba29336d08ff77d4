"""Signing in, and one's own settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.accounts.models import SignIn, User
from salesboard.accounts.rules import Theme
from salesboard.database import db, writing
from tests.browsing import Browser, Page
from tests.standing import PASSWORD, People

Client = Callable[..., Browser]
NEW = "a few unrelated words"


def fresh(person: User) -> User:
    return db.session.scalars(
        select(User).where(User.id == person.id).execution_options(populate_existing=True)
    ).one()


def sessions_of(person: User) -> list[SignIn]:
    db.session.rollback()
    return SignIn.open_ones(person, clock.now())


def test_a_person_signs_in_and_out(people: People, client_as: Client) -> None:
    browser = client_as()
    assert browser.get("/settings", 302).headers["Location"] == "/sign-in?next=/settings"
    answer = browser.post(
        "/sign-in", {"email": " Olive@Example.com ", "password": PASSWORD}, query_string={"next": "/settings"}
    )
    assert answer.headers["Location"] == "/settings"
    browser.get("/settings")
    browser.get("/sign-in", 302)
    browser.post("/sign-out")
    browser.get("/settings", 302)
    browser.post("/sign-out", status=401)


def test_to_stay_signed_in_is_a_choice(people: People, client_as: Client) -> None:
    def cookie(**more: str) -> str:
        sent = {"email": "olive@example.com", "password": PASSWORD, **more}
        return client_as().post("/sign-in", sent).headers["Set-Cookie"]

    assert "Expires=" not in cookie()
    assert "Expires=" in cookie(keep="y")
    assert sorted(sign_in.is_kept for sign_in in sessions_of(people.owner)) == [False, True]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(people: People, client_as: Client) -> None:
    sent = {"email": "olive@example.com", "password": PASSWORD}
    cookie = client_as().post("/sign-in", sent).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.usefixtures("quick")
def test_a_wrong_password_keeps_the_address_and_says_how_many_tries_are_left(
    people: People, client_as: Client
) -> None:
    browser = client_as()
    for left in range(9, -1, -1):
        page = browser.post("/sign-in", {"email": "olive@example.com", "password": "x"}, 422).get_data(
            as_text=True
        )
        assert 'value="olive@example.com"' in page
        assert (f"{left} more tr" in page) == (1 <= left <= 3)
        assert ("a quarter of an hour" in page) == (left <= 3)


def test_a_deactivated_person_is_told_so_with_the_right_password_alone(
    people: People, client_as: Client
) -> None:
    with writing():
        people.owner.deactivate(by=people.admin, now=clock.now())
    sent = {"email": "olive@example.com", "password": PASSWORD}
    assert "deactivated" in client_as().post("/sign-in", sent, 422).get_data(as_text=True)
    sent["password"] = "wrong"
    assert "deactivated" not in client_as().post("/sign-in", sent, 422).get_data(as_text=True)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"email": "olive@example.com"},
        {"email": "a\x00b", "password": "x"},
        {"email": "x" * 300 + "@example.com", "password": "x"},
        {"email": "olive@example.com", "password": "x" * 2000},
        {"email": "olive@example.com", "password": "\x00"},
        {"email": "\u202egnol@example.com", "password": "\ud83d\ude00"},
    ],
)
def test_senseless_input_is_an_answer_not_an_accident(
    people: People, client_as: Client, sent: dict[str, str]
) -> None:
    client_as().post(
        "/sign-in",
        {key: value.encode("utf-16", "surrogatepass").decode("utf-16") for key, value in sent.items()},
        422,
    )


def test_what_a_person_sets_about_themselves(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    sent = {"name": "Olive  O.", "locale": "zh_Hant", "timezone": "Asia/Taipei", "theme": "dark"}
    browser.post("/settings", sent)
    owner = fresh(people.owner)
    assert (owner.name, owner.locale, owner.timezone, owner.theme) == (
        "Olive O.",
        "zh_Hant",
        "Asia/Taipei",
        Theme.DARK,
    )
    html = Page(browser.get("/settings").get_data(as_text=True)).all("html")[0]
    assert (html["lang"], html["data-theme"]) == ("zh-Hant", "dark")
    browser.post("/settings", {**sent, "locale": "", "timezone": ""})
    owner = fresh(people.owner)
    assert (owner.locale, owner.timezone) == (None, None)


def test_extra_fields_are_ignored(people: People, client_as: Client) -> None:
    sent = {
        "name": "O",
        "locale": "",
        "timezone": "",
        "theme": "light",
        "role": "admin",
        "email": "x@example.com",
    }
    client_as(people.owner).post("/settings", sent)
    owner = fresh(people.owner)
    assert (owner.role, owner.email) == ("rep", "olive@example.com")


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"theme": "pink"}, {"locale": "tlh"}, {"timezone": "../etc"}, {"name": "x" * 81}]
)
def test_a_choice_that_is_not_there_is_refused(
    people: People, client_as: Client, wrong: dict[str, str]
) -> None:
    sent = {"name": "Other", "locale": "", "timezone": "", "theme": "light", **wrong}
    client_as(people.owner).post("/settings", sent, 422)
    assert fresh(people.owner).name == "Olive Owner"


def test_the_menus_switches_each_go_alone(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    assert browser.post("/settings/appearance", {"theme": "dark"}).headers["Location"] == "/"
    answer = browser.post("/settings/appearance", {"locale": "zh_Hans", "next": "/settings"})
    assert answer.headers["Location"] == "/settings"
    browser.post("/settings/appearance", {"locale": "en", "next": "//evil.example"})
    owner = fresh(people.owner)
    assert (owner.theme, owner.locale) == (Theme.DARK, "en")
    browser.post("/settings/appearance", {"theme": "light"}, 204, fragment=True)
    assert fresh(people.owner).theme is Theme.LIGHT
    browser.post("/settings/appearance", {"theme": "pink"}, 422)
    browser.post("/settings/appearance", {}, 422)


def test_a_new_password_needs_the_current_one(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    page = browser.post("/settings/password", {"current_password": "wrong", "new_password": NEW}, 422)
    assert "not your current password" in page.get_data(as_text=True)
    browser.post(
        "/settings/password", {"current_password": PASSWORD, "new_password": "olive@example.com"}, 422
    )
    browser.post("/settings/password", {"current_password": PASSWORD, "new_password": NEW})
    browser.get("/settings")
    client_as().post("/sign-in", {"email": "olive@example.com", "password": PASSWORD}, 422)
    client_as().post("/sign-in", {"email": "olive@example.com", "password": NEW})


@pytest.mark.usefixtures("quick")
def test_the_current_password_cannot_be_guessed_fast(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    sent = {"current_password": "wrong", "new_password": NEW}
    statuses = [browser.send("/settings/password", "POST", data=sent).status_code for _time in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_person_sees_and_ends_their_own_sessions(people: People, client_as: Client) -> None:
    here, there, third = (client_as(people.owner) for _browser in range(3))
    newest = sessions_of(people.owner)
    assert len(newest) == 3
    page = here.get("/settings/sessions").get_data(as_text=True)
    assert page.count("This one") == 1
    there_id = min(sign_in.id for sign_in in newest) + 1
    here.post(f"/settings/sessions/{there_id}/end")
    there.get("/settings", 302)
    third.get("/settings")
    here.post("/settings/sessions/end-others")
    third.get("/settings", 302)
    here.get("/settings")
    assert len(sessions_of(people.owner)) == 1


def test_anothers_session_does_not_exist(people: People, client_as: Client) -> None:
    client_as(people.teammate)
    (theirs,) = sessions_of(people.teammate)
    client_as(people.owner).post(f"/settings/sessions/{theirs.id}/end", status=404)
    client_as(people.admin).post(f"/settings/sessions/{theirs.id}/end", status=404)
    client_as(people.owner).post("/settings/sessions/99999999999999999999/end", status=404)
    assert len(sessions_of(people.teammate)) == 1


def test_use_keeps_a_session_alive(
    app: Flask, people: People, client_as: Client, freeze: Callable[..., None]
) -> None:
    browser = client_as()
    browser.post("/sign-in", {"email": "olive@example.com", "password": PASSWORD, "keep": "y"})
    for _day in range(5):
        freeze(clock.now() + timedelta(days=5))
        browser.get("/settings")
    freeze(clock.now() + timedelta(days=6))
    browser.get("/settings", 302)


def test_a_link_lets_a_person_choose_a_password(people: People, client_as: Client) -> None:
    admin = client_as(people.admin)
    admin.post("/admin", {"name": "New One", "email": "new@example.com", "role": "rep", "teams": []}, 303)
    page = admin.get("/admin").get_data(as_text=True)
    (link,) = [f["value"] for f in Page(page).all("input") if "/links/" in f.get("value", "")]
    path = link.removeprefix("http://localhost")
    browser = client_as()
    assert "Welcome, New One" in browser.get(path).get_data(as_text=True)
    browser.post(path, {"new_password": "short"}, 422)
    browser.post(path, {"new_password": NEW})
    browser.get("/settings")
    client_as().post("/sign-in", {"email": "new@example.com", "password": NEW})


def test_without_mail_the_forgotten_page_points_to_the_admin(people: People, client_as: Client) -> None:
    assert "Ask your admin" in client_as().get("/forgotten").get_data(as_text=True)
    client_as().post("/forgotten", {"email": "olive@example.com"}, 200)
