"""What is kept by the process for a moment is never older than that."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import update

from salesboard import clock, lasting
from salesboard.database import writing
from salesboard.deals.rules import Stage, StageLimits
from salesboard.deals.stages import StageSetting, stage_settings, stages_to_adjust
from salesboard.extensions import db
from tests.standing import People

LIMITS = StageLimits(1, 2)


def adjust_lead(limits: StageLimits, people: People) -> None:
    chosen = {"name": None, "probability": 10, "limits": limits, "playbook": None}
    stages_to_adjust()[0].adjust(**chosen, by_id=people.admin.id, now=clock.now())


def test_what_this_process_changes_is_seen_at_once_and_what_it_takes_back_is_not(
    app: Flask, people: People
) -> None:
    usual = stage_settings()[Stage.LEAD].limits
    with pytest.raises(ZeroDivisionError), writing():
        adjust_lead(LIMITS, people)
        db.session.flush()
        assert stage_settings()[Stage.LEAD].limits == LIMITS
        raise ZeroDivisionError
    assert stage_settings()[Stage.LEAD].limits == usual
    with writing():
        adjust_lead(LIMITS, people)
    assert stage_settings()[Stage.LEAD].limits == LIMITS


def test_what_another_process_changes_is_seen_after_a_moment(
    app: Flask, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with writing():
        adjust_lead(LIMITS, people)
    assert stage_settings()[Stage.LEAD].limits == LIMITS
    db.session.commit()
    with db.engine.begin() as elsewhere:
        elsewhere.execute(update(StageSetting.__table__).values(limit_days=5))
    assert stage_settings()[Stage.LEAD].limits == LIMITS
    monkeypatch.setattr(time, "monotonic", lambda: now + lasting.MOMENT)
    assert stage_settings()[Stage.LEAD].limits.limit_days == 5
