"""A deal's own page: its way, its history, its facts, its next step, its people; and notes without a move."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.followups.models import FollowUp
from tests.browsing import Browser, Page
from tests.standing import People, make_customer, make_deal
from tests.web.test_moving import fresh, last_note, last_stay, note, place_url, text_of, today

ClientAs = Callable[..., Browser]


def page_of(deal: Deal, browser: Browser, show: str = "") -> str:
    return text_of(browser.get(f"/deals/{deal.number}{show}"))


def share(deal: Deal, browser: Browser, person_id: int, status: int = 303) -> TestResponse:
    return browser.post(f"/deals/{deal.number}/collaborators", {"person": person_id}, status)


def test_the_page_shows_the_way_and_the_whole_history(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    began = clock.today("Asia/Shanghai") - timedelta(days=60)
    deal = make_deal(people.owner, Stage.PROPOSAL, entered_on=began, name="Line one")
    owner = client_as(people.owner)
    page = page_of(deal, owner)
    assert "working days beyond the limit in Proposal" in page
    assert "3 notes" in page
    for words in ("Met at the fair", "Came to intent", "Came to proposal", "not yet"):
        assert words in page
    moves = page_of(deal, owner, "?show=moves")
    assert "2 moves" in moves
    assert "Nothing of this kind yet" in page_of(deal, owner, "?show=objections")
    assert page_of(deal, owner, "?show=nonsense") == page


def test_a_taken_back_move_stays_in_the_history_but_not_in_the_way(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    owner.post(place_url(deal), note(deal, Stage.PROPOSAL, content="Wrong card"))
    assert "Until" in page_of(deal, owner)
    owner.post(f"/deals/{deal.number}/undo", {"placement": last_stay(deal).id})
    html = owner.get(f"/deals/{deal.number}").get_data(as_text=True)
    assert "Wrong card" in html
    assert 'class="timeline-undone"' in html
    assert re.search(r'<li class="is-now[^>]*aria-current="step"><b>.*?Intent', html)


def test_words_are_inert_wherever_they_stand(app: Flask, people: People, client_as: ClientAs) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1) hx-get=/x>"
    deal = make_deal(
        people.owner, Stage.INTENT, name=attack, customer=make_customer(people.owner, name=attack)
    )
    owner = client_as(people.owner)
    owner.post(
        place_url(deal), note(deal, Stage.PROPOSAL, content=attack, participants=attack, next_step=attack)
    )
    for path in ("", "/placement?to=won", "/edit", "/next-step", "/followups", "/collaborators", "/closure"):
        html = owner.get(f"/deals/{deal.number}{path}").get_data(as_text=True)
        assert "&lt;script&gt;" in html
        assert "<script>alert" not in html
        assert "<img" not in html


def test_facts_change_on_the_version_one_saw(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    sent = {
        "version": deal.version,
        "name": "Line one and two",
        "amount": "52万",
        "budget": "",
        "probability": "15",
        "expected_close": "2027-05-31",
        "first_goal": "Signed in three months",
    }
    url = f"/deals/{deal.number}/edit"
    owner.post(url, {**sent, "back": f"/deals/{deal.number}"})
    changed = fresh(deal)
    assert (changed.name, changed.amount, changed.worth, changed.probability, changed.first_goal) == (
        "Line one and two", Decimal("520000.00"), Decimal("520000.00"), 15, "Signed in three months",
    )  # fmt: skip
    told = text_of(owner.post(url, {**sent, "name": "Another name"}, 409))
    assert "Olive Owner changed this deal meanwhile" in told
    assert "now: Line one and two" in told
    assert "Another name" in owner.post(url, {**sent, "name": "Another name"}, 409).get_data(as_text=True)
    assert fresh(deal).name == "Line one and two"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Give the deal a name"),
        ("name", "x" * 201, "At most 200 characters"),
        ("amount", "-1", "in figures"),
        ("amount", "a lot", "in figures"),
        ("probability", "", "Enter a probability"),
        ("probability", "-1", "from 0 to 100"),
        ("expected_close", "1066-10-14", "too far away"),
        ("first_goal", "a\x00b", "cannot be stored"),
    ],
)
def test_senseless_facts_are_refused(
    app: Flask, people: People, client_as: ClientAs, field: str, value: str, sentence: str
) -> None:
    deal = make_deal(people.owner)
    sent = {"version": deal.version, "name": "Line one", "probability": "10", field: value}
    answer = client_as(people.owner).post(f"/deals/{deal.number}/edit", sent, 422)
    assert sentence in text_of(answer)
    assert fresh(deal).version == deal.version


def test_the_next_step_is_planned_changed_and_cleared(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    url = f"/deals/{deal.number}/next-step"
    sent = {"version": deal.version, "next_step": "Visit", "next_due": today(), "next_method": "visit"}
    owner.post(url, sent)
    assert (fresh(deal).next_step, fresh(deal).next_method) == ("Visit", Method.VISIT)
    assert "now: Visit" in text_of(owner.post(url, {**sent, "next_step": "Call"}, 409))
    again = {**sent, "version": fresh(deal).version}
    assert "belong together" in text_of(owner.post(url, {**again, "next_due": ""}, 422))
    assert "has passed already" in text_of(owner.post(url, {**again, "next_due": "2020-01-01"}, 422))
    owner.post(url, {**again, "next_step": "", "next_due": "", "next_method": ""})
    assert (fresh(deal).next_step, fresh(deal).next_due, fresh(deal).next_method) == ("", None, None)


def test_a_note_without_a_move_becomes_part_of_the_history(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    url, sent = f"/deals/{deal.number}/followups", note(deal, None, content="Called them", request_key="k")
    owner.post(url, {**sent, "next_step": ""}, 422)
    for _ in range(2):
        owner.post(url, sent)
    with acting_as_system("a test looks"):
        assert (
            db.session.scalar(select(func.count(FollowUp.id)).where(FollowUp.content == "Called them")) == 1
        )
    assert (fresh(deal).stage, fresh(deal).next_step) == (Stage.INTENT, "Send the offer")
    assert "sent before, with other words" in text_of(owner.post(url, {**sent, "content": "Other"}, 409))
    assert "Called them" in page_of(deal, owner)


def test_a_collaborator_writes_notes_and_sees_no_way_to_move(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    share(deal, client_as(people.owner), people.collaborator.id)
    helper = client_as(people.collaborator)
    url = f"/deals/{deal.number}/followups"
    helper.post(
        url, note(deal, None, content="Checked the meter", next_step="", next_due="", request_key="h")
    )
    assert last_note(deal).author_id == people.collaborator.id
    page = Page(helper.get(f"/deals/{deal.number}").get_data(as_text=True))
    links = {link["href"].split("?")[0].rpartition("/")[2] for link in page.all("a")}
    assert "followups" in links
    assert not links & {"placement", "closure", "edit", "next-step", "collaborators", "owner"}


def test_who_is_added_sees_the_deal_until_let_go(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner, mate = make_deal(people.owner), client_as(people.owner), client_as(people.teammate)
    mate.get(f"/deals/{deal.number}", 404)
    share(deal, owner, people.teammate.id)
    mate.get(f"/deals/{deal.number}")
    mate.get(f"/deals/{deal.number}/collaborators", 403)
    share(deal, mate, people.outsider.id, 403)
    owner.post(f"/deals/{deal.number}/collaborators/{people.teammate.id}/removal", {})
    mate.get(f"/deals/{deal.number}", 404)


def test_nobody_is_added_who_may_not_be(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    share(deal, owner, people.owner.id, 422)
    share(deal, owner, 999_999, 422)


def test_a_supervisor_hands_a_deal_to_somebody_of_the_team(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, leader = make_deal(people.owner), client_as(people.supervisor)
    url = f"/deals/{deal.number}/owner"
    leader.post(url, {"person": people.outsider.id}, 422)
    leader.post(url, {"person": people.collaborator.id}, 422)
    leader.post(url, {"person": people.teammate.id})
    client_as(people.teammate).get(f"/deals/{deal.number}")
    client_as(people.owner).get(f"/deals/{deal.number}", 404)


def test_a_lost_deal_says_why_and_offers_to_be_reopened(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.PROPOSAL, lost=True)
    page = page_of(deal, client_as(people.owner))
    assert "in Proposal: Price Too dear Reopen in Proposal…" in page
    assert "Move to Negotiation" not in page


def test_forms_come_as_a_dialog_for_htmx_and_as_a_page_without_it(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    for path in (
        "placement",
        "placement?to=won",
        "closure",
        "edit",
        "next-step",
        "followups",
        "collaborators",
    ):
        url = f"/deals/{deal.number}/{path}"
        fragment = owner.get(url, fragment=True)
        assert fragment.get_data(as_text=True).lstrip().startswith("<dialog")
        assert fragment.headers["Vary"] == "HX-Request, Cookie"
        assert owner.get(url).get_data(as_text=True).startswith("<!doctype")
        restored = owner.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert restored.get_data(as_text=True).startswith("<!doctype")
