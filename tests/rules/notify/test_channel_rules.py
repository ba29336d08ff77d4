"""When a channel may speak: quiet hours, days of the week, digests, zones, the two changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from salesboard.clock import WorkingCalendar
from salesboard.notify.channel_rules import Hours, PutOff, When, chosen, kinds_told, put_off_until
from salesboard.notify.rules import KINDS, ReminderKind

SHANGHAI, BERLIN, NEW_YORK = map(ZoneInfo, ("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
WEEKDAYS = frozenset(range(5))


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %d %H:%M}" if moment else "never"


@pytest.mark.parametrize(
    ("hours", "at", "comes"),
    [
        (Hours(), "2026-05-12 09:00", "Tue 12 09:00"),
        (Hours(), "2026-05-12 19:59", "Tue 12 19:59"),
        (Hours(), "2026-05-12 20:00", "Wed 13 08:00"),
        (Hours(), "2026-05-12 23:30", "Wed 13 08:00"),
        (Hours(), "2026-05-13 07:59", "Wed 13 08:00"),
        (Hours(), "2026-05-13 08:00", "Wed 13 08:00"),
        (Hours(days=WEEKDAYS), "2026-05-15 21:00", "Mon 18 08:00"),
        (Hours(days=WEEKDAYS), "2026-05-16 12:00", "Mon 18 08:00"),
        (Hours(quiet_from=time(12), quiet_until=time(14)), "2026-05-12 12:30", "Tue 12 14:00"),
        (
            Hours(quiet_from=time(12), quiet_until=time(14), days=frozenset({6})),
            "2026-05-12 12:30",
            "Sun 17 00:00",
        ),
        (Hours(quiet_from=time(0), quiet_until=time(0)), "2026-05-12 03:00", "Tue 12 03:00"),
        (Hours(quiet_from=time(8, 1), quiet_until=time(8)), "2026-05-12 09:00", "Wed 13 08:00"),
    ],
)
def test_quiet_hours_and_days_put_it_off(hours: Hours, at: str, comes: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert local(hours.next_moment(moment, SHANGHAI), SHANGHAI) == comes


@pytest.mark.parametrize(
    ("night", "until", "comes"),
    [
        ("2026-03-28 23:00", time(7), "Sun 29 07:00"),  # an hour is missing
        ("2026-03-28 23:00", time(2, 30), "Sun 29 03:30"),  # the hour that is missing
        ("2026-10-24 23:00", time(7), "Sun 25 07:00"),  # an hour comes twice
        ("2026-10-24 23:00", time(2, 30), "Sun 25 02:30"),
    ],
)
def test_the_morning_comes_by_the_persons_clock_when_it_is_changed(
    night: str, until: time, comes: str
) -> None:
    at = datetime.fromisoformat(night).replace(tzinfo=BERLIN)
    assert local(Hours(quiet_from=time(20), quiet_until=until).next_moment(at, BERLIN), BERLIN) == comes


@pytest.mark.parametrize(
    ("hours", "swept_at", "zone", "comes"),
    [
        (Hours(), "2026-05-12 08:00", SHANGHAI, "Tue 12 08:30"),
        (Hours(), "2026-05-12 15:00", SHANGHAI, "Tue 12 15:00"),  # the morning was slept through
        (Hours(), "2026-05-12 21:00", SHANGHAI, "Wed 13 08:00"),
        (Hours(digest_at=time(7)), "2026-05-12 06:00", SHANGHAI, "Tue 12 08:00"),  # in quiet hours
        (Hours(days=WEEKDAYS), "2026-05-09 08:00", SHANGHAI, "never"),  # a Saturday that is worked
        (Hours(), "2026-05-12 08:00", NEW_YORK, "Tue 12 08:30"),  # swept while it is Monday evening there
    ],
)
def test_a_digest_comes_once_the_morning_is_there(
    hours: Hours, swept_at: str, zone: ZoneInfo, comes: str
) -> None:
    now = datetime.fromisoformat(swept_at).replace(tzinfo=SHANGHAI)
    assert local(hours.digest_moment(now.date(), now, zone), zone) == comes


def test_hours_are_kept_as_they_were_set_and_nonsense_counts_for_nothing() -> None:
    hours = Hours(time(22, 15), time(6, 45), frozenset({0, 2}), time(9))
    assert Hours.read(hours.written()) == hours
    for kept in (None, {}, [], {"quiet_from": "25:00", "days": [9, "x"], "digest_at": 7}):
        assert Hours.read(kept) == Hours()  # type: ignore[arg-type]


def test_what_somebody_waits_for_comes_at_once_the_rest_in_the_morning() -> None:
    assert kinds_told({}, When.NOW) == {ReminderKind.NUDGE, ReminderKind.REPORT_READY}
    assert kinds_told({}, When.DIGEST) == set(KINDS) - kinds_told({}, When.NOW)
    assert kinds_told({"nudge": "never", "step_late": "now"}, When.NOW) == {
        ReminderKind.REPORT_READY,
        ReminderKind.STEP_LATE,
    }
    assert chosen({"nudge": "whenever"}, ReminderKind.NUDGE) is When.NOW


@pytest.mark.parametrize(
    ("choice", "at", "comes"),
    [
        (PutOff.AFTERNOON, "2026-04-30 09:00", "Thu 30 14:00"),
        (PutOff.AFTERNOON, "2026-04-30 14:00", "never"),
        (PutOff.TOMORROW, "2026-04-30 09:00", "Fri 01 08:00"),
        (PutOff.WORKING_DAY, "2026-04-30 09:00", "Wed 06 08:00"),  # after Labour Day
        (PutOff.WORKING_DAY, "2026-05-08 09:00", "Sat 09 08:00"),  # a Saturday made up
    ],
)
def test_what_is_put_off_comes_back(choice: PutOff, at: str, comes: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert local(put_off_until(choice, now, SHANGHAI, WorkingCalendar()), SHANGHAI) == comes


def test_the_morning_of_another_zone_is_its_own() -> None:
    now = datetime(2026, 5, 12, 2, tzinfo=UTC)  # Monday evening in New York
    until = put_off_until(PutOff.TOMORROW, now, NEW_YORK, WorkingCalendar())
    assert until is not None
    assert until.astimezone(NEW_YORK).date() == date(2026, 5, 12)
