"""Lines: each receiver, the mail server or a host of robots, is spoken to from a thread of its own."""

from __future__ import annotations

import smtplib
import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread

from salesboard.config import Settings
from salesboard.notify.mail import Courier
from salesboard.notify.robots import NotTaken
from salesboard.notify.sending import Send
from salesboard.outbox import Claim
from salesboard.outward import NoAnswer

MAIL = ""
"""What the mail server is called among the receivers; the others are the names of their hosts."""

AHEAD = 3
"""So many mails are made ready while the first is on its way. Robots get one at a time: after a failure they rest."""

NO_LONGER = 60.0
"""Seconds for one message, after which the line is given up: a server that drips keeps within each single wait."""


@dataclass(frozen=True, eq=False)
class Outgoing:
    """A message ready to be sent, or a delivery (without `send`) that has nothing to say any more."""

    claim: Claim
    channel_id: int | None = None
    send: Send | None = None
    has_failed_before: bool = False


@dataclass(frozen=True, eq=False)
class Came:
    """What became of it: sent, failed with `error`, or `held` because what was before it found nobody there."""

    outgoing: Outgoing
    error: Exception | None = None
    is_held: bool = False


def blames_receiver(error: Exception) -> bool:
    """Whether whoever it was sent to gets nothing for a while."""
    is_of_one_address = isinstance(error, smtplib.SMTPRecipientsRefused)
    return isinstance(error, (NotTaken, NoAnswer, OSError)) and not is_of_one_address


def blames_host(error: Exception) -> bool:
    """Whether what else waits for the same host would fare no better."""
    return blames_receiver(error) and not isinstance(error, NotTaken)


def room_of_new(receiver: str) -> int:
    """How many a line takes that has nothing to do."""
    return AHEAD if receiver == MAIL else 1


@dataclass(eq=False)
class Line:
    """Sends what it is handed in that order, and tells `came` of each. All but `_run` belongs to the one who hands."""

    receiver: str
    settings: Settings
    came: SimpleQueue[Came]
    under_way: list[Outgoing] = field(default_factory=list)
    is_down: bool = False
    since: float = field(default_factory=time.monotonic)
    """When something was handed to it, or came back, last."""

    def __post_init__(self) -> None:
        self._waiting: SimpleQueue[Outgoing | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=f"to {self.receiver or 'mail server'}", daemon=True)
        self._thread.start()

    @property
    def room(self) -> int:
        """How many more it takes now; none after a failure, until all that it had is back."""
        return 0 if self.is_down else room_of_new(self.receiver) - len(self.under_way)

    def hand(self, outgoing: Outgoing) -> None:
        if not self.under_way:
            self.since = time.monotonic()
        self.under_way.append(outgoing)
        self._waiting.put(outgoing)

    def take_back(self, outgoing: Outgoing) -> None:
        self.under_way.remove(outgoing)
        self.since = time.monotonic()

    def is_stuck(self) -> bool:
        return bool(self.under_way) and time.monotonic() - self.since > NO_LONGER

    def has_idled(self, seconds: float) -> bool:
        return not self.under_way and time.monotonic() - self.since >= seconds

    def hang_up(self) -> None:
        """What it still has comes back as held."""
        self.is_down = True
        self._waiting.put(None)

    def _run(self) -> None:
        courier = Courier(self.settings)
        while (outgoing := self._waiting.get()) is not None:
            if self.is_down or outgoing.send is None:
                self.came.put(Came(outgoing, is_held=True))
                continue
            try:
                outgoing.send(courier)
            except Exception as error:
                self.is_down = blames_host(error)
                self.came.put(Came(outgoing, error))
            else:
                self.came.put(Came(outgoing))
        courier.close()
