"""Keeps complaints with whoever looks after what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import in_parts
from salesboard.deals.belonging import by_heir, give, of_earlier_owner
from salesboard.deals.models import Deal
from salesboard.happenings import handed_over
from salesboard.service.complaints import Complaint, ComplaintState

AT_ONCE = 500
_IS_OPEN = Complaint.state != ComplaintState.SETTLED


def init_service() -> None:
    """From here on complaints follow what happens. Done twice it changes nothing."""
    handed_over.connect(_hand_over)


def leave_to(leaver: User, heirs: Sequence[User], *, by: User, now: datetime) -> int:
    """What a leaver had still to settle goes to whoever looks after its deal or customer by now, if they are among the
    heirs, else to the first of them. Answers how many that were."""
    got = by_heir(Complaint, _IS_OPEN, leaver, heirs)
    for heir_id, own in sorted(got.items()):
        for part in in_parts(own, AT_ONCE):
            give(Complaint, [Complaint.id.in_(part)], heir_id, by_id=by.id, now=now)
    return sum(map(len, got.values()))


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
    theirs = of_earlier_owner(Complaint, _IS_OPEN, deal=deal, customer_id=customer_id, earlier_id=earlier_id)
    with acting_as_system("complaints go along with what they are about"):
        give(Complaint, theirs, person_id, by_id=by_id, now=now)
