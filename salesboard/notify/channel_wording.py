"""What channels and deliveries are called."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.formats import moment
from salesboard.notify.channel_rules import ChannelKind, PutOff, When
from salesboard.notify.deliveries import Delivery, DeliveryKind, DeliveryState
from salesboard.outward import PATIENCE

KIND_NAMES = {
    ChannelKind.EMAIL: _l("Mail"),
    ChannelKind.WECOM: _l("WeCom"),
    ChannelKind.DINGTALK: _l("DingTalk"),
    ChannelKind.FEISHU: _l("Feishu"),
    ChannelKind.SLACK: _l("Slack"),
    ChannelKind.WEBHOOK: _l("Webhook"),
}
DRAWINGS = {
    ChannelKind.EMAIL: "m-mail",
    ChannelKind.WECOM: "m-chat",
    ChannelKind.DINGTALK: "m-other",
    ChannelKind.FEISHU: "m-video",
    ChannelKind.SLACK: "m-chat",
    ChannelKind.WEBHOOK: "link",
}
WHEN_NAMES = {
    When.NOW: _l("At once"),
    When.DIGEST: _l("In the digest"),
    When.NEVER: _l("Not here"),
}
DAY_NAMES = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
PUT_OFF_NAMES = {
    PutOff.AFTERNOON: _l("This afternoon"),
    PutOff.TOMORROW: _l("Tomorrow morning"),
    PutOff.WORKING_DAY: _l("The next working day"),
}
DELIVERY_NAMES = {
    DeliveryKind.DIGEST: _l("Digest"),
    DeliveryKind.NOW: _l("At once"),
    DeliveryKind.TEAM: _l("Team’s list"),
    DeliveryKind.TEST: _l("Test"),
}
STATE_NAMES = {
    DeliveryState.WAITING: _l("On its way"),
    DeliveryState.SENT: _l("Sent"),
    DeliveryState.LEFT: _l("Nothing to tell"),
    DeliveryState.DEAD: _l("Not delivered"),
}


_NO_ANSWERS = {
    "nothing listens there": _l("nothing listens there"),
    "what it answers is no HTTP": _l("what it answers is no HTTP"),
    "the connection broke off": _l("the connection broke off"),
    "the name of the host is not known": _l("the name of the host is not known"),
    "its answer is not one that this robot gives": _l("its answer is not one that this robot gives"),
    "its certificate is not valid, or it does not speak TLS": _l(
        "its certificate is not valid, or it does not speak TLS"
    ),
    f"no answer within {PATIENCE:.0f} seconds": _l("no answer within %(num)d seconds", num=int(PATIENCE)),
    "an address within a private network, which the operator has not allowed": _l(
        "an address within a private network, which the operator has not allowed"
    ),
    "it could not go out for a whole day": _l("it could not go out for a whole day"),
}
"""What outward.py and the jobs say, as kept; a robot's own words stay as they are."""


def why(delivery: Delivery) -> str:
    """Why the message did not get there, so far."""
    kept = delivery.work.last_error if delivery.work is not None and delivery.sent_at is None else None
    told = (kept or "").removeprefix("NoAnswer: ").removeprefix("NotTaken: ")
    return str(_NO_ANSWERS.get(told, told))


def last_said(delivery: Delivery | None) -> str:
    """How the last message through a channel fared."""
    if delivery is None:
        return _("Nothing sent yet")
    if delivery.sent_at is not None:
        return _("Last sent %(moment)s", moment=moment(delivery.sent_at))
    error = why(delivery)
    if error and delivery.state is DeliveryState.WAITING and delivery.work is not None:
        return _("%(error)s; next try %(moment)s", error=error, moment=moment(delivery.work.due_at))
    return error or str(STATE_NAMES[delivery.state])


def has_failed(delivery: Delivery | None) -> bool:
    """Whether the last message through a channel did not get there."""
    return delivery is not None and bool(why(delivery))
