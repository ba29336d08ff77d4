"""Cursors: what was written is read again, and nothing else is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard import paging
from salesboard.paging import Cursor

READERS = [
    paging.a_day,
    paging.a_day_or_none,
    paging.a_position,
    paging.an_amount,
    paging.a_count,
    paging.a_name,
]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (date(2026, 11, 22), paging.a_day),
        (None, paging.a_day_or_none),
        (-1536.5, paging.a_position),
        (Decimal("486000.00"), paging.an_amount),
        (100, paging.a_count),
        ("纸鹤~包装 Ltd", paging.a_name),
    ],
)
def test_a_cursor_is_read_as_it_was_written(value: object, read: object) -> None:
    cursor = Cursor(value, 17)
    assert Cursor.parse(str(cursor), read) == cursor  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "~",
        "x~2026-01-05",
        "-1~2026-01-05",
        "99999999999~2026-01-05",
        "17~tomorrow",
        "17~" + "9" * 400,
    ],
)
def test_a_day_cursor_refuses_anything_else(text: str) -> None:
    assert Cursor.parse(text, paging.a_day) is None


@pytest.mark.parametrize("text", ["1~nan", "1~inf", "1~1e999", "1~", "1~x"])
def test_positions_and_amounts_are_finite(text: str) -> None:
    assert Cursor.parse(text, paging.a_position) is None
    assert Cursor.parse(text, paging.an_amount) is None


@given(st.text(max_size=60), st.sampled_from(READERS))
def test_no_text_makes_it_fail(text: str, read: object) -> None:
    found = Cursor.parse(text, read)  # type: ignore[arg-type]
    assert found is None or isinstance(found.id, int)
    Cursor.parse(f"1~{text}", read)  # type: ignore[arg-type]
