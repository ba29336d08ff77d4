"""Performing work: claimed once, tried again, given up aloud; whoever stalls or dies leaves one effect all the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from jobs import run
from jobs.run import Job, perform
from salesboard import clock, outbox
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.outbox import Claim, Work, WorkState

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

Teach = Callable[..., None]


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze) -> None:
    freeze(MORNING)


@pytest.fixture
def teach(monkeypatch: pytest.MonkeyPatch) -> Teach:
    """Adds a kind of work to the allow-list."""

    def add(kind: str, act: Callable[[Claim], None], **options: object) -> None:
        monkeypatch.setitem(run.JOBS, kind, Job(act, **options))

    return add


def promised(kind: str, subject_id: int = 7) -> int:
    with writing():
        work_id = outbox.promise(kind, subject_id, now=clock.now())
    assert work_id is not None
    return work_id


def work(work_id: int) -> Work:
    db.session.rollback()
    return db.session.get_one(Work, work_id, populate_existing=True)


def effects() -> list[int]:
    """What the tests' work leaves behind: rows of a kind that nobody performs."""
    db.session.rollback()
    return list(db.session.scalars(select(Work.subject_id).where(Work.kind == "effect").order_by(Work.id)))


def leave_effect(claim: Claim) -> None:
    with claim.finishing():
        outbox.promise("effect", claim.subject_id, now=clock.now())


def test_work_is_done_once_however_often_it_is_asked_for(app: Flask, teach: Teach) -> None:
    teach("greet", leave_effect)
    work_id = promised("greet")

    perform(work_id)
    perform(work_id)

    assert effects() == [7]
    assert work(work_id).state is WorkState.DONE


def test_work_that_does_not_finish_itself_is_finished(app: Flask, teach: Teach) -> None:
    teach("greet", lambda claim: None)
    work_id = promised("greet")

    perform(work_id)

    assert work(work_id).state is WorkState.DONE


def test_work_that_is_not_due_yet_is_left_alone(app: Flask, teach: Teach, freeze) -> None:
    teach("greet", leave_effect)
    with writing():
        work_id = outbox.promise("greet", 7, now=clock.now(), due_at=MORNING + timedelta(hours=1))
    assert work_id is not None

    perform(work_id)
    assert effects() == []


def test_a_missing_row_is_a_quiet_end(app: Flask) -> None:
    perform(12345)


@pytest.mark.parametrize("planted", ["1", "1; DROP TABLE outbox", None, 1.0, True, [1], {"id": 1}])
def test_what_is_not_an_id_is_refused(app: Flask, planted: object) -> None:
    with pytest.raises(Refused):
        perform(planted)  # type: ignore[arg-type]


def test_a_kind_outside_the_allow_list_is_never_run(app: Flask) -> None:
    work_id = promised("os.system")

    perform(work_id)

    assert work(work_id).state is WorkState.DEAD


def test_poison_is_tried_five_times_then_dead_and_nothing_else_waits(
    app: Flask, teach: Teach, freeze, caplog: pytest.LogCaptureFixture
) -> None:
    given_up: list[tuple[int, str]] = []

    def fall_over(_claim: Claim) -> None:
        raise ZeroDivisionError("by nought")

    teach("poison", fall_over, give_up=lambda subject_id, error: given_up.append((subject_id, error)))
    teach("greet", leave_effect)
    poison = promised("poison", 3)
    for wait in outbox.WAITS:
        perform(poison)
        perform(poison)
        assert work(poison).state is WorkState.READY
        freeze(clock.now() + wait)
    assert given_up == []
    perform(poison)

    dead = work(poison)
    assert (dead.state, dead.attempts) == (WorkState.DEAD, outbox.TRIES)
    assert dead.last_error == "ZeroDivisionError: by nought"
    assert given_up == [(3, "ZeroDivisionError: by nought")]
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "work.given_up")).one()
    assert told.details == {"kind": "poison", "error": "ZeroDivisionError: by nought"}
    perform(promised("greet"))
    assert effects() == [7]


def test_a_refusal_is_final(app: Flask, teach: Teach) -> None:
    def refuse(_claim: Claim) -> None:
        raise Refused("There is no such team.")

    teach("refused", refuse)
    work_id = promised("refused")

    perform(work_id)

    assert work(work_id).state is WorkState.DEAD
    assert work(work_id).last_error == "There is no such team."


def test_work_that_failed_leaves_nothing_half_done(app: Flask, teach: Teach) -> None:
    def half(claim: Claim) -> None:
        with claim.writing():
            outbox.promise("effect", 1, now=clock.now())
            raise RuntimeError

    teach("half", half)
    perform(promised("half"))

    assert effects() == []


def test_a_passed_deadline_is_told_to_the_queue_and_the_work_is_put_back(app: Flask, teach: Teach) -> None:
    teach("hang", lambda _claim: signal.pause(), deadline=timedelta(milliseconds=50))
    work_id = promised("hang")

    with pytest.raises(JobTimeoutException):
        perform(work_id)

    assert work(work_id).state is WorkState.READY
    assert "took longer" in (work(work_id).last_error or "")
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_stalled_worker_that_wakes_late_changes_nothing(app: Flask, teach: Teach, freeze) -> None:
    def stall_and_be_overtaken(claim: Claim) -> None:
        teach("slow", leave_effect)
        freeze(clock.now() + outbox.FORGIVING)
        perform(claim.work_id)
        leave_effect(claim)

    teach("slow", stall_and_be_overtaken)
    work_id = promised("slow")

    perform(work_id)

    assert effects() == [7]
    assert (work(work_id).state, work(work_id).attempts) == (WorkState.DONE, 2)


def test_a_stalled_worker_that_fails_late_changes_nothing(
    app: Flask, teach: Teach, freeze, caplog: pytest.LogCaptureFixture
) -> None:
    def be_overtaken_and_fall_over(claim: Claim) -> None:
        teach("slow", leave_effect)
        freeze(clock.now() + claim.lease + timedelta(seconds=1))
        perform(claim.work_id)
        raise ZeroDivisionError

    teach("slow", be_overtaken_and_fall_over)
    work_id = promised("slow")

    perform(work_id)

    assert work(work_id).state is WorkState.DONE


class TestKilled:
    """A worker that is killed (-9) in the middle of its work."""

    @pytest.fixture
    def killed_in_the_middle(self, app: Flask, teach: Teach) -> Iterator[Callable[[int], None]]:
        def die(work_id: int) -> None:
            db.session.remove()
            child = multiprocessing.get_context("fork").Process(target=in_child, args=(work_id,))
            child.start()
            child.join(timeout=60)
            assert child.exitcode == -signal.SIGKILL

        def in_child(work_id: int) -> None:
            db.engine.dispose(close=False)
            with app.app_context():
                perform(work_id)

        teach("fragile", lambda _claim: os.kill(os.getpid(), signal.SIGKILL))
        return die

    def test_its_work_is_taken_over_when_the_lease_lapses_and_done_once(
        self, killed_in_the_middle: Callable[[int], None], teach: Teach, freeze
    ) -> None:
        work_id = promised("fragile")
        killed_in_the_middle(work_id)
        assert work(work_id).state is WorkState.LEASED
        assert outbox.due(clock.now()) == []

        teach("fragile", leave_effect)
        perform(work_id)
        assert effects() == []
        freeze(clock.now() + outbox.LEASE + timedelta(seconds=1))
        assert outbox.due(clock.now()) == [work_id]
        perform(work_id)
        perform(work_id)

        assert effects() == [7]

    def test_workers_killed_in_a_row_soon_after_it_was_due_use_up_no_try(
        self, killed_in_the_middle: Callable[[int], None], freeze
    ) -> None:
        work_id = promised("fragile")
        for _kill in range(outbox.TRIES + 2):
            killed_in_the_middle(work_id)
            freeze(clock.now() + outbox.LEASE + timedelta(seconds=1))

        assert (work(work_id).state, work(work_id).attempts) == (WorkState.LEASED, 1)

    def test_work_that_kills_every_worker_is_dead_after_five(
        self, killed_in_the_middle: Callable[[int], None], freeze
    ) -> None:
        work_id = promised("fragile")
        for _try in range(outbox.TRIES):
            killed_in_the_middle(work_id)
            freeze(clock.now() + outbox.FORGIVING + timedelta(seconds=1))
        perform(work_id)

        assert work(work_id).state is WorkState.DEAD
