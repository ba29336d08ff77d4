"""What the parts of a follow-up are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.followups.rules import PromiseState

SAID_NAMES = {
    "method": _l("How"),
    "occurred_at": _l("When it took place"),
    "participants": _l("Who took part"),
    "content": _l("What you talked about"),
    "feedback": _l("Customer's feedback"),
    "agreed": _l("Agreed"),
    "materials": _l("Handed over"),
    "papers": _l("Documents"),
    "promised": _l("Promised"),
    "promises": _l("Promises"),
    "objections": _l("Objections"),
    "new_needs": _l("New needs"),
    "competitor_news": _l("Competitor"),
    "opportunity_risk": _l("Opportunity or risk"),
}
"""All that a correction may change, in the order in which it is shown."""

PROMISE_STATES = {
    PromiseState.KEPT: _l("Was kept"),
    PromiseState.OPEN: _l("Still open"),
    PromiseState.BROKEN: _l("Not kept"),
    PromiseState.WITHDRAWN: _l("Withdrawn"),
}
