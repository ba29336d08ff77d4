"""Which row is the head, what a sheet is about, and which field each column holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesboard.exchange.columns import BookMatching, Matching, match_book
from salesboard.exchange.fields import BY_KEY, FIELDS, Kind, resolve
from salesboard.exchange.headings import HEADS
from salesboard.exchange.options import read_options
from salesboard.exchange.reading import open_book
from salesboard.exchange.reasons import FileRefused
from tests.rules.exchange.making import GIVEN, needs_given, table_file, xlsx_file

MAVEN_DEALS = (
    "opportunity_id=external_id",
    "account=customer",
    "sales_agent=owner",
    "product=name",
    "deal_stage=stage",
    "engage_date=entered_date",
    "close_date=closed_date",
    "close_value=contract_amount",
)


def matched(folder: Path, *rows: list[str], **options: object) -> Matching:
    book = open_book(table_file(folder, rows))
    (matching,) = match_book(book, read_options(**options)).sheets  # type: ignore[arg-type]
    return matching


def keys(matching: Matching) -> dict[str, list[str]]:
    return {
        column.head: [field.key for field in column.fields] for column in matching.columns if column.fields
    }


def refused(folder: Path, *rows: list[str], **options: object) -> FileRefused:
    with pytest.raises(FileRefused) as refusal:
        matched(folder, *rows, **options)
    return refusal.value


@pytest.mark.parametrize(
    "above",
    [
        [],
        [["客户管理数据库"]],
        [["客户管理数据库"], [], ["制表：销售部", "2024年"]],
    ],
    ids=["none", "a title", "a title, a gap and a note"],
)
def test_the_head_row_is_found_below_titles_and_gaps(tmp_path: Path, above: list[list[str]]) -> None:
    matching = matched(tmp_path, *above, ["客户名称*", "所属行业", "联系人"], ["甲", "制造业", "张三"])
    assert matching.head_row == len(above) + 1
    assert keys(matching) == {
        "客户名称*": ["customer.name"],
        "所属行业": ["customer.industry"],
        "联系人": ["contact.contact_name"],
    }


@pytest.mark.parametrize(
    "heads",
    [
        ["客户名称", "当前阶段", "预估金额（元）", "负责人"],
        ["客戶名稱", "當前階段", "預估金額（元）", "負責人"],
        ["Customer name", "Deal stage", "Expected amount (CNY)", "Sales rep"],
        ["CUSTOMER_NAME", "DEAL_STAGE", "EXPECTED_AMOUNT", "SALES_REP"],
        [" 客户 名称＊", "【当前阶段】当前阶段", "预估金额", "负责人（必填）"],
    ],
    ids=["simplified", "traditional", "English", "as a program names them", "with remarks"],
)
def test_heads_are_known_in_three_languages(tmp_path: Path, heads: list[str]) -> None:
    matching = matched(tmp_path, ["机会名称", *heads], ["项目", "甲", "意向", "1", "张三"])
    assert [column.fields[0].key for column in matching.columns] == [
        "deal.name",
        "customer.name",
        "deal.stage",
        "deal.amount",
        "deal.owner",
    ]


@pytest.mark.parametrize(
    ("heads", "kind", "carries"),
    [
        (["客户名称", "行业"], Kind.CUSTOMERS, {Kind.CUSTOMERS}),
        (["客户名称"], Kind.CUSTOMERS, {Kind.CUSTOMERS}),
        (["客户名称", "行业", "联系人", "电话"], Kind.CUSTOMERS, {Kind.CUSTOMERS, Kind.CONTACTS}),
        (["客户名称", "联系人", "电话"], Kind.CONTACTS, {Kind.CONTACTS}),
        (["客户名称", "机会名称", "金额"], Kind.DEALS, {Kind.DEALS}),
        (["客户名称", "行业", "阶段"], Kind.DEALS, {Kind.DEALS, Kind.CUSTOMERS}),
        (["客户名称", "跟进日期", "跟进内容"], Kind.FOLLOWUPS, {Kind.FOLLOWUPS}),
        (["客户名称", "跟进日期", "跟进内容", "销售阶段"], Kind.FOLLOWUPS, {Kind.FOLLOWUPS, Kind.DEALS}),
        (["客户名称", "行业", "创建时间", "最近跟进时间"], Kind.CUSTOMERS, {Kind.CUSTOMERS}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_a_sheet_is_about_follows_from_its_columns(
    tmp_path: Path, heads: list[str], kind: Kind, carries: set[Kind]
) -> None:
    matching = matched(tmp_path, heads, ["x"] * len(heads))
    assert (matching.kind, matching.carries) == (kind, carries)


def test_a_named_kind_takes_only_what_belongs_to_it(tmp_path: Path) -> None:
    heads = ["客户名称", "行业", "联系人", "跟进日期", "跟进内容", "销售阶段"]
    customers = matched(tmp_path, heads, ["x"] * 6, kind="customers")
    assert set(keys(customers)) == {"客户名称", "行业", "联系人"}
    talks = matched(tmp_path, heads, ["x"] * 6, kind="followups")
    assert set(keys(talks)) == {"客户名称", "跟进日期", "跟进内容", "销售阶段"}


def test_a_bare_head_belongs_to_what_the_sheet_is_about(tmp_path: Path) -> None:
    customers = matched(tmp_path, ["名称", "编号", "负责人", "行业"], ["x"] * 4)
    assert [column.fields[0].key for column in customers.columns[:3]] == [
        "customer.name",
        "customer.number",
        "customer.owner",
    ]
    deals = matched(tmp_path, ["名称", "编号", "负责人", "阶段", "客户"], ["x"] * 5)
    assert [column.fields[0].key for column in deals.columns[:3]] == [
        "deal.name",
        "deal.number",
        "deal.owner",
    ]


def test_unknown_columns_are_named_and_repetitions_are_not(tmp_path: Path) -> None:
    heads = ["客户名称", "跟进日期", "跟进内容", "状态是否变更", "吉祥物", ""]
    assert matched(tmp_path, heads, ["x"] * 6).unmatched == ["吉祥物"]


def test_of_two_columns_for_one_field_the_first_holds_it_but_ways_to_reach_add_up(tmp_path: Path) -> None:
    matching = matched(tmp_path, ["客户名称", "行业", "客户行业", "手机", "电话"], ["x"] * 5)
    assert keys(matching) == {
        "客户名称": ["customer.name"],
        "行业": ["customer.industry"],
        "手机": ["contact.phone"],
        "电话": ["contact.phone"],
    }
    assert matching.unmatched == ["客户行业"]


def test_one_column_for_closing_serves_open_and_closed_deals(tmp_path: Path) -> None:
    matching = matched(tmp_path, ["Company", "Deal name", "Stage", "Close date"], ["x"] * 4)
    assert keys(matching)["Close date"] == ["deal.expected_close", "deal.closed_date"]


def test_given_columns_stand_above_known_ones(tmp_path: Path) -> None:
    heads = ["deal", "product", "account", "stage", "note"]
    matching = matched(tmp_path, heads, ["x"] * 5, columns=["product=name", "stage=", "note=owner"])
    assert keys(matching) == {"product": ["deal.name"], "account": ["customer.name"], "note": ["deal.owner"]}


def test_one_column_may_be_given_to_two_fields(tmp_path: Path) -> None:
    matching = matched(
        tmp_path, ["Firm", "Title", "Worth"], ["x"] * 3,
        columns=["Firm=customer", "Title=name", "Worth=amount", "Worth=contract_amount", "Title=external_id"],
    )  # fmt: skip
    assert keys(matching)["Worth"] == ["deal.amount", "deal.contract_amount"]
    assert keys(matching)["Title"] == ["deal.name", "deal.external_id"]


def test_given_columns_alone_tell_what_a_sheet_is_about(tmp_path: Path) -> None:
    heads = [
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ]
    matching = matched(tmp_path, heads, ["x"] * 8, columns=MAVEN_DEALS)
    assert (matching.kind, matching.carries) == (Kind.DEALS, {Kind.DEALS})
    assert keys(matching) == {
        "opportunity_id": ["deal.external_id"],
        "sales_agent": ["deal.owner"],
        "product": ["deal.name"],
        "account": ["customer.name"],
        "deal_stage": ["deal.stage"],
        "engage_date": ["deal.entered_date"],
        "close_date": ["deal.closed_date"],
        "close_value": ["deal.contract_amount"],
    }


def test_a_field_can_be_named_in_full(tmp_path: Path) -> None:
    matching = matched(
        tmp_path, ["A", "B", "C"], ["x"] * 3, columns=["A=customer.name", "B=deal.name", "C=customer.owner"]
    )
    assert keys(matching) == {"A": ["customer.name"], "B": ["deal.name"], "C": ["customer.owner"]}


def test_sheets_that_say_nothing_known_are_left_out_of_a_workbook(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        {
            "说明": [["请按模板填写"]],
            "客户": [["客户名称", "行业"], ["甲", "物流"]],
            "旧": [["客户名称"], ["乙"]],
        },
        hidden=["旧"],
    )
    found: BookMatching = match_book(open_book(path), read_options())
    assert [matching.sheet.name for matching in found.sheets] == ["客户"]
    assert found.unread == ("说明", "旧")


def test_a_named_sheet_is_read_alone_even_when_hidden(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, {"客户": [["客户名称"], ["甲"]], "旧": [["客户名称"], ["乙"]]}, hidden=["旧"])
    found = match_book(open_book(path), read_options(sheet="旧"))
    assert [matching.sheet.name for matching in found.sheets] == ["旧"]


def test_a_table_without_any_known_column_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, ["甲", "乙"], ["1", "2"]).reason.code == "no_head_row"


def test_a_known_word_amid_a_strangers_table_is_no_head(tmp_path: Path) -> None:
    assert (
        refused(tmp_path, ["Table", "Field"], ["accounts", "account"], ["accounts", "sector"]).reason.code
        == "no_head_row"
    )


@pytest.mark.parametrize(
    ("heads", "options", "missing"),
    [
        (["阶段", "金额", "机会名称"], {}, "customer.name"),
        (["客户名称", "阶段", "金额"], {"kind": "deals"}, "deal.name"),
        (["客户名称", "跟进内容"], {}, "followup.occurred_at"),
        (["客户名称", "电话"], {}, "contact.contact_name"),
        (["行业", "区域"], {}, "customer.name"),
    ],
)
def test_a_sheet_without_a_required_column_is_refused_with_its_name(
    tmp_path: Path, heads: list[str], options: dict[str, object], missing: str
) -> None:
    reason = refused(tmp_path, heads, ["x"] * len(heads), **options).reason
    assert (reason.code, reason.params["field"]) == ("no_required_column", BY_KEY[missing].label)


def test_a_default_stands_in_for_a_required_column(tmp_path: Path) -> None:
    matching = matched(tmp_path, ["阶段", "机会名称"], ["意向", "x"], defaults=["customer=散客"])
    assert matching.kind is Kind.DEALS


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"columns": ["Firm=name"]}, "no_such_column"),
        ({"columns": ["客户名称=nothing"]}, "no_such_field"),
        ({"columns": ["客户名称=x:Mascot"]}, "no_such_field"),
        ({"defaults": ["nothing=1"]}, "no_such_field"),
        ({"values": ["nothing:a=b"]}, "no_such_field"),
        ({"sheet": "elsewhere"}, "no_such_sheet"),
    ],
)
def test_options_that_fit_nothing_are_refused(tmp_path: Path, options: dict[str, object], code: str) -> None:
    assert refused(tmp_path, ["客户名称", "行业"], ["甲", "物流"], **options).reason.code == code


@pytest.mark.parametrize(
    "options",
    [
        {"columns": ["name"]},
        {"columns": ["=name"]},
        {"values": ["stage=Won"]},
        {"values": ["Won=won"]},
        {"defaults": ["x"]},
    ],
)
def test_options_of_the_wrong_form_are_refused(options: dict[str, list[str]]) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_options(**options)  # type: ignore[arg-type]
    assert refusal.value.reason.code == "unreadable_option"


def test_written_options_are_cut_where_they_should_be() -> None:
    options = read_options(columns=["a=b=name"], values=["stage:Closed: won=x=won"], defaults=["remarks=a=b"])
    assert (options.columns[0].column, options.columns[0].field) == ("a=b", "name")
    assert (options.values[0].field, options.values[0].theirs, options.values[0].ours) == (
        "stage",
        "Closed: won=x",
        "won",
    )
    assert (options.defaults[0].field, options.defaults[0].value) == ("remarks", "a=b")


def test_keys_are_unique_and_every_known_head_leads_to_a_field() -> None:
    assert len(BY_KEY) == len(FIELDS)
    for head, codes in HEADS.items():
        assert head
        assert all(resolve(code, Kind.CUSTOMERS) for code in codes)


CONTRACT = {
    Kind.CUSTOMERS: "number external_id name industry employees annual_revenue main_business region source "
    "first_contact_date status level owner needs remarks created_by verified_by",
    Kind.CONTACTS: "contact_name contact_title phone email wechat contact_role",
    Kind.DEALS: "number external_id name customer stage amount budget probability expected_close owner created_date "
    "entered_date closed_date contract_amount lost_reason competitor",
    Kind.FOLLOWUPS: "number external_id customer deal occurred_at author method participants content feedback agreed "
    "materials needs objection next_step next_due stage",
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind, codes in CONTRACT.items() for code in codes.split()]
)
def test_every_field_of_the_contract_can_be_named(kind: Kind, code: str) -> None:
    references = {"customer": Kind.CUSTOMERS, "deal": Kind.DEALS, "stage": Kind.DEALS}
    assert resolve(code, kind).kind is references.get(code, kind)


@needs_given
def test_the_teams_own_sheets_are_understood_to_the_last_column() -> None:
    for path in sorted(GIVEN.glob("sheets/客户*")) + sorted(GIVEN.glob("sheets/销售*")):
        found = match_book(open_book(path), read_options())
        assert found.unread == ()
        assert [matching.unmatched for matching in found.sheets] == [[] for _ in found.sheets]


@needs_given
def test_their_shapes_are_recognised() -> None:
    def shape(name: str) -> list[tuple[int, Kind, str | None]]:
        found = match_book(open_book(GIVEN / "sheets" / name), read_options())
        return [(m.head_row, m.kind, m.known_as.code if m.known_as else None) for m in found.sheets]

    assert shape("客户管理数据库.xlsx") == [
        (2, Kind.CUSTOMERS, None),
        (1, Kind.FOLLOWUPS, "followup_log"),
        (1, Kind.DEALS, None),
    ]
    assert shape("销售客户管理绩效表.xlsx") == [(1, Kind.FOLLOWUPS, "performance_sheet")]
    assert shape("销售过程跟踪记录表.xlsx") == [(1, Kind.FOLLOWUPS, "process_record")]
    assert shape("客户进度管理表.csv") == [(1, Kind.FOLLOWUPS, None)]
