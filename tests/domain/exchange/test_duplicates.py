"""What becomes of rows about records that are there already: skipped, taken over, or made a second time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from salesboard.customers.models import Contact, Customer
from salesboard.deals.models import Deal
from salesboard.deals.rules import LostReason, Outcome, Stage
from salesboard.exchange.models import Fate, OnDuplicate
from salesboard.followups.models import FollowUp
from tests.domain.exchange.bringing import (
    brought,
    count,
    everything,
    fates,
    faults,
    named,
    table,
    tried,
    undo,
    workbook,
)
from tests.rules.exchange.making import xlsx_file
from tests.standing import People, make_customer, make_deal

UPDATE, CREATE = OnDuplicate.UPDATE, OnDuplicate.CREATE


class TestUpdate:
    def test_takes_over_what_the_file_says_otherwise_and_leaves_the_rest(
        self, tmp_path: Path, people: People
    ) -> None:
        make_customer(people.owner, "First Works", industry="Paper", region="East")
        path = table(tmp_path, "客户名称 所属行业 所属区域 规模", ("First Works", "Printing", "", "120"))
        found = brought(path, by=people.owner, on_duplicate=UPDATE)

        customer = named(Customer, "First Works")
        assert (customer.industry, customer.region, customer.employees) == ("Printing", "East", 120)
        assert fates(found) == [(2, Fate.UPDATE, "Changes: Industry, Employees")]

    def test_of_what_is_the_same_changes_nothing(self, tmp_path: Path, people: People) -> None:
        customer = make_customer(people.owner, "First Works", industry="Paper")
        path = table(tmp_path, "客户名称 所属行业", ("First Works", "Paper"))
        found = brought(path, by=people.owner, on_duplicate=UPDATE)

        assert fates(found) == [(2, Fate.SKIP, "It is here already.")]
        assert named(Customer, "First Works").version == customer.version

    def test_moves_a_deal_with_the_row_as_its_note(self, tmp_path: Path, people: People) -> None:
        deal = make_deal(people.owner, Stage.INTENT, next_step="Send the offer", next_due=date(2026, 11, 30))
        path = table(
            tmp_path,
            "机会编号 客户名称 机会名称 当前阶段 预估金额",
            (deal.number, "Paper Crane Packaging", "Line one", "谈判", "30万"),
        )
        found = brought(path, by=people.owner, on_duplicate=UPDATE)

        moved = named(Deal, "Line one")
        assert (moved.stage, moved.amount, moved.probability) == (Stage.NEGOTIATION, Decimal(300_000), 80)
        assert (moved.next_step, moved.next_due) == ("Send the offer", date(2026, 11, 30))
        assert fates(found) == [(2, Fate.UPDATE, "Changes: Expected amount, Stage")]
        assert "imported from table.csv, row 2" in everything(FollowUp)[-1].content
        assert faults() == []

    def test_loses_a_deal_with_its_reason_and_the_undo_brings_it_back(
        self, tmp_path: Path, people: People
    ) -> None:
        deal = make_deal(people.owner, Stage.PROPOSAL)
        path = table(
            tmp_path,
            "机会编号 客户名称 机会名称 当前阶段 流失原因",
            (deal.number, "Paper Crane Packaging", "Line one", "已流失", "价格太高"),
        )
        found = brought(path, by=people.owner, on_duplicate=UPDATE)
        lost = named(Deal, "Line one")
        assert (lost.outcome, lost.lost_reason) == (Outcome.LOST, LostReason.PRICE)

        assert undo(found).kept == []

        back = named(Deal, "Line one")
        assert (back.outcome, back.stage, back.lost_reason) == (Outcome.OPEN, Stage.PROPOSAL, None)
        assert faults() == []

    @pytest.mark.parametrize(
        ("stage", "lost", "told"),
        [(Stage.INTENT, True, "方案"), (Stage.WON, False, "流失")],
        ids=["lost", "signed"],
    )
    def test_neither_revives_a_lost_deal_nor_loses_a_signed_one(
        self, tmp_path: Path, people: People, stage: Stage, lost: bool, told: str
    ) -> None:
        deal = make_deal(people.owner, stage, lost=lost)
        path = table(
            tmp_path,
            "机会编号 客户名称 机会名称 当前阶段",
            (deal.number, "Paper Crane Packaging", "Line one", told),
        )
        found = brought(path, by=people.owner, on_duplicate=UPDATE)

        assert [(fate, why[:24]) for _row, fate, why in fates(found)] == [
            (Fate.SKIP, "It cannot come to the st")
        ]
        assert named(Deal, "Line one").version == deal.version

    def test_moves_by_the_latest_talk_that_saw_the_deal(self, tmp_path: Path, people: People) -> None:
        make_deal(people.owner, Stage.LEAD)
        path = table(
            tmp_path,
            "客户名称 沟通时间 沟通方式 沟通内容摘要 跟进阶段 下一步行动 下次跟进日期",
            ("Paper Crane Packaging", "2026-11-20", "电话", "They agree", "谈判", "Contract", "2026-12-01"),
            ("Paper Crane Packaging", "2026-11-18", "电话", "They ask", "意向", "Call", "2026-11-19"),
        )
        brought(path, by=people.owner, on_duplicate=UPDATE)

        deal = named(Deal, "Line one")
        assert deal.stage is Stage.NEGOTIATION
        assert faults() == []

    def test_takes_the_next_step_of_a_later_talk(self, tmp_path: Path, people: People, freeze) -> None:
        make_deal(people.owner, Stage.LEAD, next_step="Call", next_due=date(2026, 11, 23))
        path = table(
            tmp_path,
            "客户名称 跟进日期 跟进方式 跟进内容 下一步计划 下次跟进日期",
            ("Paper Crane Packaging", "2026-11-23 11:59", "电话", "Earlier", "Old plan", "2026-11-24"),
        )
        found = brought(path, by=people.owner, on_duplicate=UPDATE)
        assert named(Deal, "Line one").next_step == "Call", "what was written here came later"
        undo(found)

        path = table(
            tmp_path,
            "客户名称 跟进日期 跟进方式 跟进内容 下一步计划 下次跟进日期",
            ("Paper Crane Packaging", "2026-11-23 12:00", "电话", "Later", "New plan", "2026-11-24"),
        )
        found = brought(path, by=people.owner, on_duplicate=UPDATE)
        after = named(Deal, "Line one")
        assert (after.next_step, after.next_due) == ("New plan", date(2026, 11, 24))

        undo(found)
        assert named(Deal, "Line one").next_step == "Call"


class TestCreate:
    def test_makes_second_records_with_numbers_of_their_own(self, tmp_path: Path) -> None:
        brought(workbook(tmp_path))
        again = brought(workbook(tmp_path), on_duplicate=CREATE)

        assert again.counts["customers"]["created"] == 3
        assert [count(model) for model in (Customer, Deal)] == [6, 6]
        assert len({customer.number for customer in everything(Customer)}) == 6
        assert len({note.number for note in everything(FollowUp)}) == count(FollowUp)
        assert fates(again, "customers")[0] == (
            3,
            Fate.CREATE,
            "The number C20240429001 is taken here; it gets a new one.",
        )
        assert faults() == []

    def test_of_deals_alone_adds_them_to_the_customers_that_are_here(
        self, tmp_path: Path, people: People
    ) -> None:
        make_deal(people.owner)
        path = table(tmp_path, "客户名称 机会名称 当前阶段", ("Paper Crane Packaging", "Line one", "线索"))
        brought(path, by=people.owner, on_duplicate=CREATE)

        assert (count(Customer), count(Deal)) == (1, 2)


class TestNumbers:
    """A number counts together with the name: two systems may have given it to two customers."""

    def test_of_another_customer_here_is_not_kept(self, tmp_path: Path, people: People) -> None:
        taken = make_customer(people.owner, "First Works").number
        path = table(tmp_path, "客户编号 客户名称 负责人", (taken, "Second Works", "Olive Owner"))
        found = brought(path, by=people.owner)

        second = named(Customer, "Second Works")
        assert second.number != taken
        assert second.external_id == taken
        assert fates(found)[0][2] == f"The number {taken} is taken here; it gets a new one."
        assert [fate for _row, fate, _why in fates(brought(path, by=people.owner))] == [Fate.SKIP]

    def test_together_with_a_short_name_will_do(self, tmp_path: Path, people: People) -> None:
        number = make_customer(people.owner, "弹珠轴承有限公司").number
        heads = "客户编号 客户名称 跟进日期 跟进内容"
        talk = brought(table(tmp_path, heads, (number, "弹珠轴承", "2026-11-20", "A talk")), by=people.owner)
        own = tried(table(tmp_path, "客户编号 客户名称", (number, "弹珠轴承")), by=people.owner)
        twice = tried(
            table(tmp_path, "客户编号 客户名称", ("7", "纸鹤包装"), ("7", "纸鹤包装公司")), by=people.owner
        )

        assert [fate for _row, fate, _why in fates(talk)] == [Fate.CREATE]
        assert [fate for _row, fate, _why in fates(own)] == [Fate.SKIP]
        assert [fate for _row, fate, _why in fates(twice)] == [Fate.CREATE, Fate.SKIP]
        assert count(Customer) == 1

    def test_with_a_strange_name_on_a_row_about_something_else_is_not_guessed(
        self, tmp_path: Path, people: People
    ) -> None:
        taken = make_customer(people.owner, "First Works").number
        path = table(
            tmp_path, "客户编号 客户名称 跟进日期 跟进内容", (taken, "Second Works", "2026-11-20", "A talk")
        )
        found = tried(path, by=people.owner)

        assert fates(found) == [
            (2, Fate.REJECT, f"The number {taken} belongs to a customer of another name here.")
        ]

    def test_alone_names_the_customer(self, tmp_path: Path, people: People) -> None:
        number = make_customer(people.owner, "First Works").number
        path = table(
            tmp_path,
            "客户编号 跟进日期 跟进内容",
            (number, "2026-11-20", "A talk"),
            ("C19990101001", "2026-11-20", "A talk"),
        )
        found = tried(path, by=people.owner)

        assert [(row, fate) for row, fate, _why in fates(found)] == [(2, Fate.CREATE), (3, Fate.REJECT)]

    def test_given_twice_in_the_file_is_a_mistake(self, tmp_path: Path, people: People) -> None:
        path = table(tmp_path, "客户编号 客户名称", ("7", "First Works"), ("7", "Second Works"))
        found = tried(path, by=people.owner)

        assert [fate for _row, fate, _why in fates(found)] == [Fate.CREATE, Fate.REJECT]

    def test_of_another_customers_deal_is_not_kept(self, tmp_path: Path, people: People) -> None:
        taken = make_deal(people.owner).number
        path = table(tmp_path, "机会编号 客户名称 机会名称", (taken, "Second Works", "Line two"))
        brought(path, by=people.owner)

        deal = named(Deal, "Line two")
        assert (deal.number != taken, deal.external_id) == (True, taken)
        assert [fate for _row, fate, _why in fates(brought(path, by=people.owner), "deals")] == [Fate.SKIP]

    def test_of_one_deal_with_two_customers_is_a_mistake_and_leaves_nothing_of_the_row(
        self, tmp_path: Path, people: People
    ) -> None:
        path = table(
            tmp_path,
            "机会编号 客户名称 机会名称",
            ("7", "First Works", "Line one"),
            ("7", "Second Works", "Line one"),
        )
        found = brought(path, by=people.owner)

        assert [fate for _row, fate, _why in fates(found, "deals")] == [Fate.CREATE, Fate.REJECT]
        assert [customer.name for customer in everything(Customer)] == ["First Works"]

    def test_tell_two_deals_of_one_name_apart(self, tmp_path: Path, people: People) -> None:
        heads = "机会编号 客户名称 机会名称"
        rows = [(f"O2024010100{n}", "First Works", "Line one") for n in (1, 2)]
        brought(table(tmp_path, heads, *rows), by=people.owner)
        brought(table(tmp_path, heads, *rows, ("O20240101003", "First Works", "Line one")), by=people.owner)

        assert [deal.number for deal in everything(Deal)] == [f"O2024010100{n}" for n in (1, 2, 3)]

    def test_of_another_program_may_come_later_than_the_deal(self, tmp_path: Path, people: People) -> None:
        """A deal typed in by hand, then the team's list with numbers of its own."""
        make_deal(people.owner)
        heads = "机会编号 客户名称 机会名称"
        path = table(tmp_path, heads, ("OPP-7", "Paper Crane Packaging", "Line one"))
        assert [fate for _row, fate, _why in fates(tried(path, by=people.owner))] == [Fate.SKIP]

    def test_are_not_needed_to_name_a_deal_of_another_sheet(self, tmp_path: Path, people: People) -> None:
        sheets = {
            "商机": [("机会编号", "客户名称", "机会名称"), ("O20240101001", "First Works", "Line one")],
            "跟进": [
                ("客户名称", "机会名称", "跟进日期", "跟进内容"),
                ("First Works", "Line one", "2026-11-20", "A talk"),
            ],
        }
        brought(xlsx_file(tmp_path, sheets), by=people.owner)

        (deal,) = everything(Deal)
        assert everything(FollowUp)[-1].deal_id == deal.id

    def test_of_another_talk_does_not_hide_this_one(self, tmp_path: Path, people: People) -> None:
        make_deal(people.owner)
        taken = everything(FollowUp)[0].number
        path = table(
            tmp_path,
            "跟进编号 客户名称 跟进日期 跟进内容",
            (taken, "Second Works", "2026-11-20", "Another talk"),
        )
        brought(path, by=people.owner)

        assert [note.content for note in everything(FollowUp)][-1] == "Another talk"
        assert [fate for _row, fate, _why in fates(brought(path, by=people.owner))] == [Fate.SKIP]


class TestContacts:
    @pytest.fixture
    def customer(self, people: People) -> Customer:
        return make_customer(people.owner, "First Works")

    def test_without_a_name_are_not_added_again_when_the_way_to_reach_them_is_known(
        self, tmp_path: Path, people: People, customer: Customer
    ) -> None:
        heads = "客户名称 联系人 联系方式 邮箱"
        brought(
            table(tmp_path, heads, ("First Works", "Bai Lu", "139 0000 0001", "lu@example.com")),
            by=people.owner,
        )
        for way in ("13900000001", "LU@example.com"):
            brought(
                table(tmp_path, "客户名称 联系方式 所属行业", ("First Works", way, "Paper")), by=people.owner
            )

        assert [contact.name for contact in everything(Contact)] == ["Bai Lu"]

    def test_keep_several_telephone_numbers(self, tmp_path: Path, people: People, customer: Customer) -> None:
        path = table(
            tmp_path, "客户名称 联系人 联系方式", ("First Works", "Bai Lu", "13900000001、0571-88880003")
        )
        brought(path, by=people.owner)
        assert named(Contact, "Bai Lu").phone == "13900000001 / 0571-88880003"

        brought(
            table(tmp_path, "客户名称 联系方式 所属行业", ("First Works", "0571-88880003", "Paper")),
            by=people.owner,
        )
        assert count(Contact) == 1

    def test_reached_in_the_same_way_elsewhere_are_remarked_on(
        self, tmp_path: Path, people: People, customer: Customer
    ) -> None:
        heads = "客户名称 联系人 联系方式"
        brought(table(tmp_path, heads, ("First Works", "Bai Lu", "13900000001")), by=people.owner)
        path = table(
            tmp_path,
            heads,
            ("Second Works", "Gu Yu", "13900000001"),
            ("Third Works", "Li Xia", "13900000001"),
        )

        said = [why for _row, _fate, why in fates(tried(path, by=people.owner), "customers")]
        other = [why for _row, _fate, why in fates(tried(path, by=people.outsider), "customers")]
        same = "has the same telephone number or e-mail address."
        assert said == [f"First Works, who is here already, {same}", f"The customer of row 2 {same}"]
        assert other == [f"A customer who is here already {same}", f"The customer of row 2 {same}"]


def test_a_second_row_about_a_customer_fills_what_the_first_leaves_open(
    tmp_path: Path, people: People
) -> None:
    path = table(
        tmp_path, "客户名称 所属行业 所属区域", ("First Works", "Paper", ""), ("First Works", "Print", "East")
    )
    found = brought(path, by=people.owner)

    assert [fate for _row, fate, _why in fates(found)] == [Fate.CREATE, Fate.SKIP]
    customer = named(Customer, "First Works")
    assert (customer.industry, customer.region) == ("Paper", "East")


def test_a_skipped_deal_in_another_stage_is_said_to_stay(tmp_path: Path, people: People) -> None:
    make_deal(people.owner, Stage.INTENT)
    path = table(tmp_path, "客户名称 机会名称 当前阶段", ("Paper Crane Packaging", "Line one", "谈判"))

    assert fates(tried(path, by=people.owner)) == [
        (2, Fate.SKIP, "It is here already, and in another stage: that stays as it is.")
    ]


def test_a_row_that_could_mean_several_deals_changes_none(tmp_path: Path, people: People) -> None:
    customer = make_customer(people.owner)
    for name in ("Line one", "Line two"):
        make_deal(people.owner, customer=customer, name=name)
    path = table(
        tmp_path,
        "客户名称 当前阶段 跟进日期 跟进内容",
        ("Paper Crane Packaging", "谈判", "2026-11-20", "A talk"),
    )
    found = brought(path, by=people.owner, on_duplicate=UPDATE)

    why = "The customer has several deals; the row does not say which one it means."
    assert fates(found, "deals") == [(2, Fate.SKIP, why)]
    assert {deal.stage for deal in everything(Deal)} == {Stage.LEAD}
