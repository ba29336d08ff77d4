"""What the pages of channels and deliveries show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from salesboard.database import db
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import WORK, Delivery, DeliveryState
from salesboard.outbox import Work, WorkState, has_lapsed, is_ready

A_PAGE = 50


def last_through(channels: Sequence[Channel]) -> dict[int, Delivery]:
    """Of each channel the last message that was sent or tried. One SELECT."""
    last = (
        select(func.max(Delivery.id))
        .join(Delivery.work)
        .where(
            Delivery.channel_id.in_([channel.id for channel in channels]),
            or_(Delivery.sent_at.is_not(None), Work.last_error.is_not(None)),
        )
        .group_by(Delivery.channel_id)
    )
    found = select(Delivery).where(Delivery.id.in_(last)).options(joinedload(Delivery.work))
    return {delivery.channel_id: delivery for delivery in db.session.scalars(found)}


def all_deliveries(state: DeliveryState | None, page: int) -> Sequence[Delivery]:
    """A page, and one more, of what went out or should have, the latest first."""
    is_dead = Work.id.is_(None) | (Work.state == WorkState.DEAD)
    is_open = Delivery.sent_at.is_(None) & Delivery.left_at.is_(None)
    conditions = {
        DeliveryState.SENT: Delivery.sent_at.is_not(None),
        DeliveryState.LEFT: Delivery.left_at.is_not(None),
        DeliveryState.DEAD: is_open & is_dead,
        DeliveryState.WAITING: is_open & ~is_dead,
    }
    listed = (
        select(Delivery)
        .outerjoin(Delivery.work)
        .where(*([conditions[state]] if state else []))
        .options(
            joinedload(Delivery.work),
            joinedload(Delivery.channel).joinedload(Channel.person),
            joinedload(Delivery.channel).joinedload(Channel.team),
        )
        .order_by(Delivery.id.desc())
    )
    return db.session.scalars(listed.offset(page * A_PAGE).limit(A_PAGE + 1)).all()


def oldest_waiting(now: datetime) -> datetime | None:
    """Since when the oldest message that is due waits."""
    open_ones = Delivery.sent_at.is_(None), Delivery.left_at.is_(None), Delivery.due_at <= now
    live = Work.state.in_((WorkState.READY, WorkState.LEASED))
    return db.session.scalar(select(func.min(Delivery.due_at)).join(Delivery.work).where(*open_ones, live))


class Due(NamedTuple):
    """A delivery whose time has come. Its receiver is a robot's host, or '' for the mail server."""

    work_id: int
    receiver: str
    rests_until: datetime | None


def due_deliveries(now: datetime, limit: int, *, but: Collection[str] = ()) -> list[Due]:
    """What is due for any receiver but these: first what somebody began who died, then the oldest. Two SELECTs, along
    the index of what is due, so that it does not matter how much waits."""
    receiver = func.coalesce(Channel.host, "")
    listed = (
        select(Work.id, receiver, Channel.rests_until)
        .outerjoin(Delivery, Delivery.id == Work.subject_id)
        .outerjoin(Channel, Channel.id == Delivery.channel_id)
        .where(Work.kind == WORK, receiver.not_in(but))
        .order_by(Work.due_at, Work.id)
        .limit(limit)
    )
    begun = db.session.execute(listed.where(has_lapsed(now))).all()
    fresh = db.session.execute(listed.where(is_ready(now))).all()
    return [Due(*row) for row in (*begun, *fresh)][:limit]
