"""The supervisor's page: what is stuck, where, with whom, and only for those who look after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.clock import WorkingCalendar
from salesboard.deals.rules import AgeSign, Stage
from salesboard.deals.stages import Ages
from salesboard.insight import team as reads
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]


def days_ago(working_days: int) -> date:
    """The latest day since which so many working days have passed."""
    return WorkingCalendar().latest_start(installation().today, working_days)


@pytest.fixture
def stuck(people: People) -> People:
    """The owner has a safe, a warned and an overdue lead; the teammate an overdue proposal; the outsider one too."""
    for name, age, amount in (("Safe", 1, 10_000), ("Warned", 6, 20_000), ("Overdue", 12, 40_000)):
        customer = make_customer(people.owner, f"{name} Works")
        make_deal(people.owner, customer=customer, entered_on=days_ago(age), amount=Decimal(amount))
    proposal = make_customer(people.teammate, "Mate Works")
    make_deal(
        people.teammate, Stage.PROPOSAL, customer=proposal, entered_on=days_ago(16), amount=Decimal(80_000)
    )
    other = make_customer(people.outsider, "Far Away Works")
    make_deal(people.outsider, customer=other, entered_on=days_ago(30), amount=Decimal(1_000_000))
    return people


def page(client_as: ClientAs, person: User, path: str = "/team") -> str:
    return client_as(person).get(path).get_data(as_text=True)


def test_a_supervisor_sees_what_is_stuck_in_the_team(client_as: ClientAs, stuck: People) -> None:
    html = page(client_as, stuck.supervisor)
    assert "<h1>North</h1>" in html
    assert "3 deals are past their warning, 2 of them overdue." in html
    for name in ("Warned Works", "Overdue Works", "Mate Works"):
        assert name in html
    assert "Safe Works" not in html
    assert "12 days · 2 over" in html
    assert "16 days · 2 over" in html


def test_another_teams_deals_do_not_exist_for_a_supervisor(client_as: ClientAs, stuck: People) -> None:
    assert "Far Away" not in page(client_as, stuck.supervisor)
    south = stuck.outsider.teams[0].id
    client_as(stuck.supervisor).get(f"/team?team={south}", 404)


@pytest.mark.parametrize("senseless", ["0", "-1", "x", "99999999999999999999", "", "1x"])
def test_a_team_that_is_none_is_not_found(client_as: ClientAs, stuck: People, senseless: str) -> None:
    client_as(stuck.supervisor).get(f"/team?team={senseless}", 404)


def test_an_admin_sees_all_teams_or_one_of_them(client_as: ClientAs, stuck: People) -> None:
    everything = page(client_as, stuck.admin)
    assert "Far Away Works" in everything
    assert "Overdue Works" in everything
    south = page(client_as, stuck.admin, f"/team?team={stuck.outsider.teams[0].id}")
    assert "Far Away Works" in south
    assert "Overdue Works" not in south


@pytest.mark.parametrize("who", ["owner", "collaborator"])
def test_others_may_not_open_it(client_as: ClientAs, stuck: People, who: str) -> None:
    client_as(getattr(stuck, who)).get("/team", 403)


def test_a_visitor_is_asked_to_sign_in(client_as: ClientAs, people: People) -> None:
    assert "/sign-in" in client_as().get("/team", 302).headers["Location"]


def test_the_worst_come_first_then_the_largest(client_as: ClientAs, stuck: People) -> None:
    html = page(client_as, stuck.supervisor)
    html = html[html.index("Look at these first") :]
    places = [html.index(name) for name in ("Mate Works", "Overdue Works", "Warned Works")]
    assert places == sorted(places)


def test_every_figure_opens_the_deals_it_counts(client_as: ClientAs, stuck: People) -> None:
    html = page(client_as, stuck.supervisor)
    team = stuck.owner.teams[0].id
    for query in ("age=warned", "age=overdue", "next=none", "next=late"):
        assert f"?team={team}&amp;{query}" in html
    assert f"owner={stuck.teammate.id}" in html
    assert "/deals/O" in html


def test_each_rate_opens_as_many_rows_as_it_says(client_as: ClientAs, stuck: People) -> None:
    browser = client_as(stuck.supervisor)
    html = browser.get("/team").get_data(True)
    rate = re.compile(r'href="(/reports/rows/[^"]+)">[^<]+</a> <span class="small muted">(\d+) ')
    rates = [(link.replace("&amp;", "&"), int(said)) for link, said in rate.findall(html)]

    assert len(rates) >= 4
    for link, said in rates:
        rows = browser.get(link).get_data(True)
        assert rows.count("<tr>") == said + 1 if said else "No row" in rows


def test_a_team_without_deals_is_told_so(client_as: ClientAs, people: People) -> None:
    assert "No open deal yet" in page(client_as, people.supervisor)


def test_a_next_step_that_is_late_or_missing_is_said(client_as: ClientAs, people: People) -> None:
    late = make_customer(people.owner, "Late Works")
    due = installation().today - timedelta(days=3)
    make_deal(people.owner, customer=late, entered_on=days_ago(12), next_step="Call back", next_due=due)
    missing = make_customer(people.owner, "Missing Works")
    make_deal(people.owner, customer=missing, entered_on=days_ago(12), next_step="", next_due=None)
    html = page(client_as, people.supervisor)
    assert "Call back" in html
    assert "3 days late" in html
    assert ">None<" in html


def test_the_page_costs_the_same_for_many_deals(client_as: ClientAs, stuck: People) -> None:
    client = client_as(stuck.supervisor)
    with counted_selects() as few:
        client.get("/team")
    for n in range(12):
        customer = make_customer(stuck.owner, f"Works {n}")
        make_deal(stuck.owner, Stage.INTENT, customer=customer, entered_on=days_ago(n * 2))
    with counted_selects() as more:
        client.get("/team")
    assert len(more) == len(few) <= 29


def test_sums_agree_with_the_age_of_each_deal(app: Flask, stuck: People) -> None:
    ages = Ages.now()
    with acting_as_system("a test counts"):
        counted = reads.tallies(Scope(), ages)
    assert (counted.total.count, counted.total.warned, counted.total.overdue) == (5, 4, 3)
    assert counted.total.at_risk == Decimal(1_140_000)
    leads = counted.of_stage(Stage.LEAD)
    assert (leads.count, leads.warned, leads.safe) == (4, 3, 1)
    assert counted.of_owner(stuck.teammate.id).overdue == 1


def test_the_strip_holds_every_deal_under_its_sign(app: Flask, stuck: People) -> None:
    ages = Ages.now()
    with acting_as_system("a test counts"):
        strips = reads.strips(Scope(), ages, reads.tallies(Scope(), ages))
    leads = next(strip for strip in strips if strip.stage is Stage.LEAD)
    signs = [mark.sign for mark in leads.marks for _ in range(mark.count)]
    assert signs == [AgeSign.SAFE, AgeSign.WARNED, AgeSign.OVERDUE, AgeSign.OVERDUE]
    assert "Far Away Works" in {mark.name for mark in leads.marks}


def test_the_narrowest_stage_is_the_one_that_most_stay_in() -> None:
    through = {
        Stage.LEAD: reads.Flow(10, 9),
        Stage.INTENT: reads.Flow(9, 2),
        Stage.PROPOSAL: reads.Flow(2, 0),
    }
    assert reads.bottleneck(through) is Stage.INTENT
    assert reads.bottleneck({Stage.LEAD: reads.Flow(2, 0)}) is None
    assert reads.bottleneck({Stage.LEAD: reads.Flow(5, 5)}) is None
