"""The calendar of a person: by a secret address that can be made anew and taken away, what they may see now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import vobject
from flask import Flask
from sqlalchemy import select, update

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.models import User
from salesboard.accounts.rules import token_digest
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Stage
from salesboard.service.models import Instalment, Payment
from salesboard.tasks.models import Task
from salesboard.tasks.nodes import Milestone, set_nodes
from salesboard.tasks.rules import KeyNode
from tests.browsing import Browser, Page, counted_selects
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
WEDNESDAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _wednesday_at_nine(freeze: Callable[[datetime], None]) -> None:
    freeze(WEDNESDAY)


def address_for(person: User) -> str:
    with writing():
        return f"/calendar/{CalendarAddress.make(db.session.get_one(User, person.id), clock.now())}.ics"


def set_task(what: str, customer: Customer, owner: User, **facts: Any) -> int:
    told = {"due_on": TODAY, "deal": None, "by": owner, "now": clock.now()} | facts
    with acting_as_system("a test prepares"), writing():
        kept = db.session.get_one(Customer, customer.id)
        return Task.set(what, customer=kept, owner=owner, **told).id


def events_in(answer: Any) -> dict[str, Any]:
    """By what they say, as an independent parser reads them."""
    calendar = vobject.readOne(answer.get_data(as_text=True))
    return {event.summary.value: event for event in calendar.contents.get("vevent", [])}


def test_one_makes_an_address_replaces_it_and_takes_it_away(people: People, client_as: ClientAs) -> None:
    browser, anybody = client_as(people.owner), client_as()

    def make() -> str:
        html = browser.post("/settings/calendar", status=200).get_data(True)
        return Page(html).texts("textarea")[0].removeprefix("http://localhost")

    first = make()
    anybody.get(first)
    assert first not in browser.get("/settings/calendar").get_data(True), "it is told once"
    second = make()
    anybody.get(first, 404)
    anybody.get(second)
    browser.post("/settings/calendar/revocation")
    anybody.get(second, 404)
    browser.post("/settings/calendar/revocation")
    verbs = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.verb.like("person.calendar%")))
    assert list(verbs) == ["person.calendar_made", "person.calendar_made", "person.calendar_revoked"]


def test_the_database_does_not_know_the_secret(app: Flask, people: People) -> None:
    token = address_for(people.owner).removeprefix("/calendar/").removesuffix(".ics")
    assert db.session.scalar(select(CalendarAddress.token_digest)) == token_digest(token)
    assert token_digest(token) != token


def test_it_ends_with_the_account_and_does_not_come_back_with_it(people: People, client_as: ClientAs) -> None:
    address, anybody = address_for(people.owner), client_as()
    anybody.get(address)
    with writing():
        db.session.get_one(User, people.owner.id).deactivate(by=people.admin, now=clock.now())
    anybody.get(address, 404)
    with writing():
        db.session.get_one(User, people.owner.id).reactivate(by=people.admin, now=clock.now())
    anybody.get(address, 404)


def test_it_holds_ones_tasks_and_the_nodes_of_ones_deals(people: People, client_as: ClientAs) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    set_task("Call, then write", customer, people.owner, due_at=WEDNESDAY + timedelta(hours=3), goal="A yes")
    set_task("Tom's own", make_customer(people.teammate, "Trilobite"), people.teammate)
    set_task("Long ago", customer, people.owner, due_on=TODAY - timedelta(days=61))
    with acting_as_system("a test prepares"), writing():
        node = Milestone(date(2026, 6, 1), people.teammate)
        set_nodes(Deal.locked(deal.number), {KeyNode.NEEDS: node}, "", by=people.owner, now=clock.now())
    events = events_in(client_as().get(address_for(people.owner)))
    said = {name.removesuffix(f" · {customer.name}"): event for name, event in events.items()}
    assert said.keys() == {"Get in touch again", "Call, then write", "Needs found out"}
    call, node_event = said["Call, then write"], said["Needs found out"]
    assert call.dtstart.value == WEDNESDAY + timedelta(hours=3)
    assert "A yes" in call.description.value
    assert node_event.dtstart.value == date(2026, 6, 1)
    assert "Tom Teammate" in node_event.description.value
    assert node_event.url.value == f"http://localhost/deals/{deal.number}"


def test_the_renewals_of_ones_deals_stand_there(people: People, client_as: ClientAs) -> None:
    told = [{"code": "renewal_on", "wording": "Renewal date", "value": "2027-05-31", "words": "May 31, 2027"}]
    deals = [
        make_deal(who, Stage.SERVICE, customer=make_customer(who, who.name)) for who in vars(people).values()
    ]
    with acting_as_system("a test prepares"), writing():
        stays = update(Placement).where(Placement.deal_id.in_([deal.id for deal in deals]))
        db.session.execute(stays.where(Placement.left_at.is_(None)).values(answers=told))
    events = events_in(client_as().get(address_for(people.owner)))
    renewals = {name: event for name, event in events.items() if name.startswith("Renewal")}
    assert [*renewals] == ["Renewal · Olive Owner"]
    assert renewals["Renewal · Olive Owner"].dtstart.value == date(2027, 5, 31)


def test_what_is_still_awaited_of_ones_signed_deals_stands_there(people: People, client_as: ClientAs) -> None:
    won = make_deal(people.owner, Stage.WON, amount=Decimal(900_000))
    make_deal(
        people.teammate, Stage.WON, amount=Decimal(5), customer=make_customer(people.teammate, "Trilobite")
    )
    lines = [
        Instalment(None, name, TODAY + timedelta(days=days), Decimal(300_000))
        for name, days in (("First", -61), ("Second", 1), ("Third", 400))
    ]
    with acting_as_system("a test prepares"), writing():
        Payment.plan(won, lines, by=people.owner, now=clock.now())
        second = Payment.of(won)[1]
        second.receive(Decimal(50_000), TODAY, by=people.owner, now=clock.now(), expected_version=1)
    body = client_as().get(address_for(people.owner)).get_data(True)
    due = [each for each in vobject.readOne(body).vevent_list if "Payment due" in each.summary.value]
    assert [each.dtstart.value for each in due] == [TODAY + timedelta(days=days) for days in (1, 400)]
    assert "Instalment: Second\nCNY 250,000.00 awaited" in due[0].description.value
    assert [each.sequence.value for each in due] == ["1", "0"]


def test_a_change_keeps_the_event_and_counts(people: People, client_as: ClientAs) -> None:
    number = set_task("Call", make_customer(people.owner), people.owner)
    address, anybody = address_for(people.owner), client_as()
    (before,) = events_in(anybody.get(address)).values()
    with acting_as_system("a test prepares"), writing():
        moved = Task.locked(number)
        moved.postpone(
            TODAY + timedelta(days=1), "A fair", by=people.owner, now=clock.now(), expected_version=1
        )
    (after,) = events_in(anybody.get(address)).values()
    assert (before.uid.value, before.sequence.value) == (after.uid.value, "0")
    assert (after.sequence.value, after.dtstart.value) == ("1", TODAY + timedelta(days=1))


def test_what_one_may_not_see_any_more_is_gone_at_once(people: People, client_as: ClientAs) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test prepares"), writing():
        Deal.locked(deal.number).share_with(people.collaborator, by=people.owner, now=clock.now())
    set_task("Explain it", customer, people.collaborator, deal=deal)
    address, anybody = address_for(people.collaborator), client_as()
    assert [*events_in(anybody.get(address))] == [f"Explain it · {customer.name}"]
    with acting_as_system("a test prepares"), writing():
        Deal.locked(deal.number).stop_sharing_with(people.collaborator, by=people.owner, now=clock.now())
    assert not events_in(anybody.get(address))


def test_it_is_the_persons_whoever_else_is_signed_in(people: People, client_as: ClientAs) -> None:
    set_task("Mine alone", make_customer(people.owner), people.owner)
    with writing():
        db.session.get_one(User, people.owner.id).locale = "zh_Hans"
        db.session.get_one(User, people.owner.id).timezone = "Europe/Berlin"
    address = address_for(people.owner)
    answer = client_as(people.outsider).get(address)
    assert len(events_in(answer)) == 1
    assert "X-WR-TIMEZONE:Europe/Berlin" in answer.get_data(True)
    assert "Set-Cookie" not in client_as().get(address).headers
    assert answer.content_type == "text/calendar; charset=utf-8"


def test_a_program_that_has_it_already_is_told_so(people: People, client_as: ClientAs) -> None:
    customer, anybody = make_customer(people.owner), client_as()
    address = address_for(people.owner)
    answer = anybody.get(address)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not anybody.get(address, 304, headers=known).data
    set_task("Something new", customer, people.owner)
    assert anybody.get(address, 200, headers=known).data


def test_it_is_not_read_without_end(people: People, client_as: ClientAs) -> None:
    address, anybody = address_for(people.owner), client_as()
    answers = [anybody.send(address, "GET") for _time in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("token", ["x", "…", "a" * 3000, "%ff%fe", "..%2f..%2fetc"])
def test_a_guess_is_not_found(client_as: ClientAs, people: People, token: str) -> None:
    client_as().get(f"/calendar/{token}.ics", 404)


def test_it_asks_the_same_however_much_it_holds(people: People, client_as: ClientAs) -> None:
    address, anybody = address_for(people.supervisor), client_as()
    for number in range(30):
        set_task(f"Task {number}", make_customer(people.owner, f"Works {number}"), people.supervisor)
    with counted_selects() as selects:
        assert len(events_in(anybody.get(address))) == 30
    assert len(selects) <= 6, "the person, their team, the installation, tasks, renewals, payments"
