"""TRUST.md, row 8: what a file is called is a label, never a path."""

from __future__ import annotations

import pytest

from salesboard.exchange.uploads import LONGEST_NAME, label_of


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("客户.xlsx", "客户.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.csv", "system.csv"),
        ("C:\\fakepath\\客户.csv", "客户.csv"),
        ("a\0b.csv", "ab.csv"),
        ("\u202ecod.csv", "cod.csv"),
        ("\ud800.csv", ".csv"),
        ("a\r\nb.csv", "ab.csv"),
        ("", ""),
        (None, ""),
        ("/", ""),
    ],
)
def test_only_the_last_part_is_kept_in_one_line(name: str | None, label: str) -> None:
    assert label_of(name) == label


def test_a_long_name_keeps_its_ending() -> None:
    label = label_of("甲" * 300 + ".xlsx")
    assert (len(label), label[-6:]) == (LONGEST_NAME, "甲.xlsx")
