"""What an import brought in goes out again under the file's own heads: as it came, and with what changed here since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.exchange.export_of_import import count_of_import, tables_of_import
from salesboard.exchange.models import Import
from salesboard.exchange.reading import open_book
from salesboard.exchange.values import cell_text
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import Note
from tests.browsing import counted_selects
from tests.domain.exchange.bringing import NOON, brought, table, undo
from tests.domain.exchange.going_out import SHANGHAI
from tests.rules.exchange.making import GIVEN, SAMPLES
from tests.standing import People

OWN = [SAMPLES / folder / name for folder, name in (
    ("salesforce", "opportunities.csv"), ("krayin", "leads.csv"), ("krayin", "persons.csv"),
    ("sheets", "客户管理数据库.xlsx"), ("sheets", "客户进度管理表.csv"),
    ("sheets", "销售客户管理绩效表.xlsx"), ("sheets", "销售过程跟踪记录表.xlsx"),
)]  # fmt: skip
THEIRS = [GIVEN / path.relative_to(SAMPLES) for path in OWN[3:]] + [
    GIVEN / name
    for name in (
        "salesforce/opportunityData.csv", "krayin/leads.csv", "krayin/persons.csv", "maven/accounts.csv",
        "maven/sales_pipeline.csv",
    )
]  # fmt: skip


def rows_of(path: Path, sheet: str) -> list[list[str]]:
    return [[cell_text(cell) for cell in row.cells] for row in open_book(path).sheet(sheet).rows()]


def given_back(found: Import, by: User | None = None) -> dict[str, list[list[str]]]:
    """The rows of each sheet below its heads, as text."""
    with acting_as(by.viewer()) if by else acting_as_system("a test takes out"):
        tables = tables_of_import(found, SHANGHAI)
        return {each.name: [[cell_text(cell) for cell in line] for line in each.rows] for each in tables}


def prove(path: Path, people: People, **options: object) -> Import:
    found = brought(path, by=people.admin, is_on_page=True, **options)
    for sheet, lines in given_back(found).items():
        rows = [row for row in rows_of(path, sheet)[1:] if any(row)]
        if sheet == "客户基本信息":  # below a title; a customer who stands there twice comes out once
            rows = rows[1:]
            rows = [row for row in rows if row[0] and row[0] != "合计"]
        assert lines == [row for row in rows if row[0] != "合计"], sheet
        assert lines
    return found


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_each_sample_comes_out_cell_by_cell_as_it_came_in(people: People, path: Path) -> None:
    prove(path, people)


HEADS = "机会编号 客户名称 机会名称 当前阶段 金额（万元） 仓库 负责人 联系人 电话 预计成交日期"
ROWS = (
    (
        "X-1",
        "First Works",
        "Line one",
        "初步接触",
        "12.00",
        "A3",
        "Olive Owner",
        "Cleo",
        "13900000001",
        "2026年12月1日",
    ),
    (
        "X-2",
        "Second Works",
        "Line two",
        "报价",
        "8.5",
        "B1",
        "Olive Owner",
        "Carl",
        "13900000002",
        "2026.12.2",
    ),
    ("X-3", "Second Works", "Line three", "丢单", "1", "", "Olive Owner", "Carl", "13900000002", ""),
)


def bring_deals(folder: Path, people: People) -> Import:
    return brought(table(folder, HEADS, *ROWS), by=people.admin, is_on_page=True)


def test_what_changed_since_stands_in_it_in_the_files_words_and_unit(people: People, tmp_path: Path) -> None:
    found, now, owner = bring_deals(tmp_path, people), clock.now() + timedelta(hours=1), people.owner
    assert given_back(found) == {"table": [list(row) for row in ROWS]}
    with acting_as_system("a test changes"), writing():
        one = db.session.scalars(select(Deal).where(Deal.name == "Line one")).one()
        note = Note(occurred_at=now, method=Method.PHONE, content="They ask for an offer")
        written = FollowUp.write(note, by=owner, now=now, day=NOON.date())
        one.place(
            Stage.PROPOSAL,
            note=written,
            by=owner,
            now=now,
            day=NOON.date(),
            expected_version=one.version,
            probability=50,
        )
        carl = db.session.scalars(select(Contact).where(Contact.name == "Carl")).one()
        carl.customer.revise_contact(
            carl, by=owner, now=now, expected_version=carl.customer.version, phone="13900000009"
        )

    first, second, third = given_back(found)["table"]
    assert first == [
        "X-1",
        "First Works",
        "Line one",
        "报价",
        "12.00",
        "A3",
        "Olive Owner",
        *ROWS[0][7:9],
        "2026-12-01",
    ]
    assert second == [*ROWS[1][:8], "13900000009", "2026.12.2"]
    assert third == [*ROWS[2][:8], "13900000009", ""]


@pytest.mark.databases("sqlite")
def test_it_holds_what_one_sees_and_nothing_of_an_import_that_was_taken_back(
    people: People, tmp_path: Path
) -> None:
    found = bring_deals(tmp_path, people)
    with acting_as_system("a test changes"), writing():
        two = db.session.scalars(select(Deal).where(Deal.name == "Line two")).one()
        two.customer.revise(
            by=people.admin,
            now=clock.now(),
            expected_version=two.customer.version,
            owner_id=people.outsider.id,
        )
        two.hand_over(people.outsider, by=people.admin, now=clock.now())

    assert [row[0] for row in given_back(found, people.owner)["table"]] == ["X-1", "X-3"]
    assert [row[0] for row in given_back(found, people.outsider)["table"]] == ["X-2"]
    assert given_back(found, people.teammate)["table"] == []
    undo(found)
    assert [row[0] for row in given_back(found)["table"]] == ["X-2"]


@pytest.mark.databases("sqlite")
def test_numbers_that_are_not_to_be_recorded_do_not_come_out(people: People, tmp_path: Path) -> None:
    path = table(tmp_path, "客户名称 证件", ("First Works", "11010519491231002X"), ("Second Works", "A-1"))
    found = brought(path, by=people.admin, is_on_page=True)

    assert given_back(found)["table"] == [["First Works", ""], ["Second Works", "A-1"]]


@pytest.mark.databases("sqlite")
def test_many_rows_cost_the_same_selects_as_few(people: People, tmp_path: Path) -> None:
    def costs(count: int) -> int:
        rows = [(f"{count}-{each}", f"Customer {count} {each}", *ROWS[0][2:]) for each in range(count)]
        found = brought(table(tmp_path, HEADS, *rows), by=people.admin, is_on_page=True)
        with counted_selects() as selects:
            assert len(given_back(found)["table"]) == count_of_import(found) == count
        return len([select for select in selects if "FROM installation" not in select])

    assert costs(2) == costs(12)


@pytest.mark.databases("sqlite")
def test_a_talk_that_was_corrected_says_what_it_says_now(people: People, tmp_path: Path) -> None:
    row = ("First Works", "2026年11月2日", "去电", "Asked for a plan", "意向")
    path = table(tmp_path, "客户名称 跟进日期 跟进方式 跟进内容 阶段", row)
    found = brought(path, by=people.admin, is_on_page=True)
    with acting_as_system("a test corrects"), writing():
        talk = db.session.scalars(select(FollowUp).where(FollowUp.content == "Asked for a plan")).one()
        said = {"content": "Asked for an offer"}
        talk.correct(said, "a slip", by=people.admin, now=clock.now(), expected_version=1)

    assert given_back(found)["table"] == [
        ["First Works", "2026-11-02 12:00", "去电", "Asked for an offer", "意向"]
    ]
