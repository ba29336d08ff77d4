"""What the codes of a customer are called."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from salesboard.customers.chain import Gap, GapKind
from salesboard.customers.rules import (
    Attitude,
    Channel,
    CheckResult,
    ContactRole,
    CustomerStatus,
    Level,
    Priority,
)

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
ATTITUDE_NAMES = {
    Attitude.SUPPORTER: _l("For us"),
    Attitude.NEUTRAL: _l("Neutral"),
    Attitude.OPPONENT: _l("Opposed"),
    Attitude.UNKNOWN: _l("Attitude unknown"),
}
CHANNEL_NAMES = {
    Channel.PHONE: _l("Phone"),
    Channel.EMAIL: _l("E-mail"),
    Channel.WECHAT: _l("WeChat"),
    Channel.VISIT: _l("Visit"),
}
PRIORITY_NAMES = {
    Priority.HIGH: _l("High"),
    Priority.NORMAL: _l("Normal"),
    Priority.LOW: _l("Low"),
}
RESULT_NAMES = {
    CheckResult.RIGHT: _l("Right"),
    CheckResult.WRONG: _l("Not right"),
}
SOURCES = (_l("Fair"), _l("Referral"), _l("Online"), _l("Cold call"), _l("Advertising"), _l("Partner"))
"""Where customers usually come from; what is written otherwise is offered from then on too."""

FACT_NAMES = {
    "name": _l("Full name"),
    "industry": _l("Industry"),
    "main_business": _l("Main business"),
    "employees": _l("Employees"),
    "annual_revenue": _l("Annual revenue"),
    "region": _l("Region"),
    "source": _l("Source"),
    "first_contact_date": _l("First contact"),
    "level": _l("Level"),
    "status": _l("Status"),
    "needs": _l("Needs and pain points"),
    "remarks": _l("Remarks"),
    "owner": _l("Owner"),
    "archived": _l("History archive"),
}
"""What is known about a customer, by column."""

CONTACT_FACT_NAMES = {
    "name": _l("Name"),
    "title": _l("Job title"),
    "role": _l("Role in the decision"),
    "attitude": _l("Attitude"),
    "reports_to_id": _l("Reports to"),
    "preferred_channel": _l("Likes to be reached by"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "wechat": _l("WeChat"),
}
DEAL_FACT_NAMES = {
    "name": _l("Deal name"),
    "amount": _l("Expected amount"),
    "budget": _l("Budget"),
    "probability": _l("Probability"),
    "expected_close": _l("Expected close"),
    "first_goal": _l("First goal"),
    "owner": _l("Owner"),
}


def gap_words(gap: Gap) -> str:
    """What is missing, as a sentence without its full stop."""
    if gap.kind is GapKind.NO_DECISION_MAKER:
        return _("No decision maker is known")
    if gap.kind is GapKind.NO_FINANCE:
        return _("Nobody of purchasing or finance is known")
    name = gap.link.name if gap.link else ""
    if gap.days is None:
        return _("No talk with the decision maker %(name)s yet", name=name)
    return ngettext(
        "No talk with the decision maker %(name)s for %(num)d day",
        "No talk with the decision maker %(name)s for %(num)d days",
        gap.days,
        name=name,
    )
