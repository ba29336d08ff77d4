"""Channels and what went out through them, for tests that need some of each."""

from __future__ import annotations

from sqlalchemy import update

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.installation import installation
from salesboard.notify.channel_rules import ChannelKind
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import Delivery, DeliveryKind
from salesboard.notify.unsubscribing import signed
from salesboard.outbox import Work, WorkState


def channels_of(person: User) -> dict[str, object]:
    """Inside a transaction: a robot and a mailbox of the person, and a message that was given up."""
    now = clock.now()
    about = {
        "name": "My group",
        "address": "https://93.184.215.14/hook-of-a-robot",
        "secret": "a-key",
        "team": None,
    }
    robot = Channel.add_robot(ChannelKind.WEBHOOK, by=person, now=now, **about)
    mailbox = Channel.open_mailbox(person, now=now)
    delivery_id = Delivery.plan(DeliveryKind.TEST, robot, "1", day=installation().today, now=now)
    dead = update(Work).where(Work.kind == "delivery").values(state=WorkState.DEAD, last_error="out of order")
    db.session.execute(dead, execution_options={"synchronize_session": False})
    return {"channel": robot.id, "mailbox": signed(mailbox), "delivery": delivery_id}
