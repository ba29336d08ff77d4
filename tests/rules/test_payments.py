"""How long money is owed, and the parts of a contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from salesboard.service.rules import OverdueBand, add_up, band_of, due_dates_of, shared_out, still_owed

TODAY = date(2026, 5, 21)


@pytest.mark.parametrize(
    ("days_ago", "band"),
    [
        (-1, None),
        (0, None),
        (1, "30"),
        (30, "30"),
        (31, "60"),
        (60, "60"),
        (61, "90"),
        (90, "90"),
        (91, "more"),
    ],
)
def test_an_instalment_grows_old(days_ago: int, band: str | None) -> None:
    assert band_of(TODAY - timedelta(days=days_ago), TODAY) == band


def test_the_dates_of_a_band_are_the_days_that_it_holds() -> None:
    for band in OverdueBand:
        since, until = due_dates_of(band, TODAY)
        days = [TODAY - timedelta(days=ago) for ago in range(-2, 400)]
        held = [day for day in days if (since is None or day >= since) and day <= until]
        assert held == [day for day in days if band_of(day, TODAY) is band]


def test_what_is_owed_is_added_up_by_how_long_it_is_overdue() -> None:
    # 100 paid in full; 200 of which 50 came, 10 days ago; 300 unpaid since 45 days; 400 not due yet
    owed = add_up(
        [
            (TODAY - timedelta(days=5), Decimal(100), Decimal(100)),
            (TODAY - timedelta(days=10), Decimal(200), Decimal(50)),
            (TODAY - timedelta(days=45), Decimal(300), Decimal(0)),
            (TODAY, Decimal(400), Decimal(0)),
        ],
        TODAY,
    )
    assert (owed.planned, owed.received, owed.overdue_in_all) == (1000, 150, 450)
    assert owed.overdue == {"30": 150, "60": 300, "90": 0, "more": 0}


def test_more_than_was_asked_leaves_nothing_owed() -> None:
    assert still_owed(Decimal(100), Decimal(120)) == 0


@pytest.mark.parametrize(
    ("total", "percents", "parts"),
    [
        ("864000", (30, 50, 20), ("259200.00", "432000.00", "172800.00")),
        ("100.01", ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.35")),
        ("100", (30, 30), ("30.00", "30.00")),
        ("100", (), ()),
    ],
)
def test_shares_of_a_contract_lose_no_cent(
    total: str, percents: tuple[object, ...], parts: tuple[str, ...]
) -> None:
    assert shared_out(Decimal(total), [Decimal(str(each)) for each in percents]) == [
        Decimal(p) for p in parts
    ]
