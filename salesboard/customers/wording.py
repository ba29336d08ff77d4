"""What the codes of a customer are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from salesboard.customers.alike import Likeness
from salesboard.customers.chain import Gap, GapKind
from salesboard.customers.housekeeping_rules import Act, Proposal
from salesboard.customers.rules import (
    Attitude,
    Channel,
    CheckResult,
    ContactRole,
    CustomerStatus,
    Level,
    LostReason,
    Priority,
)

if TYPE_CHECKING:
    from salesboard.customers.doubles import Known

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
LOST_REASON_NAMES = {
    LostReason.PRICE: _l("Price"),
    LostReason.COMPETITOR: _l("Competitor"),
    LostReason.NEED_CHANGED: _l("Need changed"),
    LostReason.NO_BUDGET: _l("No budget"),
    LostReason.NO_ANSWER: _l("No answer"),
    LostReason.INVALID_LEAD: _l("Invalid lead"),
    LostReason.OTHER: _l("Other"),
}
NO_REASON_TOLD = _l("The file gives no reason.")
"""What stands as the reason of a deal that a file calls lost without saying why."""
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
LIKENESS_NAMES = {
    Likeness.NAME: _l("same name"),
    Likeness.PHONE: _l("same phone"),
    Likeness.EMAIL: _l("same e-mail"),
}
PROPOSAL_NAMES = {
    Proposal.LOST_WITHOUT_REASON: _l("Lost without reason"),
    Proposal.NO_CHANNEL: _l("No way to reach them"),
    Proposal.UNTOUCHED: _l("Untouched for six months"),
}
PROPOSAL_WORDS = {
    Proposal.LOST_WITHOUT_REASON: _l("Lost customers of whom neither a deal nor anybody says why."),
    Proposal.NO_CHANNEL: _l("Customers without a telephone number, e-mail or WeChat of anybody."),
    Proposal.UNTOUCHED: _l(
        "Prospects with whom nobody talked and about whom nothing changed for six months."
    ),
}
ACT_NAMES = {
    (Proposal.LOST_WITHOUT_REASON, Act.REASON): _l("Set the reason"),
    (Proposal.LOST_WITHOUT_REASON, Act.ARCHIVE): _l("Set the reason and move to the archive"),
    (Proposal.LOST_WITHOUT_REASON, Act.LEAVE): _l("Leave alone until next month"),
    (Proposal.NO_CHANNEL, Act.LOSE): _l("Mark as lost"),
    (Proposal.NO_CHANNEL, Act.ARCHIVE): _l("Mark as lost and move to the archive"),
    (Proposal.NO_CHANNEL, Act.LEAVE): _l("Leave alone until next month"),
    (Proposal.UNTOUCHED, Act.LOSE): _l("Mark as lost"),
    (Proposal.UNTOUCHED, Act.ARCHIVE): _l("Mark as lost and move to the archive"),
    (Proposal.UNTOUCHED, Act.LEAVE): _l("Leave alone until next month"),
}
"""What may be done about what the housekeeping proposes, by both."""

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
    "lost_reason": _l("Reason for losing"),
    "needs": _l("Needs and pain points"),
    "remarks": _l("Remarks"),
    "owner": _l("Owner"),
    "archived": _l("History archive"),
    "external_id": _l("Number elsewhere"),
    "merged": _l("Merged"),
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


class KnownLine(NamedTuple):
    """Who is known by what was typed, as a sentence; with the number of a customer whom the reader sees."""

    words: str
    number: str = ""


def known_lines(known: Mapping[str, Known]) -> dict[str, list[KnownLine]]:
    """By field who is known by it already."""
    return {field: [*_lines(field, told)] for field, told in known.items()}


def _lines(field: str, told: Known) -> Iterator[KnownLine]:
    for customer in told.customers:
        yield KnownLine(_known_at(field, name=customer.name, number=customer.number), customer.number)
    for owner in told.owners:
        yield KnownLine(_known_to(field, owner))


def _known_at(field: str, **customer: str) -> str:
    if field == "phone":
        return _("This number is known already, at %(name)s, %(number)s.", **customer)
    if field == "email":
        return _("This address is known already, at %(name)s, %(number)s.", **customer)
    return _("You have this customer already: %(name)s, %(number)s.", **customer)


def _known_to(field: str, owner: str) -> str:
    if field == "phone":
        return _("%(owner)s has a customer with this number. Ask them before you go on.", owner=owner)
    if field == "email":
        return _("%(owner)s has a customer with this address. Ask them before you go on.", owner=owner)
    return _("%(owner)s looks after this customer already. Ask them before you go on.", owner=owner)
