"""How amounts are said in few signs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesboard.amounts import short_amount


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("0", ("0", ""), ("0", "")),
        ("980.50", ("981", ""), ("981", "")),
        ("9800", ("9,800", ""), ("9.8", "K")),
        ("12345", ("1.2", "万"), ("12.3", "K")),
        ("486000", ("48.6", "万"), ("486", "K")),
        ("1250000", ("125", "万"), ("1.25", "M")),
        ("99999999", ("1", "亿"), ("100", "M")),
        ("123456789", ("1.23", "亿"), ("123.46", "M")),
        ("1000000000000", ("10,000", "亿"), ("1,000,000", "M")),
        ("-486000", ("-48.6", "万"), ("-486", "K")),
    ],
)
def test_an_amount_takes_the_largest_unit_it_fills(
    amount: str, chinese: tuple[str, str], english: tuple[str, str]
) -> None:
    assert short_amount(Decimal(amount), "zh_Hans") == chinese
    assert short_amount(Decimal(amount), "en") == english


def test_traditional_chinese_has_its_own_signs() -> None:
    assert short_amount(Decimal("486000"), "zh_Hant") == ("48.6", "萬")
    assert short_amount(Decimal("250000000"), "zh_Hant") == ("2.5", "億")
