"""The history archive: lost customers leave the daily lists, stay readable, and come back when something happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.merging import Pick
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus, LostReason
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.exchange.export_asked import tables_asked, wish_for
from salesboard.exchange.export_models import Form
from salesboard.insight.evaluation import evaluate
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from salesboard.ops.verify import inspect_database
from tests.browsing import Browser
from tests.domain.customers.test_merging import merge
from tests.domain.exchange.bringing import brought, table
from tests.standing import People, make_customer, make_deal, written
from tests.web.test_customers import listed, stored

ClientAs = Callable[..., Browser]


@pytest.fixture
def lost(people: People) -> Customer:
    """A lost customer of the owner's, with a deal that was lost."""
    customer = make_customer(people.owner, "Bygone Works")
    make_deal(people.owner, customer=customer, lost=True)
    return stored(customer)


def put_away(customer: Customer, people: People) -> None:
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Customer, customer.id).archive(by=people.owner, now=clock.now())


def test_an_archived_customer_leaves_the_daily_list_and_is_still_found(
    client_as: ClientAs, people: People, lost: Customer
) -> None:
    make_customer(people.owner, "Daily Works")
    client = client_as(people.owner)
    client.post(f"/customers/{lost.number}/archive", {"act": "in"})
    client.post(f"/customers/{lost.number}/archive", {"act": "in"})

    assert listed(client) == ["Daily Works"]
    assert listed(client, "?archived=1") == ["Bygone Works"]
    found = client.get("/customers?q=bygone").get_data(True)
    assert "1 more in the history archive" in found
    assert listed(client, "?archived=1&q=bygone") == ["Bygone Works"]
    page = client.get(f"/customers/{lost.number}").get_data(True)
    assert "in the history archive since" in page
    assert "in the archive" in client.get(f"/customers/{lost.number}/changes").get_data(True)
    with acting_as_system("a test looks"):
        verbs = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.subject == lost.label)).all()
    assert verbs.count("customer.archived") == 1


def test_it_is_taken_back_by_hand(client_as: ClientAs, people: People, lost: Customer) -> None:
    put_away(lost, people)
    client = client_as(people.owner)
    client.post(f"/customers/{lost.number}/archive", {"act": "out"})
    assert listed(client) == ["Bygone Works"]
    assert stored(lost).archived_by_id is None


def test_only_what_is_lost_in_every_deal_goes_there(
    client_as: ClientAs, people: People, lost: Customer
) -> None:
    wanted = make_customer(people.owner, "Wanted Works")
    client = client_as(people.owner)
    client.post(f"/customers/{wanted.number}/archive", {"act": "in"}, status=422)
    at_work = make_customer(people.owner, "Busy Works")
    make_deal(people.teammate, customer=at_work)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Customer, at_work.id).status = CustomerStatus.LOST
    client.post(f"/customers/{at_work.number}/archive", {"act": "in"}, status=422)
    assert not stored(wanted).is_archived
    assert not stored(at_work).is_archived


def test_a_new_deal_takes_the_customer_out_again(client_as: ClientAs, people: People, lost: Customer) -> None:
    put_away(lost, people)
    sent = {"customer": "Bygone Works", "deal": "A second try", "source": "They called", "level": "normal"}
    client_as(people.owner).post("/deals/new", sent)
    now = stored(lost)
    assert (now.is_archived, now.status) == (False, CustomerStatus.POTENTIAL)


def test_a_note_takes_the_customer_out_again(people: People, lost: Customer) -> None:
    put_away(lost, people)
    now, day = clock.now(), installation().today
    with acting_as_system("a test writes"), writing():
        deal = db.session.scalars(select(Deal).where(Deal.customer_id == lost.id)).one()
        written("They called", people.owner, now, day, next_step="").file(deal.customer, deal)
    assert not stored(lost).is_archived
    assert stored(lost).status is CustomerStatus.LOST


@pytest.mark.parametrize(("stage", "is_archived"), [("意向客户", False), ("流失", True)])
def test_an_import_takes_the_customer_out_with_a_deal_that_is_not_lost(
    people: People, lost: Customer, tmp_path: Path, stage: str, is_archived: bool
) -> None:
    put_away(lost, people)
    row = ("Bygone Works", "Third try", stage, people.owner.name)
    assert brought(table(tmp_path, "客户名称 机会名称 当前阶段 负责人", row)).counts["deals"]["created"] == 1
    assert stored(lost).is_archived is is_archived


@pytest.mark.parametrize("has_deal", [True, False])
def test_a_merge_with_one_that_is_not_lost_takes_the_customer_out(people: People, *, has_deal: bool) -> None:
    bygone = make_customer(people.owner, "Bygone Works", status=CustomerStatus.LOST)
    put_away(bygone, people)
    other = make_customer(people.owner, "Bygone Works Ltd", status=CustomerStatus.INTENT)
    if has_deal:
        make_deal(people.owner, customer=other)
    merge(bygone, other, people.owner, **({} if has_deal else {"status": Pick.LOSER}))
    assert not stored(bygone).is_archived
    assert stored(bygone).status is not CustomerStatus.LOST


def test_a_status_set_by_hand_takes_the_customer_out_again(people: People, lost: Customer) -> None:
    put_away(lost, people)
    with acting_as_system("a test writes"), writing():
        held = db.session.get_one(Customer, lost.id)
        held.revise(
            by=people.owner, now=clock.now(), expected_version=held.version, status=CustomerStatus.INTENT
        )
    assert not stored(lost).is_archived
    assert inspect_database().findings == []


def test_a_new_customer_of_that_name_is_told_where_it_is(
    client_as: ClientAs, people: People, lost: Customer
) -> None:
    put_away(lost, people)
    html = client_as(people.owner).post("/customers/new", {"name": "Bygone Works", "level": "normal"}, 422)
    assert "in the history archive: Bygone Works" in html.get_data(True)


def test_numbers_of_the_past_are_the_same_after_archiving(
    people: People, lost: Customer, freeze: Callable[[datetime], None]
) -> None:
    freeze(datetime(2026, 3, 20, tzinfo=UTC))
    make_deal(people.owner, customer=lost, lost=True)
    period, scope, as_of = Period.parse("2026Q1"), Scope(), clock.now()
    with acting_as_system("a test evaluates"):
        before = evaluate(period, scope, as_of=as_of)
    put_away(lost, people)
    with acting_as_system("a test evaluates"):
        assert evaluate(period, scope, as_of=as_of) == before


def test_an_export_takes_what_its_list_shows_and_the_rest_everything(people: People, lost: Customer) -> None:
    make_customer(people.owner, "Daily Works")
    put_away(lost, people)

    def names(what: str, query: str | None) -> set[str]:
        wish = wish_for(what, Form.XLSX, query, "en", None)
        with acting_as_system("a test takes out"):
            [table] = tables_asked(wish, people.owner.id)
            place = table.heads.index("Customer")
            return {str(line[place]) for line in table.rows}

    assert names("customers", "") == {"Daily Works"}
    assert names("customers", "archived=1") == {"Bygone Works"}
    assert names("customers", None) == {"Daily Works", "Bygone Works"}


def test_why_a_customer_is_lost_is_said_on_its_page_while_it_is(client_as: ClientAs, people: People) -> None:
    customer, client = make_customer(people.owner), client_as(people.owner)
    here = f"/customers/{customer.number}/facts"
    client.get(f"{here}/lost_reason", 404)
    client.post(f"{here}/status", {"version": customer.version, "status": "lost"})
    assert "Reason for losing" in client.get(f"/customers/{customer.number}").get_data(True)
    version = stored(customer).version
    assert "Choose the reason." in client.post(f"{here}/lost_reason", {"version": version}, 422).get_data(
        True
    )
    client.post(f"{here}/lost_reason", {"version": version, "lost_reason": "price"})
    assert stored(customer).lost_reason is LostReason.PRICE
    client.post(f"{here}/status", {"version": version + 1, "status": "intent"})
    assert stored(customer).lost_reason is None


def test_an_archive_refuses_in_words(people: People) -> None:
    customer = make_customer(people.owner)
    with acting_as_system("a test tries"), pytest.raises(Refused, match="Only lost customers"), writing():
        db.session.get_one(Customer, customer.id).archive(by=people.owner, now=clock.now())
