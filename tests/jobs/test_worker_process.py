"""A real worker process beside a real Redis: it outlives that Redis, and runs nothing that Redis makes up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, Worker
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from salesboard.ops import private_redis
from salesboard.ops.worker import QUEUE, Call
from tests.conftest import make_settings
from tests.running import Running
from tests.waiting import wait_until

NO_SUCH_WORK = 2**40


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Queue]]:
    folder = tmp_path_factory.mktemp("worker")
    running = Running(folder, "worker")
    settings = make_settings(folder)
    try:
        running.wait_for_parts("redis", "worker")
        wait_until(lambda: private_redis.answers(settings), what="an answer of Redis")
        connection = Redis.from_url(private_redis.address(settings))
        yield running, Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    finally:
        running.end()


def test_performs_what_the_outbox_names(worker: tuple[Running, Queue]) -> None:
    queue = worker[1]
    job = queue.enqueue("jobs.run.perform", NO_SUCH_WORK)

    wait_until(lambda: job.get_status() == JobStatus.FINISHED, within=60, what="a quiet end")


def test_listens_to_no_orders(worker: tuple[Running, Queue]) -> None:
    """Nor has it a thread that does: a fork beside it could hang."""
    running, queue = worker
    wait_until(lambda: Worker.all(queue.connection), within=60, what="a worker that takes work")

    assert queue.connection.pubsub_channels() == []
    assert running.parts()["worker"].num_threads() == 2  # its own and the tether's


def test_runs_nothing_that_was_planted_in_redis(worker: tuple[Running, Queue], tmp_path: Path) -> None:
    queue = worker[1]
    job = queue.enqueue("os.mkdir", str(tmp_path / "planted"))

    wait_until(lambda: job.get_status() == JobStatus.FAILED, within=60, what="a refusal")
    assert not (tmp_path / "planted").exists()


def test_does_not_even_read_a_planted_callback_or_address(worker: tuple[Running, Queue]) -> None:
    queue = worker[1]
    planted = queue.enqueue(
        "jobs.run.perform",
        NO_SUCH_WORK,
        on_success=Callback("os.abort"),
        on_failure=Callback("os.abort"),
        on_stopped=Callback("os.abort"),
        webhooks=[Webhook("http://127.0.0.1/", "finished")],
    )
    job = Call.fetch(planted.id, connection=queue.connection, serializer=JSONSerializer)

    assert (job.success_callback, job.failure_callback, job.stopped_callback) == (None, None, None)
    assert job.webhooks == []


def test_goes_on_when_redis_was_killed_and_has_come_back_empty(worker: tuple[Running, Queue]) -> None:
    running, queue = worker
    before = running.parts()
    before["redis"].kill()
    running.wait_for_line("redis died (killed by SIGKILL); starting it again")
    wait_until(lambda: running.parts().get("redis") not in (None, before["redis"]), what="another Redis")
    wait_until(lambda: private_redis.answers(make_settings(running.data_dir)), what="an answer of Redis")

    job = queue.enqueue("jobs.run.perform", NO_SUCH_WORK)

    wait_until(lambda: job.get_status() == JobStatus.FINISHED, within=60, what="a quiet end")
    assert running.parts()["worker"] == before["worker"]
