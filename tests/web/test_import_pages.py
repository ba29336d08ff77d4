"""The import's pages: dropped, tried out, confirmed, undone; and what they refuse."""

from __future__ import annotations

import errno
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.exchange import reading, receiving, turns
from salesboard.exchange.limits import Limits
from salesboard.exchange.models import Import, ImportState, OnDuplicate, Owners
from salesboard.exchange.values import trimmed
from salesboard.outbox import Work
from tests.browsing import Browser, counted_selects
from tests.domain.exchange.bringing import (
    begin_with,
    brought,
    confirmed,
    count,
    everything,
    named,
    table,
    tried,
    try_out,
    workbook,
)
from tests.rules.exchange.making import (
    SHEET,
    csv_file,
    ods_cell,
    ods_file,
    ods_row,
    one_cell,
    one_row,
    protected_xls,
    protected_xlsx,
    raw_xlsx,
)
from tests.standing import People, make_customer

ClientAs = Callable[..., Browser]


def sent(path: Path, name: str | None = None, **fields: str) -> dict[str, Any]:
    """The form as a browser sends it."""
    file = (BytesIO(path.read_bytes()), name or path.name)
    return {"on_duplicate": "skip", "encoding": "", "separator": "", **fields, "file": file}


def as_leader(person: User, **fields: str) -> dict[str, str]:
    return {"owners": "match", "fallback_owner": str(person.id), **fields}


def controls(page: str) -> dict[str, Any]:
    """What a browser would send of the wizard as it is shown."""
    form = page[page.index('<form class="wizard"') :]
    sends: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option (?:value="([^"]*)" selected|selected value="([^"]*)")', options)
        first = re.search(r'<option[^>]*value="([^"]*)"', options)
        sends[name] = (chosen[1] or chosen[2] or "") if chosen else (first[1] if first else "")
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'([a-z_]+)="([^"]*)"', tag))
        if told.get("type") == "checkbox" and "checked" in tag:
            sends.setdefault(told["name"], []).append(told["value"])
        elif told.get("type") == "number" or (told.get("type") == "radio" and "checked" in tag):
            sends[told["name"]] = told["value"]
    return sends


def confirm(browser: Browser, address: str) -> None:
    """Presses the button below the trial run."""
    browser.post(f"{address}/confirm", controls(browser.get(address).text))


def work_off() -> None:
    """What the workers do."""
    db.session.rollback()
    while waiting := outbox.due(clock.now()):
        for work_id in waiting:
            perform(work_id)


def only() -> Import:
    (found,) = everything(Import)
    return found


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0)


class TestTheWay:
    def test_from_the_file_to_the_undo(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        browser = client_as(people.supervisor)
        assert "Drop your table here" in browser.get("/import").text

        answer = browser.post(
            "/import", sent(workbook(tmp_path), **as_leader(people.supervisor, owners="create"))
        )
        address = answer.headers["Location"]
        assert "Reading the file" in browser.get(address).text
        work_off()
        trial = browser.get(address).text
        assert "Bring 12 records in" in trial
        assert "客户名称* is empty." in trial
        assert count(Customer) == 0

        confirm(browser, address)
        assert "Coming in: 0 of 12 records" in browser.get(address).text
        work_off()
        result = browser.get(address).text
        assert "12 records came in" in result
        assert "1 row was not taken" in result
        assert "纸鹤一期" in browser.get("/").text

        browser.post(f"{address}/undo")
        assert "Being taken back" in browser.get(address).text
        work_off()
        assert "The import is undone" in browser.get(address).text
        assert count(Customer) == 0
        assert "Undone" in browser.get("/import").text

    def test_progress_is_a_part_of_the_page_until_it_is_over(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser, found = client_as(people.owner), confirmed(tried(workbook(tmp_path), by=people.owner))
        with writing():
            db.session.get_one(Import, found.id).done = 1
        part = browser.get(f"/import/{found.id}", fragment=True)
        assert part.text.lstrip().startswith('<div class="panel import-progress"')
        assert 'aria-valuenow="1"' in part.text

        done = brought(workbook(tmp_path), by=people.owner)
        over = browser.get(f"/import/{done.id}", fragment=True)
        assert (over.data, over.headers["HX-Refresh"]) == (b"", "true")

    def test_what_comes_in_can_be_stopped(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        browser, found = client_as(people.owner), confirmed(tried(workbook(tmp_path), by=people.owner))
        assert "Stop and take it back" in browser.get(f"/import/{found.id}").text
        browser.post(f"/import/{found.id}/undo")
        work_off()

        assert "It was stopped." in browser.get(f"/import/{found.id}").text

    def test_pressed_twice_is_pressed_once(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        browser = client_as(people.owner)
        browser.post("/import", sent(table(tmp_path, "客户名称", ("First Works",))))
        work_off()
        address = f"/import/{only().id}"
        shown = controls(browser.get(address).text)
        for act in ("confirm", "confirm", "undo", "undo"):
            browser.post(f"{address}/{act}", shown)

        kinds = [work.kind for work in everything(Work)]
        assert kinds == ["import_plan", "import_apply", "import_undo"]

    def test_an_import_before_its_trial_run_cannot_be_confirmed(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        browser.post("/import", sent(table(tmp_path, "客户名称", ("First Works",))))

        answer = browser.post(f"/import/{only().id}/confirm", status=422)
        assert "This import has to be tried first." in answer.text

    def test_it_is_tried_again_with_other_options(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        make_customer(people.owner, "First Works", industry="Print")
        browser = client_as(people.supervisor)
        path = table(
            tmp_path, "客户名称 所属行业 负责人", ("First Works", "Paper", ""), ("New Works", "", "Lin")
        )
        browser.post("/import", sent(path, **as_leader(people.supervisor)))
        work_off()
        page = browser.get(f"/import/{only().id}").text
        assert "Nobody here is called so: Lin" in page

        fields = {
            "encoding": "",
            "separator": "",
            "on_duplicate": "update",
            "owners": "create",
            "fallback_owner": str(people.owner.id),
        }
        browser.post(f"/import/{only().id}/trial", fields)
        work_off()

        found = only()
        assert (found.on_duplicate, found.owners) == (OnDuplicate.UPDATE, Owners.CREATE)
        assert found.fallback_owner_id == people.owner.id
        assert found.counts["customers"] == {"created": 1, "updated": 1, "skipped": 0, "rejected": 0}
        assert "Changes: Industry" in browser.get(f"/import/{found.id}").text
        confirm(browser, f"/import/{found.id}")
        answer = browser.post(f"/import/{found.id}/trial", fields, status=422)
        assert "This import is past its trial run." in answer.text

    def test_a_change_since_the_trial_run_is_shown_before_anything_comes_in(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        browser.post("/import", sent(table(tmp_path, "客户名称", ("First Works",))))
        work_off()
        make_customer(people.owner, "First Works")
        confirm(browser, f"/import/{only().id}")
        work_off()

        assert "Records changed here since the trial run" in browser.get(f"/import/{only().id}").text
        assert count(Customer) == 1

    def test_what_an_undo_keeps_is_named_with_a_way_there(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found = brought(table(tmp_path, "客户名称", ("First Works",)), by=people.owner)
        customer = named(Customer, "First Works")
        with acting_as_system("a test works on it"), writing():
            db.session.get_one(Customer, customer.id).touch(clock.now())
        browser = client_as(people.owner)
        browser.post(f"/import/{found.id}/undo")
        work_off()

        page = browser.get(f"/import/{found.id}").text
        assert "Kept, because somebody worked on it since" in page
        assert f'href="/customers/{customer.number}"' in page


class TestTheTrialRun:
    def test_shows_rejected_rows_first_and_each_fate_by_itself(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found, browser = tried(workbook(tmp_path), by=people.admin), client_as(people.admin)
        first = browser.get(f"/import/{found.id}").text
        skipped = browser.get(f"/import/{found.id}?fate=skip").text
        everybody = browser.get(f"/import/{found.id}?fate=all").text

        assert ("客户名称* is empty." in first, "The same customer stands" in first) == (True, False)
        assert ("客户名称* is empty." in skipped, "The same customer stands" in skipped) == (False, True)
        assert everybody.count('<tr><th scope="row" class="n') == 5

    def test_has_pages(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        rows = [(f"Works {n:03d}",) for n in range(120)]
        found, browser = tried(table(tmp_path, "客户名称", *rows), by=people.owner), client_as(people.owner)

        assert "Works 049" in browser.get(f"/import/{found.id}").text
        second = browser.get(f"/import/{found.id}?page=2").text
        assert ("Works 049" in second, "Works 050" in second) == (False, True)
        assert 'rel="next"' not in browser.get(f"/import/{found.id}?page=3").text

    @pytest.mark.parametrize(
        "query", ["page=0", "page=x", "page=9999999", "fate=no", "sheet=99", "sheet=x", "sheet="]
    )
    def test_senseless_addresses_show_something_sensible(
        self, tmp_path: Path, people: People, client_as: ClientAs, query: str
    ) -> None:
        found = tried(table(tmp_path, "客户名称", ("First Works",)), by=people.owner)
        client_as(people.owner).get(f"/import/{found.id}?{query}")

    def test_names_the_columns_that_nobody_knows(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        path = table(tmp_path, "客户名称 付款习惯", ("First Works", "月结60"))
        page = client_as(people.owner).get(f"/import/{tried(path, by=people.owner).id}").text

        assert "1 of 2 columns known" in page
        assert "Nothing like it" in page
        assert "月结60" in page

    def test_says_which_values_are_left_out(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        path = table(tmp_path, "客户名称 首次接触日期", ("First Works", "去年"))
        page = client_as(people.owner).get(f"/import/{tried(path, by=people.owner).id}").text

        assert "Row 2 of table, 首次接触日期: “去年” is not a date." in page

    def test_warns_of_what_reads_like_home_addresses(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        rows = [
            ("First Works", ""),
            ("Second Works", "阳光小区3栋2单元501室"),
            ("Third Works", "翠苑3幢2单元501室"),
        ]
        found = tried(table(tmp_path, "客户名称 备注", *rows), by=people.owner)
        page = client_as(people.owner).get(f"/import/{found.id}").text

        assert "The sheet table, 备注: this reads like home addresses in 2 rows, first in row 3." in page

    def test_costs_the_same_however_long_the_file_is(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser, counts = client_as(people.owner), []
        for length in (2, 200):
            rows = [(f"Works {n}", "?") for n in range(length)]
            found = tried(table(tmp_path, "客户名称 首次接触日期", *rows), by=people.owner)
            with counted_selects() as statements:
                browser.get(f"/import/{found.id}")
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 12

    def test_reads_in_the_readers_language(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        """Reasons are kept as codes: who tried it out in English is read in Chinese."""
        found = tried(workbook(tmp_path), by=people.admin)
        with writing():
            db.session.get_one(User, people.admin.id).locale = "zh_Hans"
        assert "客户名称*为空。" in client_as(people.admin).get(f"/import/{found.id}").text


class TestRoles:
    def test_a_rep_is_not_asked_about_owners_and_cannot_say_anything(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        assert 'name="owners"' not in browser.get("/import").text
        path = table(tmp_path, "客户名称 负责人", ("First Works", "Lin"), ("Second Works", ""))
        forged = as_leader(people.admin, owners="create", state="done", requested_by_id="1", kind="deals")
        browser.post("/import", sent(path, **forged))
        work_off()

        found = only()
        assert (found.owners, found.fallback_owner_id) == (Owners.MATCH, None)
        assert (found.state, found.requested_by_id) == (ImportState.PLANNED, people.owner.id)
        confirm(browser, f"/import/{found.id}")
        work_off()
        assert [customer.owner_id for customer in everything(Customer)] == [people.owner.id]

    def test_a_supervisor_gives_to_the_own_team_alone(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser, path = client_as(people.supervisor), table(tmp_path, "客户名称", ("First Works",))
        page = browser.get("/import").text
        assert ("Olive Owner" in page, "Oscar Outsider" in page, "Cora" in page) == (True, False, False)

        browser.post("/import", sent(path, **as_leader(people.outsider)), status=422)
        assert count(Import) == 0

    def test_row_1_and_2_anothers_import_does_not_exist(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found = tried(workbook(tmp_path), by=people.owner)
        browser = client_as(people.outsider)
        before = count(AuditEvent), count(Work)
        browser.get(f"/import/{found.id}", 404)
        browser.get(f"/import/{found.id}/rejects.xlsx", 404)
        for act in ("trial", "confirm", "undo"):
            browser.post(f"/import/{found.id}/{act}", {"on_duplicate": "skip"}, 404)

        assert (count(AuditEvent), count(Work)) == before
        assert only().state is ImportState.PLANNED
        assert "客户管理数据库.xlsx" not in browser.get("/import").text

    def test_the_commands_imports_are_the_admins_to_see(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found = brought(workbook(tmp_path))
        assert "Command line" in client_as(people.admin).get("/import").text
        client_as(people.supervisor).get(f"/import/{found.id}", 404)

    def test_the_set_up_leads_here(self, people: People, client_as: ClientAs) -> None:
        assert 'href="/import"' in client_as(people.admin).get("/setup/doors").text


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "empty": lambda folder: csv_file(folder, ""),
    "not_a_table": lambda folder: written(folder, "book.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "web_page": lambda folder: written(
        folder, "book.xls", b"<html><table><tr><td>1</td></tr></table></html>"
    ),
    "wrong_name": lambda folder: workbook(folder, "book.csv"),
    "broken": lambda folder: written(folder, "book.xlsx", workbook(folder).read_bytes()[:3000]),
    "protected": protected_xlsx,
    "protected ": protected_xls,
    "has_dtd": lambda folder: raw_xlsx(folder, '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + one_row(one_cell("A1"))),
    "too_many_rows": lambda folder: raw_xlsx(folder, one_row(one_cell("A1048576"), number=1048576)),
    "beyond_excel": lambda folder: raw_xlsx(folder, one_row(one_cell("A1048577"), number=1048577)),
    "unpacks_too_big": lambda folder: raw_xlsx(
        folder, [SHEET.encode(), b"<sheetData>", *[b" " * 2**20] * 60, b"</sheetData></worksheet>"]
    ),
    "too_many_rows ": lambda folder: ods_file(
        folder, ods_row(ods_cell("甲"), traits=' table:number-rows-repeated="1000000"')
    ),
    "not_text": lambda folder: written(folder, "table.csv", b"a,b\n\0\0\0,\xff\n"),
}


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


class TestRefusedFiles:
    """TRUST.md, row 10: refused beside the field, with the reason; nothing is kept. How soon: bench/refusing.py."""

    @pytest.mark.parametrize("code", HOSTILE)
    def test_row_10(self, tmp_path: Path, app: Flask, people: People, client_as: ClientAs, code: str) -> None:
        path, browser = HOSTILE[code](tmp_path), client_as(people.owner)
        before = traces(app)
        answer = browser.post("/import", sent(path), status=422)

        assert traces(app) == before
        assert answer.text.count('id="file-error" role="alert">') == 1
        assert 'aria-invalid="true"' in answer.text

    def test_no_file_at_all_and_senseless_options(self, people: People, client_as: ClientAs) -> None:
        browser = client_as(people.owner)
        assert "Choose a file." in browser.post("/import", {"on_duplicate": "skip"}, 422).text
        empty = {"on_duplicate": "skip", "file": (BytesIO(b""), "")}
        assert "Choose a file." in browser.post("/import", empty, 422).text
        forged = {"on_duplicate": "everything", "encoding": "rot13", "file": (BytesIO(b"x"), "a.csv")}
        browser.post("/import", forged, 422)

    def test_a_large_file_is_only_glanced_at(
        self, tmp_path: Path, people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What takes time is left to the worker; what shows at first sight is refused all the same."""
        monkeypatch.setattr(receiving, "LIMITS", Limits(quick_bytes=10))
        monkeypatch.setattr(reading, "_worksheets", lambda *_words: pytest.fail("the parser was reached"))
        browser = client_as(people.owner)
        browser.post("/import", sent(workbook(tmp_path)))
        assert only().state is ImportState.PLANNING
        browser.post("/import", sent(workbook(tmp_path, "book.csv")), status=422)

    def test_more_than_the_limit_is_answered_in_the_houses_look(
        self, app: Flask, people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "UPLOAD_LIMIT", 3 * 2**20)
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2**20)
        browser, two = client_as(people.owner), b"a,b\n" * 2**19
        answer = browser.post("/import", {"file": (BytesIO(two * 2), "a.csv")}, 413)
        assert "What was sent is larger than this server takes." in answer.text
        browser.post("/import", {"on_duplicate": "skip", "file": (BytesIO(two), "a.csv")}, 422)
        browser.post("/customers/new", {"name": (BytesIO(two), "a.csv")}, 413)

    def test_only_who_may_bring_files_may_send_so_much(
        self, app: Flask, people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2**20)
        content = b"a,b\n" * 2**19
        for person in (None, people.collaborator):
            client_as(person).post("/import", {"file": (BytesIO(content), "a.csv")}, 413)

    def test_row_17_a_file_without_the_forms_token(
        self, app: Flask, people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        client_as(people.owner).post("/import", sent(workbook(tmp_path)), status=400)
        assert count(Import) == 0

    @pytest.mark.parametrize("call", ["os.fsync", "shutil.copyfileobj"], ids=["keeping", "opening"])
    def test_a_full_disk_is_said_and_nothing_is_left(
        self,
        app: Flask,
        tmp_path: Path,
        people: People,
        client_as: ClientAs,
        monkeypatch: pytest.MonkeyPatch,
        call: str,
    ) -> None:
        def fill(*_anything: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        browser, form, before = client_as(people.owner), sent(workbook(tmp_path)), traces(app)
        monkeypatch.setattr(call, fill)
        answer = browser.post("/import", form, status=507)

        assert "The disk is full" in answer.text
        assert traces(app)[0] == 0
        assert traces(app)[3] == before[3]


def traces(app: Flask) -> list[Any]:
    folder = app.config["SETTINGS"].data_dir / "uploads"
    files = sorted(folder.iterdir()) if folder.exists() else []
    return [count(Import), count(AuditEvent), count(Work), files]


class TestNames:
    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("../../etc/passwd.csv", "passwd.csv"),
            ("con.csv", "con.csv"),
            ("‮cod.csv", "cod.csv"),
            ("甲" * 300 + ".csv", "甲" * 251 + ".csv"),
            ("<script>alert(1)</script>.csv", "script>.csv"),
            ("'><img src=x onerror=alert(1)>.csv", "'><img src=x onerror=alert(1)>.csv"),
        ],
    )
    def test_row_8_a_name_is_only_a_label(
        self, app: Flask, tmp_path: Path, people: People, client_as: ClientAs, name: str, label: str
    ) -> None:
        browser = client_as(people.owner)
        path = table(tmp_path, "客户名称", ("First Works",))
        browser.post("/import", sent(path, name))
        work_off()

        found = only()
        assert found.file_name == label
        assert len(found.file_key) == 32
        assert "<img" not in browser.get(f"/import/{found.id}").text
        assert "<img" not in browser.get("/import").text

    def test_row_6_cells_are_inert(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*191}}"
        path = table(
            tmp_path,
            f"客户名称 {evil.replace(' ', '')} 备注 邮箱",
            (evil, evil, evil, evil),
            ("", evil, evil, evil),
        )
        browser, found = client_as(people.owner), tried(path, by=people.owner)
        for query in ("fate=all", "fate=reject"):
            page = browser.get(f"/import/{found.id}?{query}").text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "1337" not in page, "a template of the file was worked out"
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


class TestRejects:
    def test_come_back_as_a_sheet(self, tmp_path: Path, people: People, client_as: ClientAs) -> None:
        path = table(
            tmp_path, "客户名称 备注", ("First Works", "fine"), ("", "=cmd|' /C calc'!A0"), ("", "+1")
        )
        found = brought(path, by=people.owner)
        answer = client_as(people.owner).get(f"/import/{found.id}/rejects.xlsx")

        assert (
            answer.headers["Content-Disposition"] == f"attachment; filename=import-{found.id}-not-taken.xlsx"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        sheet = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_name("table")
        assert sheet.to_python() == [
            ["Why it was not taken", "Row", "客户名称", "备注"],
            ["客户名称 is empty.", 3.0, "", "=cmd|' /C calc'!A0"],
            ["客户名称 is empty.", 4.0, "", "+1"],
        ]
        with zipfile.ZipFile(BytesIO(answer.data)) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")

    def test_can_be_corrected_and_dropped_in_as_they_are(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found = brought(
            table(tmp_path, "客户名称 备注 首次接触日期", ("", "keep", "2024/3/9")), by=people.owner
        )
        answer = client_as(people.owner).get(f"/import/{found.id}/rejects.xlsx")
        again = try_out(begin_with("again.xlsx", answer.data, by=people.owner))

        assert [column["fields"] for column in again.sheets[0]["columns"]] == [
            [],
            [],
            ["customer.name"],
            ["customer.remarks"],
            ["customer.first_contact_date"],
        ]

    def test_of_an_import_without_any_say_so(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        found = brought(table(tmp_path, "客户名称", ("First Works",)), by=people.owner)
        answer = client_as(people.owner).get(f"/import/{found.id}/rejects.xlsx")
        assert CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python() == [
            ["Every row was taken."]
        ]


NAUGHTY = (
    "\ufeffx", "\U0001f600 ok", "Ω≈ç√", "ﷺ", "\u202etest\u202e", "1;DROP TABLE users", "%s%n", "\u200e", "\x1b[31m",
    "{{7*7}}", "\x7f", "a\u2028b", "__proto__", "Z̮̞̠͙͔ͅ", "undefined", "1e1000", "-0", "../../x", "&lt;", "'; --",
)  # fmt: skip


def test_naughty_strings_go_in_and_are_shown(tmp_path: Path, people: People, client_as: ClientAs) -> None:
    """TRUST.md, row 23: a faithful round trip; never a failure."""
    browser = client_as(people.owner)
    rows = [(f"Works {n}", text, text) for n, text in enumerate(NAUGHTY)]
    browser.post("/import", sent(table(tmp_path, "客户名称 备注 首次接触日期", *rows)))
    work_off()
    browser.get(f"/import/{only().id}?fate=all")
    confirm(browser, f"/import/{only().id}")
    work_off()

    assert only().state is ImportState.DONE
    kept = {customer.name: customer.remarks for customer in everything(Customer)}
    assert kept == {f"Works {n}": trimmed(text) or None for n, text in enumerate(NAUGHTY)}
    for customer in everything(Customer):
        browser.get(f"/customers/{customer.number}")


def test_halves_of_letters_and_zeros_are_left_out_and_said(
    tmp_path: Path, people: People, client_as: ClientAs
) -> None:
    head = text_cell("A1", "客户名称") + text_cell("B1", "备注")
    row = text_cell("A2", "First Works") + text_cell("B2", "a_x0000_b_xD800_c")
    rows = f'<row r="1">{head}</row><row r="2">{row}</row>'
    path = raw_xlsx(tmp_path, f"{SHEET}<sheetData>{rows}</sheetData></worksheet>")
    brought(path, by=people.owner)
    remarks = named(Customer, "First Works").remarks
    assert "\0" not in remarks
    assert remarks.startswith("a")
    assert remarks.endswith("c")


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
