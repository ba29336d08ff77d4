"""The bell and its page: one's own alone, read one by one or all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.installation import installation
from salesboard.notify import queries
from salesboard.notify.models import Reminder
from salesboard.notify.morning import find_reminders, give_reminders
from tests.browsing import Browser, counted_selects
from tests.standing import People

ClientAs = Callable[..., Browser]
MORNING = datetime(2026, 3, 20, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_eight(freeze) -> None:
    freeze(MORNING)


@pytest.fixture
def swept(app: Flask, people: People, make_deal) -> None:
    """The owner has a late step, a deal past its limit and one without a step; the teammate has one without."""
    make_deal(people.owner, name="Late <i>one</i>", next_step="Send & sign", next_due=date(2026, 3, 18))
    make_deal(
        people.owner, name="Old one", entered_on=date(2026, 2, 2), next_due=date(2026, 4, 1), next_step="x"
    )
    make_deal(people.owner, name="Aimless", next_step="", next_due=None)
    make_deal(people.teammate, name="Another's", next_step="", next_due=None)
    sweep()


def sweep() -> None:
    day, now = installation().today, clock.now()
    with acting_as_system("a test sweeps"):
        found = find_reminders(day, now)
        with writing():
            give_reminders(found, day, now)


def unread(html: str) -> int:
    found = re.search(r'aria-label="Reminders, (\d+) unread"', html)
    return int(found.group(1)) if found else 0


def test_the_page_groups_what_waits_and_opens_each_deal(
    people: People, client_as: ClientAs, swept: None
) -> None:
    browser = client_as(people.owner)
    html = browser.get("/reminders").get_data(True)

    assert unread(html) == 3
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", html) == [
        "Late next steps",
        "Past the limit of their stage",
        "Without a next step",
    ]
    assert "Send &amp; sign" in html
    assert "Late &lt;i&gt;one&lt;/i&gt;" in html
    assert "2 days late" in html
    assert "Another&#39;s" not in html
    for link in set(re.findall(r'href="(/deals/O\d+)"', html)):
        browser.get(link)


def test_reading_one_and_reading_all(people: People, client_as: ClientAs, swept: None) -> None:
    browser = client_as(people.owner)
    first = re.search(r'action="(/reminders/\d+/reading)"', browser.get("/reminders").get_data(True))
    assert first is not None
    browser.post(first.group(1))
    browser.post(first.group(1))
    assert unread(browser.get("/reminders").get_data(True)) == 2

    browser.post("/reminders/reading")
    html = browser.get("/reminders").get_data(True)
    assert unread(html) == 0
    assert "Nothing waits for you" in html
    assert "Send &amp; sign" in browser.get("/reminders?earlier=1").get_data(True)
    assert unread(client_as(people.teammate).get("/reminders").get_data(True)) == 1


def test_the_bell_hangs_on_every_page_for_one_select(
    people: People, client_as: ClientAs, swept: None
) -> None:
    browser = client_as(people.owner)
    with counted_selects() as statements:
        html = browser.get("/settings").get_data(True)

    assert unread(html) == 3
    assert sum("FROM reminders" in statement for statement in statements) == 1


def test_nobody_else_can_read_it_for_one(people: People, client_as: ClientAs, swept: None) -> None:
    with acting_as_system("a test looks"):
        reminder_id = db.session.scalars(
            select(Reminder.id).where(Reminder.person_id == people.owner.id)
        ).first()
    for person in (people.teammate, people.supervisor, people.admin):
        client_as(person).post(f"/reminders/{reminder_id}/reading", status=404)

    assert unread(client_as(people.owner).get("/reminders").get_data(True)) == 3


def test_a_page_costs_the_same_however_many_there_are(
    people: People, client_as: ClientAs, make_deal, swept: None
) -> None:
    browser = client_as(people.owner)

    def selects() -> int:
        with counted_selects() as statements:
            browser.get("/reminders")
        return len(statements)

    selects()
    few = selects()
    for number in range(6):
        make_deal(people.owner, name=f"Aimless {number}", next_step="", next_due=None)
    sweep()
    assert selects() == few


def test_many_reminders_come_page_by_page(
    people: People, client_as: ClientAs, swept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from salesboard.notify import views

    for module in (queries, views):
        monkeypatch.setattr(module, "A_PAGE", 2)
    browser = client_as(people.owner)
    first, second = (browser.get(f"/reminders?page={page}").get_data(True) for page in (1, 2))

    assert (first.count('class="task"'), second.count('class="task"')) == (2, 1)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    browser.post("/reminders/reading")
    assert 'rel="next"' in browser.get("/reminders?earlier=1").get_data(True)
