"""What the codes of a deal are called, and which drawing stands for a method."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.customers.wording import LOST_REASON_NAMES as LOST_REASON_NAMES
from salesboard.deals.rules import Method

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
