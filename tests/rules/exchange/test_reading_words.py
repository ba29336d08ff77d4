"""Our stages, levels, methods, roles and reasons in other people's words; ways to reach a contact; plain text."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.customers.rules import ContactRole, CustomerStatus, Level
from salesboard.deals.rules import LostReason, Stage
from salesboard.exchange.channels import Channels, read_channels, read_wechat
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import cell_text, plain, read_count, says_nothing, storable
from salesboard.exchange.words import (
    Lost,
    LostBecause,
    read_level,
    read_lost_reason,
    read_method,
    read_role,
    read_stage,
    read_status,
)
from salesboard.followups.rules import Method
from tests.rules.exchange.making import GIVEN, needs_given

STAGES = {
    Stage.LEAD: (
        "lead",
        "1-线索",
        "①线索",
        "初步接洽",
        "陌生拜访",
        "线索",
        "線索",
        "潜在客户",
        "初步接触",
        "Prospecting",
        "New lead",
    ),
    Stage.INTENT: (
        "意向",
        "意向客户",
        "意向明确",
        "2.意向",
        "第二阶段：意向",
        "意向（30%）",
        "需求分析",
        "需求分析阶段",
        "Qualification",
        "Needs Analysis",
        "Qualified To Buy",
    ),
    Stage.PROPOSAL: (
        "方案",
        "方案制定",
        "方案报价",
        "产品演示",
        "Proposal/Price Quote",
        "Value Proposition",
        "Proposition",
    ),
    Stage.NEGOTIATION: (
        "谈判",
        "談判",
        "谈判中",
        "价格谈判",
        "價格談判",
        "合同谈判",
        "Negotiation/Review",
        "Contract Sent",
        "待签约",
        "签约中",
        "合同签订中",
        "S4 谈判",
    ),
    Stage.WON: (
        "成交",
        "成交客户",
        "已签约",
        "已簽約",
        "合同签署",
        "中标",
        "成交（已回款）",
        "合同签订",
        "赢单",
        "Closed Won",
        "closedwon",
        "WON",
    ),
    Stage.SERVICE: ("服务", "服務", "售后服务", "交付", "Delivery", "After-sales service"),
    Lost.LOST: (
        "流失",
        "丢单",
        "输单",
        "客户流失",
        "未中标",
        "暂无意向",
        "Closed Lost",
        "Closed-Lost to Competition",
        "lost",
    ),
}


@pytest.mark.parametrize(
    ("stage", "word"), [(stage, word) for stage, words in STAGES.items() for word in words]
)
def test_a_stage_is_known_in_three_languages(stage: Stage | Lost, word: str) -> None:
    assert read_stage(word) is stage


@pytest.mark.parametrize("word", ["不知道", "Open", "阶段", "", 3, "成交概率"])
def test_an_unknown_stage_is_not_guessed(word: Cell) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_stage(word)
    assert unreadable.value.reason.code == "unknown_word"


def test_other_words_of_ours_are_known() -> None:
    assert [read_level(word) for word in ("重点客户", "普通", "潜力客户", "VIP", "Normal")] == [
        Level.KEY,
        Level.NORMAL,
        Level.POTENTIAL,
        Level.KEY,
        Level.NORMAL,
    ]
    assert [
        read_method(word)
        for word in ("电话", "面谈", "线上会议", "微信", "邮件", "E-mail", "上门拜访", "其他")
    ] == [
        Method.PHONE,
        Method.VISIT,
        Method.ONLINE,
        Method.WECHAT,
        Method.EMAIL,
        Method.EMAIL,
        Method.VISIT,
        Method.OTHER,
    ]
    assert read_role("决策者") is ContactRole.DECISION_MAKER
    assert read_status("成交客户") is CustomerStatus.WON


def test_of_several_methods_the_first_counts() -> None:
    assert read_method("微信、电话") is Method.WECHAT
    assert read_method("电话/拜访") is Method.PHONE


def test_a_reason_for_losing_is_never_lost_itself() -> None:
    assert read_lost_reason("价格太高") == LostBecause(LostReason.PRICE)
    assert read_lost_reason("老板的朋友来做") == LostBecause(LostReason.OTHER, "老板的朋友来做")


@pytest.mark.parametrize(
    ("cell", "channels"),
    [
        (13800000001, Channels(("13800000001",))),
        (13800000001.0, Channels(("13800000001",))),
        ("13800000001.0", Channels(("13800000001",))),
        ("1.3800000001E+10", Channels(("13800000001",))),
        ("138 0000 0001", Channels(("13800000001",))),
        ("+86 138-0000-0001", Channels(("13800000001",))),
        ("008613800000001", Channels(("13800000001",))),
        ("电话：13800000001（微信同号）", Channels(("13800000001",), (), "13800000001")),
        ("13800000001 wx同号", Channels(("13800000001",), (), "13800000001")),
        ("手机/微信：13800000001", Channels(("13800000001",), (), "13800000001")),
        ("微信：shi_tan88", Channels((), (), "shi_tan88")),
        ("微信 wxid_1234567890，手机 13800000001", Channels(("13800000001",), (), "wxid_1234567890")),
        ("0571-88880000", Channels(("0571-88880000",))),
        ("（0571）88880000", Channels(("0571-88880000",))),
        ("0571-88880000转801", Channels(("0571-88880000 ext. 801",))),
        ("010-12340000 / 13800000001", Channels(("010-12340000", "13800000001"))),
        ("13800000001 13900000002", Channels(("13800000001", "13900000002"))),
        ("李经理13800000001；王工13900000002", Channels(("13800000001", "13900000002"))),
        ("+1 (415) 555-0100", Channels(("+1-415-555-0100",))),
        ("buyer@example.com", Channels((), ("buyer@example.com",))),
        ("Li <Buyer.Li@Example.COM>", Channels((), ("buyer.li@example.com",))),
        ("buyer＠example.com、13800000001", Channels(("13800000001",), ("buyer@example.com",))),
    ],
)
def test_a_cell_says_how_to_reach_somebody(cell: Cell, channels: Channels) -> None:
    assert read_channels(cell) == channels


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.38E+10", "digits_lost"),
        ("无", "not_reachable"),
        ("1234", "not_reachable"),
        ("前台转接", "not_reachable"),
        (3.5, "not_reachable"),
        (True, "not_reachable"),
    ],
)
def test_a_cell_that_reaches_nobody_is_refused(cell: Cell, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_channels(cell)
    assert unreadable.value.reason.code == code


def test_a_wechat_column_holds_bare_names() -> None:
    assert read_wechat("shi_tan88") == Channels(wechat="shi_tan88")
    assert read_wechat("微信号：shi_tan88") == Channels(wechat="shi_tan88")
    with pytest.raises(Unreadable):
        read_wechat("扫码添加 见附件")


def test_ways_of_several_columns_add_up_without_doubles() -> None:
    both = Channels(("1380000",), (), "a") + Channels(("1380000", "1390000"), ("a@example.com",), "b")
    assert both == Channels(("1380000", "1390000"), ("a@example.com",), "a")


@pytest.mark.parametrize(
    ("cell", "count"), [(2822, 2822), ("1,200人", 1200), ("约50人", 50), ("300", 300), ("50+", 50)]
)
def test_a_number_of_people_is_understood(cell: Cell, count: int) -> None:
    assert read_count(cell) == count


@pytest.mark.parametrize("cell", ["100-499人", "很多", 2.5, -3, True, "1.5"])
def test_a_range_of_people_is_no_number(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        read_count(cell)


def test_heads_and_words_are_compared_without_width_case_spaces_and_form() -> None:
    assert plain("客戶 名稱＊") == plain("客户名称")
    assert plain("Closed-Won") == plain("closed won") == "closedwon"


def test_signs_for_nothing_are_nothing_in_figures_only() -> None:
    assert all(says_nothing(sign) for sign in (None, "-", "—", "无", "N/A", "待定"))
    assert not says_nothing("0")
    assert cell_text("—") == "—"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("　北 晴川 \u200b", "北 晴川"),
        (13800000001, "13800000001"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (float("nan"), ""),
        (True, "TRUE"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
    ],
)
def test_a_cell_reads_as_a_person_would_say_it(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


@given(st.text())
def test_storable_text_can_be_stored_and_loses_nothing_else(text: str) -> None:
    kept = storable(text)
    kept.encode("utf-8")
    assert "\0" not in kept
    assert kept == text.replace("\0", "")


def test_halves_of_surrogate_pairs_are_left_out() -> None:
    assert storable("a\ud800b\0") == "ab"


READERS = (
    read_stage,
    read_level,
    read_method,
    read_role,
    read_status,
    read_channels,
    read_wechat,
    read_count,
)


def said(reader: Callable[[Cell], object], cell: Cell) -> object:
    """What the reader makes of the cell; nothing when it refuses."""
    try:
        return reader(cell)
    except Unreadable:
        return None


@given(st.sampled_from(READERS), st.text(max_size=40) | st.floats() | st.integers() | st.booleans())
def test_any_cell_is_understood_or_refused(reader: Callable[[Cell], object], cell: Cell) -> None:
    assert said(reader, cell) == said(reader, cell)


@needs_given
def test_naughty_strings_never_break_a_reader() -> None:
    for text in json.loads((GIVEN / "nasty/strings/blns.json").read_text("utf-8")):
        assert storable(cell_text(text)) in text.replace("\r\n", "\n").replace("\r", "\n")
        assert all(said(reader, text) is None for reader in (read_stage, read_level, read_status))
        assert {type(said(reader, text)) for reader in READERS} <= {
            type(None),
            int,
            Channels,
            Method,
            ContactRole,
        }
