"""People, teams, and their sign-ins."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, Select, String, Table, bindparam, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from salesboard import audit
from salesboard.access import Role, Viewer
from salesboard.accounts.rules import Theme, normal_email, sign_in_expiry, token_digest
from salesboard.database import Base, UtcDateTime, built_once, choice, db
from salesboard.errors import Invalid, Refused

if TYPE_CHECKING:
    from salesboard.accounts.calendar_addresses import CalendarAddress

team_members = Table(
    "team_members",
    Base.metadata,
    Column("team_id", ForeignKey("teams.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
)


class Team(Base):
    """People who are looked after and evaluated together."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    members: Mapped[list[User]] = relationship(secondary=team_members, back_populates="teams")

    @classmethod
    def found(cls, name: str, *, by: User | None, now: datetime) -> Team:
        """A new team. Raises Invalid where the name is taken."""
        team = cls(name=cls._free_name(name))
        db.session.add(team)
        db.session.flush()
        audit.record("team.founded", team.label, actor_id=by.id if by else None, at=now, name=team.name)
        return team

    def rename(self, name: str, *, by: User, now: datetime) -> None:
        """Raises Invalid where another team has the name."""
        before, self.name = self.name, self._free_name(name, other_than=self)
        if self.name != before:
            audit.record("team.renamed", self.label, actor_id=by.id, at=now, before=before, name=self.name)

    @property
    def label(self) -> str:
        """How the audit log names this team."""
        return f"team {self.id}"

    @staticmethod
    def _free_name(name: str, *, other_than: Team | None = None) -> str:
        name = " ".join(name.split())
        holder = db.session.scalar(select(Team).where(Team.name == name))
        if holder is not None and holder is not other_than:
            raise Invalid({"name": _("There is a team of that name already.")})
        return name


class User(UserMixin, Base):
    """A person with an account.

    Without a password nobody can sign in yet: an invited one, or an owner whom an import brought.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    locale: Mapped[str | None] = mapped_column(String(10))
    timezone: Mapped[str | None] = mapped_column(String(64))
    theme: Mapped[Theme] = mapped_column(choice(Theme, "theme"), default=Theme.SYSTEM)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    teams: Mapped[list[Team]] = relationship(
        secondary=team_members, back_populates="members", order_by="Team.name"
    )
    calendar_address: Mapped[CalendarAddress | None] = relationship(
        "CalendarAddress", uselist=False, cascade="all, delete-orphan"
    )

    @classmethod
    def invite(
        cls, email: str, name: str, role: Role, *, teams: list[Team], by: User | None, now: datetime
    ) -> User:
        """A new account that cannot sign in until its link is used. Raises Invalid where the address is taken."""
        address = cls._free_email(email)
        user = cls(email=address, name=" ".join(name.split()), role=role, teams=list(teams), created_at=now)
        db.session.add(user)
        db.session.flush()
        audit.record(
            "person.invited", user.label, actor_id=by.id if by else None, at=now, email=address, role=role
        )
        return user

    @classmethod
    def with_email(cls, email: str) -> User | None:
        return db.session.scalar(select(cls).where(cls.email == normal_email(email)))

    @property
    def label(self) -> str:
        """How the audit log names this person."""
        return f"person {self.id}"

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def can_sign_in(self) -> bool:
        return self.is_active and self.password_hash is not None

    def get_id(self) -> str:
        """flask-login keeps this in the cookie: the secret of the sign-in under way, set by `SignIn.begin`."""
        return self.sign_in_token

    sign_in_token = ""

    # flask-login would call two people equal who are signed in nowhere: both have the same empty secret
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def hold(self) -> None:
        """Lets what this person sends several times at once happen one after the other, each in its transaction."""
        db.session.execute(select(User.id).where(User.id == self.id).with_for_update(key_share=True))

    def viewer(self) -> Viewer:
        """Through whose eyes this person reads: own records, the teams' for a supervisor, all for an admin."""
        if self.role is Role.ADMIN:
            owner_ids = None
        elif self.role is Role.SUPERVISOR:
            mine = select(team_members.c.team_id).where(team_members.c.user_id == self.id)
            mates = select(team_members.c.user_id).where(team_members.c.team_id.in_(mine))
            owner_ids = frozenset(db.session.scalars(mates)) | {self.id}
        else:
            owner_ids = frozenset({self.id})
        return Viewer(person_id=self.id, role=self.role, owner_ids=owner_ids)

    def change(
        self, *, email: str, name: str, role: Role, teams: list[Team], by: User, now: datetime
    ) -> None:
        """What the admin changes. Raises Invalid where the address is taken, or where no admin would be left."""
        if role is not Role.ADMIN:
            self._keep_an_admin("role")
        before = self._facts()
        self.email = self._free_email(email, other_than=self)
        self.name, self.role, self.teams = " ".join(name.split()), role, list(teams)
        after = self._facts()
        if after != before:
            changed = {key: [before[key], after[key]] for key in after if after[key] != before[key]}
            audit.record("person.changed", self.label, actor_id=by.id, at=now, changed=changed)

    def describe_oneself(
        self, *, name: str, locale: str | None, timezone: str | None, theme: Theme, now: datetime
    ) -> None:
        """What everybody sets for themselves; without a language the browser's counts, without a zone the team's."""
        before, self.name = self.name, " ".join(name.split())
        self.locale, self.timezone, self.theme = locale, timezone, theme
        if self.name != before:
            changed = {"name": [before, self.name]}
            audit.record("person.changed", self.label, actor_id=self.id, at=now, changed=changed)

    def prefer(self, **choices: Any) -> None:
        """Keeps how this person likes a page to be."""
        self.preferences = {**self.preferences, **choices}

    def set_password(
        self, password_hash: str, *, by: User | None, now: datetime, keep: SignIn | None = None
    ) -> None:
        """Takes a hash made outside the transaction; every other sign-in of the person ends."""
        self.password_hash = password_hash
        self.end_sign_ins(now, keep=keep)
        audit.record("person.password_set", self.label, actor_id=(by or self).id, at=now)

    def deactivate(self, *, by: User, now: datetime) -> None:
        """Ends the person's sign-ins and calendar address at once; the account stays, for its records do.

        Raises Refused for oneself.
        """
        if by.id == self.id:
            raise Refused(_("You cannot deactivate your own account."))
        if not self.is_active:
            return
        self._keep_an_admin("active")
        self.deactivated_at = now
        self.calendar_address = None
        self.end_sign_ins(now)
        audit.record("person.deactivated", self.label, actor_id=by.id, at=now)

    def reactivate(self, *, by: User, now: datetime) -> None:
        if self.is_active:
            return
        self.deactivated_at = None
        audit.record("person.reactivated", self.label, actor_id=by.id, at=now)

    def sign_out_elsewhere(self, now: datetime, *, keep: SignIn) -> None:
        """Ends every other browser's sign-in."""
        self.end_sign_ins(now, keep=keep)
        audit.record("person.signed_out_elsewhere", self.label, actor_id=self.id, at=now)

    def end_sign_ins(self, now: datetime, *, keep: SignIn | None = None) -> None:
        ended = update(SignIn).where(SignIn.user_id == self.id, SignIn.ended_at.is_(None))
        if keep is not None:
            ended = ended.where(SignIn.id != keep.id)
        db.session.execute(ended.values(ended_at=now))

    def _facts(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "name": self.name,
            "role": self.role,
            "teams": sorted(team.name for team in self.teams),
        }

    def _keep_an_admin(self, field: str) -> None:
        """Raises Invalid if this person is the only admin who can sign in. Locks the admins, so that two cannot
        take each other's place away at once."""
        admins = select(User).where(
            User.role == Role.ADMIN, User.deactivated_at.is_(None), User.password_hash.is_not(None)
        )
        if [admin.id for admin in db.session.scalars(admins.with_for_update())] == [self.id]:
            raise Invalid({field: _("This is the only admin: make somebody else admin first.")})

    @staticmethod
    def _free_email(email: str, *, other_than: User | None = None) -> str:
        address = normal_email(email)
        holder = User.with_email(address)
        if holder is not None and holder is not other_than:
            raise Invalid(
                {"email": _("There is an account with the address %(address)s already.", address=address)}
            )
        return address


class SignIn(Base):
    """One signed-in browser. The cookie holds the secret, the database its digest."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    is_kept: Mapped[bool]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))
    user: Mapped[User] = relationship()

    @classmethod
    def begin(cls, user: User, *, address: str, browser: str, now: datetime, is_kept: bool = False) -> SignIn:
        """A new sign-in; `user.sign_in_token` is the secret for the cookie. Raises Refused for a closed account."""
        if not user.can_sign_in:
            raise Refused(_("With this account nobody can sign in."))
        user.sign_in_token = secrets.token_urlsafe(32)
        sign_in = cls(
            user_id=user.id,
            token_digest=token_digest(user.sign_in_token),
            is_kept=is_kept,
            began_at=now,
            seen_at=now,
            expires_at=sign_in_expiry(now, now, is_kept=is_kept),
            address=address[:45],
            browser="".join(filter(str.isprintable, browser))[:200],
        )
        db.session.add(sign_in)
        audit.record("person.signed_in", user.label, actor_id=user.id, at=now, address=address[:45])
        return sign_in

    @classmethod
    def current(cls, token: str, now: datetime) -> SignIn | None:
        """The live sign-in behind a cookie's secret, with its person loaded; None where it ended or ran out."""
        found = db.session.scalar(_live_sign_in(), {"digest": token_digest(token), "now": now})
        if found is not None:
            found.user.sign_in_token = token
        return found

    @classmethod
    def open_ones(cls, user: User, now: datetime) -> list[SignIn]:
        """The person's live sign-ins, the one seen last first."""
        live = select(cls).where(cls.user_id == user.id, cls.ended_at.is_(None), cls.expires_at > now)
        return list(db.session.scalars(live.order_by(cls.seen_at.desc(), cls.id.desc())))

    def see(self, now: datetime) -> None:
        """Notes that the sign-in is in use, which may keep it alive for longer."""
        self.seen_at = now
        self.expires_at = sign_in_expiry(self.began_at, now, is_kept=self.is_kept)

    def end(self, now: datetime) -> None:
        """Done twice it changes nothing."""
        if self.ended_at is None:
            self.ended_at = now
            audit.record("person.signed_out", f"person {self.user_id}", actor_id=self.user_id, at=now)


@built_once
def _live_sign_in() -> Select[SignIn]:
    return (
        select(SignIn)
        .join(SignIn.user)
        .where(
            SignIn.token_digest == bindparam("digest"),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > bindparam("now", type_=UtcDateTime()),
            User.deactivated_at.is_(None),
        )
        .options(contains_eager(SignIn.user))
    )
