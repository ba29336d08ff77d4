"""The ways in by link: an invitation, or a new password for one that was forgotten."""

from __future__ import annotations

import ipaddress
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app, request
from sqlalchemy import ColumnElement, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from salesboard import audit, outbox
from salesboard.accounts.models import User
from salesboard.accounts.rules import LINK_LASTS, LinkPurpose, link_token, token_digest
from salesboard.config import Settings
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.web import address_from_outside

MAIL_KIND = "access_link_mail"
"""What the outbox calls the work of mailing a link; its subject is the link's id."""


class AccessLink(Base):
    """One use, limited in time. Neither the database nor the queue holds its secret: see `rules.link_token`."""

    __tablename__ = "access_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose, "purpose"))
    nonce: Mapped[str] = mapped_column(String(32))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()

    @classmethod
    def issue(cls, user: User, *, by: User | None, now: datetime) -> AccessLink:
        """A new link, an invitation for who has no password yet; earlier links of the person stop working."""
        purpose = LinkPurpose.PASSWORD_RESET if user.password_hash else LinkPurpose.INVITATION
        earlier = update(cls).where(cls.user_id == user.id, cls.used_at.is_(None))
        db.session.execute(earlier.values(used_at=now))
        nonce = secrets.token_hex(16)
        link = cls(
            user_id=user.id,
            purpose=purpose,
            nonce=nonce,
            token_digest=token_digest(link_token(nonce, current_app.config["SECRET_KEY"])),
            expires_at=now + LINK_LASTS[purpose],
        )
        db.session.add(link)
        db.session.flush()
        audit.record(f"person.{purpose}_link", user.label, actor_id=by.id if by else None, at=now)
        return link

    @classmethod
    def find(cls, token: str, now: datetime, *, lock: bool = False) -> AccessLink | None:
        """The link with its person, if it still works; with `lock`, so that only one can use it."""
        return cls._live(now, cls.token_digest == token_digest(token), lock=lock)

    @classmethod
    def waiting(cls, link_id: int, now: datetime) -> AccessLink | None:
        """The link by its id, if it still works: for the job that mails it."""
        return cls._live(now, cls.id == link_id)

    @classmethod
    def _live(cls, now: datetime, which: ColumnElement[bool], *, lock: bool = False) -> AccessLink | None:
        live = (
            select(cls)
            .join(cls.user)
            .where(which, cls.used_at.is_(None), cls.expires_at > now, User.deactivated_at.is_(None))
            .options(contains_eager(cls.user))
        )
        return db.session.scalar(live.with_for_update(of=cls) if lock else live)

    @property
    def token(self) -> str:
        return link_token(self.nonce, current_app.config["SECRET_KEY"])

    def promise_mail(self, now: datetime) -> None:
        """The link will be mailed once the transaction under way is committed."""
        outbox.promise(MAIL_KIND, self.id, now=now, unique_key=f"{MAIL_KIND}:{self.id}")

    def use(self, password_hash: str, *, now: datetime) -> None:
        """The person takes a new password; the link works no more, and every sign-in ends."""
        self.used_at = now
        self.user.set_password(password_hash, by=None, now=now)


def sends_mail() -> bool:
    """Whether links can go out by mail: that needs a mail server, and the address under which people come back."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(settings.smtp_url and settings.base_url)


def address_of(link: AccessLink) -> str:
    """The link in full, to be shown to the admin or mailed."""
    return in_full("accounts.use_link", token=link.token)


def in_full(endpoint: str, **values: str) -> str:
    """The address of a page for those who are not on the board.

    It begins with SALESBOARD_BASE_URL. Where that is not set it begins with the address that the request itself came
    to, if that is one nobody can lead astray (this machine, or a bare IP address); else only the path is told.
    """
    path = current_app.url_map.bind("").build(endpoint, values).removeprefix("http://")
    if whole := address_from_outside(path):
        return whole
    path = request.root_path + path
    return f"{request.scheme}://{request.host}{path}" if _is_plain_host(request.host) else path


def _is_plain_host(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
