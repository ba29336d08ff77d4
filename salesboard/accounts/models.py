"""People, teams, and the ways in: sign-ins, invitations, password resets."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, String, Table, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from salesboard import audit
from salesboard.access import Role, Viewer
from salesboard.accounts.rules import (
    LINK_LASTS,
    SIGN_IN_IDLE,
    SIGN_IN_LASTS,
    LinkPurpose,
    Theme,
    normal_email,
    token_digest,
)
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused

hasher = PasswordHasher()
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$A2Domhyjs+tDin3aJUt2/w$r/rgBvf5RRgdCPV0kc0gj2MPERE3107jBXMSuwNcCFI"
"""Of a password thrown away; checked against when no such account exists, so that both answers take the same time."""

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


class User(UserMixin, Base):
    """A person with an account. Without a password nobody can sign in yet: an invited one, or an owner from an import."""

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
    teams: Mapped[list[Team]] = relationship(secondary=team_members, back_populates="members")

    @classmethod
    def invite(
        cls, email: str, name: str, role: Role, *, teams: list[Team], by: User | None, now: datetime
    ) -> User:
        """A new account that cannot sign in until its link is used. Raises Refused where the address is taken."""
        address = normal_email(email)
        if db.session.scalar(select(User.id).where(User.email == address)):
            raise Refused(f"{address} has an account already")
        user = cls(email=address, name=name.strip(), role=role, teams=list(teams), created_at=now)
        db.session.add(user)
        db.session.flush()
        audit.record("person.invited", user.label, actor_id=by.id if by else None, at=now, role=role)
        return user

    @property
    def label(self) -> str:
        """How the audit log names this person."""
        return f"person {self.email}"

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

    def set_password(
        self, password_hash: str, *, by: User | None, now: datetime, keep: SignIn | None = None
    ) -> None:
        """Takes a hash made outside the transaction; every other sign-in of the person ends."""
        self.password_hash = password_hash
        self.end_sign_ins(now, keep=keep)
        audit.record("person.password_set", self.label, actor_id=(by or self).id, at=now)

    def deactivate(self, *, by: User, now: datetime) -> None:
        """Ends the person's sign-ins at once; the account stays, for its records do."""
        self.deactivated_at = now
        self.end_sign_ins(now)
        audit.record("person.deactivated", self.label, actor_id=by.id, at=now)

    def reactivate(self, *, by: User, now: datetime) -> None:
        self.deactivated_at = None
        audit.record("person.reactivated", self.label, actor_id=by.id, at=now)

    def end_sign_ins(self, now: datetime, *, keep: SignIn | None = None) -> None:
        ended = update(SignIn).where(SignIn.user_id == self.id, SignIn.ended_at.is_(None))
        if keep is not None:
            ended = ended.where(SignIn.id != keep.id)
        db.session.execute(ended.values(ended_at=now))


class SignIn(Base):
    """One signed-in browser. The cookie holds the secret, the database its digest."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))
    user: Mapped[User] = relationship()

    @classmethod
    def begin(cls, user: User, *, address: str, browser: str, now: datetime) -> SignIn:
        """A new sign-in; `user.sign_in_token` is the secret for the cookie."""
        user.sign_in_token = secrets.token_urlsafe(32)
        sign_in = cls(
            user_id=user.id,
            token_digest=token_digest(user.sign_in_token),
            began_at=now,
            seen_at=now,
            address=address[:45],
            browser=browser[:200],
        )
        db.session.add(sign_in)
        audit.record("person.signed_in", user.label, actor_id=user.id, at=now, address=address[:45])
        return sign_in

    @classmethod
    def current(cls, token: str, now: datetime) -> SignIn | None:
        """The live sign-in behind a cookie's secret, with its person loaded; None where it ended or ran out."""
        found = db.session.scalar(
            select(cls)
            .join(cls.user)
            .where(
                cls.token_digest == token_digest(token),
                cls.ended_at.is_(None),
                cls.began_at > now - SIGN_IN_LASTS,
                cls.seen_at > now - SIGN_IN_IDLE,
                User.deactivated_at.is_(None),
            )
            .options(contains_eager(cls.user))
        )
        if found is not None:
            found.user.sign_in_token = token
        return found

    def end(self, now: datetime) -> None:
        self.ended_at = self.ended_at or now


class AccessLink(Base):
    """An invitation or a password reset: one use, limited in time; only the digest of its secret is kept."""

    __tablename__ = "access_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose, "purpose"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()

    @classmethod
    def issue(cls, user: User, purpose: LinkPurpose, *, by: User | None, now: datetime) -> str:
        """The secret of a new link; earlier links of the person stop working."""
        earlier = update(cls).where(cls.user_id == user.id, cls.used_at.is_(None))
        db.session.execute(earlier.values(used_at=now))
        token = secrets.token_urlsafe(32)
        expires_at = now + LINK_LASTS[purpose]
        db.session.add(
            cls(user_id=user.id, purpose=purpose, token_digest=token_digest(token), expires_at=expires_at)
        )
        audit.record(f"person.{purpose}_link", user.label, actor_id=by.id if by else None, at=now)
        return token

    @classmethod
    def find(cls, token: str, now: datetime) -> AccessLink | None:
        """The link, if it still works."""
        live = (
            select(cls)
            .join(cls.user)
            .where(
                cls.token_digest == token_digest(token),
                cls.used_at.is_(None),
                cls.expires_at > now,
                User.deactivated_at.is_(None),
            )
        )
        return db.session.scalar(live)


def password_matches(user: User | None, password: str) -> bool:
    """Whether the password is the person's; takes as long for an unknown person."""
    stored = user.password_hash if user is not None and user.can_sign_in else None
    try:
        return hasher.verify(stored or NOBODYS_HASH, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
