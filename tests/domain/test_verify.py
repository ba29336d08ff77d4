"""`verify` finds what is broken behind the verbs' back, and names it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.customers.custom_rules import Subject
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.ops.verify import Inspection, inspect_database
from tests.browsing import counted_selects
from tests.own_fields import add_field, fill_in
from tests.standing import People, make_customer, make_deal


@pytest.fixture
def deal(app: Flask, people: People) -> Deal:
    """A deal that was moved twice, shared and filled in, beside another customer's deal and some promised work."""
    moved = make_deal(people.owner, Stage.PROPOSAL)
    other = make_customer(people.owner, "Other Works")
    make_deal(people.owner, customer=other, name="Line two")
    make_deal(people.owner, Stage.INTENT, customer=make_customer(people.owner, "Third Works"), lost=True)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, moved.id).share_with(people.collaborator, by=people.owner, now=clock.now())
        outbox.promise("report", 1, now=clock.now())
    fill_in(moved, {add_field(Subject.DEAL, "Width"): "40"}, people.owner)
    return moved


BREAKING = {
    "one-open-stay": "UPDATE placements SET left_at = entered_at WHERE deal_id = :deal AND left_at IS NULL",
    "deal-and-stay": "UPDATE deals SET stage = 'lead' WHERE id = :deal",
    "note-of-stay": """UPDATE followups SET deal_id = :other WHERE id =
        (SELECT followup_id FROM placements WHERE deal_id = :deal AND left_at IS NULL)""",
    "order-of-stays": """UPDATE placements SET left_at = '2999-01-01 00:00:00+00:00'
        WHERE deal_id = :deal AND stage = 'intent'""",
    "chain-of-stays": "UPDATE placements SET from_stage = 'won' WHERE deal_id = :deal AND stage = 'proposal'",
    "undo": """UPDATE followups SET taken_back_at = recorded_at WHERE id =
        (SELECT followup_id FROM placements WHERE deal_id = :deal AND stage = 'intent')""",
    "worth": "UPDATE deals SET worth = worth + 1 WHERE id = :deal",
    "version": "UPDATE deals SET version = 1 WHERE id = :deal",
    "customer-status": """UPDATE customers SET status = 'won' WHERE id =
        (SELECT customer_id FROM deals WHERE id = :deal)""",
    "note-of-customer": """UPDATE followups SET customer_id =
        (SELECT customer_id FROM deals WHERE id = :other) WHERE deal_id = :deal""",
    "step-task": "UPDATE deals SET next_step = 'Something else' WHERE next_step <> ''",
    "task-customer": "UPDATE tasks SET customer_id = (SELECT max(id) FROM customers) WHERE deal_id IS NOT NULL",
    "shared-deal": """UPDATE deal_collaborators SET customer_id =
        (SELECT customer_id FROM deals WHERE id = :other) WHERE deal_id = :deal""",
    "digest-chain": "UPDATE followups SET content = 'Something else' WHERE deal_id = :deal",
    "number": "UPDATE number_series SET last = 0 WHERE letter = 'O'",
    "customer-search": """UPDATE customers SET name = 'Renamed by hand' WHERE id =
        (SELECT customer_id FROM deals WHERE id = :deal)""",
    "deal-search": "UPDATE deals SET name = 'Renamed by hand' WHERE id = :deal",
    "search-parts": "DELETE FROM customer_search_parts WHERE part LIKE 'w%'",
    "own-field": "UPDATE custom_fields SET subject = 'customer'",
    "outbox": "UPDATE outbox SET state = 'leased'",
}
"""Each invariant, and a statement that breaks it."""


def inspected() -> Inspection:
    db.session.rollback()
    return inspect_database()


def test_what_the_verbs_wrote_is_clean(deal: Deal) -> None:
    inspection = inspected()
    assert inspection.findings == []
    assert (inspection.deals, inspection.checks) == (3, len(BREAKING) + len({"database", "keys"}))


@pytest.mark.parametrize("name", BREAKING)
def test_a_broken_rule_is_found_and_named(deal: Deal, name: str) -> None:
    with acting_as_system("a test breaks"), writing():
        other = db.session.scalar(text("SELECT min(id) FROM deals WHERE id <> :deal"), {"deal": deal.id})
        changed = db.session.execute(text(BREAKING[name]), {"deal": deal.id, "other": other})
        assert changed.rowcount > 0  # type: ignore[attr-defined]
    findings = {finding.name: finding for finding in inspected().findings}
    assert name in findings
    assert findings[name].examples
    assert str(findings[name]).startswith(f"{name}: ")


@pytest.mark.databases("sqlite")
def test_a_row_that_points_nowhere_is_found(deal: Deal) -> None:
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("DELETE FROM followups WHERE deal_id = ?", (deal.id,))
        raw.execute("PRAGMA foreign_keys=ON")
    names = {finding.name for finding in inspected().findings}
    assert {"database", "note-of-stay"} <= names


def test_looking_costs_the_same_for_many_deals(deal: Deal, people: People) -> None:
    with counted_selects() as few:
        inspected()
    for n in range(5):
        make_deal(people.owner, customer=make_customer(people.owner, f"Works {n}"))
    with counted_selects() as more:
        inspected()
    assert len(more) == len(few)


def test_examples_are_few_and_the_count_is_whole(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    for n in range(7):
        make_deal(people.owner, customer=customer, name=f"Line {n}")
    with writing():
        db.session.execute(text("UPDATE deals SET worth = worth + 1"))
    finding = next(finding for finding in inspected().findings if finding.name == "worth")
    assert finding.count == 7
    assert len(finding.examples) == 5
    assert str(finding).endswith(" …")
