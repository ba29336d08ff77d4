"""`salesboard serve` with real processes: what dies is started again, and nothing outlives the supervisor."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from salesboard import clock, create_app, outbox
from salesboard.database import db, writing
from salesboard.ops import tether
from salesboard.ops.waking import Waking
from tests.conftest import make_settings
from tests.running import ROOT, Running, free_port, lives, wait_until_gone
from tests.waiting import wait_until

PARTS = ("web", "worker", "ticker", "redis")

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def start_one(*words: str, **options: str) -> Running:
        started.append(Running(tmp_path, *(words or ("serve",)), **options))
        return started[-1]

    yield start_one
    for running in started:
        running.end()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One installation for the tests that leave it as whole as they found it."""
    running = Running(tmp_path_factory.mktemp("house"), "serve")
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.end()


def test_starts_all_parts_and_says_once_where_to_open_it(house: Running) -> None:
    assert set(house.parts()) == set(PARTS)
    assert house.printed.count("is ready") == 1
    assert f"salesboard is ready: http://127.0.0.1:{house.port}\n" in house.printed
    assert house.get("/healthz")[0] == 200


def test_prints_the_one_time_code_while_there_is_no_account(house: Running) -> None:
    assert f"http://127.0.0.1:{house.port}/setup" in house.wait_for_line("one-time code")


def test_does_not_say_which_server_it_is(house: Running) -> None:
    assert "Server" not in house.get("/healthz")[1]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_is_started_again_with_a_line_saying_so(house: Running, name: str) -> None:
    victim = house.parts()[name]
    below = victim.children(recursive=True)
    victim.kill()

    house.wait_for_line(f"salesboard: {name} died (killed by SIGKILL); starting it again")
    wait_until(lambda: name in house.parts() and house.parts()[name] != victim, what=f"another {name}")
    wait_until_gone(below)
    assert house.get("/healthz")[0] == 200


def test_requests_wait_while_the_web_part_starts_again(house: Running) -> None:
    house.parts()["web"].kill()

    assert house.get("/healthz", timeout=60)[0] == 200


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
def test_ends_everything_when_asked_to(start: Start, request_to_end: signal.Signals) -> None:
    running = start()
    running.wait_until_ready()
    everything = running.everything()
    running.process.send_signal(request_to_end)

    assert running.process.wait(timeout=30) == 0
    assert not [each for each in everything if lives(each)]


def test_leaves_no_process_behind_when_killed_itself_and_can_be_started_again(start: Start) -> None:
    running = start()
    running.wait_until_ready()
    everything = running.everything()
    running.process.kill()

    wait_until_gone(everything)
    again = start(port=running.port)
    again.wait_until_ready()
    again.wait_for_parts("redis")


def test_takes_a_job_under_way_with_it(start: Start, tmp_path: Path) -> None:
    running = start()
    running.wait_until_ready()
    settings = make_settings(tmp_path)
    with create_app(settings).app_context():
        with writing():
            outbox.promise("nobody's", 1, now=clock.now(), due_at=clock.now() + timedelta(seconds=2))
        db.engine.dispose()
    lock = dbapi2.connect(settings.data_dir / "salesboard.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")  # so that the job waits for its turn to claim the work
    wait_until(lambda: running.parts()["worker"].children(), what="a job under way")
    everything = running.everything()
    running.process.kill()

    wait_until_gone(everything)
    lock.close()


def test_ends_with_make_when_make_is_killed(start: Start) -> None:
    running = start("serve", under=("/bin/sh", "-c", '"$@"; exit', "make"), SALESBOARD_TETHER="parent")
    running.wait_for_line("salesboard is ready")
    everything = running.everything()
    running.process.kill()

    wait_until_gone(everything, within=30)


def test_a_second_one_uses_the_private_redis_that_lives_and_takes_over_when_it_goes(start: Start) -> None:
    first = start()
    first.wait_until_ready()
    second = start()
    second.wait_until_ready()
    assert "redis" not in second.parts()

    first.process.terminate()

    second.wait_for_line("the redis in use until now went away; started one")
    second.wait_for_parts("redis")


def test_a_port_in_use_is_refused_with_one_line(start: Start, house: Running) -> None:
    running = start(port=house.port)

    assert running.process.wait(timeout=60) == 1
    assert len(running.printed.splitlines()) == 1
    assert f"127.0.0.1:{house.port} is in use already" in running.printed


def test_starts_no_private_redis_where_one_is_configured(
    start: Start, house: Running, tmp_path: Path
) -> None:
    port = free_port()
    program = house.parts()["redis"].exe()
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    try:
        running = start(SALESBOARD_REDIS_URL=f"redis://127.0.0.1:{port}/0")
        running.wait_until_ready()
        assert "redis" not in running.parts()
    finally:
        server.kill()
        server.wait()


def test_gives_up_when_the_web_part_never_comes_up(start: Start, tmp_path: Path) -> None:
    sabotage = "import os, sys\nif sys.orig_argv[-1] == 'web':\n    os._exit(7)\n"
    (tmp_path / "sitecustomize.py").write_text(sabotage)
    running = start(PYTHONPATH=str(tmp_path))

    assert running.process.wait(timeout=30) == 1
    assert running.printed.count("salesboard: web died (exit status 7); starting it again") == 2
    assert "web does not come up (exit status 7)" in running.printed


def test_a_worker_started_alone_brings_its_redis_and_takes_it_away(start: Start) -> None:
    running = start("worker")
    running.wait_for_parts("redis", "worker")
    everything = running.everything()
    running.process.terminate()

    assert running.process.wait(timeout=30) == 0
    assert not [each for each in everything if lives(each)]


@pytest.mark.parametrize("name", ["web", "ticker"])
def test_the_other_parts_run_alone_and_end_when_asked(start: Start, name: str) -> None:
    running = start(name)
    if name == "web":
        wait_until(lambda: _answers(running), within=60, what="an answer")
    wait_until(
        lambda: _handles_sigterm(running.process.pid), within=60, what="a part that listens to signals"
    )
    running.process.terminate()

    assert running.process.wait(timeout=30) == 0


def test_a_foreign_program_ends_with_its_starter() -> None:
    starter = tether.Tether()
    program = subprocess.Popen(
        [sys.executable, "-I", "-S", tether.__file__, "/bin/sleep", "60"],
        env=starter.environment(),
        pass_fds=(starter.fileno(),),
        cwd=ROOT,
    )
    starter.close()

    assert program.wait(timeout=30) == -signal.SIGTERM


def test_waiting_reports_the_signals_that_came_and_gives_the_handlers_back() -> None:
    former = signal.getsignal(signal.SIGTERM)
    with Waking(signal.SIGTERM) as waking:
        assert waking.wait(0) == set()
        threading.Timer(0.05, signal.raise_signal, [signal.SIGTERM]).start()
        assert waking.wait(10) == {signal.SIGTERM}
    assert signal.getsignal(signal.SIGTERM) is former


def _answers(running: Running) -> bool:
    try:
        return running.get("/healthz")[0] == 200
    except OSError:
        return False


def _handles_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return True
    caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))
