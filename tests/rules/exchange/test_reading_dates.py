"""Dates and moments as people and programs write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.exchange.dates import order_of, read_date, read_moment
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import DateOrder, Habits

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 12, 31))
FORMS = (
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}", "{0:%d %b %Y}", "{0:%b %d, %Y}", "{0:%d-%B-%Y}",
    "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日", "{0.year}-{0.month}-{0.day} 00:00:00",
)  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 7, 22),
        datetime.fromisoformat("2024-07-22"),
        "2024/7/22",
        "2024.07.22",
        "2024-7-22",
        "2024年7月22日",
        "2024年07月22号",
        "24年7月22日",
        "２０２４年７月２２日",
        "20240722",
        20240722,
        45495,
        45495.0,
        "45495",
        "45495.0",
        "2024-07-22（周一）",
        "2024年7月22日 星期一",
        "Mon, 22 Jul 2024",
        "July 22nd, 2024",
        "22-Jul-24",
        "民國113年7月22日",
        "113年7月22日",
        "113/07/22",
        "2024-07-22（一）",
        "\u200e2024/7/22",
        "2024-07-22T00:00:00",
        " 2024/7/22 ",
        "22/07/2024",
        "7/22/2024",
    ],
)
def test_a_day_is_understood(cell: Cell) -> None:
    assert read_date(cell) == date(2024, 7, 22)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-05-01 14:30", "2024-05-01T14:30"),
        ("2024/5/1 下午2:30", "2024-05-01T14:30"),
        ("2024年5月1日 上午9点", "2024-05-01T09:00"),
        ("2024-05-01 12:10 AM", "2024-05-01T00:10"),
        ("2024-05-01 02:30:15 PM", "2024-05-01T14:30:15"),
        (45413.4375, "2024-05-01T10:30"),
        (datetime.fromisoformat("2024-05-01T14:30"), "2024-05-01T14:30"),
        ("2024-05-01T08:00:00.000Z", "2024-05-01T08:00+00:00"),
        ("2024-05-01T16:00:00+08:00", "2024-05-01T16:00+08:00"),
        ("2024-05-01 04:00:00 -0400", "2024-05-01T04:00-04:00"),
    ],
)
def test_a_moment_keeps_its_time_and_its_zone_if_it_names_one(cell: Cell, moment: str) -> None:
    told, wanted = read_moment(cell), datetime.fromisoformat(moment)
    assert isinstance(told, datetime)
    assert told.isoformat() == wanted.isoformat()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2024-02-30", "no_such_day"),
        ("2024-13-01", "no_such_day"),
        ("31/04/2024", "no_such_day"),
        ("0000-00-00", "no_such_day"),
        ("3月9日", "no_year"),
        ("3/9", "no_year"),
        ("24/7/22", "no_year"),
        ("03/04/2024", "day_or_month"),
        ("2024", "not_a_date"),
        (2024, "not_a_date"),
        ("2024年7月", "not_a_date"),
        ("1900-01-01", "not_a_date"),
        ("2222-01-01", "not_a_date"),
        ("下周三", "not_a_date"),
        ("2024-05-01 25:00", "not_a_date"),
        ("2024-05-01 or later", "not_a_date"),
        (0, "not_a_date"),
        (-5, "not_a_date"),
        (1e300, "not_a_date"),
        (float("nan"), "not_a_date"),
        (True, "not_a_date"),
        (time(9, 30), "not_a_date"),
        (timedelta(hours=30), "not_a_date"),
    ],
)
def test_nonsense_is_refused_with_its_reason(cell: Cell, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_moment(cell)
    assert unreadable.value.reason.code == code


def test_the_column_tells_day_from_month() -> None:
    assert order_of(["03/04/2024", "22/07/2024"]) is DateOrder.DAY_FIRST
    assert order_of(["03/04/2024", "07/22/2024", None, 5]) is DateOrder.MONTH_FIRST
    assert order_of(["03/04/2024", "2024-01-02"]) is None
    assert order_of(["22/07/2024", "07/22/2024"]) is None


def test_an_ambiguous_day_follows_its_column() -> None:
    assert read_date("03/04/2024", Habits(date_order=DateOrder.DAY_FIRST)) == date(2024, 4, 3)
    assert read_date("03/04/2024", Habits(date_order=DateOrder.MONTH_FIRST)) == date(2024, 3, 4)
    assert read_date("05/05/2024") == date(2024, 5, 5)


def test_a_day_that_cannot_be_a_month_is_clear_whatever_the_column_does() -> None:
    assert read_date("22/07/2024", Habits(date_order=DateOrder.MONTH_FIRST)) == date(2024, 7, 22)
    assert read_date("07/22/2024", Habits(date_order=DateOrder.DAY_FIRST)) == date(2024, 7, 22)


@given(DAYS, st.sampled_from(FORMS))
def test_a_day_comes_back_however_it_is_written(day: date, form: str) -> None:
    assert read_date(form.format(day)) == day


@given(DAYS)
def test_a_day_comes_back_from_excels_count(day: date) -> None:
    assert read_date((day - date(1899, 12, 30)).days) == day


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_any_cell_is_a_sane_date_or_refused(cell: Cell) -> None:
    try:
        day = read_date(cell)
    except Unreadable:
        return
    assert 1970 <= day.year <= 2100
