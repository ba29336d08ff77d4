"""One fact of many customers changed at once: seen first, in one piece, and only where one may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.changes import FieldChange
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
HERE = "/customers/changes"


def seen(client: Browser, **asked: Any) -> dict[str, str]:
    """The page that says what would change, and what its form sends."""
    html = client.post(HERE, asked, 200).get_data(as_text=True)
    form = html[html.index('id="change-many"') :]
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    )


def stored(*customers: Customer) -> list[Customer]:
    with acting_as_system("a test looks"):
        return [db.session.get_one(Customer, each.id, populate_existing=True) for each in customers]


def test_a_level_is_changed_for_those_that_were_ticked(client_as: ClientAs, people: People) -> None:
    one, two, other = (make_customer(people.owner, name) for name in ("One", "Two", "Other"))
    client = client_as(people.owner)
    html = client.get("/customers?q=o").get_data(as_text=True)
    assert f'value="{one.number}" form="bulk"' in html
    form = seen(client, pick=[one.number, two.number], field="level", query="q=o")
    assert [each.level for each in stored(one, two)] == [Level.NORMAL, Level.NORMAL]
    for nothing in ("", "gold"):
        client.post(HERE, {**form, "value": nothing}, 422)
    answer = client.post(HERE, {**form, "value": "key"})
    assert answer.headers["Location"].endswith("/customers?q=o")
    assert [each.level for each in stored(one, two, other)] == [Level.KEY, Level.KEY, Level.NORMAL]
    with acting_as_system("a test looks"):
        changes = db.session.scalars(select(FieldChange).where(FieldChange.field == "level")).all()
        assert {(each.customer_id, each.before, each.after) for each in changes} == {
            (one.id, "normal", "key"),
            (two.id, "normal", "key"),
        }
        verbs = select(AuditEvent.subject).where(AuditEvent.verb == "customer.revised")
        assert set(db.session.scalars(verbs)) == {one.label, two.label}


def test_all_that_the_list_holds_get_a_region(client_as: ClientAs, people: People) -> None:
    east = [make_customer(people.owner, f"East {n}", region="East") for n in range(3)]
    west, mates = make_customer(people.owner, "West"), make_customer(people.teammate, "Mate", region="East")
    client = client_as(people.owner)
    form = seen(client, all="1", field="region", query="region=East")
    client.post(HERE, {**form, "value": "x" * 121}, 422)
    client.post(HERE, {**form, "value": "华东"})
    assert [each.region for each in stored(*east, west, mates)] == ["华东", "华东", "华东", None, "East"]
    form = seen(client, all="1", field="region", query="region=华东")
    client.post(HERE, {**form, "value": " "})
    assert [each.region for each in stored(*east)] == [None, None, None]


def test_what_changed_since_it_was_seen_is_seen_again(client_as: ClientAs, people: People) -> None:
    one, two = make_customer(people.owner, "One"), make_customer(people.owner, "Two")
    client = client_as(people.owner)
    form = seen(client, pick=[one.number, two.number], field="level")
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, two.id)
        held.revise(by=people.teammate, now=clock.now(), expected_version=held.version, level=Level.POTENTIAL)
    html = client.post(HERE, {**form, "value": "key"}, 409).get_data(as_text=True)
    assert "Something changed meanwhile" in html
    assert [each.level for each in stored(one, two)] == [Level.NORMAL, Level.POTENTIAL]
    with acting_as_system("a test prepares"), writing():  # another fact of theirs is nobody's business here
        held = db.session.get_one(Customer, two.id)
        held.revise(by=people.teammate, now=clock.now(), expected_version=held.version, remarks="Pays late")
    again = re.search(r'name="confirmed" value="(\w+)"', html)
    assert again
    client.post(HERE, {**form, "confirmed": again[1], "value": "key"})
    assert [each.level for each in stored(one, two)] == [Level.KEY, Level.KEY]


def test_who_leads_hands_customers_over_with_their_open_deals(client_as: ClientAs, people: People) -> None:
    mine, hers = make_customer(people.owner, "One"), make_customer(people.teammate, "Two")
    far = make_customer(people.outsider, "Far Away")
    open_deal, lost = (
        make_deal(people.owner, customer=mine),
        make_deal(people.owner, customer=mine, lost=True),
    )
    seen_through = make_deal(people.teammate, customer=far)
    client = client_as(people.supervisor)
    html = client.post(HERE, {"all": "1", "field": "owner"}, 200).get_data(as_text=True)
    assert "1 customer stays as it is" in html
    form = seen(client, all="1", field="owner")
    for nobody in (people.outsider.id, "", "x", "0"):
        client.post(HERE, {**form, "value": nobody, "with_deals": "y"}, 422)
    client.post(HERE, {**form, "value": people.teammate.id, "with_deals": "y"})
    owners = [each.owner_id for each in stored(mine, hers, far)]
    assert owners == [people.teammate.id, people.teammate.id, people.outsider.id]
    with acting_as_system("a test looks"):
        whose = {deal.id: deal.owner_id for deal in db.session.scalars(select(Deal))}
        assert whose == {
            open_deal.id: people.teammate.id,
            lost.id: people.owner.id,
            seen_through.id: people.teammate.id,
        }
        told = select(FieldChange.before, FieldChange.after).where(FieldChange.customer_id == mine.id)
        owner_changes = db.session.execute(told.where(FieldChange.field == "owner")).all()
        assert set(map(tuple, owner_changes)) == {("Olive Owner", "Tom Teammate")}
    client_as(people.owner).post(HERE, {"all": "1", "field": "owner"}, 403)


def test_one_customer_is_handed_over_from_its_page(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    client = client_as(people.supervisor)
    page = client.get(f"/customers/{customer.number}").get_data(as_text=True)
    assert f"{HERE}?field=owner&amp;pick={customer.number}" in page
    html = client.get(f"{HERE}?field=owner&pick={customer.number}").get_data(as_text=True)
    confirmed = re.search(r'name="confirmed" value="(\w+)"', html)
    assert confirmed
    sent = {
        "field": "owner",
        "picks": customer.number,
        "confirmed": confirmed[1],
        "value": people.teammate.id,
    }
    answer = client.post(HERE, sent)
    assert answer.headers["Location"].endswith(f"/customers/{customer.number}")
    with acting_as_system("a test looks"):
        assert db.session.get_one(Deal, deal.id, populate_existing=True).owner_id == people.owner.id
    assert stored(customer)[0].owner_id == people.teammate.id


def test_nothing_ticked_nothing_known_and_too_many_change_nothing(
    client_as: ClientAs, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, far = make_customer(people.owner), make_customer(people.outsider, "Far Away")
    client = client_as(people.owner)
    client.post(HERE, {"field": "level", "query": "q=x"}, 303)
    client.post(HERE, {"field": "name", "all": "1"}, 404)
    html = client.post(HERE, {"field": "level", "pick": far.number}, 200).get_data(as_text=True)
    assert "Far Away" not in html
    assert "None of these customers" in html
    client.post(HERE, {"field": "level", "picks": far.number, "confirmed": "x", "value": "key"}, 409)
    make_customer(people.owner, "Two")
    monkeypatch.setattr("salesboard.followups.many_customers.MOST_AT_ONCE", 1)
    client.post(HERE, {"field": "level", "all": "1"}, 303)
    monkeypatch.setattr("salesboard.followups.many_customers.MOST_HANDED_OVER", 1)
    client_as(people.admin).post(HERE, {"field": "owner", "all": "1"}, 303)
    assert [each.level for each in stored(mine, far)] == [Level.NORMAL, Level.NORMAL]


def test_the_page_costs_the_same_for_many(client_as: ClientAs, people: People) -> None:
    client = client_as(people.supervisor)

    def selects() -> int:
        with counted_selects() as statements:
            client.post(HERE, {"field": "owner", "all": "1"}, 200)
        return len(statements)

    make_customer(people.owner)
    few = selects()
    for n in range(6):
        make_customer(people.teammate if n % 2 else people.owner, f"Works {n}")
    assert selects() == few <= 12
