"""The link in each mail of reminders that ends them, without a sign-in."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.addresses import LARGEST_ID
from salesboard.database import db
from salesboard.notify.channel_rules import ChannelKind
from salesboard.notify.channels import Channel
from salesboard.web import address_from_outside, path_to


def unsubscribe_address(channel: Channel) -> str:
    """Where the reader of this mailbox ends its reminders; it does not expire, for mail is kept for years."""
    return address_from_outside(path_to("notify.unsubscribe", mailbox_token=signed(channel)))


def signed(channel: Channel) -> str:
    """What the link says of the mailbox."""
    return str(_signer().dumps(channel.id))


def mailbox_behind(token: str) -> Channel | None:
    """The mailbox that a link names; None for a link that is not ours."""
    try:
        channel_id = _signer().loads(token)
    except BadSignature:
        return None
    if type(channel_id) is not int or not 0 < channel_id <= LARGEST_ID:
        return None
    with acting_as_system("whoever reads the mail may end it"):
        which = Channel.id == channel_id, Channel.kind == ChannelKind.EMAIL
        return db.session.scalar(select(Channel).where(*which))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="no more reminders by mail")
