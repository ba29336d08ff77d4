"""TRUST.md, rows 4, 17, 21, 22 and 23, in requests: forged, repeated, at the same moment, with strange headers."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from salesboard import clock
from salesboard.access import Role, acting_as_system, anyone
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Stage
from salesboard.followups.models import FollowUp
from tests.browsing import Browser
from tests.filling import form_in
from tests.sending import BY_LINK, Sender
from tests.standing import PASSWORD, People, make_deal
from tests.walking import routes, walk

Client = Callable[..., Browser]

# Row 4: what a page asks again and again for


@pytest.mark.parametrize("page", ["/reports/{waiting_report_id}", "/import/{import_id}", "/"])
def test_row_4_who_lost_the_right_gets_no_further_part_of_a_page(
    app: Flask, sender: Sender, page: str
) -> None:
    path, browser = page.format_map(sender.subjects), sender.browser("admin")
    assert browser.send(path, "GET", headers={"HX-Request": "true"}).status_code == 200
    with writing():
        person = db.session.get_one(User, sender.people.admin.id)
        person.role = Role.COLLABORATOR
    answer = browser.send(path, "GET", headers={"HX-Request": "true"})
    assert answer.status_code == (200 if page == "/" else 403)
    assert "Tom" not in answer.text
    with writing():
        db.session.get_one(User, person.id).end_sign_ins(clock.now())
    answer = browser.send(path, "GET", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (401, "")


# Row 17: forged requests, and effects by looking


@pytest.fixture
def with_csrf(app: Flask, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def test_row_17_every_route_that_changes_something_is_tried_here(app: Flask, sender: Sender) -> None:
    changing = {
        rule.endpoint for method in ("POST", "PUT", "PATCH", "DELETE") for rule in routes(app, method)
    }
    tried = {trial.found.endpoint for trial in sender.trials}
    assert changing - tried == {"accounts.set_up_page"}, "it is closed once the board is set up"


@pytest.mark.parametrize("token", [None, "", "forged", "anothers"], ids=str)
def test_row_17_no_form_is_taken_without_a_token_of_its_own(
    app: Flask, sender: Sender, with_csrf: None, token: str | None
) -> None:
    faults = []
    for trial in sender.trials:
        if trial.found.endpoint in BY_LINK:
            continue
        values = {name: value for name, value in trial.values.items() if name != "csrf_token"}
        if token == "anothers":
            values["csrf_token"] = trial.values.get("csrf_token", "")  # that of the walk, another session
        elif token is not None:
            values["csrf_token"] = token
        answer = sender.send(trial, data=values, headers={} if token is None else {"X-CSRFToken": token})
        if answer.status_code != 400 or sender.footprint.changed():
            faults.append(f"{trial}: {answer.status} {sender.footprint.changed()}")
    assert faults == []


def test_row_17_looking_at_every_page_changes_nothing(app: Flask, sender: Sender) -> None:
    assert sender.changed_by_walking == {}


def test_row_17_nor_does_a_supervisors_look_or_a_form_sent_as_an_address(app: Flask, sender: Sender) -> None:
    sender.footprint.bring_back()
    walk(sender.browser("supervisor"), sender.starts())
    for trial in sender.trials:
        query = urlencode(trial.values)
        answer = sender.browser(trial.who).send(f"{trial.found.path.partition('?')[0]}?{query}", "GET")
        assert answer.status_code < 500, trial
    assert sender.footprint.changed() == {}


# Row 21: line ends where a line is a record

ELSEWHERE = (
    "//zq.example",
    "/\\zq.example",
    "https:zq.example",
    "/\t/zq.example",
    "javascript:zq()",
    "/\r\nSet-Cookie: zq=1",
    "/\x85Set-Cookie: zq=1",
    "/\u2028zq",
    "http://[",
    "/客户?q=%00",
)


@pytest.mark.parametrize("goal", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_row_21_no_answer_leads_elsewhere_or_gets_another_line_in_its_head(
    app: Flask, sender: Sender, goal: str
) -> None:
    """Wherever a form says that one came from; and wherever htmx says so."""
    faults = []
    for trial in sender.trials:
        for name in ("back", "next"):
            if name in trial.values:
                answer = sender.send(trial, data={**trial.values, name: goal})
                faults += [f"{trial} {name}: {what}" for what in led_astray(answer)]
        if goal.isascii() and goal.isprintable() and trial.found.endpoint.startswith("deals."):
            answer = sender.send(trial, headers={"HX-Request": "true", "HX-Current-URL": goal})
            faults += [f"{trial}: {what}" for what in led_astray(answer)]
    assert faults == []


def led_astray(answer: TestResponse) -> list[str]:
    heads = dict(answer.headers)
    goal = heads.get("Location") or heads.get("HX-Redirect") or "/"
    faults = [f"{answer.status}"] if answer.status_code >= 500 else []
    if not goal.startswith("/") or goal.startswith(("//", "/\\")) or any(ord(sign) < 33 for sign in goal):
        faults.append(f"leads to {goal!r}")
    return faults + [
        f"{name}: {value}" for name, value in answer.headers if "zq=1" in value and name != "Location"
    ]


def test_row_21_what_was_typed_and_asked_for_is_one_line_of_the_log(
    app: Flask,
    people: People,
    client_as: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @anyone
    def fail(**_values: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "customers.customer", fail)
    forged = "x\r\nERROR forged\x1b[2J\u2028"
    with caplog.at_level(logging.DEBUG):
        client_as().send("/sign-in", "POST", data={"email": f"{forged}@example.com", "password": "zq"})
        client_as(people.owner).send("/customers/x%0d%0aERROR forged%1b%5b2J", "GET")
    told = [record.getMessage() for record in caplog.records if "forged" in record.getMessage()]
    assert len(told) == 2
    assert all(line.isprintable() for line in told)


# Row 22: the same moment, and the same thing twice


@dataclass(frozen=True)
class Answered:
    status: int
    location: str
    text: str


class Board:
    """The application behind a real server with threads; every request has its connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, browser: Browser, path: str, values: dict[str, str] | None = None) -> Answered:
        cookie = browser.client.get_cookie("salesboard")
        assert cookie is not None
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {
            "Cookie": f"salesboard={cookie.value}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request(
                "GET" if values is None else "POST", path, urlencode(values) if values else None, headers
            )
            answer = connection.getresponse()
            return Answered(answer.status, answer.getheader("Location", ""), answer.read().decode())
        finally:
            connection.close()

    def ask_at_once(self, asked: list[tuple[Browser, str, dict[str, str]]]) -> list[Answered]:
        """All of them at the same moment, each from a thread of its own."""
        ready = threading.Barrier(len(asked))

        def go(one: tuple[Browser, str, dict[str, str]]) -> Answered:
            ready.wait(10)
            return self.ask(*one)

        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(go, asked))


@pytest.fixture
def board(app: Flask) -> Iterator[Board]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Board(server.port)
    server.shutdown()
    thread.join()
    server.server_close()


def move_form(board: Board, browser: Browser, deal: Deal, stage: Stage, words: str) -> dict[str, str]:
    """The sheet of a move as this person fills it in."""
    path = f"/deals/{deal.number}/placement"
    filled = form_in(board.ask(browser, f"{path}?to={stage}").text, path)
    plan = {"next_step": "Call", "next_due": clock.today("Asia/Shanghai").isoformat()}
    return {**filled, "content": words, "method": "phone", **plan}


def stays_and_notes(deal: Deal) -> tuple[int, int]:
    """How often the deal was moved, and how many notes there are about it."""
    db.session.rollback()
    with acting_as_system("a test counts"):
        stays = select(func.count(Placement.id)).where(Placement.deal_id == deal.id)
        notes = select(func.count(FollowUp.id)).where(FollowUp.deal_id == deal.id)
        return db.session.scalar(stays) or 0, db.session.scalar(notes) or 0


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("stages", [(Stage.INTENT, Stage.PROPOSAL), (Stage.INTENT, Stage.INTENT)], ids=str)
def test_row_22_of_two_moves_at_once_one_wins_and_the_other_keeps_its_note(
    people: People, client_as: Client, board: Board, stages: tuple[Stage, Stage]
) -> None:
    deal = make_deal(people.owner)
    before = stays_and_notes(deal)
    movers = client_as(people.owner), client_as(people.supervisor)
    path = f"/deals/{deal.number}/placement"
    sheets = [
        move_form(board, mover, deal, stage, f"Words of {place}")
        for place, (mover, stage) in enumerate(zip(movers, stages, strict=True))
    ]
    answers = board.ask_at_once([(mover, path, sheet) for mover, sheet in zip(movers, sheets, strict=True)])
    assert sorted(answer.status for answer in answers) == [303, 409]
    (loser,) = [place for place, answer in enumerate(answers) if answer.status == 409]
    assert f"Words of {loser}" in answers[loser].text
    assert stays_and_notes(deal) == (before[0] + 1, before[1] + 1)


@pytest.mark.databases("sqlite", "postgresql")
def test_row_22_eight_clicks_are_one_move_and_a_replay_gets_the_first_answer(
    people: People, client_as: Client, board: Board
) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    before, path = stays_and_notes(deal), f"/deals/{deal.number}/placement"
    sheet = move_form(board, owner, deal, Stage.INTENT, "Once")
    answers = board.ask_at_once([(owner, path, sheet)] * 8)
    assert {(answer.status, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert board.ask(owner, path, sheet).status == 303
    assert stays_and_notes(deal) == (before[0] + 1, before[1] + 1)


@pytest.mark.databases("sqlite", "postgresql")
def test_row_22_eight_clicks_are_one_note_one_lead_one_undo(
    people: People, client_as: Client, board: Board
) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    plan = {"next_step": "Call", "next_due": clock.today("Asia/Shanghai").isoformat()}
    note = {**form_in(board.ask(owner, f"/deals/{deal.number}/followups").text, "/followups"), **plan}
    lead = form_in(board.ask(owner, "/deals/new").text, "/deals/new")
    board.ask(owner, f"/deals/{deal.number}/placement", move_form(board, owner, deal, Stage.INTENT, "Moved"))
    db.session.rollback()
    with acting_as_system("a test looks"):
        move = db.session.scalars(select(Placement.id).order_by(Placement.id.desc())).first()
    forms = {
        f"/deals/{deal.number}/undo": {"placement": str(move)},
        f"/deals/{deal.number}/followups": {**note, "content": "Noted once", "method": "phone"},
        "/deals/new": {**lead, "customer": "Once Works", "deal": "Once", "source": "Fair"},
    }
    for path, values in forms.items():
        answers = board.ask_at_once([(owner, path, values)] * 8)
        assert {answer.status for answer in answers} == {303}, path
    db.session.rollback()
    with acting_as_system("a test counts"):
        said = select(func.count(FollowUp.id)).where(FollowUp.content == "Noted once")
        made = select(func.count(Deal.id)).where(Deal.name == "Once")
        assert (db.session.scalar(said), db.session.scalar(made)) == (1, 1)
        undone = select(func.count(Placement.id)).where(Placement.undone_at.is_not(None))
        assert db.session.scalar(undone) == 1


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/customers/new", {"name": "Once Works", "level": "normal"}),
        ("/admin", {"name": "Ivy", "email": "ivy@example.com", "role": "rep"}),
        ("/admin/teams", {"name": "East"}),
    ],
)
def test_row_22_what_there_is_once_is_made_once_and_the_others_are_told(
    people: People, client_as: Client, board: Board, path: str, values: dict[str, str]
) -> None:
    admin = client_as(people.admin)
    answers = board.ask_at_once([(admin, path, values)] * 8)
    statuses = [answer.status for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 409, 422}


# Row 23: strange headers

HEADERS = (
    {"User-Agent": "a\x00b"},
    {"User-Agent": "x" * 10_000},
    {"User-Agent": "\xff\xfe<script>zq()</script>"},
    {"Accept-Language": "zh-" * 500},
    {"Accept-Language": "*;q=nan, x;q=1e999, \xff"},
    {"X-CSRFToken": "\xff"},
    {"HX-Request": "true", "HX-Current-URL": "http://["},
    {"HX-Request": "true", "HX-Current-URL": "/?q=%00&owner=%00&team=99999999999999999999"},
    {"HX-Request": "true", "HX-Target": "\x00", "HX-Trigger": "<zq>"},
    {"Cookie": "salesboard=\xff.\x00; salesboard=x"},
    {"Host": "zq.example:99999"},
    {"Range": "bytes=0-,-1"},
    {"If-None-Match": "*", "If-Modified-Since": "\xff"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "multipart/form-data; boundary=\xff"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"},
)


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
def test_row_23_strange_headers_break_nothing(
    app: Flask, people: People, client_as: Client, headers: dict[str, str]
) -> None:
    deal = make_deal(people.owner)
    signed_in, anybody = client_as(people.owner), client_as()
    right = {"email": "olive@example.com", "password": PASSWORD}
    plan = {"version": str(deal.version), "next_step": "", "next_due": ""}
    for browser, method, path, values in (
        (signed_in, "GET", "/", None),
        (signed_in, "GET", f"/deals/{deal.number}", None),
        (signed_in, "POST", f"/deals/{deal.number}/next-step", plan),
        (anybody, "GET", "/sign-in", None),
        (anybody, "POST", "/sign-in", right),
    ):
        assert browser.send(path, method, data=values, headers=headers).status_code < 500, path


# The headers of every answer


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(
    app: Flask, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    @anyone
    def fail(**_values: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "health.alive", fail)
    owner, anybody = sender.browser("owner"), sender.browser("")
    answers = {address: owner.send(address, "GET") for address in sender.starts()}
    answers |= {
        "fragment": owner.send("/deals", "GET", headers={"HX-Request": "true"}),
        "download": owner.send(f"/import/{sender.subjects['import_id']}/rejects.xlsx", "GET"),
        "style": anybody.send("/static/css/base.css", "GET"),
        "redirect": anybody.send("/", "GET"),
        "bad request": owner.send("/?q=%00", "GET"),
        "unauthorized": anybody.send("/deals/new", "POST", data={"deal": "x"}),
        "forbidden": owner.send("/admin", "GET"),
        "not found": owner.send("/nothing", "GET"),
        "wrong method": owner.send("/", "DELETE"),
        "too large": owner.send("/settings", "POST", data={"name": "x" * 3_000_000}),
        "unprocessable": owner.send("/settings", "POST", data={"name": ""}),
        "failure": anybody.send("/healthz", "GET"),
    }
    assert {200, 302, 400, 401, 403, 404, 405, 413, 422, 500} <= {
        answer.status_code for answer in answers.values()
    }
    for name, answer in answers.items():
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy or policy.startswith("default-src 'none'"), name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert name == "style" or answer.headers["Cache-Control"] == "no-store", name
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, name
            assert "SameSite=Lax" in cookie, name
    assert "attachment; filename=" in answers["download"].headers["Content-Disposition"]
