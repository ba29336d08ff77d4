"""The worker: an RQ worker that outlives its Redis.

Each job runs in a fork of its own inside the application's context. Redis may only say which row of the outbox is
meant; the one callable that may run is ENTRY, and what it does for a row is decided by jobs/.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from flask import Flask
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from werkzeug.utils import import_string

from salesboard.config import Settings
from salesboard.errors import Refused
from salesboard.extensions import db
from salesboard.ops import private_redis, tether

QUEUE = "salesboard"
ENTRY = "jobs.run.perform"
"""Named, not imported: jobs/ stands on salesboard/, never the other way round."""

SIGN_OF_LIFE = 30
"""Seconds for which a worker counts as alive; half of it is the longest wait on a Redis that went silent."""

PAUSE = 1.0
SAID_AGAIN_AFTER = 300.0
"""Seconds after which a Redis that is still away is worth another line."""

logger = logging.getLogger(__name__)


def run_worker(app_factory: Callable[[], Flask], settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; the job under way may finish. A Redis that is away is waited for.

    Started by hand, without SALESBOARD_REDIS_URL, it brings the private Redis along.
    """
    if tether.is_held():
        tether.hold()
    elif settings.redis_url is None:
        from salesboard.ops.supervisor import run_worker_with_redis

        run_worker_with_redis(settings)
        return
    _say_seldom_that_redis_is_away()
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, _stop)
    try:
        app = app_factory()
        import_string(ENTRY)  # what it needs is loaded once, not in each fork
        while not _work(app, settings):
            time.sleep(PAUSE)
    except StopRequested:
        return


def _work(app: Flask, settings: Settings) -> bool:
    """Works until asked to stop (True) or until Redis went away (False)."""
    connection = Redis.from_url(private_redis.address(settings))
    worker: _Worker | None = None
    try:
        worker = _Worker(
            [QUEUE], connection=connection, serializer=JSONSerializer, job_class=Call, worker_ttl=SIGN_OF_LIFE
        )
        worker.app = app
        worker.work(logging_level="WARNING")
    except RedisError as error:
        logger.warning("Redis is away (%s); trying again", error)
    finally:
        connection.close()
    return worker is not None and worker.was_asked_to_stop


class Call(Job):
    """A job as Redis tells it, without the right to name other code than ENTRY, or an address to call."""

    @property
    def func(self) -> object:
        if self.func_name != ENTRY:
            raise Refused(f"the queue asks for {self.func_name!r}, which is not ours to run")
        return super().func

    def restore(self, raw_data: object) -> None:
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []


class _Worker(Worker):
    app: Flask
    was_asked_to_stop = False
    max_connection_wait_time = 2.0

    def subscribe(self) -> None:
        """Takes no orders from Redis. RQ would listen in a thread of its own, and a fork while that thread holds a lock
        is a job that hangs at its first step, with all others behind it."""

    def request_stop(self, signum: int, frame: object) -> None:
        self.was_asked_to_stop = True
        super().request_stop(signum, frame)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        tether.hold()
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # the connections belong to the parent
            super().main_work_horse(job, queue)


class _Seldom(logging.Filter):
    """Lets the news that Redis is away through now and then only: both we and RQ bring it every second or two."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if "Redis is away" not in str(record.msg) and "could not connect to Redis" not in str(record.msg):
            return True
        if time.monotonic() < self._quiet_until:
            return False
        self._quiet_until = time.monotonic() + SAID_AGAIN_AFTER
        return True


def _say_seldom_that_redis_is_away() -> None:
    seldom = _Seldom()
    for name in (__name__, "rq.worker"):
        logging.getLogger(name).addFilter(seldom)


def _stop(_signum: int, _frame: object) -> NoReturn:
    raise StopRequested
