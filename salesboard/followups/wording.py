"""What the parts of a follow-up are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SAID_NAMES = {
    "method": _l("How"),
    "occurred_at": _l("When it took place"),
    "participants": _l("Who took part"),
    "content": _l("What you talked about"),
    "feedback": _l("Customer's feedback"),
    "agreed": _l("Agreed"),
    "materials": _l("Handed over"),
    "promised": _l("Promised"),
    "new_needs": _l("New needs"),
    "competitor_news": _l("Competitor"),
    "opportunity_risk": _l("Opportunity or risk"),
}
