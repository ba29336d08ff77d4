"""The outbox: promised with the commit, claimed by one, finished once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock, outbox
from salesboard.database import db, writing
from salesboard.outbox import HAND_OVER, LeaseLost, Work, WorkState

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze):
    freeze(MORNING)


def promised(**options: object) -> int:
    with writing():
        work_id = outbox.promise("report", 7, now=clock.now(), **options)
    assert work_id is not None
    return work_id


def claimed(work_id: int) -> outbox.Claim | None:
    with writing():
        return outbox.claim(work_id, lease=LEASE)


def state_of(work_id: int) -> WorkState:
    db.session.rollback()
    return db.session.get_one(Work, work_id, populate_existing=True).state


def test_what_is_promised_is_due_at_once(app: Flask) -> None:
    work_id = promised()

    assert outbox.due(clock.now()) == [work_id]


def test_what_is_promised_for_later_waits(app: Flask, freeze) -> None:
    work_id = promised(due_at=MORNING + timedelta(hours=1))
    assert outbox.due(clock.now()) == []

    freeze(MORNING + timedelta(hours=1))
    assert outbox.due(clock.now()) == [work_id]


def test_a_promise_falls_with_its_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError), writing():
        outbox.promise("report", 7, now=clock.now())
        raise RuntimeError

    assert db.session.scalar(select(func.count(Work.id))) == 0


def test_a_unique_key_is_promised_once(app: Flask) -> None:
    first = promised(unique_key="morning:2026-11-23")
    with writing():
        again = outbox.promise("report", 7, now=clock.now(), unique_key="morning:2026-11-23")

    assert again is None
    assert outbox.due(clock.now()) == [first]
    assert outbox.kept(["morning:2026-11-23", "morning:2026-11-24"]) == {"morning:2026-11-23"}


def test_only_one_of_two_can_claim(app: Flask) -> None:
    work_id = promised()

    first, second = claimed(work_id), claimed(work_id)

    assert first is not None
    assert first.attempts == 1
    assert second is None
    assert outbox.due(clock.now()) == []


def test_effects_and_done_are_one_commit(app: Flask) -> None:
    claim = claimed(promised())
    assert claim is not None

    with pytest.raises(RuntimeError), claim.finishing():
        outbox.promise("other", 1, now=clock.now())
        raise RuntimeError

    assert state_of(claim.work_id) is WorkState.LEASED
    assert db.session.scalar(select(func.count(Work.id))) == 1
    with claim.finishing():
        outbox.promise("other", 1, now=clock.now())
    assert state_of(claim.work_id) is WorkState.DONE
    assert db.session.scalar(select(func.count(Work.id))) == 2


def test_a_lapsed_lease_is_taken_over_and_the_late_waker_changes_nothing(app: Flask, freeze) -> None:
    stalled = claimed(promised())
    assert stalled is not None
    freeze(MORNING + LEASE + timedelta(seconds=1))
    assert outbox.due(clock.now()) == [stalled.work_id]
    successor = claimed(stalled.work_id)
    assert successor is not None

    with pytest.raises(LeaseLost), stalled.finishing():
        outbox.promise("effect", 1, now=clock.now())
    with pytest.raises(LeaseLost), stalled.writing():
        outbox.promise("effect", 2, now=clock.now())
    with successor.finishing():
        outbox.promise("effect", 3, now=clock.now())

    effects = db.session.scalars(select(Work.subject_id).where(Work.kind == "effect")).all()
    assert effects == [3]


@pytest.mark.parametrize(
    ("since_due", "attempts"), [(LEASE * 2, 1), (outbox.FORGIVING + LEASE, 2)], ids=["soon", "later"]
)
def test_a_worker_that_died_has_used_up_a_try_only_where_the_work_is_due_for_long(
    app: Flask, freeze, since_due: timedelta, attempts: int
) -> None:
    work_id = promised()
    claimed(work_id)
    freeze(MORNING + since_due)
    successor = claimed(work_id)

    assert successor is not None
    assert successor.attempts == attempts


def test_progress_keeps_the_lease(app: Flask, freeze) -> None:
    claim = claimed(promised())
    assert claim is not None
    freeze(MORNING + LEASE - timedelta(seconds=1))
    with claim.writing():
        pass

    freeze(MORNING + LEASE + timedelta(seconds=1))
    assert outbox.due(clock.now()) == []


def test_what_is_put_back_waits_longer_each_time(app: Flask, freeze) -> None:
    work_id = promised()
    for wait in outbox.WAITS:
        claim = claimed(work_id)
        assert claim is not None
        with writing():
            claim.put_back("the network was away")
        before_due = clock.now() + wait - timedelta(seconds=1)
        assert outbox.due(before_due) == []
        freeze(clock.now() + wait)
        assert outbox.due(clock.now()) == [work_id]


def test_what_was_given_up_is_dead_and_says_why(app: Flask) -> None:
    claim = claimed(promised())
    assert claim is not None
    with writing():
        claim.give_up("no such template")

    work = db.session.get_one(Work, claim.work_id, populate_existing=True)
    assert work.state is WorkState.DEAD
    assert work.last_error == "no such template"
    assert outbox.due(clock.now() + timedelta(days=1)) == []


class TestHandingOver:
    @pytest.fixture
    def handed(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
        handed: list[list[int]] = []
        monkeypatch.setitem(app.extensions, HAND_OVER, handed.append)
        return handed

    def test_comes_after_the_commit(self, handed: list[list[int]]) -> None:
        with writing():
            first = outbox.promise("report", 7, now=clock.now())
            second = outbox.promise("report", 8, now=clock.now(), unique_key="once")
            assert handed == []

        assert handed == [[first, second]]

    def test_never_comes_of_what_was_rolled_back(self, handed: list[list[int]]) -> None:
        with pytest.raises(RuntimeError), writing():
            outbox.promise("report", 7, now=clock.now())
            raise RuntimeError
        with writing():
            pass

        assert handed == []

    def test_a_savepoint_hands_nothing_over(self, handed: list[list[int]]) -> None:
        with writing():
            work_id = outbox.promise("report", 7, now=clock.now())
            with db.session.begin_nested():
                pass
            assert handed == []

        assert handed == [[work_id]]

    def test_leaves_alone_what_is_due_later(self, handed: list[list[int]]) -> None:
        promised(due_at=MORNING + timedelta(hours=1))

        assert handed == []
