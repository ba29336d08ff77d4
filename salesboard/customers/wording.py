"""What the codes of a customer are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.customers.rules import ContactRole, CustomerStatus, Level

LEVEL_NAMES = {
    Level.KEY: _l("Key"),
    Level.NORMAL: _l("Normal"),
    Level.POTENTIAL: _l("Growth potential"),
}
STATUS_NAMES = {
    CustomerStatus.POTENTIAL: _l("Prospect"),
    CustomerStatus.INTENT: _l("Interested"),
    CustomerStatus.WON: _l("Won"),
    CustomerStatus.LOST: _l("Lost"),
}
ROLE_NAMES = {
    ContactRole.DECISION_MAKER: _l("Decision maker"),
    ContactRole.INFLUENCER: _l("Influencer"),
    ContactRole.BUYER: _l("Buyer or finance"),
    ContactRole.TECHNICAL: _l("Technical"),
    ContactRole.USER: _l("User"),
}
