"""`salesboard export`, as CONTRACT.md describes it."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask

from salesboard import clock, files
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.documents.models import Document, Kept
from salesboard.documents.rules import DocumentKind
from salesboard.errors import Refused
from salesboard.exchange import export_commands
from salesboard.exchange.export_models import Export
from salesboard.exchange.reading import open_book
from tests.commanding import Run, command_in
from tests.domain.exchange.bringing import brought, everything, table, workbook
from tests.domain.exchange.going_out import lines_in
from tests.standing import People, make_customer, make_deal


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    return command_in(app, monkeypatch, export_commands, export_commands.export)


def test_each_list_in_both_forms(people: People, tmp_path: Path, run: Run) -> None:
    make_deal(people.owner)
    for what, rows in (("customers", 1), ("contacts", 0), ("deals", 1), ("followups", 0)):
        for name in (f"{what}.xlsx", f"{what}.csv"):
            assert run(what, "-o", tmp_path / name).exit_code == 0
            assert len(lines_in(tmp_path / name)) == rows
    assert (
        run("deals", "--format", "csv-gb18030", "--language", "zh_Hans", "-o", tmp_path / "x").exit_code == 0
    )
    assert (tmp_path / "x").read_bytes().decode("gb18030").startswith("商机编号,")


def test_on_behalf_of_somebody_only_what_they_see(people: People, tmp_path: Path, run: Run) -> None:
    make_customer(people.owner)
    make_customer(people.outsider, "Marble Works")
    file = tmp_path / "customers.csv"

    run("customers", "--as", people.owner.email, "-o", file)
    assert [line["Customer"] for line in lines_in(file)] == ["Paper Crane Packaging"]
    run("customers", "-o", file)
    assert len(lines_in(file)) == 2


def test_the_teams_own_sheets(people: People, tmp_path: Path, run: Run) -> None:
    brought(workbook(tmp_path), by=people.admin)

    run("sheet:客户管理数据库", "-o", tmp_path / "all.xlsx")
    run("sheet:客户进度管理表", "--format", "csv", "-o", tmp_path / "progress.csv")
    assert [sheet.name for sheet in open_book(tmp_path / "all.xlsx").sheets] == [
        "客户基本信息",
        "客户跟进记录",
        "销售机会",
    ]
    assert len(lines_in(tmp_path / "progress.csv")) == 3


def test_what_an_import_brought_in_comes_out_in_the_shape_of_its_file(
    people: People, tmp_path: Path, run: Run
) -> None:
    found = brought(table(tmp_path, "单位 备忘", ("First Works", "A3"), name="ours.csv"), by=people.admin)
    run(f"import:{found.id}", "-o", tmp_path / "again.csv")

    assert lines_in(tmp_path / "again.csv") == [{"单位": "First Works", "备忘": "A3"}]
    for what, email in (("import:99", people.admin.email), (f"import:{found.id}", people.outsider.email)):
        with pytest.raises(Refused, match=f"nothing called {what}"):
            run(what, "--as", email, "-o", tmp_path / "none.csv")


def test_everything_in_one_archive(people: People, tmp_path: Path, run: Run) -> None:
    brought(workbook(tmp_path), by=people.admin)
    run("all", "-o", tmp_path / "all.zip")

    with ZipFile(tmp_path / "all.zip") as archive:
        schema = json.loads(archive.read("schema.json"))
        assert "import" in archive.read("README.md").decode()
        tables = {
            name: list(csv.DictReader(TextIOWrapper(archive.open(f"tables/{name}.csv"), "utf-8-sig")))
            for name in schema["tables"]
        }
        assert archive.read("lists/customers.csv").count(b"\r\n") == 4
        whole = "".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())
    assert {name: len(tables[name]) for name in ("customers", "contacts", "deals")} == dict.fromkeys(
        ("customers", "contacts", "deals"), 3
    )
    assert {row["phone"] for row in tables["contacts"]} >= {"13900000001"}
    assert {row["email"] for row in tables["users"]} >= {"olive@example.com"}
    assert "password" not in tables["users"][0]
    hashes = [person.password_hash for person in everything(User) if person.password_hash]
    assert hashes
    assert not any(each in whole for each in hashes)


def test_the_files_of_documents_go_along_under_harmless_names(
    people: People, tmp_path: Path, run: Run
) -> None:
    deal, label = make_deal(people.owner), '../..\\evil:"offer".pdf'
    with acting_as_system("a test prepares"), writing():
        kept = [
            Kept(files.keep(BytesIO(content)), label, "application/pdf", 5)
            for content in (b"first", b"second")
        ]
        facts = {"kind": DocumentKind.OTHER, "name": "Offer", "amount": None, "day": date(2026, 5, 31)}
        Document.file(deal.customer, deal, kept=kept, by=people.owner, now=clock.now(), **facts)
    files.remove(kept[1].key)
    run("all", "-o", tmp_path / "all.zip")

    with ZipFile(tmp_path / "all.zip") as archive:
        (place,) = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(place) == b"first"
        assert place == "files/1/1 .._.._evil__offer_.pdf"
        assert archive.read("missing.txt").decode() == "files/1/2 .._.._evil__offer_.pdf"


def test_it_is_audited(people: People, tmp_path: Path, run: Run) -> None:
    make_customer(people.owner)
    run("customers", "--as", people.owner.email, "-o", tmp_path / "customers.xlsx")

    (taken,) = everything(Export)
    event = everything(AuditEvent)[-1]
    assert (taken.what, taken.done, taken.file_key, taken.requested_by_id) == (
        "customers", 1, None, people.owner.id,
    )  # fmt: skip
    assert (event.verb, event.subject, event.actor_id) == ("export.taken", taken.label, people.owner.id)
    assert event.details == {"what": "customers", "form": "xlsx", "query": None, "rows": 1}


@pytest.mark.databases("sqlite")
def test_what_is_refused_leaves_no_file(people: People, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "out.xlsx"
    for words in (
        ("customers", "--as", "nobody@example.com"),
        ("customers", "--as", people.collaborator.email),
        ("all", "--as", people.owner.email),
        ("sheet:客户管理数据库", "--format", "csv"),
        ("customers", "--format", "zip"),
    ):
        with pytest.raises(Refused):
            run(*words, "-o", file)
    with pytest.raises(Refused, match="cannot be written"):
        run("customers", "-o", tmp_path / "nowhere" / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
    assert everything(Export) == []
    db.session.rollback()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "words",
    [
        ("nonsense", "-o", "x"),
        ("sheet:Nonsense", "-o", "x"),
        ("客户基本信息", "-o", "x"),
        ("customers",),
        ("deals", "--format", "pdf", "-o", "x"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
