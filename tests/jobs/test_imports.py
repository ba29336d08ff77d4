"""Imports as work: tried out, brought in and taken back by a worker, however often one is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal, Placement
from salesboard.exchange import pieces, running, scribe, turns, uploads
from salesboard.exchange.models import Import, ImportState, OnDuplicate
from salesboard.exchange.reasons import Reason
from salesboard.exchange.traces import ImportTrace
from salesboard.followups.models import FollowUp
from salesboard.outbox import Claim, Work, WorkState
from tests.domain.exchange.bringing import NOON, begin, count, everything, faults, table, workbook
from tests.standing import People, make_customer

RECORDS = (Customer, Contact, Deal, Placement, FollowUp)


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(NOON)
    monkeypatch.setattr(turns, "PAUSE", 0)


def asked(path: Path, **options: object) -> Import:
    """An import that was just dropped in."""
    found = begin(path, **options)  # type: ignore[arg-type]
    with writing():
        found.ask_for_plan(clock.now())
    return found


def due() -> list[int]:
    db.session.rollback()
    return outbox.due(clock.now())


def work_off() -> None:
    """Does what is due now, and what that promises."""
    while waiting := due():
        for work_id in waiting:
            perform(work_id)


def confirm(found: Import) -> None:
    with acting_as_system("a test confirms"), writing():
        found.confirm(by=None, now=clock.now())


def ask_for_undo(found: Import) -> None:
    with acting_as_system("a test undoes"), writing():
        found.ask_for_undo(by=None, now=clock.now())


def again(found: Import) -> Import:
    """As it stands in the database now."""
    return next(each for each in everything(Import) if each.id == found.id)


def records() -> list[int]:
    return [count(model) for model in RECORDS]


def lies_here(found: Import) -> bool:
    return uploads.path_of(found.file_key).exists()


def test_a_file_is_tried_out_brought_in_and_taken_back(tmp_path: Path) -> None:
    found = asked(workbook(tmp_path))
    work_off()
    assert again(found).state is ImportState.PLANNED
    assert (records(), lies_here(found)) == ([0] * 5, True)

    confirm(found)
    work_off()
    assert again(found).state is ImportState.DONE
    assert (count(Customer), count(Deal)) == (3, 3)
    assert not lies_here(found), "a file is kept no longer than it is needed"

    ask_for_undo(found)
    work_off()
    assert again(found).state is ImportState.UNDONE
    assert records() == [0] * 5
    assert {work.state for work in everything(Work)} == {WorkState.DONE}


def test_a_file_that_shows_itself_unreadable_only_now_is_refused(tmp_path: Path) -> None:
    found = asked(table(tmp_path, "Strange Heads", (1, 2)))
    work_off()

    refused = again(found)
    assert (refused.state, refused.reason) == (
        ImportState.FAILED,
        Reason("no_head_row", {"sheet": "table"}),
    )
    assert not lies_here(found)
    assert [work.state for work in everything(Work)] == [WorkState.DONE], "no fault of ours"


def test_work_that_comes_too_late_leaves_quietly(tmp_path: Path) -> None:
    found = asked(workbook(tmp_path))
    work_off()
    confirm(found)
    with writing():
        outbox.promise("import_apply", found.id, now=clock.now())
        outbox.promise("import_plan", found.id, now=clock.now())
        outbox.promise("import_undo", found.id, now=clock.now())
        outbox.promise("import_apply", 4711, now=clock.now())
    work_off()

    assert (again(found).state, count(Customer)) == (ImportState.DONE, 3)


def test_an_import_that_fails_each_time_leaves_nothing_and_says_so(
    tmp_path: Path, people: People, monkeypatch: pytest.MonkeyPatch, freeze
) -> None:
    monkeypatch.setattr(pieces, "AT_ONCE", 1)
    staff = count(User)
    found = asked(workbook(tmp_path))
    work_off()
    monkeypatch.setattr(scribe.Scribe, "_number_notes", fails_from(scribe.Scribe._number_notes, 2))
    confirm(found)
    for _try in range(outbox.TRIES):
        work_off()
        assert faults() == []
        freeze(clock.now() + timedelta(hours=1))
    work_off()

    failed = again(found)
    assert (failed.state, failed.reason, failed.kept) == (ImportState.FAILED, Reason("gave_up"), [])
    assert (records(), count(User), count(ImportTrace)) == ([0] * 5, staff, 0)
    dead = [work.kind for work in everything(Work) if work.state is WorkState.DEAD]
    assert dead == ["import_apply"]
    assert not lies_here(found)


def test_a_trial_run_that_fails_each_time_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, freeze
) -> None:
    monkeypatch.setattr(running, "make_plan", fails_from(running.make_plan, 0))
    found = asked(workbook(tmp_path))
    for _try in range(outbox.TRIES):
        work_off()
        freeze(clock.now() + timedelta(hours=1))

    assert (again(found).state, again(found).reason) == (ImportState.FAILED, Reason("gave_up"))


def test_an_undo_that_fails_each_time_can_be_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, freeze
) -> None:
    found = asked(workbook(tmp_path))
    work_off()
    confirm(found)
    work_off()
    with monkeypatch.context() as broken:
        broken.setattr(running, "take_back", fails_from(running.take_back, 0))
        ask_for_undo(found)
        for _try in range(outbox.TRIES):
            work_off()
            freeze(clock.now() + timedelta(hours=1))
    assert (again(found).is_stalled, again(found).is_under_way) == (True, False)

    ask_for_undo(found)
    assert again(found).is_under_way
    work_off()
    assert (again(found).state, records()) == (ImportState.UNDONE, [0] * 5)


def fails_from(function: Callable[..., object], calls: int) -> Callable[..., object]:
    """The function, which fails after so many calls."""
    left = [calls]

    def failing(*arguments: object, **options: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionError("away")
        return function(*arguments, **options)

    return failing


class TestKilled:
    """A worker that is killed (-9) in the middle: another goes on when the lease has lapsed, each row once."""

    @pytest.fixture
    def worker(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], bool]:
        """Does all that is due in a process of its own, which kills itself after so many transactions.

        The answer is whether it lived to the end.
        """
        monkeypatch.setattr(pieces, "AT_ONCE", 4)
        monkeypatch.setattr("salesboard.exchange.undoing.AT_ONCE", 3)

        def work(transactions: int) -> bool:
            db.session.remove()
            child = multiprocessing.get_context("fork").Process(target=in_child, args=(transactions,))
            child.start()
            child.join(timeout=60)
            assert child.exitcode in (0, -signal.SIGKILL)
            return child.exitcode == 0

        def in_child(transactions: int) -> None:
            db.engine.dispose(close=False)
            left = [transactions]

            def die(_claim: Claim, **_values: object) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                settle(_claim, **_values)

            settle = Claim._settle
            Claim._settle = die  # type: ignore[method-assign]
            with app.app_context():
                for work_id in outbox.due(clock.now()):
                    perform(work_id)

        return work

    @pytest.mark.parametrize("on_duplicate", list(OnDuplicate))
    def test_each_row_comes_in_once(
        self,
        tmp_path: Path,
        people: People,
        worker: Callable[[int], bool],
        freeze,
        on_duplicate: OnDuplicate,
    ) -> None:
        make_customer(people.owner, "弹珠轴承有限公司", industry="Print")
        found = asked(workbook(tmp_path), by=people.admin, on_duplicate=on_duplicate)
        work_off()
        confirm(found)

        kills = self.killed_until_done(worker, found, ImportState.DONE, freeze)

        assert kills >= 3
        new = 3 if on_duplicate is OnDuplicate.CREATE else 2
        assert (count(Customer), count(Contact), count(Deal)) == (1 + new, 3, 3)
        assert len({note.number for note in everything(FollowUp)}) == count(FollowUp) == 3 + 5
        assert again(found).counts["customers"]["created"] == new
        assert faults() == []

    def test_each_record_goes_once(
        self, tmp_path: Path, people: People, worker: Callable[[int], bool], freeze
    ) -> None:
        make_customer(people.owner, "弹珠轴承有限公司", industry="Print")
        found = asked(workbook(tmp_path), by=people.admin, on_duplicate=OnDuplicate.UPDATE)
        work_off()
        confirm(found)
        work_off()
        ask_for_undo(found)

        assert self.killed_until_done(worker, found, ImportState.UNDONE, freeze) >= 3

        assert [(customer.name, customer.industry) for customer in everything(Customer)] == [
            ("弹珠轴承有限公司", "Print")
        ]
        assert (again(found).kept, count(Deal), count(FollowUp)) == ([], 0, 0)

    def killed_until_done(
        self, worker: Callable[[int], bool], found: Import, state: ImportState, freeze
    ) -> int:
        """How often a worker was killed; each time the next is let get two transactions further."""
        for kills in range(outbox.TRIES):
            if worker(1 + 2 * kills) and again(found).state is state:
                return kills
            assert faults() == []
            assert due() == [], "nobody takes it over before the lease has lapsed"
            freeze(clock.now() + timedelta(minutes=2))
        raise AssertionError("it never came to its end")


def test_files_that_nobody_waits_for_are_removed(tmp_path: Path, freeze) -> None:
    waiting = asked(workbook(tmp_path))
    work_off()
    orphan = uploads.keep((tmp_path / "客户管理数据库.xlsx").open("rb"))
    lay_down(waiting.file_key, orphan)
    sweep()
    assert uploads.path_of(orphan).exists(), "its import may be on the way"

    freeze(clock.now() + timedelta(days=8))
    late = asked(workbook(tmp_path))
    lay_down(late.file_key)
    sweep()

    assert (lies_here(waiting), uploads.path_of(orphan).exists(), lies_here(late)) == (False, False, True)
    assert (again(waiting).state, again(waiting).reason) == (
        ImportState.FAILED,
        Reason("waited_too_long", {"days": 7}),
    )


def lay_down(*keys: str) -> None:
    """Has these files lain here since this moment."""
    for key in keys:
        os.utime(uploads.path_of(key), (clock.now().timestamp(),) * 2)


def sweep() -> None:
    with writing():
        outbox.promise("clear_uploads", 20261123, now=clock.now())
    work_off()
