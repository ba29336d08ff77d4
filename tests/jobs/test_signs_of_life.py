"""Work under way keeps its lease as long as its process lives and its deadline has not passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs import run, signs_of_life
from jobs.run import Job, perform
from jobs.signs_of_life import Heartbeat
from salesboard import clock, outbox
from salesboard.database import db, writing
from salesboard.outbox import Claim, Work, WorkState
from tests.waiting import wait_until

LONG_AGO = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs_of_life, "BEAT", 0.01)


def lease_of(claim: Claim) -> datetime | None:
    with db.engine.connect() as connection:  # not the session of the work
        return connection.scalar(select(Work.lease_until).where(Work.id == claim.work_id))


def let_lapse(claim: Claim, **others: object) -> None:
    with writing():
        change = update(Work).where(Work.id == claim.work_id).values(lease_until=LONG_AGO, **others)
        db.session.execute(change, execution_options={"synchronize_session": False})


def promised() -> int:
    with writing():
        work_id = outbox.promise("long", 1, now=clock.now())
    assert work_id is not None
    return work_id


def test_the_lease_is_renewed_while_the_work_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = []

    def work_on(claim: Claim) -> None:
        let_lapse(claim)
        wait_until(lambda: lease_of(claim) != LONG_AGO, what="another lease")
        renewed.append(lease_of(claim))

    monkeypatch.setitem(run.JOBS, "long", Job(work_on))
    work_id = promised()
    before = clock.now()
    perform(work_id)

    assert renewed[0] > before + outbox.LEASE - timedelta(seconds=1)
    db.session.rollback()
    assert db.session.get_one(Work, work_id, populate_existing=True).state is WorkState.DONE


def test_a_long_step_ends_with_a_whole_lease(app: Flask, freeze) -> None:
    freeze(LONG_AGO)
    work_id = promised()
    with writing():
        claim = outbox.claim(work_id)
    assert claim is not None
    with claim.writing():
        freeze(LONG_AGO + timedelta(minutes=1))

    assert lease_of(claim) == LONG_AGO + timedelta(minutes=1) + outbox.LEASE


class TestTheHeartbeatStops:
    @pytest.fixture
    def claim(self, app: Flask) -> Claim:
        work_id = promised()
        with writing():
            claim = outbox.claim(work_id)
        assert claim is not None
        let_lapse(claim)
        return claim

    def test_when_the_work_has_hung_for_too_long(self, claim: Claim) -> None:
        with Heartbeat(claim, timedelta(0)) as heartbeat:
            heartbeat._thread.join(5)
            assert not heartbeat._thread.is_alive()

        assert lease_of(claim) == LONG_AGO

    def test_when_somebody_else_has_taken_over(self, claim: Claim) -> None:
        let_lapse(claim, token="another's")
        with Heartbeat(claim, timedelta(minutes=1)) as heartbeat:
            heartbeat._thread.join(5)
            assert not heartbeat._thread.is_alive()

        assert lease_of(claim) == LONG_AGO

    def test_with_the_work(self, claim: Claim) -> None:
        with Heartbeat(claim, timedelta(minutes=1)) as heartbeat:
            pass

        assert not heartbeat._thread.is_alive()
