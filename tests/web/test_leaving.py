"""Somebody leaves: everything goes to heirs at once or not at all; what happened can be read, and taken out."""

from __future__ import annotations

import ast
import csv
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import Refused
from salesboard.ops import leaving
from salesboard.ops.leaving import HandedOver, HandOver
from salesboard.ops.verb_names import VERB_NAMES
from salesboard.tasks.models import Task
from tests.breaking import PowerGone, breaking_at
from tests.browsing import Browser, counted_selects
from tests.footprint import Footprint
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def records(people: People) -> list[Customer]:
    customers = [make_customer(people.owner, f"Works {number}") for number in range(3)]
    for customer in customers:
        make_deal(people.owner, Stage.INTENT, customer=customer)
    make_deal(people.owner, customer=make_customer(people.teammate, "Somebody else's"))
    return customers


def owners(model: type[Customer | Deal]) -> dict[int, int]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return dict(
            db.session.execute(select(model.owner_id, func.count(model.id)).group_by(model.owner_id)).all()
        )


def test_who_leaves_is_asked_for_heirs_and_each_gets_a_share(
    people: People, client_as: ClientAs, records: list[Customer]
) -> None:
    admin = client_as(people.admin)
    closed = admin.post(f"/admin/people/{people.owner.id}/activity", {"active": "0"}, status=303)
    assert closed.headers["Location"].endswith("/hand-over")
    page = admin.get(closed.headers["Location"])
    assert "3 customers" in page.text
    assert "4 deals" in page.text
    heirs = [str(people.teammate.id), str(people.supervisor.id)]
    answer = admin.post(f"/admin/people/{people.owner.id}/hand-over", {"heirs": heirs}, status=303)
    told = admin.get(answer.headers["Location"]).text
    assert all(customer.name in told for customer in records)
    assert owners(Customer) == {people.teammate.id: 3, people.supervisor.id: 1}
    with acting_as_system("a test looks"):
        pairs = db.session.execute(
            select(Deal.owner_id, Customer.owner_id).join(Customer, Customer.id == Deal.customer_id)
        ).all()
        assert people.owner.id not in {pair[0] for pair in pairs}
        handed = dict(
            db.session.execute(select(HandedOver.kind, func.count()).group_by(HandedOver.kind)).all()
        )
        assert handed == {"customer": 3, "deal": 4, "task": 3}
        assert people.owner.id not in set(
            db.session.scalars(select(Task.owner_id).where(Task.state == "open"))
        )
    followed = [deal_owner == customer_owner for deal_owner, customer_owner in pairs]
    assert followed.count(True) >= 3, "a deal goes with its customer"


def test_an_open_form_notices_that_the_record_went_to_somebody_else(
    people: People, records: list[Customer]
) -> None:
    before = records[0].version
    with acting_as_system("a test hands over"):
        HandOver.carry_out(
            people.owner, [people.teammate], by=people.admin, now=datetime(2026, 5, 1, tzinfo=UTC)
        )
        db.session.commit()
        assert db.session.get_one(Customer, records[0].id, populate_existing=True).version == before + 1


@pytest.mark.parametrize("after", range(3))
def test_a_hand_over_that_breaks_off_changes_nothing(
    people: People,
    client_as: ClientAs,
    records: list[Customer],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    """It breaks before its customers, before its deals, and before its entry in the log."""
    admin = client_as(people.admin)
    before, calls, real = (owners(Customer), owners(Deal)), iter(range(99)), leaving.HandOver._give

    def give(*arguments: object) -> None:
        if next(calls) == after:
            raise OSError("the power went")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(leaving.HandOver, "_give", give)
    if after == 2:
        monkeypatch.setattr(leaving.audit, "record", lambda *_, **__: give())
    admin.app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        admin.post(
            f"/admin/people/{people.owner.id}/hand-over", {"heirs": [str(people.teammate.id)]}, status=500
        )
    finally:
        admin.app.config["PROPAGATE_EXCEPTIONS"] = None
    assert (owners(Customer), owners(Deal)) == before
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(HandOver.id))) == 0


def test_a_hand_over_is_whole_or_not_at_all_whichever_statement_it_breaks_at(
    people: People, records: list[Customer]
) -> None:
    before = Footprint()
    for statement in range(60):
        try:
            with breaking_at(statement), acting_as_system("a test hands over"), writing():
                heirs = [db.session.get_one(User, each.id) for each in (people.teammate, people.supervisor)]
                leaver, by = (db.session.get_one(User, each.id) for each in (people.owner, people.admin))
                HandOver.carry_out(leaver, heirs, by=by, now=clock.now())
            break
        except PowerGone:
            assert before.changed() == {}, statement
    assert statement > 8
    assert people.owner.id not in owners(Customer)
    assert people.owner.id not in owners(Deal)


def test_without_a_fit_heir_nothing_happens(
    people: People, client_as: ClientAs, records: list[Customer]
) -> None:
    admin = client_as(people.admin)
    path, before = f"/admin/people/{people.owner.id}/hand-over", owners(Customer)
    for heirs in ([], [str(people.collaborator.id)], [str(people.owner.id)], ["999999"], ["x"]):
        assert "Choose who takes over." in admin.post(path, {"heirs": heirs}, status=422).text
    with acting_as_system("a test tries"), pytest.raises(Refused, match="cannot take records over"):
        HandOver.carry_out(people.owner, [people.collaborator], by=people.admin, now=datetime.now(UTC))
    assert owners(Customer) == before


def test_the_log_is_narrowed_by_its_address_and_taken_out(
    people: People, client_as: ClientAs, records: list[Customer]
) -> None:
    admin = client_as(people.admin)
    everything = admin.get("/admin/audit").text
    assert "Moved a deal" in everything
    assert "Added a customer" in everything
    narrowed = admin.get(
        f"/admin/audit?about=customer&record={records[1].number}&actor={people.owner.id}"
    ).text
    assert narrowed.count("<tr") == 2, "the heads and one event"
    assert "Nothing fits" in admin.get("/admin/audit?until=2001-01-01").text
    admin.get("/admin/audit?actor=x&about=nonsense&since=yesterday&before=a&record=%25_")
    taken = admin.send("/admin/audit.csv", "POST", data={"about": "customer"})
    rows = list(csv.reader(StringIO(taken.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 4
    assert "Took the audit log out" in admin.get("/admin/audit?about=").text


def test_a_review_is_due_once_a_quarter(
    people: People, client_as: ClientAs, freeze: Callable[[datetime], None]
) -> None:
    admin = client_as(people.admin)
    assert "Not reviewed yet" in admin.get("/admin/access").text
    freeze(datetime(2026, 5, 20, 4, tzinfo=UTC))
    admin = client_as(people.admin)
    admin.post("/admin/access", {}, status=303)
    assert "review is due" not in admin.get("/admin/access").text
    freeze(datetime(2026, 6, 30, 17, tzinfo=UTC))  # the first of July where the admin is
    assert "review is due" in client_as(people.admin).get("/admin/access").text


def test_the_review_costs_the_same_for_many_people(app: Flask, people: People, client_as: ClientAs) -> None:
    admin = client_as(people.admin)
    admin.get("/admin/access")
    with counted_selects() as few:
        admin.get("/admin/access")
    make_customer(people.owner)
    make_customer(people.teammate)
    with counted_selects() as many:
        admin.get("/admin/access")
    assert len(few) == len(many)


def test_every_verb_of_the_log_has_words() -> None:
    """Also those of a class's own `_record`; a verb without words would be read as a code."""
    verbs = {
        node.args[0].value
        for path in [*(ROOT / "salesboard").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("record", "_record", "_conclude")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    assert len(verbs) > 40
    assert verbs - VERB_NAMES.keys() == set()
