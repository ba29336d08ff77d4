"""`salesboard import FILE` and `salesboard import undo NUMBER`, as CONTRACT.md describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from python_calamine import CalamineWorkbook

from salesboard import clock
from salesboard.cli import application
from salesboard.customers.models import Customer
from salesboard.database import writing
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.exchange import applying, commands, uploads
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.reasons import FileRefused, Reason
from tests.commanding import Run, command_in
from tests.domain.exchange.bringing import count, everything, faults, named, table, workbook
from tests.standing import People


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    return command_in(app, monkeypatch, commands, commands.import_group)


def answered(done: Result) -> Any:
    assert done.exit_code == 0
    return json.loads(done.stdout)


def test_the_answer_is_json_and_a_rejected_row_is_no_failure(tmp_path: Path, run: Run) -> None:
    said = answered(run(workbook(tmp_path), "--owners", "create", "--json"))

    assert said == {
        "import": said["import"],
        "customers": {"created": 3, "updated": 0, "skipped": 1, "rejected": 1},
        "contacts": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
        "deals": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
        "followups": {"created": 3, "updated": 0, "skipped": 0, "rejected": 0},
        "rejects": [{"sheet": "客户基本信息", "row": 7, "reason": "客户名称* is empty."}],
        "warnings": [],
    }


def test_progress_goes_to_stderr_in_records(tmp_path: Path, run: Run) -> None:
    done = run(workbook(tmp_path), "--owners", "create", "--json")

    assert done.stderr.splitlines()[-1] == "12 / 12 records in"


def test_a_person_reads_what_became_of_it(tmp_path: Path, run: Run) -> None:
    done = run(workbook(tmp_path), "--owners", "create")

    assert "customers: created 3, skipped 1, rejected 1" in done.stdout
    assert "客户基本信息 7: 客户名称* is empty." in done.stdout


def test_a_dry_run_says_the_same_and_does_nothing(tmp_path: Path, run: Run) -> None:
    said = answered(run(workbook(tmp_path), "--owners", "create", "--dry-run", "--json"))

    assert said["customers"]["created"] == 3
    assert (count(Customer), count(Deal)) == (0, 0)
    (found,) = everything(Import)
    assert (found.state, found.reason) == (ImportState.FAILED, Reason("only_tried"))


def test_rejected_rows_come_back_as_a_sheet(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "not taken.xlsx"
    run(workbook(tmp_path), "--owners", "create", "--rejects", out, "--json")

    (sheet,) = CalamineWorkbook.from_path(out).sheet_names
    head, row = CalamineWorkbook.from_path(out).get_sheet_by_name(sheet).to_python()
    assert sheet == "客户基本信息"
    assert head[:4] == ["Why it was not taken", "Row", "客户编号", "客户名称*"]
    assert (row[:4], row[5], row[-1]) == (["客户名称* is empty.", 7.0, "", ""], "无名", "李佳宁")


def test_sheets_with_odd_names_and_cells_come_back_too(tmp_path: Path, run: Run) -> None:
    path = table(
        tmp_path,
        "客户名称 备注",
        ("", "=HYPERLINK(1)"),
        name="deals [2024]: a rather long name of a file.csv",
    )
    out = tmp_path / "out.xlsx"
    run(path, "--rejects", out, "--as", "ada@example.com")

    book = CalamineWorkbook.from_path(out)
    assert book.sheet_names == ["deals  2024   a rather long nam"]
    assert book.get_sheet_by_index(0).to_python()[1][3] == "=HYPERLINK(1)"


def test_columns_words_and_defaults_are_given_by_hand(tmp_path: Path, run: Run) -> None:
    path = table(
        tmp_path, "Firm Step Worth Rep", ("First Works", "Hot", "12", "Lin"), ("", "Cold", "", "Lin")
    )
    options = "--kind deals --map Firm=customer --map Step=stage --map Worth=amount --map Rep=owner"
    run(
        path,
        *options.split(),
        *("--map-value", "stage:Hot=negotiation", "--map-value", "stage:Cold=lost"),
        *("--default", "customer=Nobody yet", "--default", "deal.name=Project", "--owners", "create"),
    )

    assert [(deal.customer_id, deal.name, deal.stage.value, deal.is_lost) for deal in everything(Deal)] == [
        (named(Customer, "First Works").id, "Project", "negotiation", False),
        (named(Customer, "Nobody yet").id, "Project", "lead", True),
    ]


def test_the_undo_takes_it_back_and_is_quiet_the_second_time(tmp_path: Path, run: Run) -> None:
    number = answered(run(workbook(tmp_path), "--owners", "create", "--json"))["import"]

    for _time in range(2):
        assert run("undo", number).stdout == f"Import {number} is undone.\n"
    assert count(Customer) == 0
    assert faults() == []


def test_what_the_undo_keeps_is_named(tmp_path: Path, people: People, run: Run) -> None:
    path = table(tmp_path, "客户编号 客户名称", ("C20240101001", "First Works"))
    number = answered(run(path, "--as", "olive@example.com", "--json"))["import"]
    with writing():
        customer = named(Customer, "First Works")
    with writing():
        customer.touch(clock.now())

    said = run("undo", number).stdout
    assert "kept, because it changed since: C20240101001 First Works" in said


def test_the_help_tells_both_ways(run: Run) -> None:
    said = run("--help").stdout
    assert "FILE [OPTIONS]" in said
    assert "undo NUMBER" in said
    assert "--on-duplicate [skip|fill|update|create]" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.xlsx"], "There is no file nowhere.xlsx."),
        (["undo", "99"], "There is no import 99."),
        (["FILE", "--as", "nobody@example.com"], "There is no account nobody@example.com."),
        (["FILE", "--as", "cora@example.com"], "Cora Collaborator may not bring records in."),
        (["FILE", "--sheet", "S"], "There is no sheet named S. The file has: table."),
        (["FILE", "--map", "Firm=nothing"], "There is no field named nothing."),
    ],
)
def test_refusals_are_one_clear_line(
    tmp_path: Path, people: People, run: Run, words: list[str], sentence: str
) -> None:
    path = table(tmp_path, "客户名称 Firm", ("First Works", "x"))
    with pytest.raises(Refused) as refused:
        run(*(path if word == "FILE" else word for word in words))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("words", [["FILE", "--owners", "invent"], ["FILE", "--kind", "orders"], ["undo"]])
def test_wrong_usage_is_told_apart(tmp_path: Path, run: Run, words: list[str]) -> None:
    path = table(tmp_path, "客户名称", ("First Works",))
    assert run(*(path if word == "FILE" else word for word in words)).exit_code == 2


def test_a_file_that_cannot_be_read_is_on_record_as_such(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(FileRefused):
        run(path)

    (found,) = everything(Import)
    assert (found.state, found.reason) == (ImportState.FAILED, Reason("not_a_table", {"really": "PNG"}))


def test_a_fault_in_the_middle_leaves_nothing(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []

    class Failing(applying.Scribe):
        def bring_in(self, step: Any) -> None:
            super().bring_in(step)
            steps.append(step)
            if len(steps) > 1:
                raise ConnectionError

    monkeypatch.setattr(applying, "Scribe", Failing)
    monkeypatch.setattr("salesboard.exchange.pieces.AT_ONCE", 1)
    with pytest.raises(ConnectionError):
        run(workbook(tmp_path), "--owners", "create")

    assert count(Customer) == 0
    assert [found.state for found in everything(Import)] == [ImportState.FAILED]


def test_the_file_is_not_kept(tmp_path: Path, app: Flask, run: Run) -> None:
    run(workbook(tmp_path), "--owners", "create")
    (found,) = everything(Import)
    assert not uploads.path_of(found.file_key).exists()


def test_a_refusal_is_put_into_words_while_the_language_is_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.create_app", lambda: app)
    monkeypatch.setattr("salesboard.ops.upgrade.ensure_schema", lambda app: None)

    with pytest.raises(Refused) as refusal, application():
        raise FileRefused("empty")

    assert refusal.value.args == ("The file is empty.",)
