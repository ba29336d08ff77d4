"""Sending reminders as work: recorded first, then sent, then marked as sent; each through its own channel."""

from __future__ import annotations

import smtplib
from datetime import timedelta

from salesboard import clock
from salesboard.database import db
from salesboard.errors import Refused
from salesboard.notify.deliveries import Delivery, DeliveryKind
from salesboard.notify.robots import NotTaken
from salesboard.notify.sending import prepare
from salesboard.notify.telling import reader_of, tell
from salesboard.outbox import Claim
from salesboard.outward import NoAnswer

STALE_AFTER = timedelta(days=1)
"""What could not go out for so long is given up: by then the bell has said it, and other mornings came."""


def send_delivery(claim: Claim) -> None:
    """Sends what its delivery still has to say. Killed between sending and marking, it sends once more: the same
    Message-ID, or the same id for a webhook, tells that it is one."""
    delivery, now = db.session.get(Delivery, claim.subject_id), clock.now()
    if delivery is None or delivery.sent_at is not None:
        return
    channel = delivery.channel
    if channel.is_resting(now) and channel.rests_until is not None:
        claim.put_off(channel.rests_until)
        return
    is_test = delivery.kind is DeliveryKind.TEST
    with reader_of(channel):
        told = tell(delivery) if (channel.is_on or is_test) and not delivery.is_overtaken() else None
        send = prepare(delivery, told) if told is not None else None
    if send is None:
        with claim.finishing():
            delivery.leave(clock.now())
        return
    if now - delivery.due_at > STALE_AFTER and not is_test:
        raise Refused("it could not go out for a whole day")
    db.session.rollback()  # nothing stays open while the other side is waited for
    try:
        send()
    except (NotTaken, NoAnswer, smtplib.SMTPException, OSError) as error:
        with claim.writing():
            if not isinstance(error, smtplib.SMTPRecipientsRefused):
                channel.rest(clock.now(), with_host=not isinstance(error, NotTaken))
        raise
    with claim.finishing():
        delivery.finish(clock.now())
        channel.work_again()
