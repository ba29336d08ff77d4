"""What was said last about a deal, for its card and its line in the list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from salesboard.database import db
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind


def latest_note(deal_id: int) -> FollowUp | None:
    """The last note about the deal: a talk, or where there was none yet the record of how it began."""
    return db.session.scalar(
        select(FollowUp)
        .where(FollowUp.deal_id == deal_id, FollowUp.taken_back_at.is_(None))
        .order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc())
        .limit(1)
    )


def last_talks(deal_ids: Iterable[int]) -> dict[int, datetime]:
    """When each of these deals was last talked about; without those never talked about. One SELECT."""
    talks = (
        select(FollowUp.deal_id, func.max(FollowUp.occurred_at).label("at"))
        .where(
            FollowUp.deal_id.in_(list(deal_ids)),
            FollowUp.kind == FollowUpKind.TALK,
            FollowUp.taken_back_at.is_(None),
        )
        .group_by(FollowUp.deal_id)
    )
    return {row.deal_id: row.at for row in db.session.execute(talks)}
