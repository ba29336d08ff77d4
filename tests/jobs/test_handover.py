"""With a real Redis: it wakes workers, and whatever happens to it, each piece of work is done once."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import select

from jobs import run, schedule
from jobs.run import Job
from jobs.schedule import tick
from salesboard import clock, outbox
from salesboard.database import db, writing
from salesboard.ops import handover, private_redis
from salesboard.ops.handover import init_handover
from salesboard.ops.tether import Tether
from salesboard.ops.worker import QUEUE, Call, _Seldom
from salesboard.outbox import Claim, Work
from tests.waiting import wait_until


@dataclass
class Carrier:
    """The private Redis and its queue."""

    server: subprocess.Popen[bytes]
    connection: Redis

    @property
    def queue(self) -> Queue:
        return Queue(QUEUE, connection=self.connection, serializer=JSONSerializer)

    def work(self) -> None:
        """A worker takes what stands in the queue, then leaves."""
        worker = SimpleWorker(
            [self.queue], connection=self.connection, serializer=JSONSerializer, job_class=Call
        )
        worker.work(burst=True, logging_level="ERROR")

    def kill(self) -> None:
        self.server.kill()
        self.server.wait()


@pytest.fixture
def carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Carrier]:
    monkeypatch.setattr(
        handover, "LONGEST_WAIT", 5.0
    )  # a busy machine must not look like a Redis that is away
    settings, tether = app.config["SETTINGS"], Tether()
    server = private_redis.start(settings, tether)
    assert server is not None
    wait_until(lambda: private_redis.answers(settings), what="Redis")
    init_handover(app)
    with Redis.from_url(private_redis.address(settings)) as connection:
        yield Carrier(server, connection)
    server.kill()
    server.wait()
    tether.close()
    init_handover(app)


@pytest.fixture(autouse=True)
def greet(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave_effect(claim: Claim) -> None:
        with claim.finishing():
            outbox.promise("effect", claim.subject_id, now=clock.now(), due_at=clock.now().replace(year=2999))

    monkeypatch.setitem(run.JOBS, "greet", Job(leave_effect))
    monkeypatch.setattr(schedule, "PERIODIC", ())  # whatever is due at the hour of the test stays away


def promised(*subject_ids: int) -> None:
    with writing():
        for subject_id in subject_ids:
            outbox.promise("greet", subject_id, now=clock.now())


def effects() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Work.subject_id).where(Work.kind == "effect").order_by(Work.id)))


def test_a_commit_wakes_a_worker(app: Flask, carrier: Carrier) -> None:
    promised(1)
    wait_until(lambda: carrier.queue.count == 1, what="the work in the queue")

    carrier.work()
    assert effects() == [1]


def test_the_queue_holds_ids_alone(app: Flask, carrier: Carrier) -> None:
    promised(1)
    wait_until(lambda: carrier.queue.count == 1, what="the work in the queue")
    work_id = db.session.scalars(select(Work.id)).one()

    job = Call.fetch(carrier.queue.get_job_ids()[0], connection=carrier.connection, serializer=JSONSerializer)
    assert (job.func_name, list(job.args), job.kwargs) == ("jobs.run.perform", [work_id], {})


def test_a_tick_hands_over_what_was_missed_and_nothing_twice(app: Flask, carrier: Carrier) -> None:
    _miss_the_handing_over(app, lambda: promised(1, 2, 3))
    tick(app)
    tick(app)
    assert carrier.queue.count == 3

    carrier.work()
    tick(app)
    carrier.work()
    assert effects() == [1, 2, 3]


def test_a_redis_that_was_emptied_gets_everything_again(app: Flask, carrier: Carrier) -> None:
    promised(1, 2)
    wait_until(lambda: carrier.queue.count == 2, what="the work in the queue")
    carrier.connection.flushall()
    tick(app)
    carrier.work()

    assert effects() == [1, 2]


def test_without_redis_the_ticker_does_the_work_itself_and_says_so_once(
    app: Flask, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    carrier.kill()
    promised(1)
    tick(app)
    promised(2)
    tick(app)

    assert effects() == [1, 2]
    assert sum("away" in record.message for record in caplog.records) == 1


def test_the_worker_brings_the_same_news_once() -> None:
    seldom = _Seldom()

    def passes(message: str) -> bool:
        return bool(seldom.filter(logging.LogRecord("rq.worker", logging.ERROR, "", 0, message, (), None)))

    news = ["Redis is away (%s); trying again", "Worker %s: could not connect to Redis instance: %s"] * 3
    assert [passes(message) for message in news] == [True, *[False] * 5]
    assert passes("Worker %s: found an unhandled exception, quitting...")


def test_two_workers_on_one_row_leave_one_effect(app: Flask, carrier: Carrier) -> None:
    promised(1)
    work_id = db.session.scalars(select(Work.id)).one()
    for name in ("first", "second"):
        carrier.queue.enqueue("jobs.run.perform", work_id, job_id=name)
    carrier.work()
    carrier.work()

    assert effects() == [1]


def test_a_payload_planted_in_redis_runs_nothing_else(
    app: Flask, carrier: Carrier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.mktemp("planted") / "made"
    carrier.queue.enqueue("os.mkdir", str(target))
    carrier.queue.enqueue("jobs.run.perform", "1 OR 1=1")
    carrier.queue.enqueue("jobs.run.perform", work_id={"id": 1})
    carrier.queue.enqueue("jobs.run.effects.append", 1)
    promised(1)
    wait_until(lambda: carrier.queue.count == 5, what="the work in the queue")
    carrier.work()

    assert not target.exists()
    assert effects() == [1]


def _miss_the_handing_over(app: Flask, promise: Callable[[], None]) -> None:
    kept = app.extensions.pop(outbox.HAND_OVER)
    promise()
    app.extensions[outbox.HAND_OVER] = kept
