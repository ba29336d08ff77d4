"""How things stand when promised work is not done in time: the rows, what Redis knows of them, the processes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
from redis import Redis, RedisError
from sqlalchemy import create_engine, text

from salesboard.ops import private_redis
from salesboard.ops.worker import QUEUE
from tests.conftest import make_settings
from tests.faults.killing import database_of
from tests.running import Running

LAST_LINES = 40


def how_things_stand(running: Running) -> str:
    return "\n".join(
        [
            "the work that was promised; there is left:",
            *_rows(running),
            *_in_redis(running),
            *_processes(running),
            "printed at last:",
            *running.printed.splitlines()[-LAST_LINES:],
        ]
    )


def _rows(running: Running) -> Iterator[str]:
    engine = create_engine(f"sqlite:///{database_of(running.data_dir)}")
    with engine.connect() as connection:
        yield f"  now {connection.scalar(text('SELECT CURRENT_TIMESTAMP'))}"
        for row in connection.execute(text("SELECT * FROM outbox WHERE state <> 'done' ORDER BY id")):
            yield f"  {dict(row._mapping)}"


def _in_redis(running: Running) -> Iterator[str]:
    address = private_redis.address(make_settings(running.data_dir))
    try:
        with Redis.from_url(address, socket_timeout=2, decode_responses=True) as connection:
            yield f"  Redis, up {connection.info()['uptime_in_seconds']} s"
            for queue in (f"rq:queue:{QUEUE}", f"rq:queue:{QUEUE}:intermediate"):
                yield f"  {queue} {connection.lrange(queue, 0, -1)}"
            yield f"  keys {sorted(connection.keys('rq:*'))}"
    except RedisError as error:
        yield f"  Redis: {error!r}"


def _processes(running: Running) -> Iterator[str]:
    for process in running.everything():
        try:
            age = time.time() - process.create_time()
            yield (
                f"  {process.pid} below {process.ppid()}: {' '.join(process.cmdline()[-2:])}, {process.status()},"
                f" {process.num_threads()} threads, {age:.0f} s old"
            )
        except psutil.NoSuchProcess:
            continue
