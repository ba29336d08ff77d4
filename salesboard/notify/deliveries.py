"""Deliveries: each message that goes out through a channel, recorded before it is sent, once whatever happens.

How often it was tried, when next and why it failed is told by its work in the outbox, which alone decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ColumnElement, Date, ForeignKey, Index, String, exists, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from salesboard import outbox
from salesboard.access import Viewer, acting_as_system, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db, in_parts, insert_into
from salesboard.installation import installation
from salesboard.notify.channel_rules import Hours, When
from salesboard.notify.channels import Channel
from salesboard.notify.rules import ReminderKind
from salesboard.outbox import Work, WorkState

WORK = "delivery"
"""What the outbox calls the work of sending one; its subject is the delivery's id. The ticker's sender does it, no
worker."""

AT_ONCE = 500
HOURS = "reminder_hours"
"""Where a person's preferences keep their quiet hours."""


class DeliveryKind(StrEnum):
    DIGEST = "digest"
    NOW = "now"
    TEAM = "team"
    TEST = "test"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    LEFT = "left"
    DEAD = "dead"


@guarded
class Delivery(Base):
    """One message through one channel: a morning's digest, reminders told at once, a team's list, or a test.

    `key` says what it is about; there is one of each, for ever. `left_at`: by its time there was nothing to tell.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "channel_id", "kind", "day"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    kind: Mapped[DeliveryKind] = mapped_column(choice(DeliveryKind, "kind"))
    day: Mapped[date] = mapped_column(Date)
    reminder_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    work_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    channel: Mapped[Channel] = relationship()
    work: Mapped[Work | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.channel_id.in_(select(Channel.id).where(Channel.visible_to(viewer)))

    @classmethod
    def plan(
        cls,
        kind: DeliveryKind,
        channel: Channel,
        about: str,
        *,
        day: date,
        now: datetime,
        due_at: datetime | None = None,
        reminder_ids: Sequence[int] = (),
    ) -> int | None:
        """Records a message to be sent at `due_at`, in the transaction under way; None where it is planned already."""
        due_at = due_at or now
        facts = {"kind": kind, "channel_id": channel.id, "day": day, "reminder_ids": list(reminder_ids)}
        planned = insert_into(cls).values(
            key=f"{kind}-{channel.id}-{about}", created_at=now, due_at=due_at, **facts
        )
        planned = planned.on_conflict_do_nothing(index_elements=["key"]).returning(cls.id)
        delivery_id = db.session.scalar(planned)
        if delivery_id is not None:
            key = f"{WORK}:{delivery_id}"
            work_id = outbox.promise(
                WORK, delivery_id, now=now, due_at=due_at, unique_key=key, wakes_a_worker=False
            )
            kept = update(cls).where(cls.id == delivery_id).values(work_id=work_id)
            db.session.execute(kept, execution_options={"synchronize_session": False})
        return delivery_id

    @property
    def state(self) -> DeliveryState:
        if self.sent_at is not None:
            return DeliveryState.SENT
        if self.left_at is not None:
            return DeliveryState.LEFT
        is_dead = self.work is None or self.work.state is WorkState.DEAD
        return DeliveryState.DEAD if is_dead else DeliveryState.WAITING

    @property
    def message_id(self) -> str:
        """The same for every try, so that whoever gets two can tell that they are one."""
        return f"reminders-{self.key}"

    def is_overtaken(self) -> bool:
        """Whether a later morning's list takes the place of this one, which did not go out in time."""
        later = Delivery.channel_id == self.channel_id, Delivery.kind == self.kind, Delivery.day > self.day
        return self.kind in (DeliveryKind.DIGEST, DeliveryKind.TEAM) and bool(
            db.session.scalar(select(exists().where(*later)))
        )

    def finish(self, now: datetime) -> None:
        self.sent_at = now

    def leave(self, now: datetime) -> None:
        """There is nothing to tell any more."""
        self.left_at = now


def hours_of(person: User) -> tuple[Hours, ZoneInfo]:
    """When this person may be disturbed, and in which zone their clock goes."""
    return Hours.read(person.preferences.get(HOURS)), ZoneInfo(person.timezone or installation().timezone)


def plan_at_once(
    told: Sequence[tuple[int, int, ReminderKind]], *, now: datetime, due_at: datetime | None = None
) -> None:
    """Plans what people want to hear at once, in the transaction that gives the reminders: one message for each
    channel. `told` are the new ones: id, person, kind. With `due_at` they are those that come back by then."""
    of_person: dict[int, list[tuple[int, ReminderKind]]] = defaultdict(list)
    for reminder_id, person_id, kind in told:
        of_person[person_id].append((reminder_id, kind))
    today = installation().today
    for person_ids in in_parts(sorted(of_person), AT_ONCE):
        for channel in _open_channels(Channel.person_id.in_(person_ids)):
            person = channel.person
            wanted = [id_ for id_, kind in of_person[person.id] if channel.chosen(kind) is When.NOW]
            if wanted:
                hours, zone = hours_of(person)
                due = hours.next_moment(due_at or now, zone)
                about = f"{min(wanted)}" + (f"-{due_at:%Y%m%d%H%M}" if due_at else "")
                Delivery.plan(
                    DeliveryKind.NOW, channel, about, day=today, now=now, due_at=due, reminder_ids=wanted
                )


def plan_mornings(day: date, *, now: datetime, team_at: datetime) -> None:
    """Plans each person's digest of `day` and each team's list, in the transaction of the morning sweep."""
    for channel in _open_channels(Channel.person_id.is_not(None)):
        hours, zone = hours_of(channel.person)
        due = hours.digest_moment(day, now, zone)
        if due is not None:
            Delivery.plan(DeliveryKind.DIGEST, channel, f"{day:%Y%m%d}", day=day, now=now, due_at=due)
    of_teams = select(Channel).where(Channel.is_on, Channel.team_id.is_not(None)).order_by(Channel.id)
    for channel in db.session.scalars(of_teams):
        due = max(team_at, now)
        Delivery.plan(DeliveryKind.TEAM, channel, f"{day:%Y%m%d}", day=day, now=now, due_at=due)


def _open_channels(of: ColumnElement[bool]) -> Sequence[Any]:
    """Channels that are on, of people who still work here, with their person."""
    live = (
        select(Channel)
        .join(Channel.person)
        .where(Channel.is_on, User.deactivated_at.is_(None), of)
        .options(contains_eager(Channel.person))
        .order_by(Channel.id)
    )
    with acting_as_system("whoever gives somebody a reminder does not see where it goes"):
        return db.session.scalars(live).all()
