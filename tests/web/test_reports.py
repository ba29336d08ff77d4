"""The pages of reports: asking, waiting, reading, and the rows behind each number."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import reports as report_jobs
from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.insight.evaluation import STEPS
from salesboard.insight.models import Report, ReportState
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.outbox import Work
from tests.browsing import Browser, counted_selects
from tests.domain.insight.course import Course
from tests.standing import People, make_customer

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOW = datetime(2026, 4, 2, 1, tzinfo=UTC)
ClientAs = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze) -> None:
    freeze(NOW)


@pytest.fixture
def quarter(app: Flask, people: People) -> None:
    """A signed, a lost and an open deal of the owner in the first quarter of 2026."""
    steel = make_customer(people.owner, "Steel & <b>Sons</b>", industry="steel")
    Course(people.owner, "2026-01-05", customer=steel).to(Stage.INTENT, "2026-01-20").to(
        Stage.WON, "2026-02-04", contract="123456.78"
    )
    Course(people.owner, "2026-01-05", customer=steel).lose("2026-02-10")
    Course(people.owner, "2026-03-05")


def asked(by: User, scope: Scope | None = None) -> int:
    with acting_as_system("a test asks"), writing():
        return Report.request(Period.parse("2026Q1"), scope or Scope(person=by), by=by, now=clock.now()).id


def work_through() -> None:
    for work_id in outbox.due(clock.now()):
        perform(work_id)


def made(by: User, scope: Scope | None = None) -> int:
    report_id = asked(by, scope)
    work_through()
    return report_id


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_asking_leads_to_the_page_that_waits(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    form = {"period": "2026Q1", "scope": "person:olive@example.com", "starts_on": "", "ends_on": ""}
    answer = browser.post("/reports", form)

    page = browser.get(answer.location).get_data(True)
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 1s"' in page


def test_any_days_take_the_place_of_the_period(people: People, client_as: ClientAs) -> None:
    form = {"period": "2026Q1", "scope": "person:olive@example.com"}
    days = {"starts_on": "2026-01-10", "ends_on": "2026-01-20"}
    client_as(people.owner).post("/reports", {**form, **days})

    with acting_as_system("a test looks"):
        assert db.session.scalars(select(Report.period_key)).all() == ["2026-01-10..2026-01-20"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "2026Q9"},
        {"period": "2010Q1"},
        {"scope": "all"},
        {"scope": "person:tom@example.com"},
        {"scope": "team:North"},
        {"starts_on": "2026-01-20", "ends_on": "2026-01-10"},
        {"starts_on": "2026-01-20"},
        {"starts_on": "1980-01-01", "ends_on": "2026-01-10"},
        {"starts_on": "2011-01-01", "ends_on": "2026-01-10"},
        {"starts_on": "soon", "ends_on": "2026-01-10"},
    ],
    ids=str,
)
def test_what_is_senseless_or_not_theirs_is_refused(
    people: People, client_as: ClientAs, wrong: dict[str, str]
) -> None:
    form = {"period": "2026Q1", "scope": "person:olive@example.com", **wrong}
    client_as(people.owner).post("/reports", form, status=422)

    with acting_as_system("a test looks"):
        assert db.session.scalars(select(Report.id)).all() == []
        assert db.session.scalars(select(Work.id)).all() == []


def test_the_waiting_page_tells_how_far_it_is_and_then_loads_itself_anew(
    people: People, client_as: ClientAs, quarter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, report_id = client_as(people.owner), asked(people.owner)
    address = f"/reports/{report_id}"
    seen: list[str] = []

    evaluate = report_jobs.evaluate

    def watch(*args, after_step, **options):  # type: ignore[no-untyped-def]
        def told(step: int) -> None:
            after_step(step)
            seen.append(browser.get(address, fragment=True).get_data(True))

        return evaluate(*args, after_step=told, **options)

    monkeypatch.setattr(report_jobs, "evaluate", watch)
    work_through()

    told = [int(re.search(r'aria-valuenow="(\d+)"', part).group(1)) for part in seen]  # type: ignore[union-attr]
    assert told == list(range(1, STEPS + 1))
    assert not any("<h1" in part for part in seen)
    assert browser.get(address, fragment=True).headers["HX-Refresh"] == "true"
    assert "Key figures" in browser.get(address).get_data(True)


def test_the_page_says_the_numbers_and_where_they_come_from(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    html = client_as(people.owner).get(f"/reports/{made(people.owner)}").get_data(True)
    page = text_of(html)

    assert "First quarter of 2026" in page
    assert "Signed amount 123.5 K" in page
    assert "Win rate 50% –" in page
    assert "Days from creation to signing 30 days" in page
    assert "Frozen as of Apr 2 09:00" in page
    assert "Steel & <b>Sons</b>" not in html


def test_each_link_of_the_page_opens_rows(people: People, client_as: ClientAs, quarter: None) -> None:
    browser, report_id = client_as(people.owner), made(people.owner)
    html = browser.get(f"/reports/{report_id}").get_data(True)
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/\d+/rows/[^"]+)"', html)}

    assert len(links) > 12
    for link in links:
        rows = browser.get(link).get_data(True)
        said = int(re.search(r"(\d+) rows?, as of", rows).group(1))  # type: ignore[union-attr]
        assert rows.count("<tr>") == said + 1 if said else "No row" in rows


def test_rows_say_how_each_counted(people: People, client_as: ClientAs, quarter: None) -> None:
    browser, report_id = client_as(people.owner), made(people.owner)
    html = browser.get(f"/reports/{report_id}/rows/win_rate").get_data(True)

    assert "Steel &amp; &lt;b&gt;Sons&lt;/b&gt;" in html
    assert html.count(">Won<") == html.count(">Lost<") == 1
    lost = text_of(browser.get(f"/reports/{report_id}/rows/win_rate?part=lost&reason=price").get_data(True))
    assert "Lost · Price" in lost
    assert "1 row, as of" in lost


@pytest.mark.parametrize(
    "address",
    [
        "rows/nothing",
        "rows/__class__",
        "rows/win_rate?by=password_hash",
        "rows/win_rate?at=nowhere",
        "rows/win_rate?part=__init__",
        "rows/win_rate?reason=x",
    ],
)
def test_senseless_rows_do_not_exist(
    people: People, client_as: ClientAs, quarter: None, address: str
) -> None:
    client_as(people.owner).get(f"/reports/{made(people.owner)}/{address}", status=404)


@pytest.mark.parametrize(
    "address",
    [
        "nothing?period=2026Q1",
        "win_rate",
        "win_rate?period=2026Q9",
        "win_rate?period=2026Q1&scope=team:South",
        "win_rate?period=2026Q1&scope=person:oscar@example.com",
        "win_rate?period=2026Q1&until=2026-04-03",
        "win_rate?period=2026Q1&until=soon",
        "win_rate?period=2026Q1&by=password_hash",
    ],
)
def test_senseless_rows_of_now_do_not_exist(people: People, client_as: ClientAs, address: str) -> None:
    client_as(people.supervisor).get(f"/reports/rows/{address}", status=404)


def test_rows_of_now_are_ones_own(people: People, client_as: ClientAs, quarter: None) -> None:
    address = "/reports/rows/win_rate?period=2026Q1"
    assert "50%" in text_of(client_as(people.owner).get(address).get_data(True))
    assert "No row" in client_as(people.outsider).get(address).get_data(True)


def test_a_report_of_the_first_definitions_still_reads(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    report_id = made(people.owner)
    with acting_as_system("a test takes away what was not counted then"), writing():
        report = db.session.get_one(Report, report_id)
        assert report.result is not None
        since = ("follow_up_rate", "tasks_on_time", "needs_accuracy", "objections_settled", "forecast")
        kept = {code: each for code, each in report.result["metrics"].items() if code not in since}
        report.result = {**report.result, "metrics": kept}

    page = client_as(people.owner).get(f"/reports/{report_id}").get_data(True)
    assert "Signed amount" in page
    assert 'id="discipline"' not in page
    client_as(people.owner).get(f"/reports/{report_id}/rows/follow_up_rate", status=404)


def test_rows_of_a_report_that_is_not_done_do_not_exist(people: People, client_as: ClientAs) -> None:
    client_as(people.owner).get(f"/reports/{asked(people.owner)}/rows/win_rate", status=404)


@pytest.mark.parametrize("page", ["0", "-1", "2", "99999", "x", "１", "9" * 40])
def test_a_page_that_is_not_there_is_the_nearest(
    people: People, client_as: ClientAs, quarter: None, page: str
) -> None:
    browser, report_id = client_as(people.owner), made(people.owner)

    assert "Steel" in browser.get(f"/reports/{report_id}/rows/win_rate?page={page}").get_data(True)
    browser.get(f"/reports?page={page}")


def test_many_rows_come_page_by_page(
    people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from salesboard.insight import rows_views

    monkeypatch.setattr(rows_views, "ROWS_A_PAGE", 2)
    customer = make_customer(people.owner)
    for _n in range(5):
        Course(people.owner, "2026-01-05", customer=customer)
    browser, report_id = client_as(people.owner), made(people.owner)

    address, seen = f"/reports/{report_id}/rows/lead_conversion", 0
    while address:
        html = browser.get(address).get_data(True)
        seen += html.count("<tr>") - 1
        following = re.search(r'href="([^"]+)" rel="next"', html)
        address = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == 5


def test_a_report_of_nothing_is_a_whole_page_too(people: People, client_as: ClientAs) -> None:
    page = text_of(client_as(people.owner).get(f"/reports/{made(people.owner)}").get_data(True))

    assert "Nothing was signed" in page
    assert "Nothing stands out" in page


def test_a_failed_report_says_why_and_offers_another_try(people: People, client_as: ClientAs) -> None:
    report_id = asked(people.owner)
    with acting_as_system("a test breaks it"), writing():
        db.session.get_one(Report, report_id).fail("The disk was full.")
    browser = client_as(people.owner)
    page = browser.get(f"/reports/{report_id}").get_data(True)
    assert "The disk was full." in page
    assert "hx-trigger" not in page

    browser.post(f"/reports/{report_id}/attempts")
    work_through()
    assert "Key figures" in browser.get(f"/reports/{report_id}").get_data(True)


def test_another_try_of_a_finished_report_changes_nothing(people: People, client_as: ClientAs) -> None:
    report_id = made(people.owner)
    client_as(people.owner).post(f"/reports/{report_id}/attempts")

    with acting_as_system("a test looks"):
        assert db.session.get_one(Report, report_id).state is ReportState.DONE
        assert outbox.due(clock.now()) == []


def test_the_list_names_what_one_may_read_at_a_fixed_cost(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    browser = client_as(people.supervisor)

    def selects() -> int:
        with counted_selects() as statements:
            browser.get("/reports")
        return len(statements)

    made(people.owner)
    made(people.outsider)
    browser.get("/reports")
    few = selects()
    for person in (people.teammate, people.supervisor):
        made(person)
        made(person)
    made(people.supervisor, Scope(tuple(people.supervisor.teams)))
    page = text_of(browser.get("/reports").get_data(True))

    assert selects() == few
    assert "Olive Owner" in page
    assert "North" in page
    assert (
        page.count("2026 Olive") + page.count("2026 Tom") + page.count("2026 Sue") + page.count("2026 North")
        == 6
    )


def test_the_form_offers_only_ones_own_scopes(people: People, client_as: ClientAs) -> None:
    def offered(person: User) -> set[str]:
        html = client_as(person).get("/reports").get_data(True)
        return set(re.findall(r'value="((?:person|team):[^"]+|all)"', html))

    assert offered(people.owner) == {"person:olive@example.com"}
    assert "team:South" not in offered(people.supervisor)
    assert "all" in offered(people.admin)
