"""A customer's record on its pages: facts one by one, changes, the decision chain, spot checks; for whom they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.changes import FieldChange
from salesboard.customers.checks import SpotCheck
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Attitude, Channel, ContactRole, CustomerStatus, Level, Need, Priority
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.installation import Installation
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]


def now_of(customer: Customer) -> Customer:
    with acting_as_system("a test looks"):
        found = db.session.get_one(Customer, customer.id, populate_existing=True)
        db.session.refresh(found, ["need_rows"])
        return found


def add(customer: Customer, people: People, **facts: object) -> Contact:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(by=people.owner, now=clock.now(), expected_version=held.version, **facts)


def page_of(client: Browser, customer: Customer) -> str:
    return client.get(f"/customers/{customer.number}").get_data(as_text=True)


# ── Facts one by one ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [
        ("name", "Paper Swan", "Paper Swan"),
        ("region", " North ", "North"),
        ("employees", "12", 12),
        ("annual_revenue", "2.1亿", Decimal(210_000_000)),
        ("level", "key", Level.KEY),
        ("status", "lost", CustomerStatus.LOST),
        ("remarks", "", None),
    ],
)
def test_each_fact_is_changed_by_itself(
    client_as: ClientAs, people: People, name: str, sent: str, stored: object
) -> None:
    customer = make_customer(people.owner, remarks="old", region="East")
    client, here = client_as(people.owner), f"/customers/{customer.number}/facts/{name}"
    client.get(here)
    line = client.get(here, fragment=True).get_data(as_text=True)
    assert f'id="fact-{name}"' in line
    answer = client.post(here, {"version": customer.version, name: sent}, 200, fragment=True)
    assert 'id="customer-head" hx-swap-oob' in answer.get_data(as_text=True)
    assert getattr(now_of(customer), name) == stored


def test_needs_are_ordered_and_weighed(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, needs="cold nights\none map")
    sent = {
        "version": customer.version,
        "needs-0-text": "one map",
        "needs-0-priority": "high",
        "needs-1-text": "",
        "needs-1-priority": "low",
        "needs-2-text": "bills by tenant",
        "needs-2-priority": "normal",
    }
    client_as(people.owner).post(f"/customers/{customer.number}/facts/needs", sent)
    assert now_of(customer).needs_told == (Need("one map", Priority.HIGH), Need("bills by tenant"))


def test_a_need_that_cannot_be_taken_is_told_beside_it(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    sent = {
        "version": customer.version,
        "needs-0-text": "card 4111 1111 1111 1111",
        "needs-0-priority": "high",
    }
    here = f"/customers/{customer.number}/facts/needs"
    html = client_as(people.owner).post(here, sent, 422).get_data(as_text=True)
    assert "bank-card number" in html
    assert 'value="card 4111 1111 1111 1111"' in html


@pytest.mark.parametrize("name", ["number", "owner_id", "validate_email", "facts", "version", "x"])
def test_what_is_no_fact_has_no_form(client_as: ClientAs, people: People, name: str) -> None:
    customer = make_customer(people.owner)
    client_as(people.owner).get(f"/customers/{customer.number}/facts/{name}", 404)


def test_two_editors_of_one_fact_see_both_values(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, region="East")
    here, seen = f"/customers/{customer.number}/facts", {"version": customer.version}
    client_as(people.supervisor).post(f"{here}/region", {**seen, "region": "Hers"})
    client_as(people.owner).post(f"{here}/industry", {**seen, "industry": "Paper"})
    client = client_as(people.owner)
    html = client.post(f"{here}/region", {**seen, "region": "Mine"}, 409).get_data(as_text=True)
    assert "Sue Supervisor changed this customer meanwhile" in html
    assert 'value="Mine"' in html
    assert "Hers" in html
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert version
    client.post(f"{here}/region", {"version": version[1], "region": "Mine"})
    assert (now_of(customer).region, now_of(customer).industry) == ("Mine", "Paper")


def test_the_whole_form_takes_over_what_only_others_changed(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, region="East", remarks="old")
    seen = {"version": customer.version, "name": customer.name, "level": "normal", "region": "East"}
    here = f"/customers/{customer.number}/edit"
    client_as(people.supervisor).post(here, {**seen, "region": "Hers", "remarks": "hers"})
    html = client_as(people.owner).post(here, {**seen, "remarks": "mine"}, 409).get_data(as_text=True)
    assert 'value="Hers"' in html, "sent again, the form does not undo what the owner never touched"
    assert "mine</textarea>" in html
    assert html.count("now: ") == 1


def test_known_values_are_offered_from_ones_own_customers(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, region="East", source="A friend")
    make_customer(people.outsider, "Far Away", region="Secret region")
    html = client_as(people.owner).get(f"/customers/{customer.number}/edit").get_data(as_text=True)
    offered = re.findall(r'<option value="([^"]*)">', html)
    assert {"East", "A friend", "Fair", "Referral"} <= set(offered)
    assert "Secret region" not in html


# ── Level, changes, chain ─────────────────────────────────────────────────────────


def test_a_level_is_suggested_with_its_reason(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    make_deal(people.owner, Stage.NEGOTIATION, customer=customer, amount=Decimal(860_000))
    html = page_of(client_as(people.owner), customer)
    assert "Suggested: Key" in html
    assert "860K, as far as Negotiation" in html
    with writing():
        db.session.get_one(Installation, 1).high_value = Decimal(900_000)
    assert "Suggested: Growth potential" in page_of(client_as(people.owner), customer)
    sent = {"version": customer.version, "level": "potential"}
    client_as(people.owner).post(f"/customers/{customer.number}/facts/level", sent)
    assert "Suggested" not in page_of(client_as(people.owner), customer)


def test_changes_are_told_on_the_pages_and_hide_what_is_sealed(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, region="East")
    deal = make_deal(people.owner, customer=customer)
    contact = add(customer, people, name="Cleo", phone="10012345678")
    with acting_as_system("a test prepares"), writing():
        held, by, now = db.session.get_one(Customer, customer.id), people.owner, clock.now()
        held.revise(
            by=by, now=now, expected_version=held.version, region="West", annual_revenue=Decimal(9_431_577)
        )
        own, told = db.session.get_one(Contact, contact.id), {"phone": "10087654321", "reports_to_id": None}
        held.revise_contact(own, by=by, now=now, expected_version=held.version, **told)
        line = db.session.get_one(Deal, deal.id)
        line.revise(
            by=by, now=now, expected_version=line.version, amount=Decimal(7), budget=Decimal(7_654_321)
        )
    client = client_as(people.owner)
    html = client.get(f"/customers/{customer.number}/changes").get_data(as_text=True)
    for words in ("East", "West", "100****5678", "100****4321", "Line one: ", "CNY 7.00", "Olive Owner"):
        assert words in html
    for secret in ("10012345678", "10087654321", "9,431,577", "9431577", "7654321"):
        assert secret not in html
    page = client.get(f"/deals/{deal.number}").get_data(as_text=True)
    assert "CNY 7.00" in page
    assert "West" not in page.partition('id="changes"')[2]
    client.get(f"/customers/{customer.number}/changes?before=nonsense")
    client.get(f"/customers/{customer.number}/changes?before=1")


def test_the_chain_is_a_list_with_its_gaps_and_the_way_to_fill_them(
    client_as: ClientAs, people: People
) -> None:
    customer = make_customer(people.owner)
    boss = add(customer, people, name="Cleo", role=ContactRole.DECISION_MAKER, attitude=Attitude.SUPPORTER)
    add(customer, people, name="Dora", role=ContactRole.TECHNICAL, reports_to_id=boss.id)
    html = page_of(client_as(people.owner), customer)
    assert "2 gaps" in html
    assert "Nobody of purchasing or finance is known" in html
    assert "No talk with the decision maker Cleo yet" in html
    form = client_as(people.owner).get(f"/customers/{customer.number}/contacts/new?role=buyer")
    assert '<option selected value="buyer">' in form.get_data(as_text=True)
    client_as(people.owner).get(f"/customers/{customer.number}/contacts/new?role=nonsense")


def test_a_contact_reports_to_another_and_not_to_themselves(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    boss = add(customer, people, name="Cleo")
    client, here = client_as(people.owner), f"/customers/{customer.number}/contacts"
    sent = {"name": "Dora", "attitude": "opponent", "reports_to_id": boss.id, "preferred_channel": "visit"}
    client.post(f"{here}/new", {**sent, "version": now_of(customer).version})
    with acting_as_system("a test looks"):
        dora = db.session.scalars(select(Contact).where(Contact.name == "Dora")).one()
    assert (dora.attitude, dora.preferred_channel, dora.reports_to_id) == (
        Attitude.OPPONENT,
        Channel.VISIT,
        boss.id,
    )
    circle = {
        "name": "Cleo",
        "attitude": "unknown",
        "reports_to_id": dora.id,
        "version": now_of(customer).version,
    }
    html = client.post(f"{here}/{boss.id}", circle, 422).get_data(as_text=True)
    assert "In the end they would report to themselves" in html
    client.post(f"{here}/{boss.id}", {**circle, "reports_to_id": 9999}, 422)


def test_the_gaps_are_filled_in_when_a_deal_comes_to_the_negotiation(
    client_as: ClientAs, people: People
) -> None:
    customer = make_customer(people.owner)
    add(customer, people, name="Cleo", role=ContactRole.USER)
    deal = make_deal(people.owner, Stage.PROPOSAL, customer=customer)
    html = (
        client_as(people.owner).get(f"/deals/{deal.number}/placement?to=negotiation").get_data(as_text=True)
    )
    assert "No decision maker is known; Nobody of purchasing or finance is known" in html


def test_a_reader_changes_nothing_and_the_page_costs_the_same(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, region="East")
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, deal.id).share_with(people.collaborator, by=people.owner, now=clock.now())
    html = page_of(client_as(people.collaborator), customer)
    assert "East" in html
    assert "/facts/" not in html
    client_as(people.collaborator).post(f"/customers/{customer.number}/facts/region", {}, 403)
    client = client_as(people.owner)

    def selects() -> int:
        with counted_selects() as statements:
            page_of(client, customer)
        return len(statements)

    few = selects()
    for n in range(6):
        add(customer, people, name=f"Person {n}", role=ContactRole.USER)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        needs = "\n".join(map(str, range(9)))
        held.revise(
            by=people.owner, now=clock.now(), expected_version=held.version, needs=needs, region="West"
        )
    assert selects() <= few + 1, "the contacts' needs and names are read at once"


# ── Spot checks ───────────────────────────────────────────────────────────────────


def test_a_supervisor_checks_and_the_rep_learns_the_result(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    client = client_as(people.supervisor)
    assert "Nothing is drawn for this week yet" in client.get("/customers/checks").get_data(as_text=True)
    client.post("/customers/checks")
    assert customer.name in client.get("/customers/checks").get_data(as_text=True)
    with acting_as_system("a test looks"):
        check = db.session.scalars(select(SpotCheck)).one()
    here, prefix = f"/customers/checks/{check.id}", f"check-{check.id}-"
    html = client.post(here, {f"{prefix}result": "wrong"}, 422).get_data(as_text=True)
    assert "Say what is not right." in html
    client_as(people.admin).post(here, {f"{prefix}result": "right"}, 404)
    assert "Spot check" not in page_of(client_as(people.owner), customer)
    client.post(here, {f"{prefix}result": "wrong", f"{prefix}words": "They moved"})
    client.post(here, {f"{prefix}result": "right"}, 422)
    assert "They moved" in page_of(client_as(people.owner), customer)
    assert now_of(customer).verified_at is None


def test_who_verified_a_customer_is_told_on_its_page(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    client = client_as(people.supervisor)
    client.post("/customers/checks")
    with acting_as_system("a test looks"):
        check = db.session.scalars(select(SpotCheck)).one()
    client.post(f"/customers/checks/{check.id}", {f"check-{check.id}-result": "right"})
    assert "checked by Sue Supervisor" in page_of(client_as(people.owner), customer)


def test_each_fact_of_a_person_is_changed_by_itself(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Customer, customer.id)
        told = {"by": people.owner, "now": clock.now(), "expected_version": held.version}
        boss = held.add_contact(name="Bo", **told).id
        told["expected_version"] = held.version
        ada = held.add_contact(name="Ada", title="Buyer", phone="138 0013 8000", **told).id
        version = held.version
    client, here = client_as(people.owner), f"/customers/{customer.number}/contacts/{ada}/facts"
    page = client.get(f"/customers/{customer.number}").get_data(as_text=True)
    for fact in (
        "name",
        "title",
        "role",
        "attitude",
        "reports_to_id",
        "preferred_channel",
        "phone",
        "email",
        "wechat",
    ):
        assert f'href="{here}/{fact}"' in page
        assert f'name="{fact}"' in client.get(f"{here}/{fact}").get_data(as_text=True)
    sent = {"title": "Head of buying", "version": str(version)}
    part = client.post(f"{here}/title", sent, 200, fragment=True).get_data(as_text=True)
    assert "Head of buying" in part
    assert f'id="contact-{ada}" hx-swap-oob="true"' in part
    assert 'id="changes"' in part
    # another fact, on a page opened before: nothing of the first is lost
    client.post(f"{here}/reports_to_id", {"reports_to_id": str(boss), "version": str(version)}, 303)
    told_again = client.post(f"{here}/title", {"title": "Clerk", "version": str(version)}, 409, fragment=True)
    assert "Head of buying" in told_again.get_data(as_text=True)
    client.post(f"{here}/email", {"email": "no address", "version": str(version)}, 422, fragment=True)
    client.post(f"{here}/name", {"name": "", "version": str(version)}, 422, fragment=True)
    client.get(f"{here}/owner", 404)
    with acting_as_system("a test looks"):
        contact = db.session.get_one(Contact, ada)
        assert (contact.name, contact.title, contact.reports_to_id) == ("Ada", "Head of buying", boss)
        assert contact.phone == "138 0013 8000"
        changed = db.session.scalars(select(FieldChange).where(FieldChange.contact_id == ada)).all()
        assert {(each.field, each.before, each.after) for each in changed} >= {
            ("title", "Buyer", "Head of buying"),
            ("reports_to_id", None, str(boss)),
        }
