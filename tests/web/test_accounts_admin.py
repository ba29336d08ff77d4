"""The admin's pages: people, teams, stages, working days, the board itself, work that failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock, outbox
from salesboard.access import Role
from salesboard.accounts.models import Team, User
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.rules import DEFAULT_LIMITS, STAGES, Stage
from salesboard.deals.stages import StageSetting, stage_settings
from salesboard.installation import CalendarDay, Installation, working_calendar
from salesboard.outbox import Work, WorkState
from tests.browsing import Browser, counted_selects
from tests.standing import People

Client = Callable[..., Browser]


@pytest.fixture
def admin(people: People, client_as: Client) -> Browser:
    return client_as(people.admin)


def fresh(person: User) -> User:
    return db.session.scalars(
        select(User).where(User.id == person.id).execution_options(populate_existing=True)
    ).one()


def events() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))


def test_the_list_says_who_is_there_and_in_which_state(people: People, admin: Browser) -> None:
    with writing():
        people.outsider.deactivate(by=people.admin, now=clock.now())
    admin.post("/admin", {"name": "New One", "email": "new@example.com", "role": "supervisor"})
    page = admin.get("/admin").get_data(as_text=True)
    for words in ("Olive Owner", "olive@example.com", "Deactivated", "Invited, until", "Seen"):
        assert words in page
    north = db.session.scalars(select(Team.id).where(Team.name == "North")).one()
    page = admin.get(f"/admin?team={north}").get_data(as_text=True)
    assert "Olive Owner" in page
    assert "Oscar Outsider" not in page
    assert "Oscar Outsider" in admin.get("/admin?team=x").get_data(as_text=True)


def test_the_list_costs_the_same_however_many_there_are(people: People, admin: Browser) -> None:
    with counted_selects() as few:
        admin.get("/admin")
    with writing():
        north = db.session.scalars(select(Team).where(Team.name == "North")).one()
        for n in range(30):
            User.invite(f"p{n}@example.com", f"P{n}", Role.REP, teams=[north], by=None, now=clock.now())
    with counted_selects() as many:
        admin.get("/admin")
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "olive@example.com"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "boss"}, "role"),
        ({"teams": ["99"]}, "teams"),
    ],
)
def test_an_invitation_that_cannot_be_is_said_beside_its_field(
    admin: Browser, wrong: dict[str, str], field: str
) -> None:
    sent = {"name": "New One", "email": "new@example.com", "role": "rep", **wrong}
    page = admin.post("/admin", sent, 422).get_data(as_text=True)
    assert f'id="{field}-error"' in page
    assert db.session.scalar(select(func.count(User.id))) == 6


def test_role_and_teams_change_at_once(people: People, admin: Browser, client_as: Client) -> None:
    owner = client_as(people.owner)
    owner.get("/admin", 403)
    south = db.session.scalars(select(Team.id).where(Team.name == "South")).one()
    sent = {"name": "Olive", "email": "olive@example.org", "role": "admin", "teams": [str(south)]}
    admin.post(f"/admin/people/{people.owner.id}", sent)
    owner.get("/admin")
    person = fresh(people.owner)
    assert (person.name, person.email, person.role) == ("Olive", "olive@example.org", Role.ADMIN)
    assert [team.name for team in person.teams] == ["South"]


def test_the_last_admin_cannot_step_down_or_be_closed(people: People, admin: Browser) -> None:
    sent = {"name": "Ada Admin", "email": "ada@example.com", "role": "rep"}
    page = admin.post(f"/admin/people/{people.admin.id}", sent, 422).get_data(as_text=True)
    assert "the only admin" in page
    admin.post(f"/admin/people/{people.admin.id}/activity", {"active": "0"})
    assert "cannot deactivate your own" in admin.get(f"/admin/people/{people.admin.id}").get_data(
        as_text=True
    )
    assert fresh(people.admin).is_active


def test_closing_an_account_takes_hold_at_the_next_click(
    people: People, admin: Browser, client_as: Client
) -> None:
    owner = client_as(people.owner)
    admin.post(f"/admin/people/{people.owner.id}/activity", {"active": "0"})
    owner.get("/settings", 302)
    assert "Deactivated" in admin.get(f"/admin/people/{people.owner.id}").get_data(as_text=True)
    admin.post(f"/admin/people/{people.owner.id}/link", status=422)
    admin.post(f"/admin/people/{people.owner.id}/activity", {"active": "1"})
    client_as(people.owner).get("/settings")


def test_nobody_is_not_found(admin: Browser) -> None:
    admin.get("/admin/people/9999", 404)
    admin.get("/admin/people/99999999999999999999", 404)
    admin.post("/admin/people/9999/link", status=404)
    admin.post("/admin/people/9999/activity", {"active": "0"}, 404)
    admin.post("/admin/teams/9999", {"name": "x"}, 404)


def test_teams_are_added_and_renamed(people: People, admin: Browser) -> None:
    admin.post("/admin/teams", {"name": "  Tide  Partners "})
    admin.post("/admin/teams", {"name": "North"}, 422)
    admin.post("/admin/teams", {"name": ""}, 422)
    north = db.session.scalars(select(Team.id).where(Team.name == "North")).one()
    admin.post(f"/admin/teams/{north}", {"name": "North-east"})
    page = admin.post(f"/admin/teams/{north}", {"name": "South"}, 422).get_data(as_text=True)
    assert f'id="team-{north}-error"' in page
    assert "5 people" in page
    names = db.session.scalars(select(Team.name).order_by(Team.name)).all()
    assert names == ["North-east", "South", "Tide Partners"]


def stage_fields(**changed: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for stage, setting in stage_settings().items():
        fields |= {
            f"{stage}-name": "",
            f"{stage}-probability": str(setting.probability),
            f"{stage}-warn_days": str(setting.warn_days),
            f"{stage}-limit_days": str(setting.limit_days),
            f"{stage}-playbook": "",
        }
    return {**fields, **{key.replace("__", "-"): value for key, value in changed.items()}}


def test_stages_keep_what_the_admin_says(people: People, admin: Browser) -> None:
    admin.get("/admin/stages")
    changed = stage_fields(
        proposal__name="Quotation", proposal__warn_days="3", proposal__limit_days="6", proposal__probability="45",
        proposal__playbook="# Purpose\r\nAsk first.",
    )  # fmt: skip
    admin.post("/admin/stages", changed)
    kept = db.session.scalars(select(StageSetting)).one()
    assert kept.stage is Stage.PROPOSAL
    assert (kept.label, kept.warn_days, kept.limit_days, kept.probability) == ("Quotation", 3, 6, 45)
    assert kept.playbook == "# Purpose\nAsk first."
    assert "Quotation" in admin.get("/admin/stages").get_data(as_text=True)
    assert events().count("stage.adjusted") == 1
    admin.post("/admin/stages", stage_fields(proposal__name=""))
    assert db.session.get(StageSetting, Stage.PROPOSAL, populate_existing=True).label == "Proposal"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lead-warn_days", "11", "must come before"),
        ("lead-warn_days", "-1", "whole number from 0 to 999"),
        ("lead-limit_days", "1000", "whole number from 0 to 999"),
        ("won-probability", "101", "whole number from 0 to 100"),
        ("won-probability", "١٠", None),
        ("won-probability", "ten", "whole number from 0 to 100"),
        ("intent-name", "x" * 41, None),
    ],
)
def test_senseless_limits_are_refused_and_kept_on_the_page(
    admin: Browser, field: str, value: str, words: str | None
) -> None:
    page = admin.post("/admin/stages", stage_fields(**{field.replace("-", "__"): value}), 422).get_data(
        as_text=True
    )
    assert f'value="{value}"' in page
    if words:
        assert words in page
    assert db.session.scalars(select(StageSetting)).all() == []


def test_zero_turns_a_limit_off(admin: Browser) -> None:
    admin.post("/admin/stages", stage_fields(lead__warn_days="0", lead__limit_days="0"))
    assert stage_settings()[Stage.LEAD].limits != DEFAULT_LIMITS[Stage.LEAD]
    admin.post("/admin/stages", stage_fields(lead__warn_days="5", lead__limit_days="0"))
    assert len(STAGES) == 6


def test_a_range_of_days_becomes_free_or_worked(people: People, admin: Browser) -> None:
    sent = {"first": "2026-05-11", "last": "2026-05-13", "is_worked": "0", "label": "Outing"}
    assert admin.post("/admin/calendar", sent).headers["Location"] == "/admin/calendar?month=2026-05"
    calendar = working_calendar()
    assert [calendar.is_working(date(2026, 5, day)) for day in (8, 11, 12, 13, 14)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    page = admin.get("/admin/calendar?month=2026-05").get_data(as_text=True)
    assert "Outing" in page
    assert "Labour Day" in page
    admin.post("/admin/calendar", {"first": "2026-05-16", "is_worked": "1"})
    assert working_calendar().is_working(date(2026, 5, 16))
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "calendar.marked")).first()
    assert event is not None
    assert event.actor_id == people.admin.id


def test_pressing_a_day_turns_it_and_pressing_again_turns_it_back(admin: Browser) -> None:
    admin.post("/admin/calendar/2026-05-12")
    assert not working_calendar().is_working(date(2026, 5, 12))
    admin.post("/admin/calendar/2026-05-12")
    assert working_calendar().is_working(date(2026, 5, 12))
    assert db.session.scalars(select(CalendarDay)).all() == []
    admin.post("/admin/calendar/2026-05-03")
    assert working_calendar().is_working(date(2026, 5, 3)), "a holiday that is worked here"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": "someday"}, "first"),
        ({"first": ""}, "first"),
        ({"first": "2026-02-30"}, "first"),
        ({"first": "1066-10-14"}, "first"),
        ({"last": "2026-05-10"}, "last"),
        ({"last": "2026-12-31"}, "last"),
        ({"is_worked": "perhaps"}, "is_worked"),
        ({"label": "x" * 81}, "label"),
    ],
)
def test_a_senseless_range_is_refused(admin: Browser, wrong: dict[str, str], field: str) -> None:
    sent = {"first": "2026-05-11", "last": "2026-05-13", "is_worked": "0", "label": "Outing", **wrong}
    assert f'id="{field}-error"' in admin.post("/admin/calendar", sent, 422).get_data(as_text=True)
    assert db.session.scalars(select(CalendarDay)).all() == []


def test_a_month_that_is_none_shows_this_one(admin: Browser, freeze: Callable[..., None]) -> None:
    for month in ("", "2026-13", "x", "0001-01", "9999-12"):
        admin.get(f"/admin/calendar?month={month}")
    admin.post("/admin/calendar/someday", status=404)
    admin.post("/admin/calendar/0001-01-01", status=404)


def test_a_year_that_is_not_known_yet_is_announced(admin: Browser) -> None:
    unknown = clock.last_official_year() + 1
    page = admin.get(f"/admin/calendar?month={unknown}-03").get_data(as_text=True)
    assert f"days off of {unknown} are not known yet" in page
    assert (
        "not known yet" not in admin.get(f"/admin/calendar?month={unknown - 2}-03").get_data(as_text=True)
        or clock.today("Asia/Shanghai").year >= clock.last_official_year()
    )


def test_the_board_itself(people: People, admin: Browser) -> None:
    admin.get("/admin/installation")
    sent = {"name": "Paper  Crane", "currency": "HKD", "timezone": "Asia/Hong_Kong", "locale": "zh_Hant"}
    admin.post("/admin/installation", sent)
    here = db.session.get(Installation, 1, populate_existing=True)
    assert (here.name, here.currency, here.timezone, here.locale) == (
        "Paper Crane",
        "HKD",
        "Asia/Hong_Kong",
        "zh_Hant",
    )
    for wrong in ({"currency": "XXX"}, {"timezone": "Mars"}, {"locale": "tlh"}, {"name": ""}):
        admin.post("/admin/installation", {**sent, **wrong}, 422)
    assert events().count("installation.changed") == 1


def test_once_there_are_amounts_the_currency_stays(
    people: People, admin: Browser, make_deal: Callable[..., Customer]
) -> None:
    make_deal(people.owner)
    sent = {"name": "Paper Crane", "currency": "USD", "timezone": "Asia/Shanghai", "locale": "en"}
    page = admin.post("/admin/installation", sent, 422).get_data(as_text=True)
    assert "amounts in CNY already" in page
    admin.post("/admin/installation", {**sent, "currency": "CNY"})


def test_work_that_was_given_up_is_seen_and_tried_again(app: Flask, people: People, admin: Browser) -> None:
    assert "Nothing failed" in admin.get("/admin/work").get_data(as_text=True)
    with writing():
        work_id = outbox.promise("report", 7, now=clock.now())
        work = db.session.get(Work, work_id)
        work.state, work.attempts, work.last_error = WorkState.DEAD, 5, "<b>it broke</b>"
        work.finished_at = clock.now() - timedelta(hours=1)
    page = admin.get("/admin/work").get_data(as_text=True)
    assert "&lt;b&gt;it broke" in page
    admin.post(f"/admin/work/{work_id}/retry")
    again = db.session.get(Work, work_id, populate_existing=True)
    assert (again.state, again.attempts) == (WorkState.READY, 0)
    assert outbox.due(clock.now()) == [work_id]
    admin.post(f"/admin/work/{work_id}/retry", status=404)
    assert events().count("work.revived") == 1
