"""Comparing two customers, merging them and parting them again: on pages, by whoever sees both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]


def two(people: People) -> tuple[Customer, Customer]:
    one = make_customer(people.owner, "Paper Works Ltd", region="North")
    other = make_customer(people.owner, "Paper Works Limited", region="South", remarks="Old friends")
    make_deal(people.owner, Stage.INTENT, customer=other, name="A line")
    return one, other


def versions(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(version|other_version)" type="hidden" value="(\d+)"', html)) or {
        name: found[1]
        for name in ("version", "other_version")
        if (found := re.search(rf'name="{name}"[^>]*value="(\d+)"', html))
    }


def compared(browser: Browser, one: Customer, other: Customer) -> dict[str, Any]:
    """The form as it stands, with what is proposed."""
    html = browser.get(f"/customers/{one.number}/merge/{other.number}").get_data(as_text=True)
    picked = re.findall(r'<input[^>]*checked[^>]*name="(pick_[^"]+)"[^>]*value="([^"]+)"', html)
    return {**versions(html), **dict(picked)}


def test_two_become_one_and_two_again(client_as: ClientAs, people: People) -> None:
    one, other = two(people)
    browser = client_as(people.owner)
    sent = compared(browser, one, other)
    assert sent["pick_remarks"] == "loser"
    assert sent["pick_region"] == "survivor"
    answer = browser.post(f"/customers/{one.number}/merge/{other.number}", {**sent, "pick_region": "loser"})
    page = answer.headers["Location"]
    html = browser.get(page).get_data(as_text=True)
    assert "1 deal" in html
    moved = browser.get(f"/customers/{other.number}", status=302)
    assert moved.headers["Location"].endswith(f"/customers/{one.number}")
    shown = browser.get(f"/customers/{one.number}").get_data(as_text=True)
    assert all(words in shown for words in ("A line", "South", "Old friends", "Merged"))
    listed = browser.get(f"/customers?q={other.number}").get_data(as_text=True)
    assert "Paper Works Ltd" in listed
    assert "Paper Works Limited" not in listed
    assert client_as(people.outsider).send(f"/customers/{other.number}", "GET").status_code == 404
    client_as(people.outsider).get(page, status=404)
    browser.post(f"{page}/undo", {"version": versions(html)["version"]})
    assert "A line" in browser.get(f"/customers/{other.number}").get_data(as_text=True)
    assert "North" in browser.get(f"/customers/{one.number}").get_data(as_text=True)
    assert "undone by Olive Owner" in browser.get(page).get_data(as_text=True)


def test_who_is_known_differently_stays_twice_and_goes_back(client_as: ClientAs, people: People) -> None:
    one, other = two(people)
    with acting_as_system("a test prepares"), writing():
        for number, title in ((one.number, "Buyer"), (other.number, "Head of buying")):
            held = db.session.scalars(select(Customer).where(Customer.number == number)).one()
            told = {"by": people.owner, "now": clock.now(), "expected_version": held.version}
            held.add_contact(name="Ada Lin", title=title, **told)

    def titles(number: str) -> set[str]:
        shown = browser.get(f"/customers/{number}").get_data(as_text=True)
        return {
            title for title in ("Buyer", "Head of buying") if f'<span class="soft">{title}</span>' in shown
        }

    browser = client_as(people.owner)
    assert "known differently, so both stay" in browser.get(
        f"/customers/{one.number}/merge/{other.number}"
    ).get_data(as_text=True)
    sent = compared(browser, one, other)
    page = browser.post(f"/customers/{one.number}/merge/{other.number}", sent).headers["Location"]
    assert titles(one.number) == {"Buyer", "Head of buying"}
    html = browser.get(page).get_data(as_text=True)
    browser.post(f"{page}/undo", {"version": versions(html)["version"]})
    assert (titles(one.number), titles(other.number)) == ({"Buyer"}, {"Head of buying"})


def test_only_who_sees_both_may_merge_them(client_as: ClientAs, people: People) -> None:
    one, far = make_customer(people.owner, "Paper Works"), make_customer(people.outsider, "Paper Works")
    for who in (people.owner, people.outsider, people.supervisor):
        client_as(who).get(f"/customers/{one.number}/merge/{far.number}", status=404)
        client_as(who).post(f"/customers/{one.number}/merge/{far.number}", {}, status=404)
    client_as(people.collaborator).get(f"/customers/{one.number}/merge/{far.number}", status=403)
    client_as(people.admin).get(f"/customers/{one.number}/merge/{far.number}")


def test_who_was_overtaken_sees_both_as_they_are_now(client_as: ClientAs, people: People) -> None:
    one, other = two(people)
    browser = client_as(people.owner)
    sent = compared(browser, one, other)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, other.id)
        held.revise(by=people.teammate, now=clock.now(), expected_version=held.version, region="East")
    again = browser.post(f"/customers/{one.number}/merge/{other.number}", sent, status=409).get_data(
        as_text=True
    )
    assert "Tom Teammate changed one of the two meanwhile" in again
    assert "East" in again
    browser.post(f"/customers/{one.number}/merge/{other.number}", {**sent, **versions(again)})


def test_a_number_leads_to_the_comparison(client_as: ClientAs, people: People) -> None:
    one, other = two(people)
    browser, path = client_as(people.owner), f"/customers/{one.number}/merge"
    browser.get(path)
    assert "no other customer" in browser.get(f"{path}?other=nothing").get_data(as_text=True)
    answer = browser.get(f"{path}?other={other.number.lower()}", status=303)
    assert answer.headers["Location"].endswith(f"/merge/{other.number}")
