"""The files that teams really keep, brought into a database: counts and sums are those of the files."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesboard.customers.models import Contact, Customer
from salesboard.deals.models import Deal
from salesboard.exchange.models import Import
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from tests.domain.exchange.bringing import brought, count, everything, faults, reasons, undo
from tests.rules.exchange.making import GIVEN, needs_given, table_file
from tests.standing import People

pytestmark = needs_given

SHEETS = GIVEN / "sheets"
WORKBOOK = SHEETS / "客户管理数据库.xlsx"
MAVEN = {
    "kind": "deals",
    "columns": [
        "opportunity_id=external_id", "account=customer", "sales_agent=owner", "product=name", "deal_stage=stage",
        "engage_date=entered_date", "close_date=closed_date", "close_value=contract_amount",
    ],
    "values": ["stage:Prospecting=lead", "stage:Engaging=intent", "stage:Won=won", "stage:Lost=lost"],
}  # fmt: skip


def expected() -> Any:
    return json.loads((SHEETS / "expected.json").read_text("utf-8"))


def talks() -> list[FollowUp]:
    return [note for note in everything(FollowUp) if note.kind is FollowUpKind.TALK]


def created(found: Import) -> dict[str, int]:
    return {kind: counts["created"] for kind, counts in found.counts.items()}


def test_the_workbook_gives_what_is_expected_of_it(people: People) -> None:
    found = brought(WORKBOOK)

    assert found.counts["customers"] == {
        "created": expected()["customers"],
        "updated": 0,
        "skipped": expected()["duplicates_in_file"],
        "rejected": expected()["refused_rows"],
    }
    assert reasons(found) == {127: "missing"}
    assert len(talks()) == expected()["followups"]
    deals, sums = Counter[str](), defaultdict[str, Decimal](Decimal)
    for deal in everything(Deal):
        deals[deal.stage] += 1
        sums[deal.stage] += deal.amount or 0
    assert deals == expected()["deals_by_stage"]
    assert sums == expected()["amount_by_stage"]
    assert faults() == []


def test_a_second_time_changes_nothing_and_the_undo_leaves_nothing(people: People) -> None:
    first = brought(WORKBOOK)
    again = brought(WORKBOOK)

    assert set(created(again).values()) == {0}
    undo(again)
    assert count(Customer) == expected()["customers"]
    assert undo(first).kept == []
    assert [count(model) for model in (Customer, Contact, Deal, FollowUp)] == [0] * 4
    assert faults() == []


@pytest.mark.databases("sqlite")
def test_the_other_sheets_add_their_talks_to_the_same_customers(people: People) -> None:
    brought(WORKBOOK)
    before = count(Customer), count(Contact), count(Deal)
    performance = brought(SHEETS / "销售客户管理绩效表.xlsx", by=people.admin)
    process = brought(SHEETS / "销售过程跟踪记录表.xlsx", by=people.admin)
    progress = brought(SHEETS / "客户进度管理表.csv", by=people.admin)

    assert (count(Customer), count(Contact), count(Deal)) == before
    assert [created(each)["followups"] for each in (performance, process, progress)] == [
        40,
        expected()["process_talks"],
        60,
    ]
    assert [reasons(each) for each in (performance, process, progress)] == [{}, {}, {}]
    assert faults() == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("name", "deals", "talks"),
    [
        ("销售客户管理绩效表.xlsx", 40, 40),
        ("销售过程跟踪记录表.xlsx", 50, 67),
        ("客户进度管理表.csv", 60, 60),
    ],
)
def test_each_of_the_other_sheets_stands_alone(people: People, name: str, deals: int, talks: int) -> None:
    found = brought(SHEETS / name, by=people.admin)

    assert (created(found)["deals"], created(found)["followups"]) == (deals, talks)
    assert set(created(brought(SHEETS / name, by=people.admin)).values()) == {0}
    assert faults() == []
    assert undo(found).kept == []
    assert count(Customer) == count(FollowUp) == 0


@pytest.mark.databases("sqlite")
def test_real_deals_come_in_with_their_stages(people: People, tmp_path: Path) -> None:
    """Every fourth of 8 800 deals; `make bench` brings all of them in."""
    heads, *rows = read_rows(GIVEN / "maven/sales_pipeline.csv")
    rows = rows[::4]
    found = brought(table_file(tmp_path, [heads, *rows]), **MAVEN, defaults=["customer=Unknown account"])

    stage, value = heads.index("deal_stage"), heads.index("close_value")
    deals = everything(Deal)
    assert len(deals) == 2200
    assert Counter("lost" if deal.is_lost else deal.stage.value for deal in deals) == Counter(
        {"Prospecting": "lead", "Engaging": "intent", "Won": "won", "Lost": "lost"}[row[stage]]
        for row in rows
    )
    assert sum(deal.contract_amount or 0 for deal in deals) == sum(Decimal(row[value] or 0) for row in rows)
    assert found.done == found.total == sum(created(found).values())
    assert faults() == []


def read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
