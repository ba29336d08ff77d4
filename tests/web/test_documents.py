"""Documents: filed with their files, looked at, given newer versions, deleted with a trace; for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import files as file_work
from salesboard import clock, files
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.documents.models import Document, DocumentFile, Kept
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
PDF = b"%PDF-1.7\nthe offer in so many words"
PNG = b"\x89PNG\r\n\x1a\nthe drawing"
NASTY = "<img src=x onerror=alert(1)>.pdf"


@pytest.fixture
def customer(people: People) -> Customer:
    return make_customer(people.owner)


@pytest.fixture
def deal(people: People, customer: Customer) -> Deal:
    deal = make_deal(people.owner, Stage.PROPOSAL, customer=customer)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.collaborator, by=people.owner, now=clock.now())
    return deal


def sent(*given: tuple[bytes, str], **fields: str) -> dict[str, Any]:
    facts = {"kind": "quotation", "day": "2026-05-18", "amount": "48.6万", "deal": "", "name": ""}
    return {**facts, **fields, "files": [(BytesIO(content), name) for content, name in given]}


def filed(deal: Deal | None, customer: Customer, people: People, *contents: bytes) -> Document:
    with acting_as_system("a test prepares"), writing():
        kept = [
            Kept(files.keep(BytesIO(each)), "offer.pdf", "application/pdf", len(each)) for each in contents
        ]
        return Document.file(
            customer,
            deal,
            kept=kept,
            by=people.owner,
            now=clock.now(),
            kind="quotation",
            name="The offer",
            day=clock.now().date(),
        )


def of(model: Any) -> Any:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return db.session.scalars(select(model).order_by(model.id)).all()


def test_a_document_is_filed_with_its_files_and_a_name_of_its_own(
    people: People, client_as: ClientAs, customer: Customer, deal: Deal
) -> None:
    browser = client_as(people.owner)
    browser.get(f"/customers/{customer.number}/documents/new?deal={deal.number}")
    answer = browser.post(
        f"/customers/{customer.number}/documents/new",
        sent((PDF, "offer.pdf"), (PNG, "drawing.png"), deal=deal.number),
        status=303,
    )
    (document,) = of(Document)
    assert document.name == "Paper Crane Packaging 20260518 Quotation"
    assert (document.deal_id, document.edition, str(document.amount)) == (deal.id, 1, "486000.00")
    page = browser.get(answer.headers["Location"])
    assert "offer.pdf" in page.text
    assert "drawing.png" in page.text
    assert document.name in browser.get(f"/customers/{customer.number}").text
    assert document.name in browser.get(f"/deals/{deal.number}").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "Choose a file."),
        ([(b"", "offer.pdf")], "offer.pdf is empty."),
        ([(b"<svg onload=alert(1)>", "logo.svg")], "logo.svg is not taken"),
        ([(b"<html><script>", "offer.pdf")], "offer.pdf is not taken"),
        ([(PNG, "offer.pdf")], "offer.pdf is not what its ending says"),
        ([(PDF, "offer.pdf.exe")], "offer.pdf.exe is not what its ending says"),
        ([(PDF, "11010519491231002X.pdf")], "identity-card"),
        ([(PDF, f"{number}.pdf") for number in range(11)], "At most 10 files"),
    ],
)
def test_what_is_no_document_is_refused_beside_the_field_and_nothing_is_kept(
    people: People, client_as: ClientAs, customer: Customer, given: list[tuple[bytes, str]], said: str
) -> None:
    answer = client_as(people.owner).post(
        f"/customers/{customer.number}/documents/new", sent(*given, name="My own words"), status=422
    )
    assert said in answer.text
    assert "My own words" in answer.text
    assert of(Document) == []
    assert list(files.kept()) == []


def test_a_file_comes_back_as_it_was_and_can_do_nothing(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    document = filed(None, customer, people, PDF)
    (file,) = of(DocumentFile)
    path = f"/documents/{document.id}/files/{file.id}"
    client = client_as(people.owner).client
    fetched = client.get(path)
    assert fetched.data == PDF
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    looked_at = client.get(f"{path}?look")
    assert (looked_at.data, looked_at.mimetype) == (PDF, "application/pdf")
    assert looked_at.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_name_that_is_markup_stays_a_name(people: People, client_as: ClientAs, customer: Customer) -> None:
    browser = client_as(people.owner)
    answer = browser.post(f"/customers/{customer.number}/documents/new", sent((PDF, NASTY)), status=303)
    assert "<img src=x" not in browser.get(answer.headers["Location"]).text


def test_a_newer_version_keeps_the_earlier_ones(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    document, browser = filed(None, customer, people, PDF), client_as(people.owner)
    browser.get(f"/documents/{document.id}/editions/new")
    path = f"/documents/{document.id}/editions/new"
    browser.post(path, {"version": "1", "files": [(BytesIO(PNG), "second.png")]}, status=303)
    page = browser.get(f"/documents/{document.id}")
    assert "offer.pdf" in page.text
    assert "second.png" in page.text
    conflict = browser.post(path, {"version": "1", "files": [(BytesIO(PNG), "third.png")]}, status=409)
    assert "changed this document meanwhile" in conflict.text
    assert [file.edition for file in of(DocumentFile)] == [1, 2]
    assert len(list(files.kept())) == 2, "what was not taken is not kept"


def test_changed_facts_and_a_conflict(people: People, client_as: ClientAs, customer: Customer) -> None:
    document, browser = filed(None, customer, people, PDF), client_as(people.owner)
    facts = {"kind": "contract", "day": "2026-06-01", "amount": "", "name": "Signed", "version": "1"}
    browser.post(f"/documents/{document.id}/edit", facts, status=303)
    answer = browser.post(f"/documents/{document.id}/edit", {**facts, "name": "Mine"}, status=409)
    assert "Mine" in answer.text
    assert of(Document)[0].name == "Signed"


def test_a_deleted_document_leaves_its_trace_and_no_file(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    document, browser = filed(None, customer, people, PDF, PNG), client_as(people.owner)
    browser.post(f"/documents/{document.id}/removal", {"version": "1"}, status=303)
    browser.get(f"/documents/{document.id}", status=404)
    assert list(files.kept()) == []
    (row,), rows = of(Document), of(DocumentFile)
    assert (row.removed_at is not None, row.changed_by_id) == (True, people.owner.id)
    assert [(each.label, each.file_key) for each in rows] == [("offer.pdf", None)] * 2
    with acting_as_system("a test looks"):
        told = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.subject == row.label)).all()
    assert told == ["document.filed", "document.removed"]


@pytest.mark.parametrize(
    ("who", "of_deal", "of_customer"),
    [
        ("owner", 200, 200),
        ("teammate", 404, 404),
        ("supervisor", 200, 200),
        ("admin", 200, 200),
        ("collaborator", 200, 404),
        ("outsider", 404, 404),
    ],
)
def test_who_sees_a_deals_paper_and_a_customers_own(
    people: People,
    client_as: ClientAs,
    customer: Customer,
    deal: Deal,
    who: str,
    of_deal: int,
    of_customer: int,
) -> None:
    one, other = filed(deal, customer, people, PDF), filed(None, customer, people, PDF)
    client = client_as(getattr(people, who)).client
    for document, status in ((one, of_deal), (other, of_customer)):
        file = next(each for each in of(DocumentFile) if each.document_id == document.id)
        assert client.get(f"/documents/{document.id}").status_code == status
        assert client.get(f"/documents/{document.id}/files/{file.id}").status_code == status
    mixed = next(each for each in of(DocumentFile) if each.document_id == other.id)
    assert client.get(f"/documents/{one.id}/files/{mixed.id}").status_code == 404


def test_a_customers_papers_cost_the_same_however_many(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    browser = client_as(people.owner)
    filed(None, customer, people, PDF)
    with counted_selects() as few:
        browser.get(f"/customers/{customer.number}")
    for _ in range(5):
        filed(None, customer, people, PDF)
    with counted_selects() as many:
        browser.get(f"/customers/{customer.number}")
    assert len(many) == len(few)


def test_a_file_without_a_record_goes_after_an_hour(
    people: People, customer: Customer, freeze: Callable[..., None]
) -> None:
    filed(None, customer, people, PDF)
    files.keep(BytesIO(PNG))
    file_work.clear_files(None)  # type: ignore[arg-type]
    assert len(list(files.kept())) == 2, "its record may be on the way"
    freeze(clock.now() + timedelta(hours=2))
    with acting_as_system("the worker clears"):
        file_work.clear_files(None)  # type: ignore[arg-type]
    assert len(list(files.kept())) == 1
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(DocumentFile.id))) == 1


@pytest.fixture(autouse=True)
def no_file_stays(app: Flask) -> Any:
    yield
    for _path, key in files.kept():
        files.remove(key)
