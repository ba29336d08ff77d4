"""What of payments stands in somebody's calendar."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from salesboard.accounts.models import User
from salesboard.deals.models import Deal
from salesboard.formats import full_money
from salesboard.service.queries import Awaited, due
from salesboard.tasks.feed import BACK, MOST_ENTRIES, Entry


def payments_of(person: User, today: date) -> list[Entry]:
    """The instalments of the person's signed deals that are not received in full, the earliest first. One SELECT."""
    awaited = due(Deal.owner_id == person.id, until=date.max, since=today - BACK, limit=MOST_ENTRIES)
    return [_entry_of(each) for each in awaited]


def _entry_of(awaited: Awaited) -> Entry:
    payment, deal = awaited.payment, awaited.payment.deal
    lines = [_("Deal: %(name)s", name=deal.name), _("Instalment: %(name)s", name=payment.name)]
    return Entry(
        uid=f"payment-{payment.id}-{payment.created_at:%Y%m%dT%H%M%S%f}@salesboard",
        title=_("Payment due · %(customer)s", customer=deal.customer.name),
        day=payment.due_on,
        lines=(
            *(lines if payment.name else lines[:1]),
            _("%(amount)s awaited", amount=full_money(awaited.owed)),
        ),
        page=("deals.deal", deal.number),
        changed_at=payment.updated_at,
        version=payment.version,
    )
