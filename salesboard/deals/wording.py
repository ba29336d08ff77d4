"""What the codes of a deal are called, and which drawing stands for a method."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.deals.rules import LostReason, Method

METHOD_NAMES = {
    Method.PHONE: _l("Phone"),
    Method.VISIT: _l("Visit"),
    Method.ONLINE: _l("Online meeting"),
    Method.EMAIL: _l("Mail"),
    Method.WECHAT: _l("WeChat"),
    Method.OTHER: _l("Other"),
}
METHOD_DRAWINGS = {
    Method.PHONE: "m-phone",
    Method.VISIT: "m-visit",
    Method.ONLINE: "m-video",
    Method.EMAIL: "m-mail",
    Method.WECHAT: "m-chat",
    Method.OTHER: "m-other",
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
