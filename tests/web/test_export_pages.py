"""The export's pages: taken at once, made by a worker, fetched for a day, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.exchange import export_views
from salesboard.exchange.export_models import LASTS, Export
from tests.browsing import Browser, counted_selects
from tests.domain.exchange.bringing import NOON, brought, everything
from tests.domain.exchange.going_out import lines_in
from tests.rules.exchange.making import table_file
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]


def ask(browser: Browser, what: str = "customers", form: str = "xlsx", **fields: str) -> Any:
    return browser.send("/exports", "POST", data={"what": what, "form": form, **fields})


def work_off() -> None:
    db.session.rollback()
    for work_id in outbox.due(clock.now()):
        perform(work_id)


def customers_in(content: bytes, folder: Path, name: str = "got.xlsx") -> list[object]:
    path = folder / name
    path.write_bytes(content)
    return [line["Customer"] for line in lines_in(path)]


@pytest.fixture
def _made_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an empty list is long."""
    monkeypatch.setattr(export_views, "AT_ONCE", -1)


def test_a_short_list_comes_at_once_as_the_page_shows_it(
    people: People, client_as: ClientAs, tmp_path: Path
) -> None:
    make_customer(people.owner, region="East")
    make_customer(people.owner, "Marble Works", region="West")
    make_customer(people.outsider, "Glass Works", region="West")
    browser = client_as(people.owner)
    assert 'name="query" value="region=West' in browser.get("/customers?region=West").text

    answer = ask(browser, query="region=West")
    assert answer.status_code == 200
    assert "customers-" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert customers_in(answer.data, tmp_path) == ["Marble Works"]
    (taken,) = everything(Export)
    assert (taken.query, taken.done, taken.file_key) == ("region=West", 1, None)
    assert everything(AuditEvent)[-1].verb == "export.taken"


def test_each_form_and_the_own_sheets_come_at_once(people: People, client_as: ClientAs) -> None:
    make_deal(people.owner)
    browser = client_as(people.owner)

    assert ask(browser, "deals", "csv").data.startswith(b"\xef\xbb\xbf")
    assert ask(browser, "deals", "csv-gb18030").data.decode("gb18030").startswith("Deal number,")
    assert ask(browser, "sheet:客户管理数据库").data.startswith(b"PK")
    assert 'name="what" value="deals"' in browser.get("/deals?stage=lead").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": "nonsense"}, "Choose what to export."),
        ({"what": "all"}, "Choose what to export."),
        ({"what": "import:1"}, "Choose what to export."),
        ({"form": "zip"}, "Not a valid choice"),
        ({"what": "sheet:客户管理数据库", "form": "csv"}, "Choose Excel"),
        ({"query": "x" * 2001}, ""),
        ({"query": "q=\x00"}, ""),
    ],
)
def test_what_cannot_be_had_is_said_beside_the_field(
    people: People, client_as: ClientAs, fields: dict[str, str], said: str
) -> None:
    answer = ask(client_as(people.owner), **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert everything(Export) == []


@pytest.mark.usefixtures("_made_later")
def test_a_long_list_is_made_by_a_worker_and_fetched(
    people: People, client_as: ClientAs, tmp_path: Path
) -> None:
    make_customer(people.owner)
    browser = client_as(people.owner)
    answer = ask(browser)
    assert answer.status_code == 303
    page = answer.headers["Location"]
    assert "0 of 1 rows are written" in browser.get(page).text
    assert browser.send(f"{page}/file", "GET").status_code == 404

    work_off()
    again = browser.send(page, "GET", headers={"HX-Request": "true"})
    assert again.headers["HX-Refresh"] == "true"
    assert "1 row is ready" in browser.get(page).text
    got = browser.send(f"{page}/file", "GET")
    assert customers_in(got.data, tmp_path) == ["Paper Crane Packaging"]
    assert everything(AuditEvent)[-1].verb == "export.fetched"
    assert everything(AuditEvent)[-1].actor_id == people.owner.id


@pytest.mark.usefixtures("_made_later")
def test_after_a_day_it_cannot_be_fetched(
    people: People, client_as: ClientAs, freeze: Callable[..., None]
) -> None:
    freeze(NOON)
    browser = client_as(people.owner)
    page = ask(browser).headers["Location"]
    work_off()

    freeze(NOON + LASTS)
    assert client_as(people.owner).send(f"{page}/file", "GET").status_code == 404


@pytest.mark.usefixtures("_made_later")
def test_who_sees_less_than_when_it_was_made_gets_it_no_more(people: People, client_as: ClientAs) -> None:
    make_customer(people.owner)
    page = ask(client_as(people.supervisor)).headers["Location"]
    work_off()
    assert client_as(people.supervisor).send(f"{page}/file", "GET").status_code == 200

    with acting_as_system("a test"), writing():
        db.session.get_one(User, people.supervisor.id).teams = [db.session.scalars(select(Team)).all()[1]]
    assert client_as(people.supervisor).send(f"{page}/file", "GET").status_code == 404
    with acting_as_system("a test"), writing():
        db.session.get_one(User, people.supervisor.id).role = Role.COLLABORATOR
    assert client_as(people.supervisor).send(f"{page}/file", "GET").status_code == 403


def test_everything_is_the_admins(people: People, client_as: ClientAs) -> None:
    make_customer(people.outsider)
    assert "Everything, as one archive" not in client_as(people.supervisor).get("/exports").text
    browser = client_as(people.admin)
    assert "Everything, as one archive" in browser.get("/exports").text

    page = ask(browser, "all").headers["Location"]
    work_off()
    with ZipFile(BytesIO(browser.send(f"{page}/file", "GET").data)) as archive:
        assert b"Paper Crane" in archive.read("tables/customers.csv")


def test_a_collaborator_is_offered_none(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.collaborator)

    assert "/exports" not in browser.get("/customers").text
    assert "/exports" not in browser.get("/deals").text


def test_the_list_of_exports_costs_as_much_with_many_as_with_few(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    ask(browser)
    with counted_selects() as few:
        browser.get("/exports")
    for _ in range(5):
        ask(browser, "deals", "csv")
    with counted_selects() as many:
        browser.get("/exports")
    assert len(many) == len(few)
    assert db.session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.verb == "export.taken")) == 6


def test_what_an_import_brought_in_comes_out_in_the_shape_of_its_file(
    people: People, client_as: ClientAs, tmp_path: Path
) -> None:
    found = brought(
        table_file(tmp_path, [("单位", "备忘"), ("First Works", "A3")], name="ours.csv"), by=people.owner
    )
    browser = client_as(people.owner)
    assert f'value="import:{found.id}"' in browser.get(f"/import/{found.id}").text
    assert f'value="import:{found.id}"' in browser.get("/exports").text

    answer = ask(browser, f"import:{found.id}", "csv")
    assert answer.data.decode("utf-8-sig").split() == ["单位,备忘", "First", "Works,A3"]
    assert "ours-" in answer.headers["Content-Disposition"]
    assert f"Import {found.id}, in the shape of its file" in browser.get("/exports").text
    assert ask(client_as(people.outsider), f"import:{found.id}", "csv").status_code == 422
