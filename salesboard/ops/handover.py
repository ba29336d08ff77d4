"""Wakes workers: tells RQ which rows of the outbox are due. Redis may be away; then the ticker's sweep sees to them."""

from __future__ import annotations

import logging
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

from flask import Flask

from salesboard.config import Settings
from salesboard.outbox import HAND_OVER

if TYPE_CHECKING:
    from rq import Queue

LONGEST_WAIT = 0.1
"""Seconds for each answer of Redis, connecting included."""

PAUSE_WHEN_AWAY = 2.0
"""Seconds for which a Redis that did not answer is left alone."""

LONGEST_RUN = 3600
"""Seconds after which RQ would end a job; each kind's own deadline in jobs/ comes long before."""

logger = logging.getLogger(__name__)


def init_handover(app: Flask) -> None:
    """From here on a commit that promised work wakes a worker for it."""
    app.extensions[HAND_OVER] = HandOver(app.config["SETTINGS"])


class HandOver:
    """Calling it after a commit costs nothing: a thread of its own speaks with Redis, and a failure is no matter."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: Queue | None = None
        self._is_away = False
        self._quiet_until = 0.0
        self._waiting: SimpleQueue[list[int]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._sending = threading.Lock()

    def __call__(self, work_ids: list[int]) -> None:
        self._waiting.put(work_ids)
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send_waiting, name="hand-over", daemon=True)
                self._thread.start()

    def send(self, work_ids: list[int]) -> bool:
        """Puts into RQ's queue what does not stand there yet; False where Redis is away."""
        with self._sending:
            return time.monotonic() >= self._quiet_until and self._try(work_ids)

    def _try(self, work_ids: list[int]) -> bool:
        # Imported here: it takes a third of a second, which no command and no first request should pay.
        from redis import RedisError

        try:
            self._enqueue(work_ids)
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + PAUSE_WHEN_AWAY
            if not self._is_away:
                logger.warning("Redis is away (%s); work goes on without it, slower", error)
            self._is_away = True
            return False
        if self._is_away:
            logger.warning("Redis is back")
        self._is_away = False
        return True

    def _send_waiting(self) -> None:
        while True:
            self.send(self._waiting.get())

    def _enqueue(self, work_ids: list[int]) -> None:
        from salesboard.ops.worker import ENTRY

        if self._queue is None:
            self._queue = _open_queue(self._settings)
        names = {f"work-{work_id}": work_id for work_id in work_ids}
        missing = names.keys() - set(self._queue.get_job_ids())
        self._queue.enqueue_many(
            self._queue.prepare_data(
                ENTRY,
                args=(names[name],),
                job_id=name,
                description=name,
                timeout=LONGEST_RUN,
                result_ttl=0,
                failure_ttl=LONGEST_RUN,
            )
            for name in sorted(missing, key=lambda name: names[name])
        )


def _open_queue(settings: Settings) -> Queue:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    from rq import Queue
    from rq.serializers import JSONSerializer

    from salesboard.ops import private_redis
    from salesboard.ops.worker import QUEUE

    connection = Redis.from_url(
        private_redis.address(settings),
        socket_timeout=LONGEST_WAIT,
        socket_connect_timeout=LONGEST_WAIT,
        retry=Retry(NoBackoff(), 0),
    )
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)
