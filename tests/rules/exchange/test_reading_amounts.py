"""Money and percentages as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.exchange.amounts import LARGEST, has_whole_percents, read_amount, read_percent, scale_of_head
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import Habits

AMOUNTS = st.decimals(min_value=0, max_value=10**11 - 1, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (645000, "645000"),
        (645000.5, "645000.50"),
        (0, "0"),
        ("¥220,000", "220000"),
        ("￥２２０，０００", "220000"),
        ("395,000元", "395000"),
        ("31万", "310000"),
        ("10万元", "100000"),
        ("71.5万", "715000"),
        ("1.2亿", "120000000"),
        ("1億2000萬", "120000000"),
        ("3千万", "30000000"),
        ("5百万元", "5000000"),
        ("3万5千", "35000"),
        ("1万2000", "12000"),
        ("10 万元", "100000"),
        ("约10万", "100000"),
        ("10万元左右", "100000"),
        ("10w", "100000"),
        ("10K", "10000"),
        ("1.5M", "1500000"),
        ("RMB 300,000", "300000"),
        ("300,000 RMB", "300000"),
        ("$1,234.50", "1234.50"),
        ("US$1,234", "1234"),
        ("1 234 567,89", None),
        ("1.234.567,89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("1'234'567", "1234567"),
        ("12,34", "12.34"),
        ("300,000元（含税）", "300000"),
        ("三十万", "300000"),
        ("十万", "100000"),
        ("二十五万", "250000"),
        ("两百五", "250"),
        ("两万五", "25000"),
        ("一万零五", "10005"),
        ("一百零五万", "1050000"),
        ("肆万伍仟元整", "45000"),
        ("人民币伍拾万元整", "500000"),
        ("拾万元整", "100000"),
        ("壹仟贰佰叁拾肆元伍角陆分", "1234.56"),
        ("一千二百三十四元五角", "1234.50"),
        ("12.345", "12.35"),
        ("零", "0"),
    ],
)
def test_an_amount_is_understood(cell: Cell, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(Unreadable):
            read_amount(cell)
    else:
        assert read_amount(cell) == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("待定价格", "not_an_amount"),
        ("10-20万", "not_an_amount"),
        ("10万以上", "not_an_amount"),
        ("1,23,4", "not_an_amount"),
        ("1.2.3", "not_an_amount"),
        ("5 5", "not_an_amount"),
        ("万", "not_an_amount"),
        ("元", "not_an_amount"),
        ("¥", "not_an_amount"),
        ("二〇二四", "not_an_amount"),
        ("1e5", "not_an_amount"),
        ("=1+1", "not_an_amount"),
        ("nan", "not_an_amount"),
        (float("nan"), "not_an_amount"),
        (float("inf"), "not_an_amount"),
        (True, "not_an_amount"),
        (-1, "negative_amount"),
        ("-500", "negative_amount"),
        ("¥-500", "negative_amount"),
        ("−5万", "negative_amount"),
        ("(1,234.00)", "negative_amount"),
        ("负三万", "negative_amount"),
        (10**13, "amount_too_large"),
        ("99999999999亿", "amount_too_large"),
    ],
)
def test_what_is_no_amount_is_refused_and_never_taken_for_nothing(cell: Cell, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_amount(cell)
    assert unreadable.value.reason.code == code


def test_a_head_in_ten_thousands_multiplies_bare_numbers_only() -> None:
    habits = Habits(scale=scale_of_head("合同金额（万元）"))
    assert read_amount(31, habits) == 310_000
    assert read_amount("31", habits) == 310_000
    assert read_amount("31万", habits) == 310_000
    assert read_amount("3亿", habits) == 300_000_000


@pytest.mark.parametrize(
    ("head", "scale"),
    [
        ("预估金额（元）", 1),
        ("预估金额", 1),
        ("万科项目金额", 1),
        ("合同额(万)", 10_000),
        ("营收（亿元）", 100_000_000),
        ("預估金額（萬元）", 10_000),
        ("合同金额/万元", 10_000),
        ("预计金额 万元", 10_000),
        ("金额/万", 10_000),
        ("累计超过一百万", 1),
        ("Revenue (in millions of USD)", 1_000_000),
    ],
)
def test_a_head_says_its_unit_in_brackets_or_at_its_end(head: str, scale: int) -> None:
    assert scale_of_head(head) == scale


@given(AMOUNTS)
def test_an_amount_comes_back_however_it_is_written(amount: Decimal) -> None:
    for written in (
        f"{amount}",
        f"{amount:,}",
        f"¥{amount:,}",
        f"{amount}元",
        f"{amount:,} RMB",
        f"{amount / 10_000:f}万",
    ):
        assert read_amount(written) == amount


@given(st.integers(min_value=1, max_value=99_999_999))
def test_an_amount_in_words_comes_back(amount: int) -> None:
    assert read_amount(in_words(amount) + "元整") == amount


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_any_cell_is_an_amount_within_bounds_or_refused(cell: Cell) -> None:
    try:
        amount = read_amount(cell)
    except Unreadable:
        return
    assert 0 <= amount <= LARGEST
    assert amount == amount.quantize(Decimal("0.01"))


def in_words(number: int) -> str:
    """The number as a contract spells it, below a hundred million."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        return in_words(number // 10_000) + "万" + (gap + in_words(rest) if rest else "")
    digits, said = "零壹贰叁肆伍陆柒捌玖", ""
    for unit, name in ((1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // unit % 10
        if digit:
            said += digits[digit] + name
        elif said and number % unit and not said.endswith("零"):
            said += "零"
    return said


@pytest.mark.parametrize(
    ("cell", "percent"),
    [
        ("20%", 20),
        ("２０％", 20),
        ("20 %", 20),
        (20, 20),
        (20.0, 20),
        ("20", 20),
        (0.2, 20),
        ("0.2", 20),
        (0.125, 13),
        (1, 100),
        ("1%", 1),
        (100, 100),
        (0, 0),
    ],
)
def test_a_share_is_whole_percents_however_it_is_written(cell: Cell, percent: int) -> None:
    assert read_percent(cell) == percent


def test_one_is_one_percent_in_a_column_of_whole_percents_only() -> None:
    assert has_whole_percents([10, 20, "50%", 1, None])
    assert not has_whole_percents([10, 0.2, 1])
    assert not has_whole_percents([1, 1.0, "100%"])
    assert read_percent(1, Habits(whole_percents=True)) == 1


@pytest.mark.parametrize("cell", [101, -1, "120%", "high", True, float("nan"), "nan", ""])
def test_what_is_no_share_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        read_percent(cell)
