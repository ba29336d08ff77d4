"""A delivery takes the shape of its channel, a mail or a robot's message, and goes out."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

from flask import current_app, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from salesboard import clock, outward
from salesboard.config import Settings
from salesboard.errors import Refused
from salesboard.notify import mail, robots
from salesboard.notify.channel_rules import ChannelKind
from salesboard.notify.deliveries import Delivery
from salesboard.notify.telling import Item, Told
from salesboard.notify.unsubscribing import unsubscribe_address

Send = Callable[[mail.Courier], None]

SHORTEST_SECRET = 6
"""Shorter pieces of an address are no secret, and stand in any sentence."""


def prepare(delivery: Delivery, told: Told) -> Send:
    """What sends the message; nothing more is read for it, so that no transaction stays open meanwhile.

    Calling it, with who carries mail, raises Refused for what will never be taken, robots.NotTaken or outward.NoAnswer
    for what may be tried again, or what the mail library raises.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if delivery.channel.kind is ChannelKind.EMAIL:
        message = _mail(settings, delivery, told)
        return lambda courier: courier.send(message)
    return _robots_message(settings, delivery, told)


def _mail(settings: Settings, delivery: Delivery, told: Told) -> EmailMessage:
    channel = delivery.channel
    if channel.person is None:
        raise Refused("a mailbox without a person")
    unsubscribe = unsubscribe_address(channel)
    facts = {"told": told, "person": channel.person, "unsubscribe": unsubscribe}
    return mail.compose(
        settings,
        to=(channel.person.name, channel.person.email),
        subject=told.subject,
        text=render_template("emails/reminders.txt", **facts),
        html=render_template("emails/reminders.html", **facts),
        message_id=delivery.message_id,
        unsubscribe=unsubscribe,
    )


def _robots_message(settings: Settings, delivery: Delivery, told: Told) -> Send:
    channel = delivery.channel
    kind, address, secret = channel.kind, channel.address or "", channel.secret
    message = robots.Message(delivery.message_id, delivery.kind, told.subject, _text(told), _items(told))
    secrets = _pieces(address, secret)

    def send(_courier: mail.Courier) -> None:
        post = robots.post_for(kind, address, secret, message, clock.now())
        answer = outward.post(post.url, post.body, post.headers, networks=settings.outbound_networks)
        robots.check(kind, answer, secrets=secrets)

    return send


def _text(told: Told) -> str:
    """As lines: a section's name, then what is in it, each with its address on a line of its own."""
    lines = [told.text] if told.text else []
    for section in told.sections:
        lines.append(f"{section.name} ({section.count})")
        lines += [_line(item) for item in section.items]
    if told.left_over:
        lines.append(ngettext("and %(num)d more", "and %(num)d more", told.left_over))
    if told.page:
        lines.append(_("All of it: %(address)s", address=told.page))
    return "\n".join(lines)


def _line(item: Item) -> str:
    said = " · ".join(filter(None, (item.title, item.about, item.when)))
    return f"- {said}"


def _items(told: Told) -> list[dict[str, str]]:
    return [
        {
            "section": section.name,
            "title": item.title,
            "about": item.about,
            "when": item.when,
            "url": item.address,
        }
        for section in told.sections
        for item in section.items
    ]


def _pieces(address: str, secret: str | None) -> tuple[str, ...]:
    """What no message of an error may repeat."""
    rest = address.partition("://")[2].partition("/")[2]
    pieces = rest.replace("?", "/").replace("&", "/").replace("=", "/").split("/")
    return tuple(piece for piece in (address, secret or "", *pieces) if len(piece) >= SHORTEST_SECRET)
