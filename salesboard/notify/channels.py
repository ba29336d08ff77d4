"""Channels: where reminders go besides the bell. A person's own, or a team's; one that is off lets nothing out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    false,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Role, Viewer, guarded
from salesboard.accounts.models import Team, User, team_members
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused
from salesboard.notify.channel_rules import ChannelKind, When, chosen
from salesboard.notify.rules import ReminderKind
from salesboard.outbox import WAITS
from salesboard.sealed import Sealing, secret_text

MOST_CHANNELS = 20
"""So many a person, or a team, has at most."""


@guarded
class Channel(Sealing, Base):
    """One address that reminders go to: a person's mailbox, or a robot of theirs or of a team.

    A robot's address is a secret, for whoever knows it can write to the group; so is the key it signs with. After a
    failure the channel rests for a growing while, so that one receiver that hangs holds nobody else up.
    """

    __tablename__ = "channels"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="whose"),
        CheckConstraint("kind <> 'email' OR person_id IS NOT NULL", name="mailbox"),
        CheckConstraint("(kind = 'email') = (address_sealed IS NULL)", name="address"),
        Index(
            "uq_channels_mailbox",
            "person_id",
            unique=True,
            sqlite_where=text("kind = 'email'"),
            postgresql_where=text("kind = 'email'"),
        ),
        Index(None, "person_id"),
        Index(None, "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ChannelKind] = mapped_column(choice(ChannelKind, "kind"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60), default="")
    host: Mapped[str] = mapped_column(String(253), default="")
    """Of a robot's address, what may be shown."""
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    choices: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    is_on: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    address = secret_text("channels")
    secret = secret_text("channels")

    person: Mapped[User | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own; those of a team its supervisors' and the admins' too."""
        led = select(team_members.c.team_id).where(team_members.c.user_id == viewer.person_id)
        of_teams = {
            Role.ADMIN: cls.team_id.is_not(None),
            Role.SUPERVISOR: cls.team_id.in_(led),
        }
        if viewer.role is None:
            return cls.id.is_not(None)
        return or_(cls.person_id == viewer.person_id, of_teams.get(viewer.role, false()))

    @classmethod
    def reachable(cls, channel_id: int, viewer: Viewer) -> Channel | None:
        """The channel, if it is the viewer's to change. An admin sees that others have some, and changes none."""
        return db.session.scalar(select(cls).where(cls.id == channel_id, cls.visible_to(viewer)))

    @classmethod
    def mailbox_of(cls, person: User) -> Channel | None:
        return db.session.scalar(select(cls).where(cls.person_id == person.id, cls.kind == ChannelKind.EMAIL))

    @classmethod
    def robots_of(cls, person: User) -> list[Channel]:
        own = select(cls).where(cls.person_id == person.id, cls.kind != ChannelKind.EMAIL)
        return list(db.session.scalars(own.order_by(cls.id)))

    @classmethod
    def of_teams(cls, team_ids: Collection[int]) -> list[Channel]:
        theirs = select(cls).where(cls.team_id.in_(team_ids))
        return list(db.session.scalars(theirs.order_by(cls.team_id, cls.id)))

    @classmethod
    def open_mailbox(cls, person: User, *, now: datetime) -> Channel:
        """The person's mailbox, made at the first need, switched on."""
        mailbox = cls.mailbox_of(person)
        if mailbox is None:
            mailbox = cls(
                kind=ChannelKind.EMAIL, person_id=person.id, choices={}, created_at=now, is_on=False
            )
            db.session.add(mailbox)
            db.session.flush()
        mailbox.switch(True, by=person, now=now)
        return mailbox

    @classmethod
    def add_robot(
        cls,
        kind: ChannelKind,
        *,
        name: str,
        address: str,
        secret: str,
        team: Team | None,
        by: User,
        now: datetime,
    ) -> Channel:
        """A robot of `team`, or without one of the person's own. Raises Refused where there are too many already."""
        of = {"team_id": team.id} if team else {"person_id": by.id}
        there = cls.of_teams([team.id]) if team else cls.robots_of(by)
        if len(there) >= MOST_CHANNELS:
            raise Refused(_("There are twenty robots already. Remove one first."))
        robot = cls(kind=kind, name=" ".join(name.split()), choices={}, created_at=now, is_on=True, **of)
        robot.address, robot.host = address, urlsplit(address).hostname or ""
        robot.secret = secret or None
        db.session.add(robot)
        db.session.flush()
        robot._note("channel.added", by, now, kind=kind, host=robot.host, team=team.name if team else None)
        return robot

    def switch(self, is_on: bool, *, by: User | None, now: datetime) -> None:
        """Lets reminders through, or no more. Done twice it changes nothing."""
        if self.is_on != is_on:
            self.is_on, self.failures, self.rests_until = is_on, 0, None
            self._note("channel.switched_on" if is_on else "channel.switched_off", by, now)

    def choose(self, choices: Mapping[str, str]) -> None:
        """When each kind of reminder is told here."""
        self.choices = dict(choices)

    def chosen(self, kind: ReminderKind) -> When:
        return chosen(self.choices, kind)

    def remove(self, *, by: User, now: datetime) -> None:
        """With its address and what was planned for it."""
        self._note("channel.removed", by, now, kind=self.kind, host=self.host)
        db.session.delete(self)

    def rest(self, now: datetime, *, with_host: bool) -> None:
        """It did not take what was sent: nothing is tried here for a while that grows with each failure; with
        `with_host` neither at any other channel of the same host, for that is what did not answer."""
        until = now + WAITS[min(self.failures, len(WAITS) - 1)]
        alone = Channel.id == self.id
        at_its_host = _MAILBOXES if self.kind is ChannelKind.EMAIL else Channel.host == self.host
        self._set(at_its_host if with_host else alone, failures=self.failures + 1, rests_until=until)

    def work_again(self) -> None:
        """It took what was sent, so its host answers."""
        if self.failures or self.rests_until:
            with_it = _MAILBOXES if self.kind is ChannelKind.EMAIL else Channel.id == self.id
            self._set(with_it, failures=0, rests_until=None)

    @staticmethod
    def _set(which: ColumnElement[bool], **values: Any) -> None:
        change = update(Channel).where(which).values(**values)
        db.session.execute(change, execution_options={"synchronize_session": False})

    @property
    def label(self) -> str:
        """How the audit log names this channel."""
        return f"channel {self.id}"

    def _note(self, verb: str, by: User | None, now: datetime, **facts: Any) -> None:
        audit.record(verb, self.label, actor_id=by.id if by else self.person_id, at=now, **facts)


_MAILBOXES = Channel.kind == ChannelKind.EMAIL
"""One mail server takes what goes to all of them."""


def is_resting(rests_until: datetime | None, now: datetime) -> bool:
    """Whether to wait rather than try. A rest is never longer than the longest, whatever the clock does."""
    return rests_until is not None and now < rests_until <= now + WAITS[-1] + timedelta(minutes=1)
