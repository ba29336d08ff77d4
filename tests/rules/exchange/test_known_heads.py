"""The heads of other programs' files and of our own templates, each with the field that it fills."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.support import Translations

from salesboard.exchange.columns import Matching, match_sheet
from salesboard.exchange.fields import FIELDS, resolve
from salesboard.exchange.headings import HEADS
from salesboard.exchange.meanings import Sure
from salesboard.exchange.options import read_options
from salesboard.exchange.reading import open_book
from salesboard.exchange.records import RowRecords
from salesboard.exchange.rows import read_rows
from salesboard.exchange.values import plain
from tests.rules.exchange.making import table_file

TRANSLATIONS = Path(__file__).parents[3] / "salesboard" / "translations"
KNOWN = {
    "salesforce, by API names": (
        "ID=deal.external_id|ACCOUNTID=customer.external_id|NAME=deal.name|STAGENAME=deal.stage|AMOUNT=deal.amount|"
        "CLOSEDATE=deal.expected_close deal.closed_date|LEADSOURCE=customer.source|CREATEDDATE=deal.created_date|"
        "ISWON=|OWNERID="
    ),
    "salesforce, a report": (
        "Opportunity Name=deal.name|Account Name=customer.name|Opportunity Owner=deal.owner|Stage=deal.stage|"
        "Probability (%)=deal.probability|Lead Source=customer.source|Fiscal Period="
    ),
    "hubspot, deals": (
        "Record ID=deal.external_id|Deal Name=deal.name|Deal Stage=deal.stage|Associated Company=customer.name|"
        "Close Date=deal.expected_close deal.closed_date|Deal owner=deal.owner|Date entered stage=deal.entered_date"
    ),
    "hubspot, people": (
        "Record ID=|First Name=contact.first_name|Last Name=contact.last_name|Email=contact.email|"
        "Associated Company=customer.name|Job Title=contact.contact_title"
    ),
    "zoho, leads": (
        "Lead Owner=customer.owner|Company=customer.name|Last Name=contact.last_name|Title=contact.contact_title|"
        "Mobile=contact.phone|No. of Employees=customer.employees|Lead Source=customer.source"
    ),
    "pipedrive": (
        "Deal - ID=deal.external_id|Deal - Title=deal.name|Deal - Organization=customer.name|Deal - Stage=deal.stage|"
        "Deal - Status=deal.outcome|Deal - Won time=deal.closed_date|Deal - Lost time=deal.closed_date|"
        "Person - Email (Work)=contact.email|Note - Content*=customer.remarks"
    ),
    "odoo": (
        "id=deal.external_id|partner_name=customer.name|name=deal.name|email_from=contact.email|mobile=contact.phone|"
        "probability=deal.probability|planned_revenue=deal.amount|date_deadline=deal.expected_close|how_met=customer.source"
    ),
    "krayin": (
        "id=deal.external_id|title=deal.name|lead_value=deal.amount|person_id=customer.external_id|"
        "lead_pipeline_stage_id=deal.stage|closed_at=deal.closed_date|lost_reason=deal.lost_reason"
    ),
    "纷享销客": (
        "商机名称=deal.name|客户名称=customer.name|商机金额=deal.amount|商机阶段=deal.stage|结单日期=deal.closed_date|"
        "商机状态=deal.outcome|主要竞争对手=deal.competitor|销售流程="
    ),
    "纷享销客, its log": (
        "发布人=followup.author|发布时间=followup.occurred_at|内容=followup.content|关联客户=customer.name|"
        "关联商机=deal.name|下次跟进时间=followup.next_due"
    ),
    "another Chinese system": (
        "客户名称=customer.name|省=customer.region|归属人=customer.owner|客户等级=customer.level|最近沟通时间=followup.occurred_at|"
        "沟通内容=followup.content|创建人=customer.created_by"
    ),
}


def matched(folder: Path, heads: list[str], *rows: list[str]) -> Matching:
    book = open_book(table_file(folder, [heads, *(rows or [["x"] * len(heads)])]))
    return match_sheet(book.sheets[0], read_options())


@pytest.mark.parametrize("program", KNOWN)
def test_other_programs_heads_are_known(tmp_path: Path, program: str) -> None:
    told = dict(pair.split("=") for pair in KNOWN[program].split("|"))
    found = matched(tmp_path, list(told))
    assert {column.head: " ".join(field.key for field in column.fields) for column in found.columns} == told
    assert found.lacks == []


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_our_own_names_of_fields_are_heads_too(locale: str, field: object) -> None:
    label = field.label._args[0]  # type: ignore[attr-defined]
    shown = Translations.load(TRANSLATIONS, [locale]).gettext(label) if locale != "en" else label
    codes = HEADS[plain(shown)]
    assert field in [resolve(code, field.kind) for code in codes]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("head", "values", "key"),
    [
        ("电话2", ["0512-55500136"], "contact.phone"),
        ("Company phone", ["x"], "contact.phone"),
        ("客户微信号", ["x"], "contact.wechat"),
        ("补充说明", ["x"], "customer.remarks"),
        ("列7", ["13800000001", "13800000002"], "contact.phone"),
        ("列7", ["a@example.com", "b@example.com"], "contact.email"),
    ],
)
def test_what_seems_to_be_meant_is_a_guess(tmp_path: Path, head: str, values: list[str], key: str) -> None:
    column = matched(
        tmp_path, ["客户名称", "行业", head], *(["甲", "物流", value] for value in values)
    ).columns[2]
    assert ([field.key for field in column.fields], column.sure) == ([key], Sure.GUESS)


def test_a_guess_yields_to_the_column_that_is_surely_meant(tmp_path: Path) -> None:
    found = matched(tmp_path, ["企业名称", "法定代表人", "联系人", "电话"])
    assert [column.head for column in found.columns if column.fields] == ["企业名称", "联系人", "电话"]


@pytest.mark.parametrize(
    ("head", "value"), [("身份证号", "x"), ("银行卡号", "x"), ("编码", "11010519491231002X")]
)
def test_what_is_not_to_be_recorded_is_matched_with_nothing(tmp_path: Path, head: str, value: str) -> None:
    found = matched(tmp_path, ["客户名称", "行业", head], ["甲", "物流", value])
    assert (found.columns[2].fields, found.columns[2].sure) == ((), Sure.PRIVATE)
    (row,) = (row for row in read_rows(found) if isinstance(row, RowRecords))
    assert value not in row.text


def test_first_and_last_name_are_one(tmp_path: Path) -> None:
    heads = ["Company", "First Name", "Last Name", "Email"]
    found = matched(tmp_path, heads, ["Acme", "Grace", "Hopper", "g@example.com"], ["山海", "小满", "陆", ""])
    assert [row.contact.name for row in read_rows(found) if isinstance(row, RowRecords) and row.contact] == [
        "Grace Hopper",
        "陆小满",
    ]


def test_json_in_a_cell_is_read_as_the_ways_it_lists(tmp_path: Path) -> None:
    emails = '[{"label": "work", "value": "a@example.com"}, {"label": "home", "value": "b@example.com"}]'
    phones = '[{"label": "work", "value": "5454445454"}]'
    found = matched(tmp_path, ["name", "emails", "contact_numbers"], ["Wilson Fisk", emails, phones])
    (row,) = (row for row in read_rows(found) if isinstance(row, RowRecords))
    assert row.customer.name == "Wilson Fisk"
    assert row.contact is not None
    assert (row.contact.email, row.contact.phone) == ("a@example.com", "5454445454")
    assert row.contact.other_ways == ("b@example.com",)


def test_how_a_deal_ended_counts_above_the_stage_it_was_in(tmp_path: Path) -> None:
    heads = ["Deal - Title", "Deal - Organization", "Deal - Stage", "Deal - Status"]
    rows = [["a", "x", "Proposal Made", status] for status in ("Open", "Lost", "Won")]
    told = [row.deal for row in read_rows(matched(tmp_path, heads, *rows)) if isinstance(row, RowRecords)]
    assert [str(deal.stage) for deal in told if deal] == ["proposal", "lost", "won"]
