"""A deal as its own pages show it, with what is known about it already."""

from __future__ import annotations

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from salesboard.database import built_once, db
from salesboard.deals.assessments import Answer, latest_answers
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement


def deal_shown(number: str) -> Deal | None:
    """The deal with this number, if it is visible, with its customer and owner."""
    return db.session.scalar(_shown(), {"number": number})


@built_once
def _shown() -> Select[Deal]:
    with_both = joinedload(Deal.customer), joinedload(Deal.owner)
    return select(Deal).where(Deal.number == bindparam("number")).options(*with_both)


def last_placement(deal: Deal) -> Placement:
    """The stay under way, with its note and who began it."""
    return db.session.scalars(
        select(Placement)
        .where(Placement.deal_id == deal.id, Placement.left_at.is_(None))
        .options(joinedload(Placement.followup), joinedload(Placement.by))
    ).one()


def known_answers(deal: Deal) -> dict[str, Answer]:
    """The last answer to each question that was ever asked about the deal, except in moves taken back."""
    given = select(Placement.answers).where(Placement.deal_id == deal.id, Placement.undone_at.is_(None))
    return latest_answers(db.session.scalars(given.order_by(Placement.id)).all())


def known_needs(deal: Deal) -> list[str]:
    """The customer's needs, one by one."""
    lines = (deal.customer.needs or "").replace("；", "\n").replace(";", "\n").splitlines()
    return [line.strip() for line in lines if line.strip()]
