"""Phones, addresses, budgets and revenue lie sealed: no copy of them lies open, and a rotation loses none."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from salesboard import clock, crypto, files
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.customers.ways import ContactWay, WayKind, ways_in
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import SealBroken
from salesboard.exchange.export_asked import EVERYTHING, wish_for
from salesboard.exchange.export_models import Export, Form
from salesboard.exchange.shapes import ImportShape, remember
from salesboard.ops import keys
from salesboard.ops.verify import inspect_database
from tests.browsing import Browser
from tests.domain.exchange.bringing import begin_with, try_out
from tests.jobs.test_exports import work_off
from tests.standing import People, make_customer, make_deal

CANARIES = 1000


def add_contact(customer: Customer, people: People, **facts: object) -> Contact:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(
            name="Cleo Contact", by=people.owner, now=clock.now(), expected_version=held.version, **facts
        )


@pytest.mark.databases("sqlite")
def test_no_canary_lies_open_in_the_installation_or_goes_to_those_who_may_not_see_it(
    app: Flask, people: People, client_as: Callable[..., Browser], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    customer, now = make_customer(people.owner), clock.now()
    phones = [f"139{number:08d}" for number in range(71_300_000, 71_300_000 + CANARIES)]
    budgets = [Decimal(f"{number}.17") for number in range(8_371_000, 8_371_000 + CANARIES)]
    deal = make_deal(people.owner, Stage.INTENT, customer=customer)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        held.revise(
            by=people.owner, now=now, expected_version=held.version, annual_revenue=Decimal("987654321.09")
        )
        for number, phone in enumerate(phones):
            facts = {"phone": phone, "email": f"canary{number}@bird.example", "wechat": f"wx_canary{number}"}
            db.session.add(Contact(customer_id=customer.id, name="C", created_at=now, **facts))
        held_deal = db.session.get_one(Deal, deal.id)
        for budget in budgets:
            held_deal.revise(by=people.owner, now=now, expected_version=held_deal.version, budget=budget)
            db.session.flush()
    sheet = "客户名称,联系人,联系电话,年营收\n" + "".join(f",Nobody,{phone},{'x' * 3}\n" for phone in phones)
    with acting_as_system("a test prepares"):
        try_out(begin_with("canaries.csv", sheet.encode()))
    take_phones_for_stages_and_people(phones, people)
    for person, what in (
        ("owner", "contacts"),
        ("owner", "deals"),
        ("admin", EVERYTHING),
        ("outsider", "contacts"),
    ):
        ask_for_export(getattr(people, person), what)
    work_off()
    told = {
        person: shown_to(client_as(getattr(people, person)), customer) for person in ("owner", "outsider")
    }
    assert told["owner"].count(phones[0]) > 1  # on the page and in the export
    seen_elsewhere = told["outsider"] + caplog.text
    folder = app.config["SETTINGS"].data_dir
    lying = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert folder / "salesboard.db" in lying
    canaries = [*phones, *map(str, budgets), "987654321.09", "@bird.example", "wx_canary", "98765432109"]
    canaries += [str(int(budget * 100)) for budget in budgets]
    assert [canary for canary in canaries if canary in seen_elsewhere] == []
    hits = {
        (canary, path.name) for canary in canaries for path, kept in lying.items() if canary.encode() in kept
    }
    assert hits == set()


def take_phones_for_stages_and_people(phones: list[str], people: People) -> None:
    """A table whose phones somebody takes for stages and for owners, says what each means, and lets be remembered."""
    sheet = "Firm,What,Who\n" + "".join(f"Works {phone[-4:]},{phone},{phone}\n" for phone in phones[:40])
    said = {
        "sheets": {"taken": {"columns": {"0": ["customer.name"], "1": ["deal.stage"], "2": ["deal.owner"]}}},
        "words": [{"field": "deal.stage", "said": phones[0], "ours": "lead"}],
        "people": {phones[0]: people.owner.id},
    }
    found = try_out(
        begin_with("taken.csv", sheet.encode(), by=people.admin, owners="match", is_on_page=True, **said)
    )
    assert phones[1] in {word["said"] for word in found.words} & {each["name"] for each in found.people}
    with acting_as_system("a test confirms"), writing():
        remember(found, people.admin, clock.now())
    assert db.session.scalars(select(ImportShape)).one().said["people"] == {phones[0]: people.owner.id}


def ask_for_export(person: User, what: str) -> None:
    with acting_as(person.viewer()), writing():
        form = Form.ZIP if what == EVERYTHING else Form.CSV
        Export.ask(wish_for(what, form, None, "en", None), total=0, by=person, now=clock.now())


def shown_to(browser: Browser, customer: Customer) -> str:
    """What somebody reads of the customer, in its page, in lists and in the exports that they asked for."""
    pages = [
        browser.send(path, "GET")
        for path in (f"/customers/{customer.number}", "/customers", "/deals", "/exports")
    ]
    taken = [path for page in pages for path in re.findall(r'href="(/exports/[^"]+/file)"', page.text)]
    return "".join([*(page.text for page in pages), *(browser.get(path).text for path in taken)])


def test_values_read_as_they_were_written(app: Flask, people: People) -> None:
    contact = add_contact(
        make_customer(people.owner), people, phone="138 0013 8000", email=None, wechat="cleo_wx"
    )
    deal = make_deal(people.owner, Stage.INTENT, budget=Decimal("480000.50"))
    db.session.expire_all()
    with acting_as_system("a test looks"):
        kept = db.session.get_one(Contact, contact.id)
        assert (kept.phone, kept.email, kept.wechat) == ("138 0013 8000", None, "cleo_wx")
        assert db.session.get_one(Deal, deal.id).budget == Decimal("480000.50")


def test_a_sealed_value_moved_to_another_row_is_named_by_verify(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    one = add_contact(customer, people, phone="13800138000")
    other = add_contact(customer, people, phone="13900139000")
    with acting_as_system("a test forges"), writing():
        stolen = db.session.get_one(Contact, one.id).phone_sealed
        db.session.execute(update(Contact).where(Contact.id == other.id).values(phone_sealed=stolen))
    assert [finding.examples for finding in inspect_database().findings] == [
        (f"contacts.phone_sealed of row {other.id}",)
    ]
    with acting_as_system("a test looks"), pytest.raises(SealBroken):
        _ = db.session.get_one(Contact, other.id, populate_existing=True).phone


@pytest.mark.parametrize(
    "spelling", ["13800138000", "+86 138-0013-8000", "0086 138 0013 8000", "１３８００１３８０００"]
)
def test_a_contact_is_found_by_any_spelling_of_its_phone(app: Flask, people: People, spelling: str) -> None:
    contact = add_contact(make_customer(people.owner), people, phone="010-65120000 / 138 0013 8000")
    found = select(ContactWay.contact_id).where(
        ContactWay.leads(WayKind.PHONE, ways_in(WayKind.PHONE, spelling))
    )
    with acting_as_system("a test looks"):
        assert db.session.scalars(found).all() == [contact.id]


def test_a_changed_phone_is_found_and_the_former_is_not(app: Flask, people: People) -> None:
    contact = add_contact(make_customer(people.owner), people, phone="13800138000", wechat="cleo_wx")
    with acting_as_system("a test changes"), writing():
        held = db.session.get_one(Contact, contact.id)
        held.customer.revise_contact(
            held,
            by=people.owner,
            now=clock.now(),
            expected_version=held.customer.version,
            phone="13900139000",
        )
    with acting_as_system("a test looks"):
        found = [
            db.session.scalars(
                select(ContactWay.contact_id).where(ContactWay.leads(kind, ways_in(kind, way)))
            ).all()
            for kind, way in (
                (WayKind.PHONE, "13800138000"),
                (WayKind.PHONE, "13900139000"),
                (WayKind.WECHAT, "Cleo_WX"),
            )
        ]
    assert found == [[], [contact.id], [contact.id]]


def test_a_rotation_while_people_read_and_write_loses_nothing(
    app: Flask, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are written between the batches of the rotation, by another thread, as on a running board."""
    monkeypatch.setattr(keys, "ROWS_AT_ONCE", 7)
    customer = make_customer(people.owner)
    contacts = [add_contact(customer, people, phone=f"138{number:08d}") for number in range(40)]
    file = files.keep(BytesIO(b"a contract"))
    old_key, faults = crypto.ring().current, []

    def write(number: int) -> None:
        try:
            with app.app_context(), acting_as_system("somebody works meanwhile"), writing():
                held = db.session.get_one(Contact, contacts[number].id)
                assert held.phone == f"138{number:08d}"
                held.phone = f"139{number:08d}"
        except BaseException as fault:
            faults.append(fault)

    written = iter(range(40))

    def work_meanwhile(_count: int) -> None:
        number = next(written, None)
        if number is not None:
            thread = threading.Thread(target=write, args=(number,))
            thread.start()
            thread.join()

    keys.rotate(work_meanwhile)
    changed = next(written)
    assert faults == []
    assert changed >= 5
    with acting_as_system("a test looks"):
        db.session.rollback()
        phones = [contact.phone for contact in db.session.scalars(select(Contact).order_by(Contact.id))]
        sealed = db.session.scalars(text("SELECT phone_sealed FROM contacts")).all()
    assert phones == [f"{139 if number < changed else 138}{number:08d}" for number in range(40)]
    assert {crypto.key_name(bytes(value)) for value in sealed} == {crypto.ring().current} != {old_key}
    assert files.opened(file).read() == b"a contract"
    assert old_key.hex() not in crypto.ring().path.read_text("ascii")
    assert inspect_database().findings == []
