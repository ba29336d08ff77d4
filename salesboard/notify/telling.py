"""What a delivery says when its time has come: what still waits, through the eyes of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import ngettext

from salesboard.access import acting_as
from salesboard.accounts.models import User
from salesboard.config import LOCALES
from salesboard.deals.stages import stage_settings
from salesboard.formats import weekday
from salesboard.installation import installation
from salesboard.notify import wording
from salesboard.notify.channel_rules import When, kinds_told
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import Delivery, DeliveryKind
from salesboard.notify.models import Reminder
from salesboard.notify.queries import late_ones_of_team, waiting_for
from salesboard.web import address_from_outside, path_to, read_by

MOST_TOLD = 50
"""So many reminders one message names; the rest is on the page."""


@dataclass(frozen=True)
class Item:
    """One line: what, about which record, since when, and where one sees to it."""

    title: str
    about: str
    when: str
    address: str


@dataclass(frozen=True)
class Section:
    name: str
    count: int
    items: list[Item]


@dataclass(frozen=True)
class Told:
    """A message before it takes the shape of its channel."""

    subject: str
    sections: list[Section]
    board: str
    page: str
    """The address of the page that has it all; '' where no address is known."""
    text: str = ""

    @property
    def left_over(self) -> int:
        return sum(section.count - len(section.items) for section in self.sections)


@contextmanager
def reader_of(channel: Channel) -> Iterator[None]:
    """Inside, texts are for whoever reads this channel: a person in their language and zone, a team in the board's."""
    here, person = installation(), channel.person
    locale = person.locale if person is not None and person.locale in LOCALES else here.locale
    zone = person.timezone if person is not None and person.timezone else here.timezone
    with read_by(locale or here.locale, zone):
        yield


def tell(delivery: Delivery) -> Told | None:
    """What the message says now, in the language of its reader (inside `reader_of`); None where there is nothing."""
    if delivery.kind is DeliveryKind.TEST:
        return _test(delivery.channel)
    if delivery.kind is DeliveryKind.TEAM:
        return _of_team(delivery)
    person = delivery.channel.person
    if person is None or not person.is_active:
        return None
    with acting_as(person.viewer()):
        return _of_person(delivery, person)


def _of_person(delivery: Delivery, person: User) -> Told | None:
    when = When.NOW if delivery.kind is DeliveryKind.NOW else When.DIGEST
    ids = delivery.reminder_ids if when is When.NOW else None
    waiting = waiting_for(person.id, kinds_told(delivery.channel.choices, when), ids)
    if not waiting:
        return None
    sections = _sections((str(wording.GROUP_NAMES[reminder.kind]), reminder) for reminder in waiting)
    if when is When.DIGEST:
        told = ngettext("%(num)d thing waits for you", "%(num)d things wait for you", len(waiting))
        subject = _("%(day)s: %(told)s", day=weekday(delivery.day), told=told)
    elif len(waiting) == 1:
        subject = _("%(what)s: %(told)s", what=sections[0].name, told=_line(sections[0].items[0]))
    else:
        subject = _(", ").join(
            _("%(what)s (%(number)s)", what=each.name, number=each.count) for each in sections
        )
    return _told(subject, sections, "notify.reminders")


def _of_team(delivery: Delivery) -> Told | None:
    team = delivery.channel.team
    late = late_ones_of_team(delivery.channel.team_id, delivery.day)
    if team is None or not late:
        return None
    sections = _sections((name, reminder) for name, reminder in late)
    told = ngettext("%(num)d is late", "%(num)d are late", len(late))
    subject = _("%(team)s, %(day)s: %(told)s", team=team.name, day=weekday(delivery.day), told=told)
    return _told(subject, sections, "insight.team")


def _test(channel: Channel) -> Told:
    whose = channel.team.name if channel.team is not None else (channel.person.name if channel.person else "")
    text = _("This is a test. Reminders for %(whose)s will come this way.", whose=whose)
    return _told(_("Test of %(board)s", board=installation().name), [], "notify.reminders", text)


def _told(subject: str, sections: list[Section], page: str, text: str = "") -> Told:
    return Told(subject, sections, installation().name, address_from_outside(path_to(page)), text)


def _sections(named: Iterable[tuple[str, Reminder]]) -> list[Section]:
    """In the order given; together they name no more than one message holds."""
    names = {stage: setting.label for stage, setting in stage_settings().items()}
    sections, room = [], MOST_TOLD
    for name, of_name in groupby(named, key=lambda pair: pair[0]):
        reminders = [reminder for _name, reminder in of_name]
        items = [
            Item(
                wording.headline(reminder),
                _(", ").join(filter(None, [*wording.about(reminder), wording.stage_said(reminder, names)])),
                wording.how_late(reminder),
                address_from_outside(wording.path(reminder)),
            )
            for reminder in reminders[:room]
        ]
        room -= len(items)
        sections.append(Section(name, len(reminders), items))
    return sections


def _line(item: Item) -> str:
    return " · ".join(filter(None, (item.title, item.about)))
