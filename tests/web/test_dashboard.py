"""The dashboard: each number opens as many rows as it says, of any day, at a fixed cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask

from salesboard.accounts.models import User
from salesboard.deals.rules import Stage
from tests.browsing import Browser, counted_selects
from tests.domain.insight.course import Course
from tests.standing import People, make_customer

NOW = datetime(2026, 4, 16, 4, tzinfo=UTC)
ClientAs = Callable[..., Browser]
LINK = re.compile(
    r'<a href="(/reports/rows/[^"]+)">(?:<b>)?([^<]+)(?:</b>)?</a>(?:</dd>\s*<dd class="note">(\d+) )?'
)


@pytest.fixture(autouse=True)
def _april(app: Flask, people: People, freeze) -> None:
    """Two months with a bit of everything: won, lost, moved to and fro, reopened, written late."""
    freeze(NOW)
    steel = make_customer(people.owner, "Steel Works", industry="steel")
    Course(people.owner, "2026-03-02", customer=steel).to(Stage.INTENT, "2026-03-10").to(
        Stage.WON, "2026-04-02", contract="1000.50"
    )
    Course(people.owner, "2026-03-03").to(Stage.PROPOSAL, "2026-03-20").to(Stage.INTENT, "2026-04-01").to(
        Stage.PROPOSAL, "2026-04-03"
    )
    Course(people.owner, "2026-04-01").to(Stage.INTENT, "2026-04-02").to(Stage.LEAD, "2026-04-03").to(
        Stage.INTENT, "2026-04-06"
    )
    Course(people.owner, "2026-03-05").to(Stage.WON, "2026-03-12", contract="500")
    Course(people.owner, "2026-02-05").lose("2026-04-07").reopen("2026-04-08").lose("2026-04-09")
    Course(people.teammate, "2026-04-07").lose("2026-04-08")
    noon = datetime(2026, 4, 9, 4, tzinfo=UTC)
    Course(people.teammate, "2026-01-07").talk(noon, datetime(2026, 4, 12, 4, tzinfo=UTC))
    Course(people.outsider, "2026-04-01").to(Stage.WON, "2026-04-03", contract="7000")


def rows_behind(browser: Browser, link: str) -> int:
    html = browser.get(unescape(link)).get_data(True)
    return html.count("<tr>") - 1 if "No row" not in html else 0


@pytest.mark.parametrize(
    ("who", "day"), [("owner", "2026-03-31"), ("supervisor", "2026-04-16"), ("admin", "2026-04-05")]
)
def test_every_number_opens_as_many_rows_as_it_says(
    people: People, client_as: ClientAs, who: str, day: str
) -> None:
    browser = client_as(getattr(people, who))
    html = browser.get(f"/reports?day={day}").get_data(True)
    html += browser.get(f"/reports/ages?day={day}", fragment=True).get_data(True)
    links = LINK.findall(html)
    assert len(links) > 70
    counted = 0
    for link, shown, note in links:
        said = note or ("" if "/signed_amount?" in link else shown)
        if said.isdigit():
            counted += 1
            assert rows_behind(browser, link) == int(said), link
    assert counted > 50


def test_says_what_happened_by_hand(people: People, client_as: ClientAs) -> None:
    html = client_as(people.owner).get("/reports").get_data(True)
    page = " ".join(re.sub(r"<[^>]+>", " ", html).split())

    # one won on 2 April, one lost on the 9th; in March one won until the 16th
    assert "Signed amount 1 K 1 deal" in page
    assert "Win rate 50% 2 deals 50 points" in page
    # created this month: the one that came to intent and back
    assert "Lead conversion 100% 1 deal" in page
    assert "Apr 1, 2026 to Apr 16, 2026, against Mar 1, 2026 to Mar 16, 2026" in page


def test_a_day_before_shows_what_was_known_by_then(people: People, client_as: ClientAs) -> None:
    html = client_as(people.owner).get("/reports?day=2026-03-11").get_data(True)

    assert "Mar 1, 2026 to Mar 11, 2026" in html
    assert "Nobody has signed a deal this month" in html


@pytest.mark.parametrize("day", ["2026-04-17", "soon", "", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_today(people: People, client_as: ClientAs, day: str) -> None:
    assert "to Apr 16, 2026," in client_as(people.owner).get(f"/reports?day={day}").get_data(True)


def test_whose_it_is_can_only_be_ones_own(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.supervisor)
    assert "Steel" not in browser.get("/reports?scope=person:tom@example.com").get_data(True)
    for scope in ("all", "team:South", "person:oscar@example.com", "nonsense"):
        browser.get(f"/reports?scope={scope}", status=404)


def test_whoever_has_nothing_stands_there_with_nought(people: People, client_as: ClientAs) -> None:
    html = client_as(people.supervisor).get("/reports?day=2025-06-30").get_data(True)

    assert "Tom Teammate" in html
    assert "Nothing was signed in twelve months" in html


def test_costs_the_same_for_many(people: People, client_as: ClientAs) -> None:
    def selects(person: User) -> int:
        browser = client_as(person)
        browser.get("/reports")
        with counted_selects() as statements:
            browser.get("/reports")
        return len(statements)

    few = selects(people.admin)
    for person in (people.teammate, people.outsider, people.supervisor):
        for _n in range(3):
            Course(person, "2026-04-01").to(Stage.WON, "2026-04-10", contract="1000")
    assert selects(people.admin) == few <= 22
