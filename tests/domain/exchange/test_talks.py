"""Talks of a file: each once, under its deal; they tell where the deal stood and what comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.database import db
from salesboard.deals.models import Deal, Placement
from salesboard.deals.rules import Stage
from salesboard.exchange.models import Fate
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, ObjectionState
from tests.domain.exchange.bringing import brought, count, everything, fates, faults, named, reasons, table
from tests.standing import People, make_customer, make_deal

PROCESS = "客户名称 沟通时间 沟通方式 沟通内容摘要 跟进阶段 下一步行动"
CUSTOMER = "Paper Crane Packaging"


def talks() -> list[str]:
    return [note.content for note in everything(FollowUp) if note.kind is FollowUpKind.TALK]


def test_a_process_record_tells_the_stays_of_its_deals(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        PROCESS,
        (CUSTOMER, "2026-11-02", "电话", "First call", "线索", "Visit"),
        (CUSTOMER, "2026-11-10", "面谈", "Need seen", "意向", "Offer"),
        (CUSTOMER, "2026-11-12", "微信", "Still there", "意向", "Offer"),
        (CUSTOMER, "2026-11-18", "面谈", "Offer shown", "方案", "Wait"),
    )
    brought(path, by=people.owner)

    with acting_as_system("a test looks"):
        stays = db.session.scalars(select(Placement).order_by(Placement.id)).all()
        told = [(stay.stage, stay.entered_at.date(), stay.followup.content) for stay in stays]
    assert told == [
        (Stage.LEAD, date(2026, 11, 2), "First call"),
        (Stage.INTENT, date(2026, 11, 10), "Need seen"),
        (Stage.PROPOSAL, date(2026, 11, 18), "Offer shown"),
    ]
    assert talks() == ["First call", "Need seen", "Offer shown", "Still there"]
    assert faults() == []


def test_two_talks_of_one_day_stay_in_order(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        PROCESS,
        (CUSTOMER, "2026-11-10 16:00", "电话", "First call", "线索", ""),
        (CUSTOMER, "2026-11-10 16:00", "电话", "First call", "意向", ""),
    )
    brought(path, by=people.owner)

    assert named(Deal, f"Deal with {CUSTOMER}").stage is Stage.INTENT
    assert faults() == []


def test_a_skipped_deal_stays_where_it_is_though_a_talk_saw_it_elsewhere(
    tmp_path: Path, people: People
) -> None:
    make_deal(people.owner, Stage.LEAD)
    found = brought(
        table(tmp_path, PROCESS, (CUSTOMER, "2026-11-20", "电话", "They agree", "谈判", "")), by=people.owner
    )

    deal = named(Deal, "Line one")
    assert deal.stage is Stage.LEAD
    assert everything(FollowUp)[-1].deal_id == deal.id
    assert [(fate, why[:40]) for _row, fate, why in fates(found)] == [
        (Fate.SKIP, "It is here already, and in another stage"),
        (Fate.CREATE, ""),
    ]


def test_a_talk_about_a_closed_deal_is_filed_and_plans_nothing(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        f"{PROCESS} 下次跟进日期",
        (CUSTOMER, "2026-11-02", "电话", "First call", "线索", "Visit", "2026-11-30"),
        (CUSTOMER, "2026-11-10", "电话", "They declined", "流失", "Ask again", "2026-12-30"),
    )
    brought(path, by=people.owner)

    deal = named(Deal, f"Deal with {CUSTOMER}")
    assert (deal.is_lost, deal.next_step, deal.next_due) == (True, "", None)
    again = table(
        tmp_path,
        "客户名称 跟进日期 跟进内容 下一步计划 下次跟进日期",
        (CUSTOMER, "2026-11-20", "They may return", "Call", "2026-12-01"),
    )
    for on_duplicate in ("skip", "update"):
        brought(again, by=people.owner, on_duplicate=on_duplicate)
    assert everything(FollowUp)[-1].deal_id == deal.id
    assert (named(Deal, deal.name).next_step, talks().count("They may return")) == ("", 1)
    assert faults() == []


def test_a_day_without_a_next_step_plans_nothing(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        "客户名称 机会名称 当前阶段 跟进日期 跟进内容 下次跟进日期",
        (CUSTOMER, "Line one", "意向", "2026-11-20", "A talk", "2026-12-01"),
    )
    brought(path, by=people.owner)

    deal = named(Deal, "Line one")
    assert (deal.next_step, deal.next_due) == ("", None)


def test_a_talk_that_is_still_to_come_is_not_taken(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        "客户名称 跟进日期 跟进内容",
        (CUSTOMER, "2026-11-24", "Tomorrow"),
        (CUSTOMER, "2026-11-23 12:01", "In a minute"),
        (CUSTOMER, "2026-11-23 12:00", "Just now"),
        (CUSTOMER, "2026-11-23", "Today"),
    )
    assert reasons(brought(path, by=people.owner)) == {2: "in_future", 3: "in_future"}


def test_a_talk_of_today_is_recognised_later_in_the_day(tmp_path: Path, people: People, freeze) -> None:
    path = table(tmp_path, "客户名称 跟进日期 跟进内容", (CUSTOMER, "2026-11-23", "This morning"))
    freeze(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    brought(path, by=people.owner)
    freeze(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    assert [fate for _row, fate, _why in fates(brought(path, by=people.owner))] == [Fate.SKIP]
    assert talks() == ["This morning"]


def test_one_talk_written_down_twice_is_one(tmp_path: Path, people: People) -> None:
    row = (CUSTOMER, "2026-11-20", "A talk")
    found = brought(table(tmp_path, "客户名称 跟进日期 跟进内容", row, row), by=people.owner)

    assert fates(found, "followups")[1] == (3, Fate.SKIP, "The same talk stands in row 2.")


def test_a_talk_keeps_all_its_words(tmp_path: Path, people: People) -> None:
    make_customer(people.owner)
    path = table(
        tmp_path,
        "客户名称 跟进日期 跟进内容 客户反馈 参与人员 异议 提交物料",
        (CUSTOMER, "2026-11-20", "=2+2", "Good", "Bai, Gu", "Too dear", "Flyer"),
    )
    brought(path, by=people.owner)

    note = everything(FollowUp)[-1]
    assert (note.content, note.feedback, note.participants) == ("=2+2", "Good", "Bai, Gu")
    assert (note.objection, note.objections[0].state, note.materials) == (
        "Too dear",
        ObjectionState.RAISED,
        "Flyer",
    )
    assert count(Deal) == 0
