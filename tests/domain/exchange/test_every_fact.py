"""Whatever is known of a customer, its people, its deals and the talks with them goes out and comes in again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Contact, Customer
from salesboard.customers.needs import CustomerNeed
from salesboard.customers.rules import Attitude, Channel, Need, Priority
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import LostReason, Method
from salesboard.exchange.export_facts import FACTS
from salesboard.exchange.fields import FIELDS, Kind
from salesboard.exchange.models import OnDuplicate
from salesboard.followups.models import FollowUp
from tests.conftest import empty_tables
from tests.domain.exchange.bringing import brought, everything, faults, named, table, tried, undo
from tests.domain.exchange.going_out import lines_in, taken_out
from tests.domain.exchange.test_out_and_in_again import touched
from tests.standing import People, arrive

OF_THE_SYSTEM = {"Last changed", "Written down at"}
"""Columns that tell of this installation and go into no other."""
TOLD_BY_OTHERS = {
    "contact.first_name": "contact.contact_name",
    "contact.last_name": "contact.contact_name",
    "deal.outcome": "deal.stage",
    "followup.previous_at": "customer.first_contact_date",
}
"""Fields of other programs' files, and where what they say stands here."""
CUSTOMER = {
    "customer": "First Works", "industry": "Paper", "employees": "120", "annual_revenue": "1500000",
    "main_business": "Boxes",
    "region": "East", "source": "Fair", "first_contact_date": "2026-03-01", "customer.status": "Interested",
    "level": "Key",
    "owner": "Olive Owner", "customer.needs": "Faster\nCheaper", "need_priorities": "High\nLow",
    "remarks": "Ring twice",
    "created_by": "Tess Teammate", "verified_by": "Sue Supervisor", "verified_date": "2026-04-01",
    "customer.external_id": "A-1",
}  # fmt: skip
CONTACTS = (
    {"customer": "First Works", "contact_name": "Carl", "contact_title": "Engineer", "contact_role": "Technical",
     "attitude": "Opposed", "reports_to": "Cleo", "preferred_channel": "WeChat", "phone": "13900000002",
     "email": "carl@example.com", "wechat": "carl_wx"},
    {"customer": "First Works", "contact_name": "Cleo", "contact_role": "Decision maker", "attitude": "For us"},
)  # fmt: skip
DEALS = (
    {"customer": "First Works", "deal.name": "Line one", "stage": "Won", "amount": "90000", "budget": "95000",
     "probability": "100", "expected_close": "2026-06-01", "deal.owner": "Olive Owner", "created_date": "2026-03-02",
     "entered_date": "2026-05-20", "closed_date": "2026-05-20", "contract_number": "HT-7", "contract_amount": "88000",
     "payment_terms": "30 % now\nthe rest later", "first_goal": "Sign in 3 months", "deal.external_id": "D-1"},
    {"customer": "First Works", "deal.name": "Line two", "stage": "Lost", "lost_reason": "Price",
     "lost_words": "Half of ours", "competitor": "Marble", "closed_date": "2026-05-21", "created_date": "2026-03-02"},
)  # fmt: skip
TALK = {
    "customer": "First Works", "deal": "Line one", "occurred_at": "2026-05-20 14:30", "author": "Olive Owner",
    "method": "Visit", "participants": "Cleo, Olive", "content": "Saw the hall", "feedback": "Glad",
    "agreed": "A trial",
    "materials": "Samples", "promised": "A plan", "followup.needs": "More light", "objection": "The price",
    "competitor_news": "Marble visited", "opportunity_risk": "A second hall", "next_step": "Ring",
    "next_due": "2026-12-01", "next_method": "Phone", "followup.external_id": "T-1",
}  # fmt: skip


def sheet(folder: Path, name: str, *rows: dict[str, str], kind: Kind, **options: object) -> Path:
    """Brings in a table whose heads are our own codes."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    path = table(folder, " ".join(heads), *[[row.get(head, "") for head in heads] for row in rows], name=name)
    brought(path, kind=kind, columns=[f"{head}={head}" for head in heads], **options)
    return path


def bring_all(folder: Path) -> None:
    sheet(folder, "customers.csv", CUSTOMER, kind=Kind.CUSTOMERS)
    sheet(folder, "contacts.csv", *CONTACTS, kind=Kind.CONTACTS)
    sheet(folder, "deals.csv", *DEALS, kind=Kind.DEALS)
    sheet(folder, "talks.csv", TALK, kind=Kind.FOLLOWUPS)


def needs() -> list[Need]:
    with acting_as_system("a test looks"):
        return [need.told for need in everything(CustomerNeed)]


def test_each_field_of_an_import_stands_in_a_list_and_the_other_way_round() -> None:
    out = {str(fact.label) for facts in FACTS.values() for fact in facts}
    into = {str(field.label) for field in FIELDS if field.key not in TOLD_BY_OTHERS}

    assert out - into == OF_THE_SYSTEM
    assert into - out == set()


def test_each_fact_of_a_file_is_kept(people: People, tmp_path: Path) -> None:
    bring_all(tmp_path)

    customer, (carl, cleo) = named(Customer, "First Works"), everything(Contact)
    assert needs() == [Need("Faster", Priority.HIGH), Need("Cheaper", Priority.LOW)]
    assert (customer.verified_by, str(customer.verified_at)[:10]) == (people.supervisor, "2026-04-01")
    assert (carl.attitude, carl.preferred_channel) == (Attitude.OPPONENT, Channel.WECHAT)
    assert (carl.reports_to_id, cleo.reports_to_id, cleo.attitude) == (cleo.id, None, Attitude.SUPPORTER)
    won, lost = named(Deal, "Line one"), named(Deal, "Line two")
    assert (won.first_goal, won.contract_number) == ("Sign in 3 months", "HT-7")
    assert won.payment_terms == "30 % now\nthe rest later"
    assert (lost.lost_reason, lost.lost_words) == (LostReason.PRICE, "Half of ours")
    talk = next(note for note in everything(FollowUp) if note.external_id == "T-1")
    assert (talk.promised, talk.competitor_news, talk.opportunity_risk) == (
        "A plan",
        "Marble visited",
        "A second hall",
    )
    assert talk.next_method is Method.PHONE
    assert faults() == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("language", ["en", "zh_Hans", "zh_Hant"])
def test_what_went_out_fills_an_empty_installation_with_the_same(
    people: People, tmp_path: Path, language: str
) -> None:
    bring_all(tmp_path)

    def lists() -> dict[str, list[dict[str, object]]]:
        told = {kind.value: lines_in(taken_out(tmp_path, kind)) for kind in Kind}
        return {
            kind: [{head: cell for head, cell in line.items() if head not in OF_THE_SYSTEM} for line in lines]
            for kind, lines in told.items()
        }

    before = lists()
    with force_locale(language):
        paths = [taken_out(tmp_path, kind) for kind in Kind]
    for path in paths:
        again = tried(path, by=people.admin, on_duplicate=OnDuplicate.UPDATE)
        assert (touched(again), again.warnings) == ({}, []), path.name
    db.session.remove()
    empty_tables()
    arrive()
    for path in paths:
        brought(path, on_duplicate=OnDuplicate.FILL)
    assert lists() == before


def test_priorities_of_needs_are_taken_over_in_an_update_and_given_back(
    people: People, tmp_path: Path
) -> None:
    sheet(tmp_path, "customers.csv", CUSTOMER, kind=Kind.CUSTOMERS)
    path = table(tmp_path, "客户名称 需求 需求优先级", ("First Works", "Faster\nCheaper\nGreen", "高"))
    again = brought(path, on_duplicate=OnDuplicate.UPDATE)

    assert needs() == [Need(text, Priority.HIGH) for text in ("Faster", "Cheaper", "Green")]
    assert touched(tried(path, on_duplicate=OnDuplicate.UPDATE)) == {}
    undo(again)
    assert needs() == [Need("Faster", Priority.HIGH), Need("Cheaper", Priority.LOW)]


@pytest.mark.parametrize(
    ("rule", "title", "attitude"), [("update", "Director", "neutral"), ("fill", "Engineer", "opponent")]
)
def test_somebody_who_is_here_is_given_what_the_file_says(
    people: People, tmp_path: Path, rule: str, title: str, attitude: str
) -> None:
    sheet(tmp_path, "contacts.csv", *CONTACTS, kind=Kind.CONTACTS, by=people.admin)
    rows = [
        ("First Works", "Carl", "Director", "中立", "13900000009"),
        ("First Works", "Cleo", "Owner", "", "13900000010"),
    ]
    path = table(tmp_path, "客户名称 联系人 职位 态度 电话", *rows)
    again = brought(path, by=people.admin, on_duplicate=rule)

    carl, cleo = everything(Contact)
    assert (carl.title, carl.attitude, cleo.title, cleo.phone) == (title, attitude, "Owner", "13900000010")
    assert carl.phone == ("13900000009" if rule == "update" else "13900000002")
    assert touched(tried(path, by=people.admin, on_duplicate=rule)) == {}
    assert undo(again).kept == []
    carl, cleo = everything(Contact)
    assert (carl.title, carl.attitude, carl.phone, cleo.title) == (
        "Engineer",
        "opponent",
        "13900000002",
        None,
    )
    assert faults() == []


def test_somebody_who_was_changed_since_stays_and_is_named(people: People, tmp_path: Path) -> None:
    sheet(tmp_path, "contacts.csv", *CONTACTS, kind=Kind.CONTACTS, by=people.admin)
    path = table(tmp_path, "客户名称 联系人 职位", ("First Works", "Carl", "Director"))
    again = brought(path, by=people.admin, on_duplicate="update")
    with acting_as_system("a test changes"), writing():
        carl = db.session.scalars(select(Contact).where(Contact.name == "Carl")).one()
        carl.customer.revise_contact(
            carl,
            by=people.owner,
            now=clock.now() + timedelta(minutes=1),
            expected_version=carl.customer.version,
            title="President",
        )

    assert [each["name"] for each in undo(again).kept] == ["Carl"]
    assert everything(Contact)[0].title == "President"


def test_who_would_report_to_nobody_or_to_themselves_is_said(people: People, tmp_path: Path) -> None:
    rows = [("First Works", "Ann", "Bob"), ("First Works", "Bob", "Ann"), ("First Works", "Cid", "Dora")]
    found = brought(table(tmp_path, "客户名称 联系人 汇报给", *rows), by=people.admin)

    assert [warning["params"]["why"]["code"] for warning in found.warnings] == [
        "reports_to_self",
        "reports_to_self",
        "nobody_of_customer",
    ]
    ann, bob, cid = everything(Contact)
    assert (ann.reports_to_id, bob.reports_to_id, cid.reports_to_id) == (bob.id, None, None)
    assert faults() == []
