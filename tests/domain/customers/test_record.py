"""A customer's record: needs, changes field by field, two who edit at once, who reports to whom, spot checks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.changes import FieldChange
from salesboard.customers.checks import SpotCheck
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import CheckResult, CustomerStatus, Level, Need, Priority
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import Conflict, Invalid, Refused
from salesboard.installation import installation
from salesboard.ops.verify import inspect_database
from tests.standing import People, make_customer, make_deal, written


def change(customer: Customer, by: User, since: int | None = None, **facts: Any) -> None:
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Customer, customer.id)
        version = held.version if since is None else since
        held.revise(by=by, now=clock.now(), expected_version=version, **facts)


def add(customer: Customer, by: User, **facts: Any) -> Contact:
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(by=by, now=clock.now(), expected_version=held.version, **facts)


def change_contact(contact: Contact, by: User, since: int | None = None, **facts: Any) -> None:
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Customer, contact.customer_id)
        version = held.version if since is None else since
        own = db.session.get_one(Contact, contact.id)
        held.revise_contact(own, by=by, now=clock.now(), expected_version=version, **facts)


def now_of(customer: Customer) -> Customer:
    with acting_as_system("a test looks"):
        return db.session.get_one(Customer, customer.id, populate_existing=True)


def history() -> list[tuple[str, str | None, str | None]]:
    with acting_as_system("a test looks"):
        rows = db.session.scalars(select(FieldChange).order_by(FieldChange.id)).all()
    return [(row.field, row.before, row.after) for row in rows]


# ── Needs ─────────────────────────────────────────────────────────────────────────


def test_needs_are_read_and_written_as_lines_and_keep_their_priorities(app: Flask, people: People) -> None:
    customer = make_customer(people.owner, needs="cold nights\none map")
    change(customer, people.owner, needs=(Need("one map", Priority.HIGH), Need("cold nights")))
    with acting_as_system("a test looks"):
        assert now_of(customer).needs == "one map\ncold nights"
        assert db.session.scalar(select(Customer.needs)) == "one map\ncold nights"
        change(customer, people.owner, needs="new\none map")
        assert now_of(customer).needs_told == (Need("new"), Need("one map", Priority.HIGH))
    change(customer, people.owner, needs=None)
    with acting_as_system("a test looks"):
        assert now_of(customer).needs is None
        assert db.session.scalar(text("SELECT count(*) FROM customer_needs")) == 0
    assert history()[0] == ("needs", "cold nights\none map", "↑ one map\ncold nights")
    assert history()[-1] == ("needs", "new\n↑ one map", None)


# ── Changes ───────────────────────────────────────────────────────────────────────


def test_each_changed_field_is_written_down_with_who_and_when(app: Flask, people: People) -> None:
    customer = make_customer(people.owner, region="East")
    change(customer, people.supervisor, region="West", industry="Paper", name=customer.name)
    contact = add(customer, people.owner, name="Cleo")
    change_contact(contact, people.owner, title="Buyer", name="Cleo")
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Deal, deal.id)
        facts = {"amount": Decimal(5), "name": held.name}
        held.revise(by=people.owner, now=clock.now(), expected_version=held.version, **facts)
        held.hand_over(people.teammate, by=people.supervisor, now=clock.now())
    assert history() == [
        ("region", "East", "West"),
        ("industry", None, "Paper"),
        ("name", None, "Cleo"),
        ("title", None, "Buyer"),
        ("amount", "100000.00", "5"),
        ("owner", "Olive Owner", "Tom Teammate"),
    ]
    with acting_as_system("a test looks"):
        rows = db.session.scalars(select(FieldChange).order_by(FieldChange.id)).all()
    assert [row.by_id for row in rows[:3]] == [people.supervisor.id] * 2 + [people.owner.id]
    assert [(row.contact_id, row.deal_id) for row in rows[3:5]] == [(contact.id, None), (None, deal.id)]


def test_sealed_values_leave_no_trace_but_a_mask(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    contact = add(customer, people.owner, name="Cleo", phone="10012345678")
    secrets = {"phone": "10087654321", "email": "cleo@works.example", "wechat": "cleo-paper"}
    change_contact(contact, people.owner, **secrets)
    change(customer, people.owner, annual_revenue=Decimal(123_456))
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.revise(by=people.owner, now=clock.now(), expected_version=held.version, budget=Decimal(654_321))
    assert ("phone", "100****5678", "100****4321") in history()
    told = repr(history())
    for secret in ("10012345678", "10087654321", "cleo@works", "cleo-paper", "123456", "654321"):
        assert secret not in told


def test_changes_are_seen_by_those_who_see_what_they_are_about(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    change(customer, people.owner, region="East")
    hidden = make_deal(people.owner, customer=customer)
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Deal, hidden.id)
        held.revise(by=people.owner, now=clock.now(), expected_version=held.version, name="A secret line")
    make_deal(people.teammate, customer=customer, name="Mate's line")

    def seen(person: User) -> list[str]:
        with acting_as(person.viewer()):
            return list(db.session.scalars(select(FieldChange.field).order_by(FieldChange.id)))

    assert seen(people.owner) == seen(people.supervisor) == seen(people.admin) == ["region", "name"]
    assert seen(people.teammate) == ["region"], (
        "the customer is seen through an own deal, a colleague's deal is not"
    )
    assert seen(people.outsider) == seen(people.collaborator) == []


# ── Two at once ───────────────────────────────────────────────────────────────────


def test_two_who_change_different_fields_both_succeed(app: Flask, people: People) -> None:
    customer = make_customer(people.owner, region="East", remarks="old")
    opened = customer.version
    change(customer, people.supervisor, opened, region="West", remarks="old")
    change(customer, people.owner, opened, region="East", remarks="new")
    now = now_of(customer)
    assert (now.region, now.remarks) == ("West", "new"), "a field that a form only repeats is not said"


def test_two_who_change_one_field_are_told_and_nothing_is_overwritten(app: Flask, people: People) -> None:
    customer = make_customer(people.owner, region="East", remarks="old")
    opened = customer.version
    change(customer, people.supervisor, opened, region="West", industry="Paper")
    with pytest.raises(Conflict) as told:
        change(customer, people.owner, opened, region="North", industry=None, remarks="new")
    assert told.value.changed_by == "Sue Supervisor"
    assert (told.value.fields, told.value.theirs) == (("region",), ("industry",))
    assert (now_of(customer).region, now_of(customer).remarks) == ("West", "old")


def test_who_changes_a_contact_is_not_stopped_by_what_happened_to_others(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    cleo, dora = add(customer, people.owner, name="Cleo"), add(customer, people.owner, name="Dora")
    opened = now_of(customer).version
    change(customer, people.supervisor, name="New Name")
    change_contact(dora, people.supervisor, name="Dora D")
    change_contact(cleo, people.supervisor, title="Buyer")
    change_contact(cleo, people.owner, opened, name="Cleo C")
    with pytest.raises(Conflict):
        change_contact(cleo, people.owner, opened, title="Chief buyer")
    with pytest.raises(Conflict), acting_as_system("a test acts"), writing():
        held = db.session.get_one(Customer, customer.id)
        held.add_contact(by=people.owner, now=clock.now(), expected_version=1, name="Dora")


def test_a_change_that_the_history_does_not_tell_stops_everybody(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    opened = customer.version
    with acting_as_system("a test acts"), writing():
        db.session.get_one(Customer, customer.id).touch(clock.now())
    with pytest.raises(Conflict):
        change(customer, people.owner, opened, region="East")
    with pytest.raises(Conflict):
        change(customer, people.owner, opened + 9, region="East")


# ── Who reports to whom ───────────────────────────────────────────────────────────


def test_nobody_comes_to_report_to_themselves(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    boss = add(customer, people.owner, name="Cleo")
    second = add(customer, people.owner, name="Dora", reports_to_id=boss.id)
    third = add(customer, people.owner, name="Emma", reports_to_id=second.id)
    for chief in (boss, second, third):
        with pytest.raises(Invalid, match="report to themselves"):
            change_contact(boss, people.owner, reports_to_id=chief.id)
    stranger = add(make_customer(people.owner, "Other Works"), people.owner, name="Finn")
    with pytest.raises(Invalid, match="not one of the customer's"):
        change_contact(boss, people.owner, reports_to_id=stranger.id)
    with pytest.raises(Invalid, match="not one of the customer's"):
        add(customer, people.owner, name="Gina", reports_to_id=stranger.id)
    change_contact(third, people.owner, reports_to_id=boss.id)
    change_contact(second, people.owner, reports_to_id=third.id)


# ── Status ────────────────────────────────────────────────────────────────────────


def test_a_status_that_was_set_holds_until_a_deal_moves(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, Stage.INTENT, customer=customer)
    change(customer, people.owner, status=CustomerStatus.LOST)
    assert now_of(customer).status is CustomerStatus.LOST
    assert inspect_database().findings == []
    with acting_as_system("a test acts"), writing():
        held, now, day = db.session.get_one(Deal, deal.id), clock.now(), installation().today
        note = written("Came back", people.owner, now, day)
        held.place(
            Stage.PROPOSAL,
            note=note,
            by=people.owner,
            now=now,
            day=day,
            expected_version=held.version,
            probability=50,
        )
    assert (now_of(customer).status, now_of(customer).status_is_set) == (CustomerStatus.INTENT, False)
    assert inspect_database().findings == []


# ── Spot checks ───────────────────────────────────────────────────────────────────


def draw(supervisor: User, weeks_on: int = 0) -> list[SpotCheck]:
    with acting_as_system("a test acts"), writing():
        day = installation().today + timedelta(weeks=weeks_on)
        return list(SpotCheck.draw(supervisor, day=day, how_many=3, now=clock.now()))


def test_the_weeks_customers_are_drawn_once_and_from_the_own_teams(app: Flask, people: People) -> None:
    for n in range(6):
        make_customer(people.owner, f"Works {n}")
        make_customer(people.outsider, f"Far {n}")
        make_customer(people.supervisor, f"Own {n}")
    first = draw(people.supervisor)
    assert [check.id for check in first] == [check.id for check in draw(people.supervisor)]
    assert len(first) == 3
    with acting_as_system("a test looks"):
        owners = {db.session.get_one(SpotCheck, check.id).customer.owner_id for check in first}
    assert owners == {people.owner.id}, "nobody checks their own"
    assert len(draw(people.supervisor, weeks_on=1)) == 3


def test_a_check_is_recorded_once_and_a_right_one_verifies(app: Flask, people: People) -> None:
    make_customer(people.owner, level=Level.KEY)
    make_customer(people.owner, "Other Works")
    right, wrong = draw(people.supervisor)

    def record(check: SpotCheck, result: CheckResult) -> None:
        with acting_as_system("a test acts"), writing():
            held = SpotCheck.locked(check.id, people.supervisor)
            assert held is not None
            held.record(result, "asked Cleo", by=people.supervisor, now=clock.now())

    record(right, CheckResult.RIGHT)
    record(wrong, CheckResult.WRONG)
    with pytest.raises(Refused, match="recorded already"):
        record(wrong, CheckResult.RIGHT)
    with acting_as_system("a test looks"):
        assert SpotCheck.locked(right.id, people.admin) is None
        verified = db.session.scalars(select(Customer.id).where(Customer.verified_at.is_not(None))).all()
        assert verified == [right.customer_id]
        assert db.session.get_one(Customer, right.customer_id).verified_by_id == people.supervisor.id


def test_results_are_seen_by_those_who_look_after_the_customer(app: Flask, people: People) -> None:
    make_customer(people.owner)
    (check,) = draw(people.supervisor)

    def seen(person: User) -> int:
        with acting_as(person.viewer()):
            return len(db.session.scalars(select(SpotCheck)).all())

    waiting = {name: seen(person) for name, person in vars(people).items()}
    assert {name for name, count in waiting.items() if count} == {"supervisor", "admin"}
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(SpotCheck, check.id)
        held.record(CheckResult.WRONG, "moved away", by=people.supervisor, now=clock.now())
    assert (seen(people.owner), seen(people.teammate), seen(people.outsider)) == (1, 0, 0)
