"""Files that break other programs' imports: each comes in right, by page and by command, or is refused with a reason.

Each kind is written small by the tests. The files that they are modelled on lie outside this repository, in
../shared/data/nasty; where those are, they are brought in too.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import name_key
from salesboard.exchange import commands, turns
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import trimmed
from tests.browsing import Browser
from tests.commanding import Run, command_in
from tests.domain.exchange.bringing import everything, undo
from tests.naughty import come_alive
from tests.rules.exchange.making import GIVEN
from tests.standing import People
from tests.web.test_import_pages import confirm, sent, work_off
from tests.web.test_import_wizard import dropped, say

"""What a file says does not depend on where the rows come to lie."""

TEXT = "alpha,beta,gamma\none,two,three\nfour,five,six\n"
PICTURE = '<img alt=""zq"" src=""data:image/png;base64,iVBORw0KGgo="" onerror=zq()>'
ACCOUNTS = """NAME,TYPE,PHONE,WEBSITE,ANNUALREVENUE
account #0,Account,415-555-0100,http://zero.example,0
account #1,Account,415-555-0101,http://one.example,1000
"""


@dataclass(frozen=True)
class Nasty:
    """A kind of file: a small one, the given one (`name`), how both are encoded, what their columns hold where their
    heads do not say so by themselves, by place, and what they are about; or why they are refused, by page and by
    command."""

    name: str
    content: bytes
    encoding: str = "utf-8"
    holds: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    on_page: str = ""
    by_command: str = ""

    def rows(self, content: bytes) -> list[list[str]]:
        """What another reader finds in it, the head first."""
        mark = 2 if self.encoding.startswith("utf-32") else 0  # behind the mark of two-byte text
        text = content[mark:].decode(self.encoding).removeprefix("\ufeff")
        return [[trimmed(cell) for cell in row] for row in csv.reader(StringIO(text)) if row]


THREE = {0: "customer.name", 1: "customer.remarks", 2: "customer.region"}
NOTHING_KNOWN = "no_head_row"
LIST = (
    Nasty("csvtext.csv", TEXT.encode(), holds=THREE),
    Nasty("csvtext_BOM_UTF8.csv", codecs.BOM_UTF8 + TEXT.encode(), holds=THREE),
    Nasty("csvtext_BOM_UTF16LE.csv", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le", THREE),
    Nasty("csvtext_BOM_UTF16BE.csv", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be", THREE),
    Nasty("csvtext_BOM_UTF32LE.csv", codecs.BOM_UTF16_LE + TEXT.encode("utf-32-le"), "utf-32-le", THREE),
    Nasty("csvtext_BOM_UTF32BE.csv", codecs.BOM_UTF16_BE + TEXT.encode("utf-32-be"), "utf-32-be", THREE),
    Nasty("csvSeparator.csv", b"one,two!and,three\na1,a2!a3,a4\nb1,b2!b3,b4\n", holds=THREE),
    Nasty(
        "csvEscapedQuotes.csv",
        b'one,two\n"""The First"" Account",x\n"The ""Second"" Account",x\n',
        holds={0: "customer.name", 1: "customer.remarks"},
    ),
    Nasty("20kRows.csv", "\n".join(["ROW", *map(str, range(30))]).encode(), holds={0: "customer.name"}),
    Nasty(
        "acctsWithBinaryDataInRTF.csv",
        f'"Name","RICHTEXT__c"\n"Company Zq","{PICTURE}"\n'.encode(),
        holds={1: "customer.remarks"},
    ),
    Nasty(
        "emptyFirstRowFieldValueInCsvTemplate.csv",
        b'ID,NAME,WEBSITE\n001x01,update #0,\n001x02,update #1,"site"\n',
        holds={2: "customer.remarks"},
    ),
    Nasty("insertAccountCsv.csv", ACCOUNTS.encode()),
    Nasty(
        "insertTaskWithContactAsWhoCsv.csv",
        'Subject,Who:Contact-email\nA talk,"who@first.example\u3000 \u3000"\n'.encode(),
        holds={0: "customer.name", 1: "contact.email"},
        kind="customers",
    ),
    Nasty(
        "hardDeleteEmptyCsvFileTemplate.csv",
        b'"ID"',
        on_page="Below the head of the sheet",
        by_command="no_required_column",
    ),
    Nasty(
        "blns.json",
        b'[\n  "", \n "undefined"\n]\n',
        on_page="The file is JSON, not a spreadsheet.",
        by_command="not_a_table",
    ),
    Nasty("LICENSE.blns", b"The Licence\n\nPermission is granted.\n", by_command=NOTHING_KNOWN),
    Nasty("blns.txt", b"#\tStrings\n\nundefined\n\xef\xbb\xbf\n", by_command=NOTHING_KNOWN),
    Nasty("csv_injection_payloads.txt", b"=1+1|'x'!A0\n@SUM(1)*cmd|'y'!A0\n", by_command=NOTHING_KNOWN),
)


def given(name: str) -> Path:
    """The file of this name that lies outside the repository. Its absence is told, not passed over."""
    found = next((GIVEN / "nasty").rglob(name), None) if GIVEN.exists() else None
    if found is None:
        pytest.skip(f"../shared/data/nasty/…/{name} is not here; its small likeness was tried instead")
    return found


def small(nasty: Nasty, folder: Path) -> Path:
    path = folder / nasty.name
    path.write_bytes(nasty.content)
    return path


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0)


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    return command_in(app, monkeypatch, commands, commands.import_group)


def came_in(nasty: Nasty, content: bytes) -> None:
    """Each row is a customer, and what its columns hold stands in it as another reader finds it."""
    customers, contacts = everything(Customer), {each.customer_id: each for each in everything(Contact)}
    head, *rows = nasty.rows(content)
    names = {"NAME": "customer.name", "PHONE": "contact.phone"}
    holds = {
        place: names[told.upper()] for place, told in enumerate(head) if told.upper() in names
    } | nasty.holds
    named = next(place for place, key in holds.items() if key == "customer.name")
    first_of_its_name = {name_key(row[named]): row for row in reversed(rows)}
    told = [row for row in rows if row is first_of_its_name[name_key(row[named])]]
    assert len(customers) == len(told)
    for customer, row in zip(customers, told, strict=True):
        for place, key in holds.items():
            kind, _dot, name = key.partition(".")
            kept = getattr(customer if kind == "customer" else contacts[customer.id], name)
            wanted = row[place].lower() if key == "contact.email" else row[place]
            assert (kept or "") == wanted, (nasty.name, key)


def by_page(nasty: Nasty, path: Path, browser: Browser) -> None:
    if nasty.on_page:
        answer = browser.post("/import", sent(path), 422).text
        assert nasty.on_page in answer
        return
    address = dropped(browser, path)
    page = browser.get(address).text
    if nasty.by_command:
        assert "no column holds this yet: Customer" in page
        browser.post(f"{address}/confirm", {}, 422)
        return
    if nasty.holds:
        page = say(browser, address, **{f"column-{place}": key for place, key in nasty.holds.items()})
    if nasty.kind:
        page = say(browser, address, kind=nasty.kind)
    assert come_alive(page) == []
    confirm(browser, address)
    work_off()
    came_in(nasty, path.read_bytes())
    customer = everything(Customer)[0]
    assert come_alive(browser.get(f"/customers/{customer.number}").text) == []


def by_command(nasty: Nasty, path: Path, run: Run) -> None:
    if nasty.by_command:
        with pytest.raises(FileRefused) as refused:
            run(path, "--owners", "create", "--json")
        assert refused.value.reason.code == nasty.by_command
        return
    heads = nasty.rows(path.read_bytes())[0]
    said = [word for place, key in nasty.holds.items() for word in ("--map", f"{heads[place]}={key}")]
    said += ["--kind", nasty.kind] if nasty.kind else []
    assert run(path, *said, "--default", "owner=olive@example.com", "--json").exit_code == 0
    came_in(nasty, path.read_bytes())


EACH = pytest.mark.parametrize("nasty", LIST, ids=lambda nasty: nasty.name)


@EACH
def test_a_small_likeness_comes_in_right_or_is_refused_with_a_reason(
    nasty: Nasty, tmp_path: Path, people: People, client_as: Callable[..., Browser], run: Run
) -> None:
    path = small(nasty, tmp_path)
    by_page(nasty, path, client_as(people.owner))
    for found in everything(Import):
        if found.state is ImportState.DONE:
            undo(found)
    assert everything(Customer) == []
    by_command(nasty, path, run)


@EACH
def test_so_does_the_file_itself(nasty: Nasty, people: People, client_as: Callable[..., Browser]) -> None:
    path = given(nasty.name)
    if nasty.name != "20kRows.csv":  # its many rows are what benches measure
        by_page(nasty, path, client_as(people.owner))


def test_no_file_is_left_out() -> None:
    folder = given("blns.txt").parents[1]
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {nasty.name for nasty in LIST}
