"""Housekeeping: what is proposed to whom, done on confirmation all at once, and undone as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.changes import FieldChange
from salesboard.customers.housekeeping import TidiedCustomer, Tidying
from salesboard.customers.housekeeping_queries import Looking, held_of, proposed_page
from salesboard.customers.housekeeping_rules import Act, Proposal
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus, LostReason
from salesboard.customers.wording import NO_REASON_TOLD
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.installation import installation
from salesboard.ops.verify import inspect_database
from tests.browsing import Browser, counted_selects
from tests.domain.exchange.bringing import brought, table
from tests.standing import People, make_customer, make_deal, written
from tests.web.test_customers import stored

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
Freeze = Callable[[datetime], None]
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
HERE = "/customers/housekeeping"


@pytest.fixture(autouse=True)
def _in_november(freeze: Freeze) -> None:
    freeze(NOW)


def lost(owner: User, name: str = "Bygone Works", **facts: Any) -> Customer:
    """A lost customer that can be reached, of which nobody says why it is lost."""
    return reachable(make_customer(owner, name, status=CustomerStatus.LOST, **facts), owner)


def reachable(customer: Customer, by: User) -> Customer:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        held.add_contact(
            by=by, now=clock.now(), expected_version=held.version, name="Cleo", phone="0571 88886666"
        )
    return stored(customer)


def proposed_to(person: User, proposal: Proposal) -> list[str]:
    """The names that the person's page would show, through the person's eyes."""
    here = installation()
    with acting_as(person.viewer()):
        looking = Looking(person.viewer(), here.today, ZoneInfo(here.timezone))
        return [customer.name for customer in proposed_page(looking, proposal, None).customers]


def tick(act: Act, *customers: Customer, proposal: Proposal, **more: Any) -> dict[str, Any]:
    numbers = [customer.number for customer in customers]
    return {"proposal": proposal.value, "act": act.value, "customers": numbers, **more}


def lost_why(act: Act, *customers: Customer, **more: Any) -> dict[str, Any]:
    return tick(act, *customers, proposal=Proposal.LOST_WITHOUT_REASON, **more)


# ── What is proposed ──────────────────────────────────────────────────────────────


def test_lost_customers_without_a_reason_are_those_of_whom_nobody_says_why(people: People) -> None:
    lost(people.owner, "By hand")
    lost(people.owner, "Said by hand", lost_reason=LostReason.PRICE)
    make_deal(people.owner, customer=make_customer(people.owner, "Said by its deal"), lost=True)
    silent = make_deal(people.owner, customer=make_customer(people.owner, "Brought by a file"), lost=True)
    with acting_as_system("a test prepares"), writing():
        deal = db.session.get_one(Deal, silent.id)
        deal.lost_reason, deal.lost_words = LostReason.OTHER, str(NO_REASON_TOLD)
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == ["By hand", "Brought by a file"]


def test_without_a_channel_is_who_cannot_be_reached_by_anybody(people: People) -> None:
    reachable(make_customer(people.owner, "By telephone"), people.owner)
    nameless = make_customer(people.owner, "A name alone")
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, nameless.id)
        held.add_contact(by=people.owner, now=NOW, expected_version=held.version, name="Nobody knows how")
    make_customer(people.owner, "Nobody")
    assert proposed_to(people.owner, Proposal.NO_CHANNEL) == ["A name alone", "Nobody"]


def test_untouched_is_whom_nobody_talked_with_or_changed_for_six_months(
    people: People, freeze: Freeze
) -> None:
    freeze(NOW - timedelta(days=300))
    forgotten, talked, changed = (
        make_customer(people.owner, name) for name in ("Forgotten", "Talked with", "Changed")
    )
    make_customer(people.owner, "Interested", status=CustomerStatus.INTENT)
    freeze(NOW - timedelta(days=20))
    make_customer(people.owner, "New", first_contact_date=date(2020, 1, 1))
    with acting_as_system("a test prepares"), writing():
        written("Rang", people.teammate, clock.now(), installation().today, next_step="").file(stored(talked))
        held = db.session.get_one(Customer, changed.id)
        held.revise(by=people.owner, now=clock.now(), expected_version=held.version, region="North")
    freeze(NOW)
    assert proposed_to(people.owner, Proposal.UNTOUCHED) == [forgotten.name]


def test_whom_an_import_brought_is_as_old_as_the_first_contact(people: People, tmp_path: Path) -> None:
    days = {"Old Works": "2024-05-01", "New Works": "2026-11-01", "Undated Works": ""}
    rows = [(name, day, people.owner.name) for name, day in days.items()]
    brought(table(tmp_path, "客户名称 首次接触日期 负责人", *rows))
    assert proposed_to(people.owner, Proposal.UNTOUCHED) == ["Old Works"]


def test_each_is_proposed_those_they_look_after(people: People, client_as: ClientAs) -> None:
    mine, mates, far = (lost(getattr(people, who), f"Of {who}") for who in ("owner", "teammate", "outsider"))
    seen = {who: proposed_to(getattr(people, who), Proposal.LOST_WITHOUT_REASON) for who in vars(people)}
    assert seen["owner"] == ["Of owner"]
    assert seen["supervisor"] == ["Of owner", "Of teammate"]
    assert seen["admin"] == ["Of owner", "Of teammate", "Of outsider"]
    make_customer(people.owner, mates.name)
    html = client_as(people.supervisor).get(f"{HERE}?owner={people.teammate.id}").get_data(True)
    assert (mates.name in html, mine.name in html, far.name in html) == (True, False, False)
    assert 'Probable duplicates <span class="count">1</span>' in html


def test_an_owner_cannot_reach_for_a_mates_customer(people: People, client_as: ClientAs) -> None:
    mates = lost(people.teammate)
    sent = lost_why(Act.REASON, mates, reason="price", owner=people.teammate.id)
    html = client_as(people.owner).post(HERE, sent, 422).get_data(True)
    assert "None of these customers is proposed any more" in html
    assert stored(mates).lost_reason is None


# ── What is done ──────────────────────────────────────────────────────────────────


def test_a_reason_is_set_for_all_that_were_ticked(people: People, client_as: ClientAs) -> None:
    customers = [lost(people.owner, f"Bygone {n}") for n in range(3)]
    client = client_as(people.owner)
    html = client.post(HERE, lost_why(Act.REASON, *customers[:2]), 422).get_data(True)
    assert "Choose the reason." in html
    assert html.count(" checked") == 3, "the ticks and the choice are kept"
    client.post(HERE, lost_why(Act.REASON, *customers[:2], reason="no_budget"))
    assert [stored(each).lost_reason for each in customers] == [
        LostReason.NO_BUDGET,
        LostReason.NO_BUDGET,
        None,
    ]
    page = client.get(HERE).get_data(True)
    assert "Done for 2 customers." in page
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == ["Bygone 2"]
    assert "No budget" in client.get(f"/customers/{customers[0].number}/changes").get_data(True)


def test_the_untouched_are_called_lost_and_archived_at_once(
    people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    freeze(NOW - timedelta(days=300))
    customer = make_customer(people.owner, "Forgotten")
    freeze(NOW)
    client = client_as(people.owner)
    sent = tick(Act.ARCHIVE, customer, proposal=Proposal.UNTOUCHED, reason="no_answer")
    client.post(HERE, sent)
    now = stored(customer)
    assert (now.status, now.lost_reason, now.is_archived) == (
        CustomerStatus.LOST,
        LostReason.NO_ANSWER,
        True,
    )
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == []


def test_one_with_an_open_deal_is_named_and_nothing_at_all_is_done(
    people: People, client_as: ClientAs
) -> None:
    free, at_work = make_customer(people.owner, "Free"), make_customer(people.owner, "At work")
    make_deal(people.outsider, customer=at_work)
    sent = tick(Act.LOSE, free, at_work, proposal=Proposal.NO_CHANNEL, reason="no_answer")
    html = client_as(people.owner).post(HERE, sent, 422).get_data(True)
    assert "At work has a deal that is not lost" in html
    assert stored(free).status is CustomerStatus.POTENTIAL
    with acting_as_system("a test counts"):
        assert db.session.scalar(select(func.count(Tidying.id))) == 0


def test_who_is_left_alone_comes_again_with_the_next_month(
    people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    customer = lost(people.owner)
    client_as(people.supervisor).post(HERE, lost_why(Act.LEAVE, customer))
    assert stored(customer).version == customer.version
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == []
    freeze(datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == []
    freeze(datetime(2026, 11, 30, 16, tzinfo=UTC))
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == [customer.name]


def test_what_somebody_saw_to_meanwhile_is_told(people: People, client_as: ClientAs) -> None:
    first, second = lost(people.owner, "First"), lost(people.owner, "Second")
    client = client_as(people.owner)
    client.post(HERE, lost_why(Act.REASON, first, reason="price"))
    client.post(HERE, lost_why(Act.REASON, first, second, reason="no_answer"))
    assert "1 of those you ticked was seen to meanwhile." in client.get(HERE).get_data(True)
    assert stored(first).lost_reason is LostReason.PRICE


# ── What is undone ────────────────────────────────────────────────────────────────


def done_by(client: Browser, sent: dict[str, Any]) -> str:
    """The address of what was done."""
    client.post(HERE, sent)
    found = re.search(r'action="(/customers/housekeeping/\d+)/undo"', client.get(HERE).get_data(True))
    assert found
    return found[1]


def test_all_of_it_is_undone_but_what_was_changed_since(people: People, client_as: ClientAs) -> None:
    before = [lost(people.owner, f"Bygone {n}") for n in range(3)]
    client = client_as(people.owner)
    done = done_by(client, lost_why(Act.ARCHIVE, *before, reason="price"))
    with acting_as_system("a test changes"), writing():
        held = db.session.get_one(Customer, before[1].id)
        held.revise(by=people.supervisor, now=NOW, expected_version=held.version, region="North")
    client.post(f"{done}/undo")
    client.post(f"{done}/undo")
    now = [stored(each) for each in before]
    assert [each.is_archived for each in now] == [False, True, False]
    assert [each.lost_reason for each in now] == [None, LostReason.PRICE, None]
    assert (now[0].status, now[0].status_is_set) == (before[0].status, before[0].status_is_set)
    html = client.get(done).get_data(True)
    assert "1 customer was changed since and stays as it is." in html
    assert html.count("stays, changed since") == 1
    assert inspect_database().findings == []


def test_a_deal_since_keeps_its_customer_as_it_is(people: People, client_as: ClientAs) -> None:
    customer = lost(people.owner)
    client = client_as(people.owner)
    done = done_by(client, lost_why(Act.REASON, customer, reason="price"))
    make_deal(people.teammate, customer=stored(customer))
    client.post(f"{done}/undo")
    assert stored(customer).status is CustomerStatus.POTENTIAL
    assert "1 customer was changed since" in client.get(done).get_data(True)


def test_who_was_left_alone_is_proposed_again_after_the_undo(people: People, client_as: ClientAs) -> None:
    customer = lost(people.owner)
    client = client_as(people.owner)
    client.post(f"{done_by(client, lost_why(Act.LEAVE, customer))}/undo")
    assert proposed_to(people.owner, Proposal.LOST_WITHOUT_REASON) == [customer.name]


def test_a_supervisor_undoes_for_the_team_and_nobody_else_sees_it(
    people: People, client_as: ClientAs
) -> None:
    customer = lost(people.owner)
    done = done_by(client_as(people.owner), lost_why(Act.REASON, customer, reason="price"))
    for stranger in (people.teammate, people.outsider):
        client_as(stranger).get(done, 404)
        client_as(stranger).post(f"{done}/undo", status=404)
    client_as(people.supervisor).post(f"{done}/undo")
    assert stored(customer).lost_reason is None


def test_a_customer_that_went_to_another_team_is_not_named_to_its_former_one(
    people: People, client_as: ClientAs
) -> None:
    customer = lost(people.owner)
    client = client_as(people.owner)
    done = done_by(client, lost_why(Act.REASON, customer, reason="price"))
    with acting_as_system("a test hands over"), writing():
        held = db.session.get_one(Customer, customer.id)
        held.owner_id = people.outsider.id
        held.touch(NOW)
    client.post(f"{done}/undo")
    html = client.get(done).get_data(True)
    assert customer.name not in html
    assert "a customer that is not yours any more" in html
    assert stored(customer).lost_reason is LostReason.PRICE


# ── All or nothing ────────────────────────────────────────────────────────────────


class Interrupted(Exception):
    pass


def breaking_after(monkeypatch: pytest.MonkeyPatch, verb: str, calls: int) -> None:
    """From then on the customer's verb breaks off at the call after so many."""
    real, count = getattr(Customer, verb), iter(range(100))

    def break_off(customer: Customer, *given: Any, **named: Any) -> None:
        if next(count) >= calls:
            raise Interrupted
        real(customer, *given, **named)

    monkeypatch.setattr(Customer, verb, break_off)


@pytest.mark.parametrize("verb", ["lose", "archive"])
@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_confirmation_that_breaks_off_does_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch, verb: str, calls: int
) -> None:
    customers = [lost(people.owner, f"Bygone {n}") for n in range(3)]
    looking = Looking(people.owner.viewer(), installation().today, ZoneInfo("Asia/Shanghai"))
    breaking_after(monkeypatch, verb, calls)
    given = {"reason": LostReason.PRICE, "by": people.owner, "now": NOW, "today": looking.today}
    proposal = Proposal.LOST_WITHOUT_REASON
    with acting_as(people.owner.viewer()), pytest.raises(Interrupted), writing():
        held = held_of(looking, proposal, [each.number for each in customers])
        Tidying.carry_out(proposal, Act.ARCHIVE, held, **given)
    assert_nothing_happened(customers)


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_an_undo_that_breaks_off_does_nothing(
    people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    customers = [lost(people.owner, f"Bygone {n}") for n in range(3)]
    done = done_by(client_as(people.owner), lost_why(Act.ARCHIVE, *customers, reason="price"))
    then = [stored(each).version for each in customers]
    breaking_after(monkeypatch, "stand_as", calls)
    with acting_as(people.owner.viewer()), pytest.raises(Interrupted), writing():
        held = Tidying.locked(int(done.rpartition("/")[2]))
        assert held is not None
        held.undo(by=people.owner, now=NOW)
    assert [(each.is_archived, each.version) for each in map(stored, customers)] == [
        (True, version) for version in then
    ]
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(Tidying.undone_at)) is None
        assert not any(db.session.scalars(select(TidiedCustomer.is_kept)))


def assert_nothing_happened(customers: list[Customer]) -> None:
    now = [stored(each) for each in customers]
    assert [(each.version, each.standing) for each in now] == [
        (each.version, each.standing) for each in customers
    ]
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(Tidying.id))) == 0
        told = select(func.count(FieldChange.id)).where(FieldChange.field.in_(("lost_reason", "archived")))
        assert db.session.scalar(told) == 0


# ── The page ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("proposal", list(Proposal))
def test_the_page_costs_the_same_however_much_is_proposed(
    app: Flask, people: People, client_as: ClientAs, proposal: Proposal
) -> None:
    client = client_as(people.owner)

    def selects() -> int:
        with counted_selects() as statements:
            client.get(f"{HERE}?proposal={proposal}")
        return len(statements)

    make_customer(people.owner, "First", status=CustomerStatus.LOST)
    client.post(HERE, tick(Act.LEAVE, lost(people.owner, "Left"), proposal=Proposal.LOST_WITHOUT_REASON))
    selects()
    few = selects()
    for n in range(8):
        make_customer(people.owner, f"More {n}", status=CustomerStatus.LOST)
    more = make_customer(people.owner, "Left too", status=CustomerStatus.LOST)
    client.post(HERE, tick(Act.LEAVE, more, proposal=Proposal.NO_CHANNEL))
    assert selects() == few


def test_many_come_page_by_page(people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    from salesboard.customers import housekeeping_queries

    monkeypatch.setattr(housekeeping_queries, "PROPOSED_A_PAGE", 2)
    for n in range(3):
        lost(people.owner, f"Bygone {n}")
    client = client_as(people.owner)
    first = client.get(HERE).get_data(True)
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).get_data(True)
    assert re.findall(r"Bygone \d(?=</a>)", first + second) == ["Bygone 0", "Bygone 1", "Bygone 2"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"proposal": "nonsense", "act": "lose", "customers": ["C1"]},
        {"proposal": "untouched", "act": "reason", "customers": ["C1"], "reason": "price"},
        {"proposal": "untouched", "act": "lose", "customers": ["C1"], "reason": "nonsense"},
        {"proposal": "untouched", "act": "lose", "customers": ["C1"] * 201, "reason": "price"},
        {"proposal": "untouched", "act": "lose", "customers": ["\x00", "'"], "reason": "price", "owner": "x"},
    ],
)
def test_what_makes_no_sense_is_answered_in_words(
    people: People, client_as: ClientAs, sent: dict[str, Any]
) -> None:
    client_as(people.owner).post(HERE, sent, 422)
