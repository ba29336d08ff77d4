"""Reports: asked for within one's scope, made once by the worker, frozen, and seen by whom they are about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.errors import Refused
from salesboard.insight import models
from salesboard.insight.facts import RowSet
from salesboard.insight.metrics import METRICS
from salesboard.insight.models import Report, ReportState
from salesboard.insight.periods import Period
from salesboard.insight.rows import Chosen, rows_behind
from salesboard.insight.scopes import Scope, scopes_of
from salesboard.notify.models import Reminder
from salesboard.outbox import Work, WorkState
from tests.domain.insight.course import Course
from tests.standing import People

NOW = datetime(2026, 4, 2, 1, tzinfo=UTC)
QUARTER = Period.parse("2026Q1")


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze) -> None:
    freeze(NOW)


def asked(by: User, scope: Scope | None = None, period: Period = QUARTER) -> Report:
    with acting_as(by.viewer()), writing():
        return Report.request(period, scope or Scope(person=by), by=by, now=clock.now())


def work_of(report: Report) -> Work:
    db.session.rollback()
    found = select(Work).where(Work.kind == models.WORK, Work.subject_id == report.id)
    return db.session.scalars(
        found.order_by(Work.id.desc()).execution_options(populate_existing=True)
    ).first()


def made(report: Report) -> Report:
    perform(work_of(report).id)
    return seen_by_system(report)


def seen_by_system(report: Report) -> Report:
    db.session.rollback()
    db.session.expire_all()
    with acting_as_system("a test looks"):
        return db.session.scalars(select(Report).where(Report.id == report.id)).one()


def test_asking_promises_work_and_the_worker_freezes_the_numbers(app: Flask, people: People) -> None:
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")
    report = asked(people.owner)
    assert (report.state, work_of(report).state) == (ReportState.QUEUED, WorkState.READY)

    done = made(report)
    assert (done.state, done.as_of, done.steps_done) == (ReportState.DONE, NOW, done.steps)
    assert done.result["metrics"]["signed_amount"]["value"] == 1000.0
    assert work_of(report).state is WorkState.DONE


def test_what_happens_later_changes_nothing_in_a_report(app: Flask, people: People) -> None:
    course = Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")
    report = made(asked(people.owner))
    course.to(Stage.PROPOSAL, "2026-04-02")
    perform(work_of(report).id)

    later = seen_by_system(report)
    assert later.result["metrics"]["signed_deals"]["value"] == 1
    with acting_as_system("a test looks"):
        rows = rows_behind(later, "signed_deals", Chosen())
    assert [(row.number, row.stage) for row in rows] == [(course.deal.number, "won")]


def test_every_number_opens_as_many_rows_as_it_says(app: Flask, people: People) -> None:
    Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-20").to(
        Stage.WON, "2026-02-04", contract="1000"
    )
    Course(people.owner, "2026-01-05").lose("2026-02-04")
    Course(people.owner, "2026-03-05")
    report = made(asked(people.owner))

    with acting_as_system("a test looks"):
        for metric in METRICS:
            figure = report.result["metrics"][metric.code]
            assert len(rows_behind(report, metric.code, Chosen())) == figure["n"]
        for cut, parts in report.result["by"].items():
            for part in parts:
                chosen = Chosen(cut, part["key"])
                for code, figure in part["metrics"].items():
                    assert len(rows_behind(report, code, chosen)) == figure["n"], (cut, part["key"], code)
        for stage, part in report.result["metrics"]["stage_conversion"]["value"].items():
            assert len(rows_behind(report, "stage_conversion", Chosen(at=stage))) == part["n"]
            went_on = Chosen(at=stage, part="hit")
            assert len(rows_behind(report, "stage_conversion", went_on)) == part["onward_n"]
        lost = Chosen(part="lost", reason="price")
        assert len(rows_behind(report, "win_rate", lost)) == report.result["lost_reasons"][0]["n"] == 1


def test_whoever_asked_is_told_once(app: Flask, people: People) -> None:
    report = asked(people.owner)
    work_id = work_of(report).id
    perform(work_id)
    perform(work_id)

    with acting_as(people.owner.viewer()):
        told = db.session.scalars(select(Reminder)).all()
    assert [(each.person_id, each.kind, each.report_id) for each in told] == [
        (people.owner.id, "report_ready", report.id)
    ]


def test_asking_twice_while_it_is_made_gives_the_same(app: Flask, people: People) -> None:
    first = asked(people.owner)

    assert asked(people.owner).id == first.id
    assert asked(people.owner, period=Period.parse("2026Q2")).id != first.id
    made(first)
    assert asked(people.owner).id != first.id


def test_nobody_can_fill_the_queue(app: Flask, people: People) -> None:
    for month in range(1, 11):
        asked(people.owner, period=Period.parse(f"2025-{month:02}"))
    with pytest.raises(Refused):
        asked(people.owner, period=Period.parse("2025-11"))

    asked(people.owner, period=Period.parse("2025-10"))
    asked(people.teammate, period=Period.parse("2025-11"))


class TestScopes:
    def test_a_rep_has_only_themselves_evaluated(self, app: Flask, people: People) -> None:
        assert scopes_of(people.owner) == [Scope(person=people.owner)]
        for other in (Scope(), Scope(person=people.teammate), Scope(tuple(people.owner.teams))):
            with pytest.raises(Refused):
                asked(people.owner, other)

    def test_a_supervisor_has_their_team_and_its_people(self, app: Flask, people: People) -> None:
        keys = [scope.key for scope in scopes_of(people.supervisor)]

        assert keys[:2] == ["team:North", "person:sue@example.com"]
        assert "person:olive@example.com" in keys
        assert not {"all", "team:South", "person:oscar@example.com", "person:cora@example.com"} & set(keys)

    def test_an_admin_has_everybody(self, app: Flask, people: People) -> None:
        keys = {scope.key for scope in scopes_of(people.admin)}

        assert {"all", "team:North", "team:South", "person:oscar@example.com"} <= keys

    def test_a_collaborator_has_nobody(self, app: Flask, people: People) -> None:
        assert scopes_of(people.collaborator) == []

    @pytest.mark.parametrize(
        "text", ["all", "team:North", "person:olive@example.com", " person:OLIVE@example.com "]
    )
    def test_is_read_as_it_is_written(self, app: Flask, people: People, text: str) -> None:
        assert Scope.parse(text).key == text.strip().replace("OLIVE", "olive")

    @pytest.mark.parametrize(
        "text", ["", "team:", "team:Nowhere", "person:nobody@example.com", "olive", "all:x"]
    )
    def test_an_unknown_one_is_refused(self, app: Flask, people: People, text: str) -> None:
        with pytest.raises(Refused):
            Scope.parse(text)


def test_each_sees_the_reports_of_whom_they_look_after(app: Flask, people: People) -> None:
    admin = people.admin
    reports = {
        "own": made(asked(people.owner)).id,
        "team": made(asked(people.supervisor, Scope(tuple(people.supervisor.teams)))).id,
        "all": made(asked(admin, Scope())).id,
        "other": made(asked(people.outsider)).id,
    }

    def seen(person: User) -> set[str]:
        with acting_as(person.viewer()):
            ids = set(db.session.scalars(select(Report.id)))
            rows = set(db.session.scalars(select(models.ReportRows.report_id)))
        assert ids == rows
        return {name for name, report_id in reports.items() if report_id in ids}

    assert seen(people.owner) == {"own"}
    assert seen(people.teammate) == seen(people.collaborator) == set()
    assert seen(people.supervisor) == {"own", "team"}
    assert seen(people.outsider) == {"other"}
    assert seen(admin) == set(reports)


class TestFailing:
    @pytest.fixture(autouse=True)
    def _falls_over(self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
        from jobs import reports

        def fall_over(*_args: Any, **_options: Any) -> None:
            raise ZeroDivisionError("by nought")

        self.mend = lambda: monkeypatch.undo()
        monkeypatch.setattr(reports, "evaluate", fall_over)

    def fail_for_good(self, report: Report, freeze) -> None:
        for wait in (*outbox.WAITS, None):
            perform(work_of(report).id)
            if wait is not None:
                freeze(clock.now() + wait)

    def test_a_report_that_cannot_be_made_says_so_after_the_last_try(
        self, app: Flask, people: People, freeze
    ) -> None:
        report = asked(people.owner)
        perform(work_of(report).id)
        assert seen_by_system(report).state is ReportState.RUNNING

        freeze(clock.now() + outbox.WAITS[0])
        for wait in outbox.WAITS[1:]:
            perform(work_of(report).id)
            freeze(clock.now() + wait)
        perform(work_of(report).id)
        failed = seen_by_system(report)
        assert (failed.state, failed.error) == (ReportState.FAILED, "ZeroDivisionError: by nought")

    def test_it_can_be_tried_again(self, app: Flask, people: People, freeze) -> None:
        report = asked(people.owner)
        self.fail_for_good(report, freeze)
        self.mend()
        with acting_as(people.owner.viewer()), writing():
            again = db.session.scalars(select(Report).where(Report.id == report.id)).one()
            again.try_again(by=people.owner, now=clock.now())
            again.try_again(by=people.owner, now=clock.now())

        assert made(report).state is ReportState.DONE
        assert len(db.session.scalars(select(Work.id).where(Work.kind == models.WORK)).all()) == 2


def test_a_report_that_is_gone_is_a_quiet_end(app: Flask, people: People) -> None:
    with writing():
        work_id = outbox.promise(models.WORK, 4711, now=clock.now())
    assert work_id is not None
    perform(work_id)

    assert db.session.get_one(Work, work_id, populate_existing=True).state is WorkState.DONE


def test_rows_outlive_the_deal_they_were_counted_from(app: Flask, people: People) -> None:
    course = Course(people.owner, "2026-01-05")
    report = made(asked(people.owner))
    with acting_as_system("a test renames"), writing():
        deal = Deal.locked(course.deal.number)
        assert deal is not None
        deal.name = "Another name"

    with acting_as_system("a test looks"):
        assert [row.deal for row in report.rows(RowSet.CREATED)] == ["Line one"]
