"""Who took part, which papers changed hands, and who takes the next step at what hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard import clock, files
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.documents.models import Document, Kept
from salesboard.documents.rules import DocumentKind
from salesboard.fields import hour_of
from salesboard.followups.beside import FollowUpPerson
from salesboard.installation import installation
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.browsing import Browser
from tests.domain.followups.test_digest_chain import what_does_not_fit
from tests.standing import People, make_customer, make_deal
from tests.web.test_moving import last_note, note, text_of

ClientAs = Callable[..., Browser]


@pytest.fixture
def deal(app: Flask, people: People) -> Deal:
    """The owner's, shared with the teammate, with a contact and an offer."""
    deal = make_deal(people.owner, Stage.INTENT)
    now = clock.now()
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.teammate, by=people.owner, now=now)
        held.customer.add_contact(
            by=people.owner, now=now, expected_version=held.customer.version, name="Cleo Contact"
        )
        kept = Kept(files.keep(BytesIO(b"%PDF-1.7")), "offer.pdf", "application/pdf", 8)
        facts = {"kind": DocumentKind.QUOTATION, "name": "The offer", "day": installation().today}
        Document.file(held.customer, held, kept=[kept], by=people.owner, now=now, **facts)
    return deal


def the(model: type[Contact] | type[Document]) -> int:
    with acting_as_system("a test looks"):
        return db.session.scalars(select(model.id)).one()


def open_step(deal: Deal) -> Task:
    db.session.rollback()
    with acting_as_system("a test looks"):
        step = Task.deal_id == deal.id, Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN
        return db.session.scalars(select(Task).where(*step)).one()


def write(browser: Browser, deal: Deal, status: int = 303, **told: object) -> object:
    return browser.post(f"/deals/{deal.number}/followups", note(deal, None, **told), status)


def test_who_took_part_and_what_changed_hands_is_kept_by_name_and_linked(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    owner = client_as(people.owner)
    chosen = {"ours": [people.owner.id, people.teammate.id], "theirs": the(Contact), "papers": the(Document)}
    write(owner, deal, **chosen, participants="Their driver", materials="Two samples")
    page = text_of(owner.get(f"/deals/{deal.number}"))
    assert f"{people.owner.name}; {people.teammate.name}; Cleo Contact; Their driver" in page
    assert "Documents The offer" in page
    with acting_as_system("a test looks"):
        rows = db.session.scalars(select(FollowUpPerson).order_by(FollowUpPerson.position)).all()
    assert [(row.user_id, row.contact_id) for row in rows] == [
        (people.owner.id, None), (people.teammate.id, None), (None, the(Contact)),
    ]  # fmt: skip
    form = owner.get(f"/deals/{deal.number}/followups").get_data(as_text=True)
    assert f"{people.owner.name}; {people.teammate.name}; Cleo Contact; Their driver</span>" in form
    assert what_does_not_fit() == []


BY_HAND = (
    "UPDATE followup_people SET name = 'Nobody' WHERE position = 2",
    "DELETE FROM followup_people WHERE position = 1",
    "UPDATE followup_papers SET name = 'A better offer'",
    "UPDATE followups SET next_owner_id = NULL",
    "UPDATE followups SET next_at = NULL",
)


def test_what_was_changed_by_hand_is_found(deal: Deal, people: People, client_as: ClientAs) -> None:
    chosen = {"ours": [people.owner.id, people.teammate.id], "papers": the(Document)}
    write(client_as(people.owner), deal, **chosen, next_owner=people.teammate.id, next_hour="14:30")
    assert what_does_not_fit() == []
    for statement in BY_HAND:
        db.session.execute(text(statement))
        assert f"{last_note(deal).number} (not as it was recorded)" in what_does_not_fit(), statement
        db.session.rollback()


@pytest.mark.parametrize("field", ["ours", "theirs", "papers", "next_owner"])
def test_only_those_may_be_named_who_see_the_deal(
    deal: Deal, people: People, client_as: ClientAs, field: str
) -> None:
    """The outsider does not; nor are there such a contact and such a document."""
    owner = client_as(people.owner)
    for odd in (people.outsider.id, 999_999_999_999, "x"):
        if field in ("ours", "next_owner") or odd != people.outsider.id:
            page = text_of(write(owner, deal, 422, **{field: odd}))  # type: ignore[arg-type]
            assert "Called them" not in page or "valid" in page


def test_the_next_step_is_a_task_of_whoever_takes_it_at_its_hour(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    owner, mate = client_as(people.owner), client_as(people.teammate)
    due = (installation().today + timedelta(days=1)).isoformat()
    step = {"next_step": "Show the line", "next_due": due, "next_hour": "14:30"}
    write(owner, deal, next_owner=people.teammate.id, **step)
    kept = open_step(deal)
    assert (kept.owner_id, hour_of(kept.due_at)) == (people.teammate.id, time(14, 30))
    assert "Show the line" in text_of(mate.get("/today"))
    assert "Show the line" not in text_of(owner.get("/today"))
    form = owner.get(f"/deals/{deal.number}/followups").get_data(as_text=True)
    assert f'selected value="{people.teammate.id}"' in form
    with acting_as_system("a test acts"), writing():
        held = db.session.get_one(Deal, deal.id)
        mate_there = db.session.get_one(User, people.teammate.id)
        held.stop_sharing_with(mate_there, by=people.owner, now=clock.now())
    assert open_step(deal).owner_id == people.owner.id


def test_what_follows_a_talk_without_a_deal_goes_to_whoever_takes_it(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    customer = make_customer(people.owner)
    due = installation().today + timedelta(days=1)
    sent = {
        "method": "phone", "occurred_at": "2026-01-05T09:00", "content": "Called them", "next_step": "Visit",
        "next_due": due.isoformat(), "next_hour": "09:15", "next_owner": people.supervisor.id, "about": "",
    }  # fmt: skip
    client_as(people.owner).post(f"/customers/{customer.number}/followups", sent, 303)
    with acting_as_system("a test looks"):
        task = db.session.scalars(select(Task).where(Task.kind == TaskKind.OWN)).one()
    assert (task.owner_id, hour_of(task.due_at)) == (people.supervisor.id, time(9, 15))


def test_a_corrected_note_keeps_who_took_part_what_was_objected_and_promised_before(
    deal: Deal, people: People, client_as: ClientAs
) -> None:
    owner = client_as(people.owner)
    left_open = {"objection": "Too dear", "promise_1-what": "Figures", "ours": people.owner.id}
    write(owner, deal, **left_open, papers=the(Document))
    url = f"/followups/{last_note(deal).number}/correction"
    form = owner.get(url).get_data(as_text=True)
    for words in ("Too dear", "Figures", "The offer"):
        assert words in form
    sent = {
        "method": "visit", "occurred_at": "2026-01-05T09:00", "content": "Called them", "version": 1,
        "why": "Heard wrong", "objection_1": "Far too dear", "promise_1": "All figures",
        "ours": [people.owner.id, people.teammate.id], "papers": the(Document),
    }  # fmt: skip
    owner.post(url, {**sent, "objection_1": ""}, 422)
    for _time in range(2):
        owner.post(url, sent, 303)
    page = text_of(owner.get(f"/deals/{deal.number}"))
    for words in ("Far too dear: open", "All figures: still open", "Objections Too dear", "Promises Figures"):
        assert words in page
    assert what_does_not_fit() == []
    owner.post(url, {**sent, "version": 2, "objection_1": "Dear", "why": "Again", "ours": []}, 303)
    assert what_does_not_fit() == []
    note_now = last_note(deal)
    with acting_as_system("a test looks"):
        note_now = db.session.merge(note_now)
        assert [each.words.get("objections") for each in note_now.earlier] == ["Far too dear", "Too dear"]
    db.session.expire_all()
    db.session.execute(text("UPDATE objections SET text = 'Cheap'"))
    assert what_does_not_fit() != []


def test_a_contact_that_goes_leaves_its_name(deal: Deal, people: People, client_as: ClientAs) -> None:
    write(client_as(people.owner), deal, theirs=the(Contact))
    with acting_as_system("a test acts"), writing():
        assert db.session.scalars(select(Customer.id)).first()
        db.session.execute(text("DELETE FROM contacts"))
    assert what_does_not_fit() == []
    assert "Cleo Contact" in last_note(deal).participants
