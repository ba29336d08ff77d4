"""Phones, addresses, budgets and revenue lie sealed: no copy of them lies open, and a rotation loses none."""

from __future__ import annotations

import threading
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from salesboard import clock, crypto, files
from salesboard.access import acting_as_system
from salesboard.customers.models import Contact, Customer
from salesboard.customers.ways import ContactWay, WayKind, ways_in
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import SealBroken
from salesboard.ops import keys
from salesboard.ops.verify import inspect_database
from tests.domain.exchange.bringing import begin_with, try_out
from tests.standing import People, make_customer, make_deal

CANARIES = 1000


def add_contact(customer: Customer, people: People, **facts: object) -> Contact:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(
            name="Cleo Contact", by=people.owner, now=clock.now(), expected_version=held.version, **facts
        )


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_canary_lies_open_in_the_installation(app: Flask, people: People) -> None:
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
    folder = app.config["SETTINGS"].data_dir
    lying = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert folder / "salesboard.db" in lying
    canaries = [*phones, *map(str, budgets), "987654321.09", "@bird.example", "wx_canary", "98765432109"]
    canaries += [str(int(budget * 100)) for budget in budgets]
    hits = {
        (canary, path.name) for canary in canaries for path, kept in lying.items() if canary.encode() in kept
    }
    assert hits == set()


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
