"""A calendar as RFC 5545 writes it, for programs to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from icalendar import Alarm, Calendar, Event, vDuration

from salesboard.tasks.feed import Entry

TALK_LASTS = timedelta(minutes=30)
ALARM_BEFORE = timedelta(minutes=15)
READ_AGAIN = timedelta(minutes=30)
_NO_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What the format does not allow in a text, and what some readers take for the end of a line."""


def calendar_text(entries: Iterable[Entry], addresses: Iterable[str], *, name: str, zone: str) -> bytes:
    """The calendar called `name`; of each entry the address of its page goes along, unless that is no whole one.

    A moment is written in UTC, which every program shows in its reader's zone; `zone` is the one to begin with.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//salesboard//salesboard//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _text(name))
    calendar.add("name", _text(name))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN).to_ical().decode("ascii"))
    for entry, address in zip(entries, addresses, strict=True):
        calendar.add_component(_event(entry, address))
    return bytes(calendar.to_ical())


def _event(entry: Entry, address: str) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.version - 1)
    event.add("summary", _text(entry.title))
    lines = list(entry.lines)
    if "://" in address:
        event.add("url", address)
        lines.append(address)
    if lines:
        event.add("description", _text("\n".join(lines)))
    if entry.at is None:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", entry.at)
        event.add("dtend", entry.at + TALK_LASTS)
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", _text(entry.title))
    return alarm


def _text(text: str) -> str:
    return _NO_TEXT.sub(" ", text)
