"""What goes on beside work under way: an alarm for when it takes too long, and a heartbeat that keeps its lease."""

from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import timedelta
from types import FrameType

from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import SQLAlchemyError

from salesboard.database import db
from salesboard.outbox import LEASE, Claim

BEAT = LEASE.total_seconds() / 5
"""Seconds between two renewals: several may fail, on a database that is busy, before the lease lapses."""

logger = logging.getLogger(__name__)


class Deadline:
    """Raises JobTimeoutException in the main thread so long after the last `start`.

    It takes the place of RQ's own alarm, which a payload from Redis could set as it likes.
    """

    def __init__(self, after: timedelta) -> None:
        self._seconds = after.total_seconds()

    def __enter__(self) -> Deadline:
        self._former = signal.signal(signal.SIGALRM, self._ring)
        self.start()
        return self

    def start(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._former)

    def _ring(self, _signum: int, _frame: FrameType | None) -> None:
        raise JobTimeoutException(f"no sign of life for {self._seconds:.0f} seconds")


class Heartbeat:
    """Renews the lease of a claim from a thread, as long as this process lives, but for `longest` after `start` alone.

    So the work of a process that died is free a lease later, and work that hangs does not hold its lease for ever.
    """

    def __init__(self, claim: Claim, longest: timedelta) -> None:
        self._claim = claim
        self._longest = longest.total_seconds()
        self._engine = db.engine  # the session belongs to the main thread
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self.start()
        self._thread.start()
        return self

    def start(self) -> None:
        self._until = time.monotonic() + self._longest

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _beat(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they are for the main thread
        while not self._is_over.wait(BEAT) and time.monotonic() < self._until:
            try:
                with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                    is_ours = self._claim.renew(connection)
            except SQLAlchemyError as error:
                logger.info("work %s: the lease was not renewed this time: %s", self._claim.work_id, error)
                continue
            if not is_ours:
                return
