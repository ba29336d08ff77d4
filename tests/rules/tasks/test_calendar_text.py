"""A calendar is read by another library than the one that wrote it, whatever people write into their tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import vobject

from salesboard.tasks.calendar_text import calendar_text
from salesboard.tasks.feed import Entry

MOMENT = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
PAGE = "https://sales.example.com/deals/O1"


def entry(**facts: Any) -> Entry:
    usual: dict[str, Any] = {
        "uid": "task-1@salesboard",
        "title": "Call them",
        "day": date(2026, 5, 20),
        "page": ("deals.deal", "O1"),
        "changed_at": MOMENT,
        "version": 1,
    }
    return Entry(**usual | facts)


def written(*entries: Entry, address: str = PAGE) -> bytes:
    return calendar_text(entries, [address] * len(entries), name="纸鹤 · 王", zone="Asia/Shanghai")


def read(text: bytes) -> Any:
    calendar = vobject.readOne(text.decode("utf-8"))
    assert calendar.validate(raiseException=True)
    return calendar


def test_a_task_without_an_hour_takes_its_day_and_none_of_ones_time() -> None:
    event = read(written(entry(version=3))).vevent
    assert (event.dtstart.value, event.dtend.value) == (date(2026, 5, 20), date(2026, 5, 21))
    assert (event.transp.value, event.sequence.value, event.url.value) == ("TRANSPARENT", "2", PAGE)
    assert event.dtstamp.value == event.last_modified.value == MOMENT


def test_a_task_with_an_hour_begins_at_its_moment_and_rings() -> None:
    event = read(written(entry(at=MOMENT))).vevent
    assert event.dtstart.value == MOMENT
    assert event.dtend.value > MOMENT
    assert event.valarm.trigger.value.total_seconds() == -15 * 60


@pytest.mark.parametrize(
    "words",
    [
        "确认报价单; 附件, 第二版\\三",
        "王" * 400,
        "a" + "é" * 100,
        "👨‍👩‍👧‍👦" * 30,
        "BEGIN:VEVENT",
        'say "yes": no',
        "عربي \u202e right to left",
    ],
)
def test_words_come_back_as_they_were_written(words: str) -> None:
    text = written(entry(title=words, lines=(words, words)))
    event = read(text).vevent
    assert event.summary.value == words
    assert event.description.value == f"{words}\n{words}\n{PAGE}"
    assert max(len(line) for line in text.split(b"\r\n")) <= 75


@pytest.mark.parametrize("sign", ["\r\n", "\r", "\x00", "\x0b", "\x85", "\u2028", "\ud800", "\x1b"])
def test_no_sign_begins_a_line_of_its_own(sign: str) -> None:
    text = written(entry(title=f"Call{sign}ATTACH:file:///etc/passwd", at=MOMENT))
    event = read(text).vevent
    assert "attach" not in event.contents
    assert event.summary.value.split() == ["Call", "ATTACH:file:///etc/passwd"]


def test_what_is_no_whole_address_is_left_out() -> None:
    event = read(written(entry(), address="/deals/O1")).vevent
    assert "url" not in event.contents
    assert "description" not in event.contents


def test_an_empty_calendar_has_its_name_and_zone() -> None:
    calendar = vobject.readOne(written().decode("utf-8"))
    assert calendar.contents["x-wr-calname"][0].value == "纸鹤 · 王"
    assert calendar.contents["x-wr-timezone"][0].value == "Asia/Shanghai"
