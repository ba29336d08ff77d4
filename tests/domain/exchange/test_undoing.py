"""An import is taken back whole; what somebody worked on since stays, and is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import CustomerStatus, LostReason
from salesboard.database import db, writing
from salesboard.deals.models import Deal, Placement
from salesboard.deals.rules import Stage
from salesboard.errors import Refused
from salesboard.exchange import running
from salesboard.exchange.models import Import, ImportState, OnDuplicate
from salesboard.exchange.traces import ImportTrace
from salesboard.followups.models import FollowUp
from tests.breaking import PowerGone, breaking_at
from tests.domain.exchange.bringing import (
    brought,
    count,
    everything,
    faults,
    named,
    table,
    tried,
    undo,
    workbook,
)
from tests.standing import People, make_customer, make_deal, written


@contextmanager
def working() -> Iterator[None]:
    with acting_as_system("a test works on what was brought in"), writing():
        yield


def move(deal: Deal, by: User) -> None:
    deal.place(
        Stage.NEGOTIATION,
        note=written("They want it", by, clock.now(), clock.now().date()),
        by=by,
        now=clock.now(),
        day=clock.now().date(),
        expected_version=deal.version,
        probability=80,
    )


def write(deal: Deal, by: User) -> None:
    written("Met again", by, clock.now(), clock.now().date()).file(deal.customer, deal, plans=False)


def revise(deal: Deal, by: User) -> None:
    deal.revise(by=by, now=clock.now(), expected_version=deal.version, name="纸鹤二期")


def hand_over(deal: Deal, by: User) -> None:
    deal.hand_over(by, by=by, now=clock.now())


@pytest.mark.parametrize("work", [move, write, revise, hand_over])
def test_a_deal_that_was_worked_on_stays_whole_with_its_customer(
    tmp_path: Path, people: People, work: Callable[[Deal, User], None]
) -> None:
    found = brought(workbook(tmp_path))
    deal_id = named(Deal, "纸鹤一期").id
    with working():
        work(db.session.get_one(Deal, deal_id), people.admin)
    undo(found)

    assert [deal.id for deal in everything(Deal)] == [deal_id]
    assert [customer.name for customer in everything(Customer)] == ["纸鹤包装有限公司"]
    assert [contact.name for contact in everything(Contact)] == ["白露"]
    assert {(each["kind"], each["number"]) for each in found.kept} >= {
        ("deal", "O20240429001"),
        ("customer", "C20240429001"),
    }
    with acting_as_system("a test looks"):
        stays = db.session.scalars(select(Placement).where(Placement.deal_id == deal_id)).all()
        talks = db.session.scalars(select(FollowUp.number).where(FollowUp.deal_id == deal_id)).all()
    assert len(stays) == 2 + (work is move)
    assert {"F20240502001", "F20240511002"} <= set(talks)
    assert faults() == []


def test_a_deal_that_was_only_shared_or_carried_about_goes(tmp_path: Path, people: People) -> None:
    found = brought(workbook(tmp_path))
    deal_id = named(Deal, "纸鹤一期").id
    with working():
        deal = db.session.get_one(Deal, deal_id)
        deal.share_with(people.collaborator, by=people.admin, now=clock.now())
        deal.rearrange(5.0, by=people.admin, now=clock.now())

    assert undo(found).kept == []
    assert count(Deal) == count(Customer) == 0


def test_a_customer_that_was_worked_on_stays_without_its_deal(tmp_path: Path, people: People) -> None:
    found = brought(workbook(tmp_path))
    customer_id = named(Customer, "弹珠轴承有限公司").id
    with working():
        customer = db.session.get_one(Customer, customer_id)
        customer.add_contact(
            by=people.admin, now=clock.now(), expected_version=customer.version, name="Bai Lu"
        )
    undo(found)

    assert [customer.name for customer in everything(Customer)] == ["弹珠轴承有限公司"]
    assert {contact.name for contact in everything(Contact)} == {"谷雨", "Bai Lu"}
    assert count(Deal) == 0
    assert [each["kind"] for each in found.kept] == ["customer", "person"]


def test_accounts_that_are_in_use_stay(tmp_path: Path, people: People) -> None:
    found = brought(workbook(tmp_path))
    with working():
        used = db.session.scalars(select(User).where(User.name == "李佳宁")).one()
        used.password_hash = people.owner.password_hash
    undo(found)

    assert found.kept == [{"kind": "person", "number": "", "name": "李佳宁"}]
    assert {person.name for person in everything(User)} & {"李佳宁", "陈景行"} == {"李佳宁"}


def test_what_was_changed_is_given_back(tmp_path: Path, people: People) -> None:
    make_deal(people.owner, Stage.INTENT)
    path = table(
        tmp_path,
        "客户名称 所属行业 机会名称 当前阶段 预估金额",
        ("Paper Crane Packaging", "Paper", "Line one", "谈判", "30万"),
    )
    before = named(Deal, "Line one")
    was = (before.stage, before.amount, before.probability, before.entered_on, before.next_step)
    found = brought(path, by=people.owner, on_duplicate=OnDuplicate.UPDATE)
    assert named(Deal, "Line one").stage is Stage.NEGOTIATION

    assert undo(found).kept == []

    deal = named(Deal, "Line one")
    assert (deal.stage, deal.amount, deal.probability, deal.entered_on, deal.next_step) == was
    assert faults() == []


def test_what_was_changed_and_then_worked_on_stays_changed(tmp_path: Path, people: People) -> None:
    make_customer(people.owner, "First Works", industry="Print")
    found = brought(
        table(tmp_path, "客户名称 所属行业", ("First Works", "Paper")), by=people.owner, on_duplicate="update"
    )
    with working():
        customer = db.session.scalars(select(Customer)).one()
        customer.revise(by=people.owner, now=clock.now(), expected_version=customer.version, region="East")
    undo(found)

    assert named(Customer, "First Works").industry == "Paper"
    assert [each["name"] for each in found.kept] == ["First Works"]


def test_a_customer_that_was_here_gets_its_status_back(tmp_path: Path, people: People) -> None:
    customer = make_customer(people.owner, "First Works", status=CustomerStatus.INTENT)
    path = table(
        tmp_path, "客户名称 联系人 机会名称 当前阶段", (customer.name, "Bai Lu", "Line one", "已签约")
    )
    found = brought(path, by=people.owner)
    assert named(Customer, "First Works").status is CustomerStatus.WON

    undo(found)

    assert named(Customer, "First Works").status is CustomerStatus.INTENT
    assert count(Contact) == count(Deal) == 0


def test_a_customer_that_an_import_took_out_of_the_archive_goes_back(tmp_path: Path, people: People) -> None:
    make_customer(people.owner, "First Works")
    with working():
        customer = db.session.scalars(select(Customer)).one()
        customer.lose(LostReason.PRICE, by=people.owner, now=clock.now())
        customer.archive(by=people.owner, now=clock.now())
    was = named(Customer, "First Works").standing
    path = table(tmp_path, "客户名称 联系人 机会名称 当前阶段", ("First Works", "Bai Lu", "Line one", "谈判"))
    found = brought(path, by=people.owner)
    assert not named(Customer, "First Works").is_archived

    assert undo(found).kept == []

    assert named(Customer, "First Works").standing == was


def test_an_undo_that_was_broken_off_goes_on(
    tmp_path: Path, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.exchange.undoing.AT_ONCE", 1)
    make_customer(people.owner, "弹珠轴承有限公司", industry="Print")
    found = brought(workbook(tmp_path), by=people.admin, on_duplicate=OnDuplicate.UPDATE)
    with working():
        move(db.session.get_one(Deal, named(Deal, "纸鹤一期").id), people.admin)
        found.ask_for_undo(by=people.admin, now=clock.now(), later=False)
    for steps in range(40):
        try:
            with acting_as_system("a test breaks off"):
                running.undo(found, transaction=breaking_after(steps))
            break
        except ConnectionError:
            assert faults() == []

    assert found.state is ImportState.UNDONE
    assert {each["kind"] for each in found.kept} == {"deal", "customer", "person"}
    assert named(Customer, "弹珠轴承有限公司").industry == "Print"
    assert [deal.name for deal in everything(Deal)] == ["纸鹤一期"]
    assert faults() == []


def test_each_step_of_an_undo_is_whole_whichever_statement_it_breaks_at(
    tmp_path: Path, people: People
) -> None:
    """What is left of the import's traces is what is left of its records; at the end nothing is."""
    make_customer(people.owner, "弹珠轴承有限公司", industry="Print")
    found = brought(workbook(tmp_path), by=people.admin, on_duplicate=OnDuplicate.UPDATE)
    with working():
        found.ask_for_undo(by=people.admin, now=clock.now(), later=False)
    for statement in range(200):
        try:
            with breaking_at(statement), acting_as_system("a test breaks off"):
                running.undo(found)
            break
        except PowerGone:
            assert without_their_record() == [], statement
    assert statement > 8
    assert found.state is ImportState.UNDONE
    assert named(Customer, "弹珠轴承有限公司").industry == "Print"
    assert count(Deal) == count(FollowUp) == count(ImportTrace) == 0
    assert faults() == []


def without_their_record() -> list[int]:
    """The traces of something made that is not there any more. Talks and contacts go with their deals and customers,
    their traces in a later step."""
    models = {"deal": Deal, "customer": Customer, "person": User}
    made = [trace for trace in everything(ImportTrace) if trace.before is None and trace.kind in models]
    kept = {kind: {each.id for each in everything(model)} for kind, model in models.items()}
    return [trace.id for trace in made if trace.record_id not in kept[trace.kind]]


def breaking_after(steps: int) -> Callable[[], object]:
    """Transactions of which only so many come to their end."""
    left = [steps]

    @contextmanager
    def transaction() -> Iterator[None]:
        with writing():
            yield
            left[0] -= 1
            if left[0] < 0:
                raise ConnectionError

    return transaction


def test_only_what_came_in_can_be_undone_and_only_once(tmp_path: Path, people: People) -> None:
    found = tried(workbook(tmp_path), by=people.admin)
    with working(), pytest.raises(Refused):
        found.ask_for_undo(by=people.admin, now=clock.now())

    done = undo(brought(workbook(tmp_path), by=people.admin))
    finished = done.finished_at
    with working():
        done.ask_for_undo(by=people.admin, now=clock.now() + timedelta(hours=1))
    assert (done.state, done.finished_at) == (ImportState.UNDONE, finished)
    assert count(Import) == 2
