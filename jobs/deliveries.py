"""Sending reminders: recorded first, then sent, then marked as sent. Each receiver has a line of its own, so that one
that hangs holds nobody else up; the database is read and written from one thread alone."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jobs.run import STOPPED_EACH_TIME, settle
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.notify.channel_queries import Due, due_deliveries
from salesboard.notify.channels import Channel, is_resting
from salesboard.notify.deliveries import Delivery, DeliveryKind
from salesboard.notify.lines import Came, Line, Outgoing, blames_host, blames_receiver, room_of_new
from salesboard.notify.sending import prepare
from salesboard.notify.telling import reader_of, tell
from salesboard.outbox import LEASE, Claim, LeaseLost
from salesboard.outward import NoAnswer

STALE_AFTER = timedelta(days=1)
"""What could not go out for so long is given up: by then the bell has said it, and other mornings came."""

MOST_LINES = 32
"""So many receivers are spoken to at the same time."""

IDLE = 5.0
"""Seconds for which a line, and its connection to the mail server, is kept for what comes next."""

A_LOOK = 100
"""So much of what is due is looked at together; what is in it for receivers without room does not hide what follows."""

LOOKS = 10
BEAT = LEASE.total_seconds() / 5
PAUSE = 0.5
"""Seconds between two looks at what is due."""

LONGEST_PAUSE = 15.0
LAST_WORDS = 2.5
"""Seconds at the end for what is on its way to arrive and be written down."""

logger = logging.getLogger(__name__)


class Sender:
    """Sends what is due. Killed between sending and marking, it sends once more: the same Message-ID, or the same id
    for a webhook, tells that it is one. One thread calls it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._came: SimpleQueue[Came] = SimpleQueue()
        self._unrecorded: list[Came] = []
        self._lines: dict[str, Line] = {}
        self._renewed_at = 0.0

    def turn(self, patience: float) -> bool:
        """Waits for up to `patience` seconds for something to come back, writes down what did, and hands out what is
        due. False: nothing is under way."""
        self._collect(patience)
        with self._app.app_context(), acting_as_system("reminders go out"):
            self._record()
            self._renew()
            self._hand_out()
        for line in [line for line in self._lines.values() if line.has_idled(IDLE)]:
            self._hang_up(line)
        return self._is_busy

    def end(self, within: float) -> None:
        """Lets what is on its way arrive within so many seconds, and puts back what has not begun."""
        until = time.monotonic() + within
        for line in self._lines.values():
            line.hang_up()
        while self._lines and any(line.under_way for line in self._lines.values()):
            if time.monotonic() >= until:
                break
            self._collect(until - time.monotonic())
        with self._app.app_context(), acting_as_system("reminders go out"):
            self._record()

    @property
    def _is_busy(self) -> bool:
        return bool(self._unrecorded) or any(line.under_way for line in self._lines.values())

    def _collect(self, patience: float) -> None:
        is_worth_it = not self._unrecorded and self._is_busy
        with suppress(Empty):
            self._take_back(self._came.get(is_worth_it, patience))
            while True:
                self._take_back(self._came.get_nowait())
        for line in [line for line in self._lines.values() if line.is_stuck()]:
            first, *others = line.under_way
            self._unrecorded.append(Came(first, NoAnswer("it took longer than a minute")))
            self._unrecorded += [Came(each, is_held=True) for each in others]
            self._hang_up(line)

    def _take_back(self, came: Came) -> None:
        line = next((line for line in self._lines.values() if came.outgoing in line.under_way), None)
        if line is None:
            return  # it was given up
        line.take_back(came.outgoing)
        self._unrecorded.append(came)
        if line.is_down and not line.under_way:
            self._hang_up(line)

    def _hang_up(self, line: Line) -> None:
        line.hang_up()
        del self._lines[line.receiver]

    def _record(self) -> None:
        """Broken off, it is done anew by the next turn: what was written down already has lost its claim."""
        came = self._unrecorded
        if sent := [each for each in came if each.error is None and not each.is_held]:
            _record_sent(sent)
        for each in came:
            if each.error is not None:
                _record_failure(each.outgoing, each.error)
        if held := [each.outgoing for each in came if each.is_held]:
            _put_off(held)
        self._unrecorded = []

    def _renew(self) -> None:
        claims = [each.claim for line in self._lines.values() for each in line.under_way]
        if claims and time.monotonic() - self._renewed_at >= BEAT:
            with writing():
                for claim in claims:
                    claim.renew(db.session.connection())
            self._renewed_at = time.monotonic()

    def _hand_out(self) -> None:
        for _look in range(LOOKS):
            now = clock.now()
            full = [line.receiver for line in self._lines.values() if line.room <= 0]
            due = due_deliveries(now, A_LOOK, but=full)
            resting = [each for each in due if is_resting(each.rests_until, now)]
            wanted = self._fitting([each for each in due if each not in resting])
            if not resting and not wanted:
                return
            for receiver, claim in _claim(wanted, resting, now):
                self._hand(receiver, claim)
            if len(due) < A_LOOK:
                return

    def _fitting(self, due: Sequence[Due]) -> list[Due]:
        """As much of it as the lines take."""
        wanted: list[Due] = []
        taken: Counter[str] = Counter()
        for each in due:
            if self._room(each.receiver, taken) > 0:
                taken[each.receiver] += 1
                wanted.append(each)
        return wanted

    def _room(self, receiver: str, taken: Counter[str]) -> int:
        line = self._lines.get(receiver)
        if line is not None:
            return line.room - taken[receiver]
        new = [each for each in taken if each not in self._lines]
        if receiver not in new and len(self._lines) + len(new) >= MOST_LINES:
            return 0
        return room_of_new(receiver) - taken[receiver]

    def _hand(self, receiver: str, claim: Claim) -> None:
        """Renders the message and hands it on; what has nothing to say is done."""
        try:
            outgoing = _make(claim)
        except Exception as error:
            self._unrecorded.append(Came(Outgoing(claim), error))
            return
        finally:
            db.session.rollback()
        if outgoing.send is None:
            self._unrecorded.append(Came(outgoing))
            return
        if receiver not in self._lines:
            self._lines[receiver] = Line(receiver, self._app.config["SETTINGS"], self._came)
        self._lines[receiver].hand(outgoing)


def _claim(wanted: list[Due], resting: list[Due], now: datetime) -> list[tuple[str, Claim]]:
    """What nobody else took of it meanwhile. What waits for a receiver that rests is due after that."""
    with writing():
        claims = [(each.receiver, outbox.claim(each.work_id)) for each in wanted]
        by_time: dict[datetime, list[int]] = defaultdict(list)
        for each in resting:
            by_time[each.rests_until or now].append(each.work_id)
        for until, work_ids in by_time.items():
            outbox.put_off(work_ids, until, now)
    return [(receiver, claim) for receiver, claim in claims if claim is not None]


def _make(claim: Claim) -> Outgoing:
    """Raises Refused where it is too late for it."""
    if claim.attempts > outbox.TRIES:
        raise Refused(STOPPED_EACH_TIME)
    whose = joinedload(Delivery.channel).joinedload(Channel.person)
    delivery, now = db.session.get(Delivery, claim.subject_id, options=[whose]), clock.now()
    if delivery is None or delivery.sent_at is not None:
        return Outgoing(claim)
    channel, is_test = delivery.channel, delivery.kind is DeliveryKind.TEST
    with reader_of(channel):
        told = tell(delivery) if (channel.is_on or is_test) and not delivery.is_overtaken() else None
        if told is None:
            return Outgoing(claim)
        if now - delivery.due_at > STALE_AFTER and not is_test:
            raise Refused("it could not go out for a whole day")
        has_failed_before = bool(channel.failures or channel.rests_until)
        return Outgoing(claim, channel.id, prepare(delivery, told), has_failed_before)


def _record_sent(sent: list[Came]) -> None:
    """All of it in one transaction; what has lost its claim is left to whoever has it now."""
    with writing():
        outgoing = {}
        for each in sent:
            with suppress(LeaseLost):
                each.outgoing.claim.finish()
                outgoing[each.outgoing.claim.subject_id] = each.outgoing
        now = clock.now()
        for delivery in db.session.scalars(select(Delivery).where(Delivery.id.in_(outgoing))):
            if outgoing[delivery.id].send is not None:
                delivery.finish(now)
                if outgoing[delivery.id].has_failed_before:
                    delivery.channel.work_again()
            elif delivery.sent_at is None:
                delivery.leave(now)


def _record_failure(outgoing: Outgoing, error: Exception) -> None:
    claim, is_for_good = outgoing.claim, isinstance(error, Refused)
    if blames_receiver(error):
        with suppress(LeaseLost), claim.writing():
            channel = db.session.get(Channel, outgoing.channel_id)
            if channel is not None:
                channel.rest(clock.now(), with_host=blames_host(error))
    elif not is_for_good:
        logger.error("delivery, work %s: try %s failed", claim.work_id, claim.attempts, exc_info=error)
    said = str(error) if is_for_good else f"{type(error).__name__}: {error}"
    settle(claim, None, said, for_good=is_for_good)


def _put_off(held: list[Outgoing]) -> None:
    """Until its receiver is to be tried again, or at once where that is not what stopped it."""
    with writing():
        now = clock.now()
        for each in held:
            channel = db.session.get(Channel, each.channel_id)
            until = channel.rests_until if channel is not None else None
            with suppress(LeaseLost):
                each.claim.put_off(until if until is not None and is_resting(until, now) else now)


@contextmanager
def sending(app: Flask) -> Iterator[None]:
    """Inside, what is due goes out, from a thread of its own; leaving it waits shortly for what is on its way."""
    is_over = Event()
    thread = Thread(target=_keep_sending, args=(Sender(app), is_over), name="sender", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(LAST_WORDS + PAUSE)


def _keep_sending(sender: Sender, is_over: Event) -> None:
    failures = 0
    while not is_over.is_set():
        try:
            is_busy = sender.turn(PAUSE)
            failures = 0
        except Exception:
            logger.exception("sending reminders failed; it goes on all the same")
            is_busy, failures = False, failures + 1
        if not is_busy:
            is_over.wait(min(PAUSE * 2**failures, LONGEST_PAUSE))
    with suppress(Exception):
        sender.end(LAST_WORDS)
