"""How a person is reached, in the one form in which ways are compared; and whom a way leads to, by blind index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import crypto
from salesboard.access import Viewer, guarded
from salesboard.database import Base, choice

if TYPE_CHECKING:
    from salesboard.customers.models import Contact

BETWEEN_PHONES = " / "
"""A contact's telephone numbers stand in one line."""

HOME_COUNTRY = "CN"
"""Where a number without a country's prefix is at home."""

_SHORTEST_PHONE = 5


class WayKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    WECHAT = "wechat"


def ways_in(kind: WayKind, text: str | None) -> list[str]:
    """The different ways that a line tells, each in the form in which two spellings of one are equal."""
    pieces = re.split(r"[/;,；，、]", text or "") if kind is WayKind.PHONE else [text or ""]
    found = (_plain(kind, unicodedata.normalize("NFKC", piece)) for piece in pieces)
    return list(dict.fromkeys(way for way in found if way))


def digest_of(kind: WayKind, way: str) -> bytes:
    """The blind index of a way that `ways_in` told."""
    return crypto.ring().index(way, f"contact_ways|{kind}")


def _plain(kind: WayKind, text: str) -> str:
    if kind is not WayKind.PHONE:
        return text.strip().casefold()
    # Imported here: its tables of all countries take a moment to load, and most requests never need them.
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

    try:
        return format_number(parse(text, HOME_COUNTRY), PhoneNumberFormat.RFC3966)
    except NumberParseException:
        digits = re.sub(r"\D", "", text)
        return digits if len(digits) >= _SHORTEST_PHONE else ""


@guarded
class ContactWay(Base):
    """A blind index of one way to reach a contact."""

    __tablename__ = "contact_ways"
    __table_args__ = (Index(None, "kind", "digest"), Index(None, "contact_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[WayKind] = mapped_column(choice(WayKind, "kind"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    contact: Mapped[Contact] = relationship(back_populates="ways")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        contacts = cls.contact.entity.class_
        return cls.contact_id.in_(select(contacts.id).where(contacts.visible_to(viewer)))

    @classmethod
    def leads(cls, kind: WayKind, ways: Iterable[str]) -> ColumnElement[bool]:
        """The condition that it is one of these ways, told as `ways_in` does."""
        return (cls.kind == kind) & cls.digest.in_([digest_of(kind, way) for way in ways])
