"""What stands beside the words of a note: who took part in the talk, and which papers changed hands in it.

Names are kept as they were then; whoever was a user or a contact, and each document, is linked as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.database import Base, choice
from salesboard.documents.models import Document
from salesboard.followups.rules import HandedOver, Side, TookPart


class Beside(Base):
    """A row of a note that never changes: a correction puts others in its place."""

    __abstract__ = True
    KEPT: ClassVar[tuple[str, ...]]
    """The columns that its note's digest covers."""

    id: Mapped[int] = mapped_column(primary_key=True)
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))

    @classmethod
    def rows(cls, told: Sequence[TookPart | HandedOver]) -> list[Self]:
        """Those of a note that is being written."""
        return [cls(position=position, **each._asdict()) for position, each in enumerate(told, 1)]

    @property
    def kept(self) -> list[object]:
        return [getattr(self, name) for name in self.KEPT]


class FollowUpPerson(Beside):
    """Somebody of ours or of the customer's who took part."""

    __tablename__ = "followup_people"
    __table_args__ = (UniqueConstraint("followup_id", "position"),)
    KEPT = ("name", "side")

    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)


class FollowUpPaper(Beside):
    """A document that changed hands, in the version it had then."""

    __tablename__ = "followup_papers"
    __table_args__ = (UniqueConstraint("followup_id", "position"),)
    KEPT = ("name", "edition", "document_id")

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    edition: Mapped[int]

    document: Mapped[Document] = relationship()
