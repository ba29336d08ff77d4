"""A stay in a stage and the transition that began it; it cannot exist without its follow-up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice
from salesboard.deals.rules import Outcome, PlacementKind, Stage

if TYPE_CHECKING:
    from salesboard.deals.models import Deal
    from salesboard.followups.models import FollowUp


ARRIVALS = ("stage", "entered_at", "left_at", "outcome", "undone_at", "deal_id")
"""All that is asked of stays when many are counted: they are counted in the index, without a look at each."""


@guarded
class Placement(Base):
    """A stay in a stage, and the transition that began it with its note."""

    __tablename__ = "placements"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= entered_at", name="order"),
        Index("ix_placements_deal_id", "deal_id"),
        Index("ix_placements_entered_at", *ARRIVALS),
        Index(
            "uq_placements_open_stay",
            "deal_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[PlacementKind] = mapped_column(choice(PlacementKind, "kind"))
    from_stage: Mapped[Stage | None] = mapped_column(choice(Stage, "from_stage"))
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id"), unique=True)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version_after: Mapped[int]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    deal: Mapped[Deal] = relationship(back_populates="placements")
    followup: Mapped[FollowUp] = relationship("FollowUp")
    by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        deals = cls.deal.entity.class_
        return cls.deal_id.in_(select(deals.id).where(deals.visible_to(viewer)))
