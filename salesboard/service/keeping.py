"""Keeps complaints with whoever looks after what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, in_parts
from salesboard.deals.models import Deal
from salesboard.happenings import handed_over
from salesboard.service.complaints import Complaint, ComplaintState

AT_ONCE = 500


def init_service() -> None:
    """From here on complaints follow what happens. Done twice it changes nothing."""
    handed_over.connect(_hand_over)


def leave_to(leaver: User, heirs: Sequence[User], *, by: User, now: datetime) -> int:
    """What a leaver had still to settle goes to whoever looks after its deal or customer by now, if they are among the
    heirs, else to the first of them. Answers how many that were."""
    after = func.coalesce(Deal.owner_id, Customer.owner_id).label("after")
    rows = db.session.execute(
        select(Complaint.id, after)
        .join(Customer, Customer.id == Complaint.customer_id)
        .outerjoin(Deal, Deal.id == Complaint.deal_id)
        .where(Complaint.owner_id == leaver.id, Complaint.state != ComplaintState.SETTLED)
        .order_by(Complaint.id)
    ).all()
    able = {heir.id for heir in heirs}
    for heir_id in sorted(able):
        own = [row.id for row in rows if (row.after if row.after in able else heirs[0].id) == heir_id]
        for part in in_parts(own, AT_ONCE):
            _give(heir_id, by.id, now, Complaint.id.in_(part))
    return len(rows)


def _hand_over(
    customer_id: int,
    *,
    deal: Deal | None,
    earlier_id: int,
    person_id: int,
    by_id: int | None,
    now: datetime,
) -> None:
    """What the earlier owner had still to settle about it is the new one's."""
    about = Complaint.deal_id.is_(None) if deal is None else Complaint.deal_id == deal.id
    theirs = Complaint.customer_id == customer_id, Complaint.owner_id == earlier_id
    with acting_as_system("complaints go along with what they are about"):
        _give(person_id, by_id, now, about, *theirs, Complaint.state != ComplaintState.SETTLED)


def _give(person_id: int, by_id: int | None, now: datetime, *which: object) -> None:
    changed = {
        "owner_id": person_id,
        "updated_at": now,
        "updated_by_id": by_id,
        "version": Complaint.version + 1,
    }
    db.session.execute(
        update(Complaint).where(*which).values(changed),  # type: ignore[arg-type]
        execution_options={"synchronize_session": False},
    )
