"""TRUST.md, rows 12 to 19: what the ways in must refuse, each by its number."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request, request_started
from sqlalchemy import func, select

from salesboard import clock, create_app
from salesboard.accounts import passwords, signing
from salesboard.accounts.links import AccessLink, address_of
from salesboard.accounts.models import SignIn, User
from salesboard.audit import AuditEvent
from salesboard.config import Settings
from salesboard.database import db, writing
from salesboard.errors import SettingRefused
from salesboard.outbox import Work
from tests.browsing import Browser
from tests.conftest import make_settings
from tests.standing import PASSWORD, People

Client = Callable[..., Browser]
WRONG = {"email": "olive@example.com", "password": "not the password"}
RIGHT = {"email": "olive@example.com", "password": PASSWORD}


def from_address(address: str) -> dict[str, object]:
    return {"environ_base": {"REMOTE_ADDR": address}}


def issued_token(person: User) -> str:
    with writing():
        return AccessLink.issue(person, by=None, now=clock.now()).token


# Row 12: forged Host at password reset; reused or old token


def test_row_12_the_link_that_is_mailed_names_the_configured_address(
    app: Flask, people: People, client_as: Client, with_mail: None
) -> None:
    client_as().post(
        "/forgotten",
        {"email": "olive@example.com"},
        200,
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil"},
    )
    link = AccessLink.waiting(db.session.scalars(select(Work.subject_id)).one(), clock.now())
    assert link is not None
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert address_of(link) == f"https://sales.example.com/team/links/{link.token}"


def link_shown(people: People, client_as: Client, host: str) -> str:
    """The link that the admin is shown who came to `host`."""
    admin = client_as(people.admin)
    (cookie,) = admin.client._cookies.values()
    admin.client.set_cookie(cookie.key, cookie.value, domain=host.partition(":")[0])
    page = f"/admin/people/{people.owner.id}"
    admin.post(f"{page}/link", base_url=f"http://{host}")
    shown = admin.get(page, base_url=f"http://{host}").get_data(as_text=True)
    assert "/links/" not in admin.get(page, base_url=f"http://{host}").get_data(as_text=True), "shown once"
    (link,) = re.findall(r'value="([^"]*/links/[^"]*)"', shown)
    return str(link)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000"])
def test_row_12_without_a_configured_address_a_strange_host_is_not_repeated(
    people: People, client_as: Client, host: str
) -> None:
    assert link_shown(people, client_as, host).startswith("/links/")


def test_row_12_this_machine_and_bare_addresses_are_shown_whole(people: People, client_as: Client) -> None:
    for host in ("localhost", "192.168.1.20:8000"):
        assert link_shown(people, client_as, host).startswith(f"http://{host}/links/")


def test_row_12_a_used_an_old_and_an_invented_token_are_refused(
    app: Flask, people: People, client_as: Client, freeze: Callable[..., None]
) -> None:
    choice = {"new_password": "a few unrelated words"}
    used = issued_token(people.owner)
    client_as().post(f"/links/{used}", choice)
    old = issued_token(people.owner)
    freeze(clock.now() + timedelta(hours=2))
    for token in (used, old, "invented"):
        client_as().get(f"/links/{token}", 410)
        client_as().post(f"/links/{token}", choice, 410)


# Row 13: next


@pytest.mark.parametrize(
    "goal",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "\\\\evil.example",
        "/\t/evil",
        "javascript:alert(1)",
    ],
)
def test_row_13_next_never_leads_elsewhere(people: People, client_as: Client, goal: str) -> None:
    answer = client_as().post("/sign-in", RIGHT, query_string={"next": goal})
    assert answer.headers["Location"] == "/"


def test_row_13_next_leads_back_to_where_one_was(people: People, client_as: Client) -> None:
    answer = client_as().post("/sign-in", RIGHT, query_string={"next": "/settings?a=1"})
    assert answer.headers["Location"] == "/settings?a=1"


# Row 14: forged X-Forwarded-For

"""For what is counted in memory."""


@pytest.mark.usefixtures("quick")
def test_row_14_a_forged_address_counts_for_nothing(app: Flask, people: People, client_as: Client) -> None:
    browser = client_as()
    for n in range(10):
        browser.post("/sign-in", WRONG, 422, headers={"X-Forwarded-For": f"198.51.100.{n}"})
    browser.post("/sign-in", WRONG, 429, headers={"X-Forwarded-For": "198.51.100.99"})
    browser.post(
        "/sign-in", {**RIGHT, "email": "tom@example.com"}, headers={"X-Forwarded-For": "198.51.100.9"}
    )
    seen = db.session.scalars(select(SignIn.address)).all()
    assert seen == ["127.0.0.1"]


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.7"), (2, "198.51.100.1")])
def test_row_14_only_as_many_proxies_as_are_set_are_believed(
    tmp_path: Path, proxies: int, address: str
) -> None:
    app = create_app(dataclasses.replace(make_settings(tmp_path), trusted_proxies=proxies))
    seen: list[str | None] = []
    headers = {"X-Forwarded-For": "192.0.2.66, 198.51.100.1, 203.0.113.7", "X-Forwarded-Host": "evil.example"}

    def note(_sender: object, **_more: object) -> None:
        seen.append(request.remote_addr)
        assert request.host == "localhost"

    with request_started.connected_to(note, app):
        app.test_client().get("/healthz", headers=headers)
    assert seen == [address]


# Row 15: guesses


@pytest.mark.usefixtures("quick")
def test_row_15_an_account_is_guarded_however_many_addresses_guess(people: People, client_as: Client) -> None:
    browser = client_as()
    statuses = [
        browser.send("/sign-in", "POST", data=WRONG, **from_address(f"203.0.113.{n}")).status_code
        for n in range(30)
    ]
    assert statuses == [422] * 10 + [429] * 20
    answer = browser.post("/sign-in", RIGHT, 429, **from_address("203.0.113.200"))
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes" in answer.get_data(as_text=True)
    assert "olive@example.com" in answer.get_data(as_text=True), "what was typed is kept"
    browser.post("/sign-in", {**RIGHT, "email": "tom@example.com"}, **from_address("203.0.113.201"))


@pytest.mark.usefixtures("quick")
def test_row_15_an_address_is_slowed_down_however_many_accounts_it_tries(
    people: People, client_as: Client
) -> None:
    browser, here = client_as(), from_address("2001:db8::1")
    for n in range(40):
        browser.post("/sign-in", {**WRONG, "email": f"nobody{n}@example.com"}, 422, **here)
    browser.post("/sign-in", RIGHT, 429, **from_address("2001:db8::ffff"))
    browser.post("/sign-in", RIGHT, **from_address("2001:db8:0:1::1"))


@pytest.mark.usefixtures("quick")
def test_row_15_only_failures_count(people: People, client_as: Client) -> None:
    for _time in range(45):
        client_as().post("/sign-in", RIGHT)


def test_row_15_a_known_and_an_unknown_account_hear_the_same_and_cost_the_same(
    people: People, client_as: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing():
        people.teammate.password_hash = None
    hashed: list[str] = []
    real = passwords._hasher.verify

    class Counting:
        hash = passwords._hasher.hash

        def verify(self, stored: str, password: bytes) -> bool:
            hashed.append(stored.split("$")[3])
            return bool(real(stored, password))

    monkeypatch.setattr(passwords, "_hasher", Counting())
    answers = {}
    for email in ("olive@example.com", "nobody@example.com", "tom@example.com"):
        page = client_as().post("/sign-in", {**WRONG, "email": email}, 422).get_data(as_text=True)
        answers[email] = re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]*"', "", page.replace(email, "…"))
    assert len(set(answers.values())) == 1
    assert len(hashed) == 3
    assert len(set(hashed)) == 1, "with the same cost"


def test_row_15_no_transaction_is_open_while_hashing(
    app: Flask, people: People, client_as: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[bool] = []

    def watched(_stored: str | None, _password: str) -> bool:
        open_ones.append(db.session().in_transaction())
        return True

    monkeypatch.setattr(signing, "password_matches", watched)
    client_as().post("/sign-in", RIGHT)
    assert open_ones == [False]


def test_row_15_forgotten_answers_alike_and_is_slowed_down(
    app: Flask, people: People, client_as: Client, with_mail: None
) -> None:
    def answer(email: str) -> str:
        page = client_as().post("/forgotten", {"email": email}, 200).get_data(as_text=True)
        return re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]*"', "", page)

    assert answer("olive@example.com") == answer("nobody@example.com")
    assert db.session.scalar(select(func.count(Work.id))) == 1
    asked = select(func.count(AuditEvent.id)).where(AuditEvent.verb == "person.link_asked")
    assert db.session.scalar(asked) == 2
    for _more in range(2):
        answer("olive@example.com")
    client_as().post("/forgotten", {"email": "olive@example.com"}, 429)


# Row 16: planted sessions and dead cookies


def test_row_16_signing_in_begins_a_new_session(app: Flask, people: People, client_as: Client) -> None:
    browser = client_as()
    with browser.client.session_transaction() as session:
        session.update(planted="yes", csrf_token="planted")
    browser.post("/sign-in", RIGHT)
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "planted"
        first = session["_user_id"]
    browser.post("/sign-in", RIGHT)
    with browser.client.session_transaction() as session:
        assert session["_user_id"] != first
    assert SignIn.current(first, clock.now()) is None, "signing in anew ends what this browser had"


@contextmanager
def stolen_cookie(browser: Browser) -> Iterator[None]:
    """Inside, the browser's cookie is used up by its person; afterwards a thief sends it again and must fail."""
    (cookie,) = [found for found in browser.client._cookies.values() if found.key == "salesboard"]
    browser.get("/settings")
    yield
    thief = Browser(browser.app)
    thief.client.set_cookie("salesboard", cookie.value)
    answer = thief.get("/settings", 302)
    assert answer.headers["Location"].startswith("/sign-in")
    thief.post("/settings", {"name": "Thief"}, 401)


def test_row_16_a_cookie_is_refused_after_sign_out(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    with stolen_cookie(browser):
        browser.post("/sign-out")


def test_row_16_a_cookie_is_refused_after_it_expired(
    people: People, client_as: Client, freeze: Callable[..., None]
) -> None:
    with stolen_cookie(client_as(people.owner)):
        freeze(clock.now() + timedelta(days=1, seconds=1))


def test_row_16_a_cookie_is_refused_after_deactivation(people: People, client_as: Client) -> None:
    with stolen_cookie(client_as(people.owner)):
        client_as(people.admin).post(f"/admin/people/{people.owner.id}/activity", {"active": "0"})


def test_row_16_a_cookie_is_refused_after_the_password_was_changed_elsewhere(
    people: People, client_as: Client
) -> None:
    with stolen_cookie(client_as(people.owner)):
        change = {"current_password": PASSWORD, "new_password": "a few unrelated words"}
        elsewhere = client_as(people.owner)
        elsewhere.post("/settings/password", change)
        elsewhere.get("/settings")


def test_row_16_a_cookie_is_refused_after_a_reset_by_link(people: People, client_as: Client) -> None:
    token = issued_token(people.owner)
    with stolen_cookie(client_as(people.owner)):
        client_as().post(f"/links/{token}", {"new_password": "a few unrelated words"})


# Row 17: CSRF, and effects by GET


@pytest.fixture
def with_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def test_row_17_a_form_without_its_token_is_refused(
    people: People, client_as: Client, with_csrf: None
) -> None:
    browser = client_as(people.owner)
    page = browser.post("/settings", {"name": "Changed"}, 400).get_data(as_text=True)
    assert "Changed" in page, "what was typed is given back"
    db.session.expire_all()
    assert people.owner.name == "Olive Owner"


def test_row_17_what_is_given_back_holds_no_secret(client_as: Client, app: Flask, with_csrf: None) -> None:
    sent = {"name": "Ada", "code": "AAAA-1111", "password": "s3cret-one", "password_again": "s3cret-two"}
    page = client_as().post("/setup", sent, 400).get_data(as_text=True)
    assert "Ada" in page
    assert not [text for name, text in sent.items() if name != "name" and text in page]


def test_row_17_anothers_token_is_refused(people: People, client_as: Client, with_csrf: None) -> None:
    def token(browser: Browser) -> str:
        page = browser.get("/settings").get_data(as_text=True)
        return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    owner, outsider = client_as(people.owner), client_as(people.outsider)
    chosen = {"theme": "dark"}
    owner.post("/settings/appearance", {**chosen, "csrf_token": token(outsider)}, 400)
    owner.post("/settings/appearance", {**chosen, "csrf_token": token(owner)})
    owner.post("/settings/appearance", chosen, headers={"X-CSRFToken": token(owner)})


def test_row_17_words_from_another_site_are_not_offered_to_be_sent_on(
    people: People, client_as: Client, with_csrf: None
) -> None:
    path, sent = f"/admin/people/{people.owner.id}/activity", {"active": "0"}

    def offer(origin: str) -> bool:
        page = client_as(people.admin).post(path, sent, 400, headers={"Origin": origin})
        return f'action="{path}"' in page.get_data(as_text=True)

    assert offer("http://localhost")
    assert not offer("https://evil.example")
    assert not offer("null")


def test_row_17_signing_in_needs_a_token_too(people: People, client_as: Client, with_csrf: None) -> None:
    client_as().post("/sign-in", RIGHT, 400)


def test_row_17_get_has_no_effect(app: Flask, people: People, client_as: Client) -> None:
    token, admin = issued_token(people.owner), client_as(people.admin)
    before = db.session.scalar(select(func.count(AuditEvent.id)))
    for path in (f"/links/{token}", "/forgotten?email=olive@example.com", "/sign-in?email=a&password=b"):
        client_as().get(path)
    for path in ("/sign-out", "/settings/appearance", "/settings/sessions/end-others", "/setup/demo"):
        admin.get(path, 405)
    db.session.rollback()
    assert db.session.scalar(select(func.count(AuditEvent.id))) == before
    assert AccessLink.find(token, clock.now()) is not None


# Row 18: default secrets


def test_row_18_a_short_secret_key_stops_the_start() -> None:
    for secret in ("changeme", "x" * 31):
        with pytest.raises(SettingRefused):
            Settings.from_environment({"SALESBOARD_SECRET_KEY": secret})


def test_row_18_each_installation_makes_a_secret_key_of_its_own(tmp_path: Path) -> None:
    keys = {
        Settings.from_environment({"SALESBOARD_DATA": str(tmp_path / name)}).secret_key
        for name in ("a", "a", "b")
    }
    assert len(keys) == 2
    assert all(len(key) >= 32 for key in keys)
    assert {(tmp_path / name / "secret.key").stat().st_mode & 0o777 for name in "ab"} == {0o600}


# Row 19: what stays behind after sign-out


def test_row_19_private_pages_are_never_stored(people: People, client_as: Client) -> None:
    browser = client_as(people.owner)
    assert browser.get("/settings").headers["Cache-Control"] == "no-store"
    browser.post("/sign-out")
    for headers in ({}, {"HX-History-Restore-Request": "true"}):
        answer = browser.get("/settings", 302, headers=headers)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Olive" not in answer.get_data(as_text=True)


def test_row_19_the_pages_before_sign_in_are_not_stored_either(people: People, client_as: Client) -> None:
    assert client_as().get("/sign-in").headers["Cache-Control"] == "no-store"
    assert client_as().get(f"/links/{issued_token(people.owner)}").headers["Cache-Control"] == "no-store"
