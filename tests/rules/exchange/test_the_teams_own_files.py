"""The files that teams really keep give what ../shared/data/sheets/expected.json and the CSVs themselves say."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from salesboard.customers.rules import name_key
from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.columns import match_book
from salesboard.exchange.history import stays_told
from salesboard.exchange.options import Options, read_options
from salesboard.exchange.reading import open_book
from salesboard.exchange.reasons import Reason
from salesboard.exchange.records import DealRecord, Ignored, Rejection, RowRecords
from salesboard.exchange.records import Outcome as RowOutcome
from salesboard.exchange.rows import read_rows
from salesboard.exchange.words import Lost
from salesboard.followups.rules import Method
from tests.rules.exchange.making import GIVEN, needs_given
from tests.rules.exchange.test_understanding_sheets import MAVEN_DEALS

pytestmark = needs_given

WORKBOOK = "sheets/客户管理数据库.xlsx"
MAVEN_STAGES = ("stage:Prospecting=lead", "stage:Engaging=intent", "stage:Won=won", "stage:Lost=lost")


@cache
def outcomes(name: str, options: Options | None = None) -> tuple[RowOutcome, ...]:
    found = match_book(open_book(GIVEN / name), options or read_options())
    return tuple(outcome for matching in found.sheets for outcome in read_rows(matching))


def rows(name: str, sheet: str | None = None, options: Options | None = None) -> list[RowRecords]:
    return [
        outcome
        for outcome in outcomes(name, options)
        if isinstance(outcome, RowRecords) and sheet in (None, outcome.sheet)
    ]


def deals(found: Iterable[RowRecords]) -> list[DealRecord]:
    return [row.deal for row in found if row.deal is not None]


def expected() -> Any:
    return json.loads((GIVEN / "sheets/expected.json").read_text("utf-8"))


def test_the_workbooks_customers_are_recognised_with_the_four_that_are_there_twice() -> None:
    names = [row.customer.name or "" for row in rows(WORKBOOK, "客户基本信息")]
    keys = Counter(name_key(name) for name in names)
    assert len(keys) == expected()["customers"]
    assert sum(keys.values()) - len(keys) == expected()["duplicates_in_file"]
    assert keys.keys() == {name_key(deal.customer.name or "") for deal in rows(WORKBOOK, "销售机会")}


def test_the_workbooks_one_bad_row_and_two_totals_are_told() -> None:
    rejected = [outcome for outcome in outcomes(WORKBOOK) if isinstance(outcome, Rejection)]
    assert len(rejected) == expected()["refused_rows"]
    assert [(each.sheet, each.row, each.reason) for each in rejected] == [
        ("客户基本信息", 127, Reason("missing", {"field": "客户名称*"}))
    ]
    ignored = Counter(outcome.why for outcome in outcomes(WORKBOOK) if isinstance(outcome, Ignored))
    assert ignored == {"title": 1, "head": 3, "totals": expected()["totals_rows_skipped"]}


def test_the_workbooks_deals_stand_and_sum_up_as_expected() -> None:
    found = deals(rows(WORKBOOK, "销售机会"))
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for deal in found:
        counts[str(deal.stage)] += 1
        sums[str(deal.stage)] += int(deal.amount or 0)
    assert len(found) == expected()["deals"]
    assert counts == expected()["deals_by_stage"]
    assert sums == expected()["amount_by_stage"]
    assert sum((deal.amount or Decimal(0) for deal in found), Decimal(0)) == expected()["amount_total"]


def test_the_workbooks_mixed_percentages_come_down_to_one_for_each_stage() -> None:
    pairs = {(str(deal.stage), deal.probability) for deal in deals(rows(WORKBOOK, "销售机会"))}
    assert pairs == {
        ("lead", 10), ("intent", 20), ("proposal", 50), ("negotiation", 80), ("won", 100), ("service", 100),
    }  # fmt: skip


def test_the_workbook_leaves_nothing_unread() -> None:
    assert [row.problems for row in rows(WORKBOOK) if row.problems] == []
    people = {row.customer.created_by for row in rows(WORKBOOK, "客户基本信息")}
    assert people == set(expected()["reps"])
    contacts = [row.contact for row in rows(WORKBOOK, "客户基本信息") if row.contact]
    assert len(contacts) == 124
    assert all(contact.phone and len(contact.phone) == 11 and contact.email for contact in contacts)
    assert {contact.wechat in (None, contact.phone) for contact in contacts} == {True}
    assert all(row.customer.first_contact_date for row in rows(WORKBOOK, "客户基本信息"))


def test_the_workbooks_talks_are_dated_and_their_methods_known() -> None:
    talks = [row.followup for row in rows(WORKBOOK, "客户跟进记录") if row.followup]
    assert len(talks) == expected()["followups"]
    assert {talk.method for talk in talks} == {
        Method.ONLINE,
        Method.VISIT,
        Method.PHONE,
        Method.WECHAT,
        Method.EMAIL,
    }
    assert all(talk.content and talk.next_step for talk in talks)
    assert {talk.author for talk in talks} == set(expected()["reps"])


def test_the_process_record_is_talks_with_their_stage() -> None:
    found = rows("sheets/销售过程跟踪记录表.xlsx")
    assert len([row for row in found if row.followup]) == expected()["process_talks"]
    assert all(row.followup and row.followup.stage and row.followup.author for row in found)
    assert all(row.contact and row.customer.needs and row.deal for row in found)
    assert [row.problems for row in found if row.problems] == []


def test_the_other_two_sheets_give_a_customer_a_deal_and_a_talk_in_each_row() -> None:
    for name, length in (("sheets/销售客户管理绩效表.xlsx", 40), ("sheets/客户进度管理表.csv", 60)):
        found = rows(name)
        assert len(found) == length
        assert all(row.customer.name and row.deal and row.deal.stage and row.followup for row in found)
        assert [row.problems for row in found if row.problems] == []
    assert all(deal.amount for deal in deals(rows("sheets/销售客户管理绩效表.xlsx")))


def test_all_four_sheets_speak_of_the_same_customers() -> None:
    known = {name_key(row.customer.name or "") for row in rows(WORKBOOK)}
    for name in ("销售客户管理绩效表.xlsx", "销售过程跟踪记录表.xlsx", "客户进度管理表.csv"):
        assert {name_key(row.customer.name or "") for row in rows(f"sheets/{name}")} <= known


def maven_csv(name: str) -> list[dict[str, str]]:
    with Path(GIVEN / f"maven/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def maven_options() -> Options:
    return read_options(columns=MAVEN_DEALS, values=MAVEN_STAGES, defaults=["customer=No account"])


def test_all_maven_deals_come_in_with_the_sums_of_the_file_itself() -> None:
    source = maven_csv("sales_pipeline")
    found = deals(rows("maven/sales_pipeline.csv", options=maven_options()))
    assert len(found) == len(source) == 8800
    assert Counter(str(deal.stage) for deal in found) == {
        "won": 4238,
        "lost": 2473,
        "intent": 1589,
        "lead": 500,
    }
    assert sum((deal.contract_amount or Decimal(0) for deal in found), Decimal(0)) == sum(
        Decimal(row["close_value"] or 0) for row in source
    )
    assert {deal.owner for deal in found} == {row["sales_agent"] for row in source}


def test_maven_rows_without_account_are_rejected_unless_a_default_names_one() -> None:
    options = read_options(columns=MAVEN_DEALS, values=MAVEN_STAGES)
    rejected = [each for each in outcomes("maven/sales_pipeline.csv", options) if isinstance(each, Rejection)]
    assert len(rejected) == 1425
    assert {each.reason.params["field"] for each in rejected} == {"account"}


def test_maven_dates_become_the_dates_of_the_stays() -> None:
    today = date(2018, 1, 1)
    for deal, row in zip(
        deals(rows("maven/sales_pipeline.csv", options=maven_options())),
        maven_csv("sales_pipeline"),
        strict=True,
    ):
        stays = [
            (stay.stage, stay.outcome, stay.entered_on.isoformat()) for stay in stays_told(deal, today=today)
        ]
        engaged = (Stage.INTENT, Outcome.OPEN, row["engage_date"])
        if deal.stage is Lost.LOST:
            assert stays == [engaged, (Stage.INTENT, Outcome.LOST, row["close_date"])]
        elif deal.stage is Stage.WON:
            assert stays == [engaged, (Stage.WON, Outcome.OPEN, row["close_date"])]
        elif deal.stage is Stage.INTENT:
            assert stays == [engaged]
        else:
            assert stays == [(Stage.LEAD, Outcome.OPEN, today.isoformat())]


def test_maven_accounts_come_in_by_given_columns() -> None:
    options = read_options(
        columns=["account=name", "sector=industry", "revenue=annual_revenue", "office_location=region"]
    )
    found = rows("maven/accounts.csv", options=options)
    assert len(found) == 85
    first = found[0].customer
    assert (first.name, first.industry, first.employees, first.annual_revenue, first.region) == (
        "Acme Corporation",
        "technolgy",
        2822,
        Decimal("1100.04"),
        "United States",
    )
    assert len({name_key(row.customer.name or "") for row in found}) == 85
