"""What the rows of a sheet become: records, rejections with their reason, rows that were never meant as records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from salesboard.customers.rules import Level, name_key
from salesboard.deals.rules import LostReason, Stage
from salesboard.exchange.columns import match_book, match_sheet
from salesboard.exchange.options import read_options
from salesboard.exchange.reading import Row, open_book
from salesboard.exchange.reasons import Reason
from salesboard.exchange.records import ContactRecord, Ignored, Outcome, Problem, Rejection, RowRecords
from salesboard.exchange.rows import read_rows
from salesboard.exchange.words import Lost, LostBecause
from salesboard.followups.rules import Method
from tests.rules.exchange.making import table_file, xlsx_file


def outcomes(path: Path, **options: object) -> list[Outcome]:
    found = match_book(open_book(path), read_options(**options))  # type: ignore[arg-type]
    return [outcome for matching in found.sheets for outcome in read_rows(matching)]


def table(folder: Path, *rows: list[str], **options: object) -> list[Outcome]:
    return outcomes(table_file(folder, rows), **options)


def records(folder: Path, *rows: list[str], **options: object) -> list[RowRecords]:
    """All rows below the head, which are expected to be taken."""
    taken = [outcome for outcome in table(folder, *rows, **options) if not isinstance(outcome, Ignored)]
    assert all(isinstance(outcome, RowRecords) for outcome in taken), taken
    return [outcome for outcome in taken if isinstance(outcome, RowRecords)]


def rejection(folder: Path, *rows: list[str], **options: object) -> Rejection:
    (rejected,) = [outcome for outcome in table(folder, *rows, **options) if isinstance(outcome, Rejection)]
    return rejected


def test_a_row_gives_its_customer_and_contact(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        {
            "客户": [
                ["客户管理数据库"],
                ["客户编号", "客户名称*", "联系人", "联系方式", "邮箱", "首次接触日期", "客户等级", "创建人"],
                [
                    "C20240501001",
                    " 青石滩 建材 ",
                    "石磊",
                    13800000001,
                    "shi@example.com",
                    date(2024, 5, 1),
                    "重点客户",
                    "林晓",
                ],
            ]
        },
    )
    title, head, row = outcomes(path)
    assert (title, head) == (Ignored("客户", 1, "title"), Ignored("客户", 2, "head"))
    assert isinstance(row, RowRecords)
    assert (row.sheet, row.row, row.problems) == ("客户", 3, ())
    customer, contact = row.customer, row.contact
    assert (customer.number, customer.name, customer.level) == ("C20240501001", "青石滩 建材", Level.KEY)
    assert (customer.first_contact_date, customer.created_by) == (date(2024, 5, 1), "林晓")
    assert contact == ContactRecord(name="石磊", phone="13800000001", email="shi@example.com")
    assert (row.deal, row.followup) == (None, None)
    assert row.text == (
        "客户编号: C20240501001; 客户名称*: 青石滩 建材; 联系人: 石磊; 联系方式: 13800000001; "
        "邮箱: shi@example.com; 首次接触日期: 2024-05-01; 客户等级: 重点客户; 创建人: 林晓"
    )


def test_one_row_may_carry_customer_contact_deal_and_talk_at_once(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        [
            "客户名称",
            "行业分类",
            "联系方式",
            "上次联系时间",
            "本次联系时间",
            "主要讨论内容",
            "销售阶段",
            "销售目标",
            "完成情况",
            "备注",
        ],
        [
            "青石滩",
            "制造业",
            "shi@example.com",
            "2024/4/1",
            "2024/4/15",
            "价格",
            "谈判",
            "71.5万",
            "进行中",
            "签合同",
        ],
    )
    assert (row.customer.name, row.customer.industry, row.customer.remarks) == ("青石滩", "制造业", "签合同")
    assert row.contact == ContactRecord(email="shi@example.com")
    assert row.deal is not None
    assert (row.deal.name, row.deal.stage, row.deal.amount) == (None, Stage.NEGOTIATION, Decimal(715_000))
    assert row.followup is not None
    assert (row.followup.previous_at, row.followup.occurred_at) == (date(2024, 4, 1), date(2024, 4, 15))
    assert (row.followup.content, row.followup.stage) == ("价格", Stage.NEGOTIATION)


def test_a_needs_column_of_a_process_record_is_the_customers_and_the_talks(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        [
            "客户名称",
            "需求痛点",
            "沟通时间",
            "沟通方式",
            "沟通内容摘要",
            "跟进阶段（线索/意向/方案）",
            "负责人",
        ],
        ["青石滩", "对账慢", "2024-05-04", "面谈", "演示", "意向明确", "林晓"],
    )
    assert row.followup is not None
    assert (row.customer.needs, row.followup.needs, row.followup.method) == ("对账慢", "对账慢", Method.VISIT)
    assert row.followup.author == "林晓"


@pytest.mark.parametrize(
    ("total", "is_total"),
    [
        (["合计", "120家", ""], True),
        (["总计：", "", "60690000"], True),
        (["小计", "", "¥60,690,000"], True),
        (["Total", "3", "1,234.50"], True),
        (["total energies", "", ""], False),
        (["Total", "energy", "5"], False),
        (["合计：120家", "", "5万"], True),
        (["总计共3户", "", ""], True),
        (["共计120家", "", ""], True),
        (["本月合计", "", "5万"], True),
        (["合計（元）", "", "50000"], True),
        (["平均", "", "5万"], True),
        (["累计科技", "", "5万"], False),
        (["合计元建材", "", "5"], False),
    ],
)
def test_totals_are_no_records(tmp_path: Path, total: list[str], is_total: bool) -> None:
    *_, last = table(tmp_path, ["客户名称", "行业", "年营业额"], ["青石滩", "物流", "5万"], total)
    assert (last == Ignored("table", 3, "totals")) is is_total


@pytest.mark.parametrize(
    ("line", "is_footer"),
    [
        (["制表：张三", "", "审核：李四"], True),
        (["说明：金额均含税", "", ""], True),
        (["审核科技有限公司", "", ""], False),
        (["制表：张三", "物流", "5"], False),
    ],
)
def test_lines_below_a_table_are_no_customers(tmp_path: Path, line: list[str], is_footer: bool) -> None:
    *_, last = table(tmp_path, ["客户名称", "行业", "年营业额"], ["青石滩", "物流", "5万"], line)
    assert (last == Ignored("table", 3, "footer")) is is_footer


def test_a_line_above_the_table_gives_the_unit_of_all_amounts_that_name_none(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        ["2024年商机台账", "", "单位：万元"],
        ["客户名称", "商机名称", "预计金额", "客户预算（元）", "年营业额（亿元）"],
        ["青石滩", "一期", "12.5", "80000", "3"],
    )
    assert row.deal is not None
    assert (row.deal.amount, row.deal.budget) == (125_000, 80_000)
    assert row.customer.annual_revenue is None or row.customer.annual_revenue == 300_000_000


def test_an_amount_merged_over_several_rows_counts_once_and_a_name_for_each(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("商机")
        for row, cells in enumerate((["客户名称", "商机名称", "金额"], ["", "一期", ""], ["", "二期", ""])):
            sheet.write_row(row, 0, cells)
        sheet.merge_range(1, 0, 2, 0, "青石滩")
        sheet.merge_range(1, 2, 2, 2, 500_000)
    taken = [each for each in outcomes(path) if isinstance(each, RowRecords)]
    assert [each.customer.name for each in taken] == ["青石滩", "青石滩"]
    assert [each.deal.amount if each.deal else None for each in taken] == [500_000, None]


def test_who_looks_after_a_log_of_talks_held_them(tmp_path: Path) -> None:
    head = ["客户名称", "跟进日期", "跟进内容", "负责人"]
    (row,) = records(tmp_path, head, ["青石滩", "2024-05-04", "演示", "林晓"])
    assert row.followup is not None
    assert row.followup.author == "林晓"
    assert row.deal is None


def test_a_list_of_deals_may_say_how_talks_go_without_a_date(tmp_path: Path) -> None:
    head = ["客户名称", "联系人", "跟进情况", "销售阶段", "预计签单金额", "业务员"]
    (row,) = records(tmp_path, head, ["青石滩", "石磊", "等对方预算", "意向", "5万", "林晓"])
    assert row.deal is not None
    assert (row.deal.stage, row.deal.amount, row.followup) == (Stage.INTENT, 50_000, None)
    assert "跟进情况: 等对方预算" in row.text


def test_deals_without_a_column_of_names_go_by_the_customers(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path, ["客户名称", "阶段", "金额", "负责人"], ["青石滩", "2.意向（30%）", "5万", "林晓"]
    )
    assert row.deal is not None
    assert (row.deal.name, row.deal.stage, row.deal.amount) == (None, Stage.INTENT, 50_000)


def test_blank_rows_and_repeated_heads_are_no_records(tmp_path: Path) -> None:
    found = table(
        tmp_path, ["客户名称", "行业"], ["甲", "物流"], [], ["", " "], ["客户名称", "行业"], ["乙", "物流"]
    )
    assert [outcome.why if isinstance(outcome, Ignored) else "row" for outcome in found] == [
        "head",
        "row",
        "blank",
        "blank",
        "head",
        "row",
    ]
    assert [outcome.row for outcome in found] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("head", "row", "missing"),
    [
        (["客户编号", "客户名称*", "行业"], ["C20240501001", "　", "制造业"], "客户名称*"),
        (["客户名称", "机会名称", "金额"], ["甲", "", "5万"], "机会名称"),
        (["客户名称", "机会名称", "金额"], ["", "项目", "5万"], "客户名称"),
        (["客户名称", "跟进日期", "跟进内容"], ["甲", "", "谈了价格"], "跟进日期"),
        (["客户名称", "跟进日期", "跟进内容"], ["甲", "待定", "谈了价格"], "跟进日期"),
        (["客户名称", "联系人", "电话"], ["甲", "", "13800000001"], "联系人"),
    ],
)
def test_a_row_without_a_required_value_is_rejected_with_row_and_column(
    tmp_path: Path, head: list[str], row: list[str], missing: str
) -> None:
    rejected = rejection(tmp_path, ["title"], head, row)
    assert (rejected.sheet, rejected.row) == ("table", 3)
    assert rejected.reason == Reason("missing", {"field": missing})
    assert rejected.cells == tuple(cell if cell.strip() else None for cell in row)


def test_a_row_that_belongs_to_a_customer_may_give_its_number_alone(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        ["客户编号", "客户名称", "跟进日期", "跟进内容"],
        ["C20240501001", "", "2024-05-02", "电话沟通"],
    )
    assert (row.customer.number, row.customer.name) == ("C20240501001", None)


def test_a_row_without_a_talk_is_still_good_for_its_deal(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path, ["客户名称", "机会名称", "阶段", "跟进日期", "客户反馈"], ["甲", "项目", "意向", "", ""]
    )
    assert row.followup is None
    assert row.deal is not None


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("金额", "面议后定", "not_an_amount"),
        ("金额", "-5万", "negative_amount"),
        ("阶段", "观望中", "unknown_word"),
        ("成交日期", "2024-02-30", "no_such_day"),
        ("成交日期", "03/04/2024", "day_or_month"),
    ],
)
def test_a_value_that_would_falsify_sums_or_history_rejects_its_row(
    tmp_path: Path, column: str, value: str, why: str
) -> None:
    values = {
        "客户名称": "甲",
        "机会名称": "项目",
        "阶段": "成交",
        "金额": "5万",
        "成交日期": "2024-03-01",
    } | {column: value}
    reason = rejection(tmp_path, list(values), list(values.values())).reason
    assert (reason.code, reason.params["column"]) == ("unreadable", column)
    assert reason.params["why"] == Reason(why, {"value": value})


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("预计成交日期", "月底", "not_a_date"),
        ("成交概率(%)", "很高", "not_a_share"),
        ("客户等级", "银牌", "unknown_word"),
        ("规模", "100-499人", "not_a_count"),
        ("电话", "见名片", "not_reachable"),
    ],
)
def test_any_other_unreadable_value_is_left_out_and_told(
    tmp_path: Path, column: str, value: str, why: str
) -> None:
    (row,) = records(
        tmp_path, ["客户名称", "机会名称", "阶段", "行业", column], ["甲", "项目", "成交", "物流", value]
    )
    assert [(problem.column, problem.reason) for problem in row.problems] == [
        (column, Reason(why, {"value": value}))
    ]
    assert f"{column}: {value}" in row.text


def test_signs_for_nothing_are_empty_cells(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        ["客户名称", "机会名称", "金额", "预计成交日期", "负责人"],
        ["甲", "项目", "-", "待定", "无"],
    )
    assert row.deal is not None
    assert (row.deal.amount, row.deal.expected_close, row.deal.owner, row.problems) == (None, None, None, ())


def test_over_long_text_rejects_its_row(tmp_path: Path) -> None:
    reason = rejection(tmp_path, ["客户名称", "行业"], ["甲" * 201, "物流"]).reason
    assert reason == Reason("too_long", {"column": "客户名称", "length": 201, "limit": 200})
    reason = rejection(tmp_path, ["客户名称", "行业", "备注"], ["甲", "物流", "话" * 20_001]).reason
    assert reason.params["limit"] == 20_000


def test_text_is_kept_as_it_is_but_for_what_cannot_be_stored(tmp_path: Path) -> None:
    path = table_file(
        tmp_path, [["客户名称", "行业", "备注"], ["=cmd|' /C calc'!A0", "a\nb", "<script>\n\u202e\u0007"]]
    )
    _, row = outcomes(path)
    assert isinstance(row, RowRecords)
    assert (row.customer.name, row.customer.industry) == ("=cmd|' /C calc'!A0", "a b")
    assert row.customer.remarks == "<script>\n\u202e\u0007"


def test_the_columns_habits_decide_what_a_cell_does_not_say(tmp_path: Path) -> None:
    rows = records(
        tmp_path,
        ["客户名称", "机会名称", "金额（万元）", "成交概率(%)", "预计成交日期"],
        ["甲", "a", "31", "1", "03/04/2024"],
        ["乙", "b", "5.5", "20", "22/07/2024"],
    )
    deals = [row.deal for row in rows if row.deal]
    assert [(deal.amount, deal.probability, deal.expected_close) for deal in deals] == [
        (Decimal(310_000), 1, date(2024, 4, 3)),
        (Decimal(55_000), 20, date(2024, 7, 22)),
    ]


def test_one_means_all_where_the_column_has_fractions(tmp_path: Path) -> None:
    rows = records(
        tmp_path,
        ["客户名称", "机会名称", "成交概率(%)"],
        ["甲", "a", "1.0"],
        ["乙", "b", "0.2"],
        ["丙", "c", "20"],
    )
    assert [row.deal.probability for row in rows if row.deal] == [100, 20, 20]


def test_one_date_column_is_expected_for_open_deals_and_final_for_closed_ones(tmp_path: Path) -> None:
    rows = records(
        tmp_path, ["Company", "Deal name", "Stage", "Close date"], ["A", "x", "Proposal", "2030-01-01"],
        ["A", "y", "Closed Won", "2024-01-01"],
    )  # fmt: skip
    assert [(row.deal.expected_close, row.deal.closed_date, row.problems) for row in rows if row.deal] == [
        (date(2030, 1, 1), None, ()),
        (date(2024, 1, 1), date(2024, 1, 1), ()),
    ]


def test_a_closing_date_on_an_open_deal_is_left_out_and_told(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path, ["客户名称", "机会名称", "阶段", "签约日期"], ["甲", "a", "谈判", "2024-01-01"]
    )
    assert row.deal is not None
    assert row.deal.closed_date is None
    assert [(problem.column, problem.reason.code) for problem in row.problems] == [("签约日期", "still_open")]


def test_ways_to_reach_a_contact_are_gathered_from_all_columns(tmp_path: Path) -> None:
    (row,) = records(
        tmp_path,
        ["客户名称", "联系人", "手机", "电话", "邮箱", "微信"],
        [
            "甲",
            "石磊",
            "13800000001（微信同号）",
            "0571-88880000",
            "shi@example.com; li@example.com",
            "shi_tan88",
        ],
    )
    assert row.contact == ContactRecord(
        name="石磊",
        phone="13800000001",
        email="shi@example.com",
        wechat="13800000001",
        other_ways=("0571-88880000", "li@example.com"),
    )


def test_their_words_can_be_mapped_to_ours(tmp_path: Path) -> None:
    rows = records(
        tmp_path, ["客户名称", "机会名称", "阶段", "负责人"], ["甲", "a", "观望中", "小林"],
        ["乙", "b", "观 望 中", "林晓"],
        values=["stage:观望中=intent", "owner:小林=lin@example.com"],
    )  # fmt: skip
    assert [(row.deal.stage, row.deal.owner) for row in rows if row.deal] == [
        (Stage.INTENT, "lin@example.com"),
        (Stage.INTENT, "林晓"),
    ]


def test_defaults_fill_empty_cells_and_columns_that_are_not_there(tmp_path: Path) -> None:
    rows = records(
        tmp_path, ["客户名称", "机会名称", "阶段"], ["甲", "a", ""], ["", "b", "方案"],
        defaults=["customer=散客", "stage=意向", "owner=林晓"],
    )  # fmt: skip
    assert [(row.customer.name, row.deal.stage, row.deal.owner) for row in rows if row.deal] == [
        ("甲", Stage.INTENT, "林晓"),
        ("散客", Stage.PROPOSAL, "林晓"),
    ]


def test_a_lost_deal_keeps_why_in_ours_and_in_their_words(tmp_path: Path) -> None:
    rows = records(
        tmp_path,
        ["客户名称", "机会名称", "阶段", "流失原因"],
        ["甲", "a", "丢单", "价格太高"],
        ["乙", "b", "Lost", "换了老板"],
    )
    assert [(row.deal.stage, row.deal.lost_reason) for row in rows if row.deal] == [
        (Lost.LOST, LostBecause(LostReason.PRICE)),
        (Lost.LOST, LostBecause(LostReason.OTHER, "换了老板")),
    ]


def test_short_rows_and_long_rows_are_read_by_the_head(tmp_path: Path) -> None:
    rows = records(
        tmp_path, ["客户名称", "行业", "区域"], ["甲"], ["乙", "物流", "华东", "beyond", "the head"]
    )
    assert [(row.customer.name, row.customer.region) for row in rows] == [("甲", None), ("乙", "华东")]


def test_characters_that_cannot_be_stored_are_left_out_and_told() -> None:
    @dataclass(frozen=True)
    class Written:
        name: str = "客户"
        is_hidden: bool = False

        def rows(self) -> Iterator[Row]:
            yield Row(1, ("客户名称", "行业"))
            yield Row(2, ("甲\0乙\ud800", "物流"))

    _, row = read_rows(match_sheet(Written(), read_options()))
    assert isinstance(row, RowRecords)
    assert row.customer.name == "甲乙"
    assert row.problems == (Problem("客户名称", Reason("unstorable")),)
    assert row.text == "客户名称: 甲乙; 行业: 物流"


def test_a_workbook_as_teams_keep_it_comes_apart_into_its_three_kinds(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        {
            "客户基本信息": [
                ["客户管理数据库"],
                ["客户编号", "客户名称*", "联系方式", "首次接触日期"],
                ["C20240501001", "青石滩建材有限公司", 13800000001, date(2024, 5, 1)],
                ["C20240502002", "白桦林食品集团", "电话：13900000002（微信同号）", "2024年5月2日"],
                ["", " 白桦 林食品集团", "13900000002", "2024.05.02"],
                ["", "", "", ""],
                ["", "", "13700000003", ""],
                ["合计", "2家", "", ""],
            ],
            "客户跟进记录": [
                [
                    "跟进编号",
                    "客户编号",
                    "客户名称",
                    "跟进日期",
                    "跟进人",
                    "跟进方式",
                    "跟进内容",
                    "状态是否变更",
                ],
                [
                    "F20240503001",
                    "C20240501001",
                    "青石滩建材有限公司",
                    "2024/5/3",
                    "林晓",
                    "电话",
                    "介绍方案",
                    "否",
                ],
            ],
            "销售机会": [
                [
                    "机会编号",
                    "客户编号",
                    "客户名称",
                    "机会名称",
                    "当前阶段",
                    "预估金额（元）",
                    "成交概率(%)",
                    "负责人",
                ],
                [
                    "O20240501001",
                    "C20240501001",
                    "青石滩建材有限公司",
                    "扩建",
                    "線索",
                    "10万元",
                    "10%",
                    "林晓",
                ],
                ["O20240502002", "C20240502002", "白桦林食品集团", "冷库", "合同签订", 915000, 1.0, "周舟"],
                ["合计", "", "", "", "", 1015000, "", ""],
            ],
        },
    )
    found = outcomes(path)
    taken = [outcome for outcome in found if isinstance(outcome, RowRecords)]
    assert [name_key(row.customer.name or "") for row in taken if row.sheet == "客户基本信息"] == [
        "青石滩建材有限公司",
        "白桦林食品集团",
        "白桦林食品集团",
    ]
    assert [(row.deal.stage, row.deal.amount, row.deal.probability) for row in taken if row.deal] == [
        (Stage.LEAD, Decimal(100_000), 10),
        (Stage.WON, Decimal(915_000), 100),
    ]
    assert [row.followup.occurred_at for row in taken if row.followup] == [date(2024, 5, 3)]
    assert [(each.sheet, each.row) for each in found if isinstance(each, Rejection)] == [("客户基本信息", 7)]
    assert [
        (each.sheet, each.row) for each in found if isinstance(each, Ignored) and each.why == "totals"
    ] == [
        ("客户基本信息", 8),
        ("销售机会", 4),
    ]
    assert all(row.problems == () for row in taken)
