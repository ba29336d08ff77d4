"""A team's workbook goes in as it is; a second time changes nothing; the undo leaves nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import CustomerStatus, Level
from salesboard.database import db
from salesboard.deals.models import Deal, Placement
from salesboard.deals.rules import Method, Stage
from salesboard.exchange import running
from salesboard.exchange.models import Import, ImportRow, ImportState
from salesboard.exchange.traces import ImportTrace
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from salesboard.numbering import NumberSeries
from tests.browsing import counted_statements
from tests.domain.exchange.bringing import (
    brought,
    confirmed,
    count,
    everything,
    fates,
    faults,
    named,
    reasons,
    table,
    tried,
    undo,
    workbook,
)


def test_the_workbook_goes_in_as_it_is(tmp_path: Path) -> None:
    found = brought(workbook(tmp_path))

    assert found.counts == {
        "customers": {"created": 3, "updated": 0, "skipped": 1, "rejected": 1},
        "contacts": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
        "deals": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
        "followups": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
    }
    assert reasons(found) == {7: "missing"}
    deals = everything(Deal)
    assert Counter(deal.stage for deal in deals) == {Stage.PROPOSAL: 1, Stage.INTENT: 1, Stage.WON: 1}
    assert sum(deal.amount or 0 for deal in deals) == Decimal(1_580_000)
    assert faults() == []


def test_a_customer_is_told_with_all_that_its_row_says(tmp_path: Path) -> None:
    brought(workbook(tmp_path))

    customer = named(Customer, "纸鹤包装有限公司")
    assert (customer.number, customer.industry, customer.region, customer.source) == (
        "C20240429001",
        "制造",
        "华东",
        "展会",
    )
    assert (customer.level, customer.status) == (Level.KEY, CustomerStatus.INTENT)
    assert (customer.first_contact_date, customer.owner.name) == (date(2024, 4, 29), "陈景行")
    assert named(Customer, "四季豆食品有限公司").status is CustomerStatus.WON
    contact = named(Contact, "谷雨")
    assert (contact.title, contact.phone, contact.wechat) == ("总经理", "13900000002", "13900000002")


def test_a_deal_past_lead_comes_with_its_row_as_the_note(tmp_path: Path) -> None:
    brought(workbook(tmp_path))

    deal = named(Deal, "纸鹤一期")
    assert (deal.number, deal.stage, deal.probability) == ("O20240429001", Stage.PROPOSAL, 50)
    with acting_as_system("a test looks"):
        stays = db.session.scalars(
            select(Placement).where(Placement.deal_id == deal.id).order_by(Placement.id)
        ).all()
        notes = [stay.followup for stay in stays]
    assert [(stay.stage, stay.entered_at.date()) for stay in stays] == [
        (Stage.LEAD, date(2024, 4, 29)),
        (Stage.PROPOSAL, date(2024, 5, 11)),
    ]
    assert {note.kind for note in notes} == {FollowUpKind.RECORD}
    assert notes[1].content.startswith("imported from 客户管理数据库.xlsx, row 2\n")
    assert "纸鹤一期" in notes[1].content


def test_a_signed_deal_has_its_contract(tmp_path: Path) -> None:
    brought(workbook(tmp_path))

    deal = named(Deal, "四季豆冷库")
    assert (deal.stage, deal.contract_amount, deal.signed_on) == (
        Stage.WON,
        Decimal(645_000),
        date(2024, 6, 7),
    )


def test_talks_are_filed_with_their_author_and_the_last_one_says_what_comes_next(tmp_path: Path) -> None:
    brought(workbook(tmp_path))

    talks = [note for note in everything(FollowUp) if note.kind is FollowUpKind.TALK]
    assert [(talk.number, talk.method) for talk in sorted(talks, key=lambda talk: talk.number)] == [
        ("F20240312003", Method.VISIT),
        ("F20240502001", Method.ONLINE),
        ("F20240511002", Method.PHONE),
    ]
    assert {talk.is_on_time for talk in talks} == {None}
    deal = named(Deal, "纸鹤一期")
    with acting_as_system("a test looks"):
        of_deal = db.session.scalars(select(FollowUp).where(FollowUp.deal_id == deal.id)).all()
    assert {talk.number for talk in of_deal} >= {"F20240502001", "F20240511002"}
    assert (deal.next_step, deal.next_due) == ("提交报价", date(2024, 5, 9)), "the later talk names no day"


def test_owners_who_are_not_known_become_accounts_that_cannot_sign_in(tmp_path: Path) -> None:
    brought(workbook(tmp_path))

    new = [person for person in everything(User) if person.email.endswith("@invited.invalid")]
    assert {person.name for person in new} == {"陈景行", "李佳宁"}
    assert not any(person.can_sign_in for person in new)


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    brought(workbook(tmp_path))
    before = [count(model) for model in (Customer, Contact, Deal, Placement, FollowUp, User)]

    again = brought(workbook(tmp_path))

    assert [count(model) for model in (Customer, Contact, Deal, Placement, FollowUp, User)] == before
    assert {kind: counts["created"] + counts["updated"] for kind, counts in again.counts.items()} == {
        "customers": 0,
        "contacts": 0,
        "deals": 0,
        "followups": 0,
    }
    assert again.total == 0
    assert faults() == []


def test_the_undo_leaves_an_empty_base(tmp_path: Path, people) -> None:
    staff = count(User)
    found = undo(brought(workbook(tmp_path)))

    assert (found.state, found.kept) == (ImportState.UNDONE, [])
    assert [count(model) for model in (Customer, Contact, Deal, Placement, FollowUp, ImportTrace)] == [0] * 6
    assert count(User) == staff
    assert faults() == []
    assert brought(workbook(tmp_path)).counts["customers"]["created"] == 3


def test_a_trial_run_brings_nothing_in(tmp_path: Path) -> None:
    found = tried(workbook(tmp_path))

    assert (found.state, found.total) == (ImportState.PLANNED, 12)
    assert [count(model) for model in (Customer, Deal, FollowUp, ImportTrace)] == [0] * 4
    assert count(ImportRow) == 14
    first = found.sheets[0]
    assert (first["name"], first["kind"], first["head_row"]) == ("客户基本信息", "customers", 2)
    assert first["columns"][1] == {
        "head": "客户名称*",
        "fields": ["customer.name"],
        "repeats": False,
        "sure": "name",
        "samples": ["纸鹤包装有限公司", "弹珠轴承有限公司", "纸鹤包装有限公司（总部）"],
    }


def test_numbers_of_the_file_are_kept_and_never_given_again(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "客户编号 客户名称 负责人",
        ("", "First Works", "Lin"),
        ("C20261123004", "Second Works", "Lin"),
    )
    brought(path)

    assert {customer.number for customer in everything(Customer)} == {"C20261123004", "C20261123005"}
    series = db.session.get(NumberSeries, ("C", "20261123"), populate_existing=True)
    assert series is not None
    assert series.last == 5


def test_a_number_that_would_use_the_series_up_is_another_programs(tmp_path: Path) -> None:
    brought(table(tmp_path, "客户编号 客户名称 负责人", ("C20261123123456789", "First Works", "Lin")))

    customer = named(Customer, "First Works")
    assert (customer.number, customer.external_id) == ("C20261123001", "C20261123123456789")


def test_deals_come_before_their_customers_are_known(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "机会名称 客户名称 当前阶段 预估金额 负责人",
        ("Line one", "First Works", "方案", "10万", "Lin"),
        ("Line two", "First Works", "流失", "5万", "Lin"),
    )
    found = brought(path)

    assert found.counts["customers"]["created"] == 1
    assert named(Customer, "First Works").owner.name == "Lin"
    lost = named(Deal, "Line two")
    assert (lost.is_lost, lost.lost_words, lost.stage) == (True, "The file gives no reason.", Stage.LEAD)
    assert faults() == []


@pytest.mark.parametrize(("name", "code"), [("甲" * 201, "too_long"), ("甲" * 200, None)])
def test_a_name_is_not_cut(tmp_path: Path, name: str, code: str | None) -> None:
    found = brought(table(tmp_path, "客户名称 负责人", (name, "Lin")))
    assert reasons(found).get(2) == code


def test_a_long_name_is_recognised_again(tmp_path: Path) -> None:
    path = table(tmp_path, "客户名称 负责人", ("ﷺ" * 200, "Lin"))
    brought(path)

    assert [fate.value for _row, fate, _why in fates(brought(path))] == ["skip"]


@pytest.mark.parametrize("column", ["备注", "身份证号"])
def test_identity_card_numbers_are_not_recorded(tmp_path: Path, column: str) -> None:
    """A row that would keep one is not taken; from a column that nobody knows it is left out."""
    path = table(
        tmp_path,
        f"客户名称 负责人 机会名称 {column}",
        ("First Works", "Lin", "Line one", "11010519491231002X"),
    )
    found = brought(path)

    assert reasons(found) == ({2: "private_number"} if column == "备注" else {})
    kept = [row.cells for row in everything(ImportRow) if row.cells]
    told = [note.content for note in everything(FollowUp)]
    assert "11010519491231002X" not in repr((kept, told, found.sheets, found.warnings))


def test_what_is_taken_without_a_value_is_said(tmp_path: Path) -> None:
    found = tried(
        table(
            tmp_path,
            "客户名称 负责人 首次接触日期 邮箱",
            ("First Works", "Lin", "去年", "a@example.com b@example.com"),
        )
    )

    assert [warning["params"]["why"]["code"] for warning in found.warnings] == [
        "not_a_date",
        "second_address",
    ]


def test_every_import_is_on_record(tmp_path: Path, people) -> None:
    found = undo(brought(workbook(tmp_path), by=people.admin))
    told = db.session.scalars(
        select(AuditEvent.verb).where(AuditEvent.subject == found.label).order_by(AuditEvent.id)
    )
    assert list(told) == [
        "import.begun",
        "import.confirmed",
        "import.done",
        "import.undo_asked",
        "import.undone",
    ]
    assert count(Import) == 1


def test_what_came_in_is_on_record_under_its_number(tmp_path: Path) -> None:
    brought(table(tmp_path, "机会名称 客户名称 当前阶段 负责人", ("Line one", "First Works", "方案", "Lin")))
    came_in = {named(Customer, "First Works").label, named(Deal, "Line one").label}
    verbs = ("customer.registered", "deal.brought_in")
    told = db.session.scalars(select(AuditEvent.subject).where(AuditEvent.verb.in_(verbs)))
    assert set(told) == came_in


def test_many_customers_take_no_more_statements_than_few(tmp_path: Path) -> None:
    def statements_for(rows: int) -> int:
        heads = "客户名称 所属行业 客户来源 联系人 联系方式 负责人"
        told = [
            (f"Works {rows} of {n}", "IT", "Fair", f"Su {n}", f"139{rows:04d}{n:04d}", "Lin")
            for n in range(rows)
        ]
        found = confirmed(tried(table(tmp_path, heads, *told, name=f"{rows}.csv")))
        with acting_as_system("a test brings in"), counted_statements("INSERT") as statements:
            running.bring_in(found)
        assert found.counts["customers"]["created"] == rows
        return len(statements)

    statements_for(1)
    assert statements_for(30) == statements_for(3)
