"""Amounts are read as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesboard.fields import clean, read_amount
from salesboard.formats import file_size


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("486000", "486000.00"),
        ("486,000.5", "486000.50"),
        ("48.6万", "486000.00"),
        (" 48.6 萬元 ", "486000.00"),
        ("¥1.2m", "1200000.00"),
        ("CNY 486k", "486000.00"),
        ("４８．６万", "486000.00"),
        ("1亿", "100000000.00"),
        ("0", "0.00"),
        ("0.005", "0.01"),
    ],
)
def test_an_amount_is_read(text: str, amount: str) -> None:
    assert str(read_amount(text)) == amount
    assert read_amount(text) == Decimal(amount)


def test_words_have_one_kind_of_line_end_and_no_blanks_around() -> None:
    assert clean("  one\r\ntwo\rthree\n ") == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("octets", "text"),
    [(8, "8 B"), (12_345, "12.3 KB"), (999_900, "1000 KB"), (8_000_000, "8 MB"), (1_500_000_000, "1500 MB")],
)
def test_a_files_size_reads_alike_in_every_language(octets: int, text: str) -> None:
    assert file_size(octets) == text
