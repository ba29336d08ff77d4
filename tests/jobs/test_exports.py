"""Exports as work: made by a worker through the eyes of whoever asked, and kept for a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.run import perform
from salesboard import clock, files, outbox
from salesboard.access import Role, acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.exchange import exporting
from salesboard.exchange.export_asked import wish_for
from salesboard.exchange.export_models import LASTS, Export, ExportState, Failing, Form
from tests.domain.exchange.bringing import NOON, everything
from tests.domain.exchange.going_out import lines_in
from tests.standing import People, make_customer


@pytest.fixture(autouse=True)
def _at_noon(people: People, freeze: Callable[..., None]) -> None:
    freeze(NOON)
    for file in lying():
        file.unlink()


def asked(person: User, what: str = "customers", form: Form = Form.CSV) -> Export:
    with acting_as(person.viewer()), writing():
        wish = wish_for(what, form, None, "en", None)
        return Export.ask(wish, total=0, by=person, now=clock.now())


def work_off() -> None:
    db.session.rollback()
    for work_id in outbox.due(clock.now()):
        perform(work_id)


def again(export: Export) -> Export:
    return next(each for each in everything(Export) if each.id == export.id)


def content(export: Export, folder: Path) -> list[str]:
    """The customers that the file names."""
    path = folder / "fetched.csv"
    with files.opened(again(export).file_key or "") as file:
        path.write_bytes(file.read())
    return [str(line["Customer"]) for line in lines_in(path)]


def clear_out() -> None:
    with acting_as_system("a test clears out"):
        exporting.clear_out()


def lying() -> list[Path]:
    return [path for path, _key in files.kept()]


def test_a_worker_makes_what_the_person_sees_and_keeps_it_for_a_day(people: People, tmp_path: Path) -> None:
    make_customer(people.owner)
    make_customer(people.outsider, "Marble Works")
    export = asked(people.owner)
    work_off()

    made = again(export)
    assert (made.state, made.done, made.owner_ids) == (ExportState.DONE, 1, [people.owner.id])
    assert made.expires_at == NOON + LASTS
    assert 0 < (made.size or 0) < lying()[0].stat().st_size
    assert content(export, tmp_path) == ["Paper Crane Packaging"]
    assert [event.verb for event in everything(AuditEvent)][-1] == "export.made"


def test_a_supervisor_gets_the_teams(people: People, tmp_path: Path) -> None:
    make_customer(people.owner)
    make_customer(people.outsider, "Marble Works")
    export = asked(people.supervisor)
    work_off()

    assert content(export, tmp_path) == ["Paper Crane Packaging"]


def test_what_is_asked_twice_is_made_once_and_not_too_much_at_a_time(people: People) -> None:
    first = asked(people.owner)

    assert asked(people.owner).id == first.id
    for what in ("contacts", "deals", "followups", "sheet:客户进度管理表"):
        asked(people.owner, what)
    with pytest.raises(Refused):
        asked(people.owner, "sheet:销售机会")
    assert asked(people.teammate, "deals").requested_by_id == people.teammate.id


@pytest.mark.parametrize("leaving", ["deactivated", "collaborator"])
def test_who_has_lost_the_right_meanwhile_gets_nothing(people: People, leaving: str) -> None:
    export = asked(people.owner)
    with acting_as_system("a test"), writing():
        person = db.session.get_one(User, people.owner.id)
        if leaving == "collaborator":
            person.role = Role.COLLABORATOR
        else:
            person.deactivated_at = clock.now()
    work_off()

    assert (again(export).state, again(export).failing) == (ExportState.FAILED, Failing.NO_RIGHT)
    assert lying() == []


def test_work_that_is_broken_off_begins_anew_and_leaves_one_file(
    people: People, monkeypatch: pytest.MonkeyPatch, freeze: Callable[..., None], tmp_path: Path
) -> None:
    make_customer(people.owner)
    export = asked(people.owner)
    finish = Export.finish

    def die(*_args: object, **_facts: object) -> None:
        raise RuntimeError("the lights go out")

    monkeypatch.setattr(Export, "finish", die)
    work_off()
    assert again(export).state is ExportState.RUNNING

    monkeypatch.setattr(Export, "finish", finish)
    freeze(NOON + timedelta(minutes=1))
    work_off()
    assert again(export).state is ExportState.DONE
    assert len(lying()) == 1
    assert content(export, tmp_path) == ["Paper Crane Packaging"]


def test_who_waits_is_told_when_nobody_tries_any_more(
    people: People, monkeypatch: pytest.MonkeyPatch, freeze: Callable[..., None]
) -> None:
    export = asked(people.owner)

    def fail(*_args: object, **_facts: object) -> None:
        raise RuntimeError("never")

    monkeypatch.setattr(Export, "finish", fail)
    for hours in range(outbox.TRIES):
        freeze(NOON + timedelta(hours=hours))
        work_off()
    assert (again(export).state, again(export).failing) == (ExportState.FAILED, Failing.GAVE_UP)
    clear_out()
    assert (again(export).file_key, lying()) == (None, [])


def test_after_a_day_the_file_is_gone_and_the_export_stays_known(
    people: People, freeze: Callable[..., None]
) -> None:
    export = asked(people.owner)
    work_off()
    clear_out()
    assert len(lying()) == 1

    freeze(NOON + LASTS)
    clear_out()
    clear_out()
    assert lying() == []
    assert (again(export).state, again(export).file_key) == (ExportState.EXPIRED, None)


@pytest.mark.databases("sqlite")
def test_everything_is_an_archive_made_by_a_worker(people: People) -> None:
    make_customer(people.owner)
    export = asked(people.admin, "all", Form.ZIP)
    work_off()

    assert again(export).state is ExportState.DONE
    with files.opened(again(export).file_key or "") as file:
        assert file.read(4) == b"PK\x03\x04"
