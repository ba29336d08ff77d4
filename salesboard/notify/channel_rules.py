"""Where a person is told besides the bell, and when: at once, in the morning's digest, never in quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from salesboard.clock import WorkingCalendar
from salesboard.notify.rules import KINDS, ReminderKind


class ChannelKind(StrEnum):
    """In the order in which they are offered."""

    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    SLACK = "slack"
    WEBHOOK = "webhook"


ROBOTS = tuple(kind for kind in ChannelKind if kind is not ChannelKind.EMAIL)
SIGNED = frozenset({ChannelKind.DINGTALK, ChannelKind.FEISHU, ChannelKind.WEBHOOK})
"""Those that can check by a key of their own that a message is ours."""


class When(StrEnum):
    """When a channel tells of a kind of reminder."""

    NOW = "now"
    DIGEST = "digest"
    NEVER = "never"


_AT_ONCE = frozenset({ReminderKind.NUDGE, ReminderKind.REPORT_READY})
"""What somebody waits for, or asks, is told at once unless the person chose otherwise."""


def chosen(choices: Mapping[str, str], kind: ReminderKind) -> When:
    """When a channel with these choices tells of `kind`; what was never chosen follows the kind."""
    kept = choices.get(kind)
    if kept in list(When):
        return When(kept)
    return When.NOW if kind in _AT_ONCE else When.DIGEST


def kinds_told(choices: Mapping[str, str], when: When) -> frozenset[ReminderKind]:
    return frozenset(kind for kind in KINDS if chosen(choices, kind) is when)


EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Hours:
    """When a person may be disturbed, by their own clock: outside quiet hours, on these days of the week (0 is Monday).

    Quiet hours may pass midnight; where they begin as they end there are none.
    """

    quiet_from: time = time(20)
    quiet_until: time = time(8)
    days: frozenset[int] = EVERY_DAY
    digest_at: time = time(8, 30)

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> Hours:
        """From what `written` gave; anything senseless is as if it had not been chosen."""
        usual, kept = cls(), kept if isinstance(kept, Mapping) else {}
        days = frozenset(day for day in kept.get("days") or () if day in EVERY_DAY)
        return cls(
            _time(kept.get("quiet_from"), usual.quiet_from),
            _time(kept.get("quiet_until"), usual.quiet_until),
            days or EVERY_DAY,
            _time(kept.get("digest_at"), usual.digest_at),
        )

    def written(self) -> dict[str, Any]:
        return {
            "quiet_from": f"{self.quiet_from:%H:%M}",
            "quiet_until": f"{self.quiet_until:%H:%M}",
            "days": sorted(self.days),
            "digest_at": f"{self.digest_at:%H:%M}",
        }

    def next_moment(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `at` on at which the person may be disturbed, in UTC."""
        while True:
            local = at.astimezone(zone)
            if local.weekday() not in self.days:
                at = _moment(local.date() + timedelta(days=1), time(), zone)
            elif self._is_quiet(local.time()):
                passes_midnight = self.quiet_from > self.quiet_until and local.time() >= self.quiet_from
                at = _moment(local.date() + timedelta(days=passes_midnight), self.quiet_until, zone)
            else:
                return at.astimezone(UTC)

    def digest_moment(self, day: date, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the digest of `day` goes out, not before `now`; None where the person has no digest on that day."""
        if day.weekday() not in self.days:
            return None
        return self.next_moment(max(_moment(day, self.digest_at, zone), now), zone)

    def _is_quiet(self, local: time) -> bool:
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until


class PutOff(StrEnum):
    """Until when a reminder may be put off."""

    AFTERNOON = "afternoon"
    TOMORROW = "tomorrow"
    WORKING_DAY = "working_day"


AFTERNOON, MORNING = time(14), time(8)


def put_off_until(
    choice: PutOff, now: datetime, zone: ZoneInfo, calendar: WorkingCalendar
) -> datetime | None:
    """When a reminder put off at `now` comes back; None for an afternoon that has begun."""
    today = now.astimezone(zone).date()
    if choice is PutOff.AFTERNOON:
        until = _moment(today, AFTERNOON, zone)
        return until if until > now else None
    day = today + timedelta(days=1) if choice is PutOff.TOMORROW else calendar.after(today, 1)
    return _moment(day, MORNING, zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _time(text: object, usual: time) -> time:
    try:
        return time.fromisoformat(str(text)) if text else usual
    except ValueError:
        return usual
