"""The audit log as the admin reads it: narrowed by who, what, record and time; a page at a time, or as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.addresses import asked_id
from salesboard.audit import AuditEvent
from salesboard.database import db
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type
from salesboard.ops.verb_names import DETAIL_NAMES, RECORD_NAMES, SUBJECTS, VERB_NAMES

EVENTS_A_PAGE = 100
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which events are wanted; what the address says senselessly counts for nothing."""

    actor: int | None = None
    about: str = ""
    record: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> AuditFilter:
        return cls(
            actor=asked_id(parameters.get("actor", "")),
            about=parameters.get("about", "") if parameters.get("about") in SUBJECTS else "",
            record="".join(sign for sign in parameters.get("record", "")[:60] if sign.isprintable()).strip(),
            since=_day(parameters.get("since", "")),
            until=_day(parameters.get("until", "")),
        )

    @property
    def parameters(self) -> dict[str, str]:
        """What `parse` would read this from."""
        values = {
            "actor": self.actor,
            "about": self.about,
            "record": self.record,
            "since": self.since,
            "until": self.until,
        }
        return {name: str(value) for name, value in values.items() if value}

    def conditions(self, zone: ZoneInfo) -> list[ColumnElement[bool]]:
        asked: list[ColumnElement[bool]] = []
        if self.actor:
            asked.append(AuditEvent.actor_id == self.actor)
        if self.about:
            asked.append(AuditEvent.verb.startswith(f"{self.about}.", autoescape=True))
        if self.record:
            asked.append(AuditEvent.subject.contains(self.record, autoescape=True))
        if self.since:
            asked.append(AuditEvent.at >= datetime.combine(self.since, time(), zone))
        if self.until:
            asked.append(AuditEvent.at < datetime.combine(self.until + timedelta(days=1), time(), zone))
        return asked


@dataclass(frozen=True)
class Told:
    """One event in words."""

    id: int
    at: datetime
    who: str | None
    what: str
    record: str
    details: str


def events_page(wanted: AuditFilter, before: int | None, zone: ZoneInfo) -> tuple[list[Told], int | None]:
    """Some events, the latest first, and the id before which there are more; None at the end."""
    rows = _read(wanted, before, zone, EVENTS_A_PAGE + 1)
    shown = [_told(row) for row in rows[:EVENTS_A_PAGE]]
    return shown, shown[-1].id if len(rows) > EVENTS_A_PAGE else None


def events_table(wanted: AuditFilter, zone: ZoneInfo) -> OutTable:
    """All of them as a table, read in parts while it is written."""
    heads = (_("When"), _("Done by"), _("What"), _("Record"), _("Particulars"))
    types = (Type.MOMENT, Type.TEXT, Type.TEXT, Type.TEXT, Type.TEXT)
    columns = tuple(OutColumn(head, kind) for head, kind in zip(heads, types, strict=True))
    return OutTable("audit", columns, _lines(wanted, zone))


def last_reviewed() -> AuditEvent | None:
    """When somebody last looked through who may see what."""
    reviews = select(AuditEvent).where(AuditEvent.verb == "access.reviewed")
    return db.session.scalar(reviews.order_by(AuditEvent.id.desc()).limit(1))


def exports_since(moment: datetime) -> dict[int, int]:
    """How many exports each person made since then."""
    made = AuditEvent.verb.in_(("export.taken", "export.fetched"))
    counted = select(AuditEvent.actor_id, func.count(AuditEvent.id)).where(made, AuditEvent.at >= moment)
    rows = db.session.execute(counted.group_by(AuditEvent.actor_id))
    return {person: count for person, count in rows if person is not None}


def _read(wanted: AuditFilter, before: int | None, zone: ZoneInfo, most: int) -> Sequence[Any]:
    events = select(AuditEvent, User.name).outerjoin(User, User.id == AuditEvent.actor_id)
    events = events.where(*wanted.conditions(zone))
    if before is not None:
        events = events.where(AuditEvent.id < before)
    return db.session.execute(events.order_by(AuditEvent.id.desc()).limit(most)).all()


def _lines(wanted: AuditFilter, zone: ZoneInfo) -> Iterator[Line]:
    before: int | None = None
    while rows := _read(wanted, before, zone, AT_ONCE):
        for row in rows:
            told = _told(row)
            at = told.at.astimezone(zone).replace(tzinfo=None)
            yield (at, told.who or "", told.what, told.record, told.details)
        before = rows[-1][0].id


def _told(row: Any) -> Told:
    event, name = row
    what = str(VERB_NAMES.get(event.verb, event.verb))
    return Told(event.id, event.at, name, what, _record(event.subject), _in_words(event.details))


def _record(subject: str) -> str:
    kind, _blank, number = subject.partition(" ")
    return f"{RECORD_NAMES.get(kind, kind)} {number}".rstrip()


def _in_words(details: dict[str, Any]) -> str:
    """What was kept of the event and says something, each under its name."""
    told = ((key, _value(value)) for key, value in sorted(details.items()))
    return "; ".join(f"{DETAIL_NAMES.get(key, key)}: {value}" for key, value in told if value)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def quarter_began(today: date) -> date:
    """The first day of the quarter that `today` is in: since then access should have been looked through."""
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def review_is_due(last: AuditEvent | None, zone: ZoneInfo) -> bool:
    """Whether nobody has looked through who may see what since this quarter began."""
    began = quarter_began(clock.now().astimezone(zone).date())
    return last is None or last.at.astimezone(zone).date() < began
