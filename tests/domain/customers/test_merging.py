"""Two customers become one, whole or not at all; and two again, with what was done since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from salesboard import clock, files
from salesboard.access import WITH_SET_ASIDE, acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.customers.changes import FieldChange
from salesboard.customers.checks import SpotCheck
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.custom_values import set_values, values_of
from salesboard.customers.merging import Merge, Pick
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import ContactRole, CustomerStatus, Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.of_customers import follow_merge
from salesboard.deals.rules import Stage
from salesboard.documents.models import Document, Kept
from salesboard.documents.rules import DocumentKind
from salesboard.errors import Conflict, Refused
from salesboard.followups.models import FollowUp
from salesboard.installation import installation
from salesboard.ops.verify import inspect_database
from salesboard.tasks.keeping import begin_cadences
from salesboard.tasks.models import Task
from tests.own_fields import add_field
from tests.standing import People, make_customer, make_deal, written

Facts = dict[str, Any]


def held(customer: Customer) -> Customer:
    return db.session.get_one(Customer, customer.id, execution_options=WITH_SET_ASIDE)


def person_at(customer: Customer, by: User, name: str, **facts: Any) -> int:
    with acting_as_system("a test prepares"), writing():
        there = held(customer)
        return there.add_contact(
            by=by, now=clock.now(), expected_version=there.version, name=name, **facts
        ).id


def note_on(customer: Customer, by: User, words: str, deal: Deal | None = None) -> int:
    with acting_as_system("a test prepares"), writing():
        note = written(words, by, clock.now(), installation().today)
        note.file(held(customer), db.session.get_one(Deal, deal.id) if deal else None)
        return note.id


def paper_of(customer: Customer, by: User) -> int:
    with acting_as_system("a test prepares"), writing():
        kept = Kept(files.keep(BytesIO(b"%PDF-1.7")), "offer.pdf", "application/pdf", 8)
        facts: Facts = {"kind": DocumentKind.QUOTATION, "name": "Offer", "day": date(2026, 5, 1)}
        return Document.file(held(customer), None, kept=[kept], by=by, now=clock.now(), **facts).id


def merge(survivor: Customer, loser: Customer, by: User, **picks: Pick) -> int:
    """With everything followed up, as the page does it."""
    with acting_as(by.viewer()), writing():
        kept, other = held(survivor), held(loser)
        versions = kept.version, other.version
        made = Merge.carry_out(kept, other, picks, by=by, now=clock.now(), expected_versions=versions)
        follow_merge(kept)
        return made.id


def part(merge_id: int, by: User) -> None:
    with acting_as(by.viewer()), writing():
        made = db.session.get_one(Merge, merge_id)
        made.undo(by=by, now=clock.now(), expected_version=made.survivor.version)
        follow_merge(made.survivor, made.loser)


def owner_of(table: str, row_id: int) -> int:
    db.session.rollback()
    return db.session.execute(
        text(f"SELECT customer_id FROM {table} WHERE id = :id"), {"id": row_id}
    ).scalar_one()


def snapshot() -> dict[str, list[Any]]:
    """Every row that a merge could touch."""
    db.session.rollback()
    names = (
        "customers", "customer_needs", "contacts", "contact_ways", "custom_values", "deals", "deal_collaborators",
        "followups", "documents", "field_changes", "spot_checks", "merges", "not_duplicates", "audit_events", "outbox",
        "tasks", "rhythms", "tidied_customers",
    )  # fmt: skip
    rows = {name: db.session.execute(select(db.metadata.tables[name])).mappings() for name in names}
    return {name: sorted(str(sorted(dict(row).items())) for row in found) for name, found in rows.items()}


@pytest.fixture
def two(app: Flask, people: People) -> tuple[Customer, Customer]:
    """Two records of one company, each with something of everything."""
    by = people.owner
    one = make_customer(
        by, "Paper Works Ltd", region="North", level=Level.KEY, needs="Less waste", employees=40
    )
    other = make_customer(
        by, "Paper Works Limited", region="South", source="Fair", needs="Less waste\nLess heat", remarks="Old friends",
        annual_revenue=Decimal("5000000"),
    )  # fmt: skip
    boss = person_at(one, by, "Ada", phone="0571 88886666", role=ContactRole.DECISION_MAKER)
    person_at(one, by, "Bo", reports_to_id=boss)
    twin = person_at(other, by, "ada", phone="+86 571 88886666", title="Chief", email="ada@example.com")
    person_at(other, by, "Cy", email="cy@example.com", reports_to_id=twin)
    deal = make_deal(by, Stage.INTENT, customer=other, name="Line one")
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, deal.id).share_with(people.collaborator, by=by, now=clock.now())
    note_on(other, by, "We met")
    paper_of(other, by)
    for customer, words in ((one, "Weekly"), (other, "Monthly")):
        rhythm = add_or_find("Rhythm")
        with acting_as_system("a test prepares"), writing():
            set_values(held(customer), {rhythm: words}, by=by, now=clock.now())
    with acting_as_system("a test prepares"), writing():
        SpotCheck.draw(people.supervisor, day=installation().today, how_many=9, now=clock.now())
        begin_cadences(clock.now())
    return one, other


def add_or_find(name: str) -> int:
    known = db.session.scalar(select(CustomField.id).where(CustomField.name == name))
    return known or add_field(Subject.CUSTOMER, name, FieldKind.TEXT).id


# ── Becoming one ────────────────────────────────────────────────────────────────────


def test_everything_goes_along_and_facts_are_as_picked(
    two: tuple[Customer, Customer], people: People
) -> None:
    one, other = two
    own = f"own:{add_or_find('Rhythm')}"
    with acting_as_system("a test looks"):
        rows = {
            name: [row.id for row in other_rows(name, other)] for name in ("deals", "followups", "documents")
        }
    picks = {
        "region": Pick.LOSER,
        "source": Pick.LOSER,
        "needs": Pick.BOTH,
        "remarks": Pick.BOTH,
        own: Pick.LOSER,
    }
    merge(one, other, people.owner, **{**picks, "annual_revenue": Pick.LOSER})
    with acting_as(people.owner.viewer()):
        kept = db.session.get_one(Customer, one.id, populate_existing=True)
        assert (kept.name, kept.region, kept.source, kept.level) == (
            "Paper Works Ltd",
            "South",
            "Fair",
            Level.KEY,
        )
        assert (kept.needs, kept.remarks) == ("Less waste\nLess heat", "Old friends")
        assert kept.annual_revenue == Decimal("5000000")
        assert kept.status is CustomerStatus.INTENT
        assert values_of(Subject.CUSTOMER, [one.id])[one.id].popitem()[1] == "Monthly"
        assert [person.name for person in kept.contacts] == ["Ada", "Bo", "Cy"]
        assert kept.contacts[2].reports_to is kept.contacts[0]
        ada = kept.contacts[0]
        assert (ada.title, ada.email, ada.phone) == ("Chief", "ada@example.com", "0571 88886666")
        assert db.session.scalars(select(Customer.id).where(Customer.id == other.id)).all() == []
        for name, ids in rows.items():
            assert ids
            assert {owner_of(name, row_id) for row_id in ids} == {one.id}
        deal = db.session.scalars(select(Deal).where(Deal.customer_id == one.id)).one()
        assert "paper works ltd" in deal.search_text
    with acting_as(people.collaborator.viewer()):
        assert db.session.get(Customer, one.id) is not None


def other_rows(table: str, customer: Customer) -> list[Any]:
    rows = db.metadata.tables[table]
    return list(db.session.execute(select(rows.c.id).where(rows.c.customer_id == customer.id)))


def test_it_is_in_the_history_and_in_the_audit_log(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    merge(one, other, people.owner, region=Pick.LOSER)
    with acting_as_system("a test looks"):
        told = {
            row.field: row
            for row in db.session.scalars(select(FieldChange).where(FieldChange.customer_id == one.id))
        }
        assert other.number in (told["merged"].after or "")
        assert (told["region"].before, told["region"].after) == ("North", "South")
        verbs = select(AuditEvent.verb).where(AuditEvent.subject.in_([one.label, other.label]))
        assert {"customer.merged", "customer.merged_away"} <= set(db.session.scalars(verbs))


def test_the_other_one_is_seen_by_nobody_any_more(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    merge(one, other, people.owner)
    for person in (people.owner, people.supervisor, people.admin):
        with acting_as(person.viewer()):
            assert db.session.scalars(select(Customer.id)).all() == [one.id]
            assert len(db.session.scalars(select(Contact.id)).all()) == 3
            assert len(db.session.scalars(select(SpotCheck.id)).all()) <= 1
            assert len(values_of(Subject.CUSTOMER, [one.id, other.id])) == 1
            assert {task.customer_id for task in db.session.scalars(select(Task))} == {one.id}


def test_who_changed_one_meanwhile_is_told_of(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    before = snapshot()
    with pytest.raises(Conflict), acting_as(people.owner.viewer()), writing():
        kept, gone = held(one), held(other)
        versions = kept.version, gone.version - 1
        Merge.carry_out(kept, gone, {}, by=people.owner, now=clock.now(), expected_versions=versions)
    assert snapshot() == before


def test_a_form_opened_before_the_merge_is_told_and_one_opened_after_is_taken(
    two: tuple[Customer, Customer], people: People
) -> None:
    one, other = two
    before = held_version(one)
    merge(one, other, people.owner)

    def rename(version: int) -> None:
        with acting_as(people.owner.viewer()), writing():
            held(one).revise(by=people.owner, now=clock.now(), expected_version=version, industry="Paper")

    with pytest.raises(Conflict):
        rename(before)
    rename(held_version(one))


def held_version(customer: Customer) -> int:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return db.session.get_one(Customer, customer.id, populate_existing=True).version


# ── Becoming two again ──────────────────────────────────────────────────────────────


def test_an_undo_at_once_gives_everything_back(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    before = facts_now(one, other)
    made = merge(one, other, people.owner, **dict.fromkeys(("name", "region", "level", "remarks"), Pick.LOSER),
                 needs=Pick.BOTH, **{f"own:{add_or_find('Rhythm')}": Pick.LOSER})  # fmt: skip
    assert facts_now(one, other) != before
    assert inspect_database().findings == []
    part(made, people.owner)
    assert facts_now(one, other) == before
    assert inspect_database().findings == []
    part(made, people.owner)
    assert facts_now(one, other) == before


def facts_now(*customers: Customer) -> list[Any]:
    """What people see of both, and what belongs to each."""
    db.session.rollback()
    with acting_as_system("a test looks"):
        found = []
        for customer in customers:
            row = db.session.get_one(
                Customer, customer.id, populate_existing=True, execution_options=WITH_SET_ASIDE
            )
            facts = (row.name, row.region, row.source, row.level, row.status, row.needs_told, row.remarks)
            contacts = select(Contact).where(Contact.customer_id == customer.id).order_by(Contact.id)
            people = db.session.scalars(contacts.execution_options(populate_existing=True, **WITH_SET_ASIDE))
            known = [(person.name, person.title, person.email, person.reports_to_id) for person in people]
            belongings = [
                [row.id for row in other_rows(name, customer)]
                for name in ("deals", "followups", "documents", "spot_checks")
            ]
            own = values_of(Subject.CUSTOMER, [customer.id])
            found.append((facts, known, [sorted(ids) for ids in belongings], row.merged_into_id, own))
        return found


def test_what_was_done_since_stays_and_is_named(
    two: tuple[Customer, Customer], people: People, freeze: Callable[..., None]
) -> None:
    one, other = two
    made = merge(one, other, people.owner, region=Pick.LOSER, remarks=Pick.LOSER)
    freeze(clock.now() + timedelta(hours=1))
    with acting_as(people.owner.viewer()), writing():
        there = held(one)
        there.revise(by=people.owner, now=clock.now(), expected_version=there.version, region="East")
        deal = db.session.scalars(select(Deal).where(Deal.customer_id == one.id)).one()
    own_note = note_on(one, people.owner, "Said to the whole firm")
    deals_note = note_on(one, people.owner, "Said of the line", deal)
    with acting_as_system("a test prepares"), writing():
        cy = db.session.scalars(select(Contact).where(Contact.name == "Cy")).one()
        bo = db.session.scalars(select(Contact).where(Contact.name == "Bo")).one()
        there = held(one)
        there.revise_contact(
            bo, by=people.owner, now=clock.now(), expected_version=there.version, reports_to_id=cy.id
        )
    with acting_as(people.owner.viewer()):
        told = db.session.get_one(Merge, made).since()
    assert told.facts == ("region",)
    assert told.came == (("followups", 1),)
    part(made, people.owner)
    with acting_as(people.owner.viewer()):
        first, second = (db.session.get_one(Customer, each.id, populate_existing=True) for each in two)
        assert (first.region, first.remarks) == ("East", None)
        assert (second.region, second.remarks) == ("South", "Old friends")
        assert [person.name for person in second.contacts] == ["ada", "Cy"]
        assert all(person.reports_to_id is None for person in first.contacts)
        assert second.contacts[1].reports_to is second.contacts[0]
    assert owner_of("followups", own_note) == one.id
    assert owner_of("followups", deals_note) == other.id


def test_of_two_merges_the_later_one_is_undone_first(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    third = make_customer(people.owner, "Paper Works")
    first_merge = merge(one, other, people.owner)
    second_merge = merge(third, one, people.owner)
    with acting_as(people.owner.viewer()):
        assert db.session.scalars(select(Merge.id)).all() == [second_merge]
        assert db.session.scalars(select(Customer.id)).all() == [third.id]
    part(second_merge, people.owner)
    part(first_merge, people.owner)
    with acting_as(people.owner.viewer()):
        assert sorted(db.session.scalars(select(Customer.id))) == sorted([one.id, other.id, third.id])


# ── Whole or not at all ─────────────────────────────────────────────────────────────


class Cut(Exception):
    pass


def cut_at(step: int, act: Callable[[], Any]) -> bool:
    """Breaks the connection's statement number `step` of what `act` does; whether it came so far."""
    count = 0

    def before(*_arguments: Any) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Cut

    event.listen(db.engine, "before_cursor_execute", before)
    try:
        act()
        return False
    except Cut:
        return True
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
        db.session.rollback()


def test_cut_off_at_any_step_a_merge_and_its_undo_leave_everything_or_nothing(
    two: tuple[Customer, Customer], people: People
) -> None:
    one, other = two
    picks = {"name": Pick.LOSER, "region": Pick.LOSER, "needs": Pick.BOTH, "owner_id": Pick.LOSER}
    picks |= {f"own:{add_or_find('Rhythm')}": Pick.LOSER}
    by, made = people.owner, 0

    def do_merge() -> None:
        nonlocal made
        made = merge(one, other, by, **picks)

    for act in (do_merge, lambda: part(made, by)):
        before, step = snapshot(), 1
        while cut_at(step, act):
            assert snapshot() == before, f"cut at statement {step}"
            step += 1
        assert snapshot() != before
        assert step > 20


@pytest.mark.databases("postgresql")
def test_nothing_is_written_down_at_a_customer_that_was_merged_in_that_moment(
    two: tuple[Customer, Customer], people: People
) -> None:
    one, other = two
    merge(one, other, people.owner)
    with pytest.raises(Conflict):
        note_on(other, people.owner, "Too late")


def test_a_customer_is_not_merged_into_itself(two: tuple[Customer, Customer], people: People) -> None:
    with pytest.raises(Refused):
        merge(two[0], two[0], people.owner)


def test_notes_are_all_there(two: tuple[Customer, Customer], people: People) -> None:
    one, other = two
    with acting_as_system("a test looks"):
        count = len(db.session.scalars(select(FollowUp.id)).all())
    merge(one, other, people.owner)
    with acting_as(people.owner.viewer()):
        assert len(db.session.scalars(select(FollowUp.id)).all()) == count
