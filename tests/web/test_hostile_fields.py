"""TRUST.md, rows 1, 2, 5 and 23, in what is sent: strange fields, others' records, forms in strange clothes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from salesboard import clock
from salesboard.access import Role, acting_as_system, declared_roles
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Stage
from tests.browsing import Browser
from tests.filling import BUTTONS, Control
from tests.footprint import Footprint, sealed_columns
from tests.naughty import MARKUP
from tests.sending import WHO, Sender, Trial
from tests.standing import People, make_customer, make_deal

Client = Callable[..., Browser]

NOT_TAKEN = {401, 403, 404, 422}

# Row 1: one's own address, with the id of somebody else's record in a field


@pytest.fixture
def from_here_on(app: Flask) -> Iterator[Callable[[], None]]:
    """Call it once all is prepared: at the end of the test the database must be as it was then."""
    taken: list[Footprint] = []
    yield lambda: taken.append(Footprint())
    assert taken[0].changed() == {}


def test_row_1_the_undo_of_a_move_on_another_deal(
    people: People, client_as: Client, from_here_on: Callable[[], None]
) -> None:
    mine, theirs = make_deal(people.owner), make_deal(people.outsider, Stage.INTENT, customer=south(people))
    moved_by_me = make_deal(people.owner, Stage.INTENT, customer=mine.customer)
    owner = client_as(people.owner)
    from_here_on()
    for other in (theirs, moved_by_me):
        owner.post(f"/deals/{mine.number}/undo", {"placement": present_stay(other)}, 422)


def test_row_1_a_place_beside_a_card_that_one_does_not_see(
    people: People, client_as: Client, from_here_on: Callable[[], None]
) -> None:
    mine, theirs = make_deal(people.owner), make_deal(people.outsider, customer=south(people))
    owner = client_as(people.owner)
    from_here_on()
    for place in ({"above": theirs.number}, {"below": theirs.number}):
        owner.post(f"/deals/{mine.number}/position", place, 422)


def test_row_1_a_person_whom_the_form_did_not_offer(
    people: People, client_as: Client, from_here_on: Callable[[], None]
) -> None:
    deal, supervisor, admin = make_deal(people.owner), client_as(people.supervisor), client_as(people.admin)
    from_here_on()
    supervisor.post(f"/deals/{deal.number}/owner", {"person": people.outsider.id}, 422)
    supervisor.post(f"/deals/{deal.number}/owner", {"person": people.collaborator.id}, 422)
    for nobody in (people.owner.id, 4041, 0, -1):
        admin.post(f"/deals/{deal.number}/collaborators", {"person": nobody}, 422)


def test_row_1_the_evaluation_of_those_whom_one_does_not_look_after(
    people: People, client_as: Client, from_here_on: Callable[[], None]
) -> None:
    owner, supervisor = client_as(people.owner), client_as(people.supervisor)
    period = {"period": "", "starts_on": "2026-01-01", "ends_on": "2026-03-31"}
    from_here_on()
    for scope in ("all", "team:North", "team:South", "person:tom@example.com"):
        owner.post("/reports", {**period, "scope": scope}, 422)
    for scope in ("all", "team:South", "person:oscar@example.com"):
        supervisor.post("/reports", {**period, "scope": scope}, 422)


def test_row_1_a_contact_of_anothers_customer_below_ones_own(
    people: People, client_as: Client, from_here_on: Callable[[], None]
) -> None:
    mine, theirs = make_customer(people.owner), south(people)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, theirs.id)
        contact = held.add_contact(name="Cleo", by=people.outsider, now=clock.now(), expected_version=1)
    owner, admin = client_as(people.owner), client_as(people.admin)
    from_here_on()
    page = f"/customers/{mine.number}/contacts/{contact.id}"
    for browser in (owner, admin):
        browser.get(page, 404)
        browser.post(page, {"name": "Changed", "version": "1"}, 404)


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("page", ["/", "/deals", "/customers", "/team", "/board/lead/cards"])
def test_row_1_filters_with_others_ids_show_nothing_of_theirs(
    people: People, client_as: Client, page: str
) -> None:
    make_deal(people.owner)
    theirs = make_deal(people.outsider, name="Hidden line", customer=south(people))
    team = people.outsider.teams[0].id
    for asked in (
        f"owner={people.outsider.id}",
        f"team={team}",
        "q=Hidden",
        f"q={theirs.number}",
        f"sort=-owner&after={theirs.id}~Z",
        f"after={theirs.id}~2026-01-01",
    ):
        for person in (people.owner, people.supervisor, people.collaborator):
            shown = client_as(person).send(f"{page}?{asked}", "GET").text.replace(f"?{asked}", "")
            assert "Hidden line" not in shown
            assert "Far Away" not in shown
            assert asked.startswith("q=") or theirs.number not in shown
            assert "Oscar" not in shown
            assert "South" not in shown


def present_stay(deal: Deal) -> int:
    """The id of the move that began the deal's present stay."""
    with acting_as_system("a test looks"):
        begun = select(Placement.id).where(Placement.deal_id == deal.id, Placement.left_at.is_(None))
        return db.session.scalars(begun).one()


def south(people: People) -> Customer:
    """A customer of the other team."""
    return make_customer(people.outsider, "Far Away")


# Row 2: forms of others, filled in as they would be


@pytest.mark.parametrize("who", [who for who in WHO if who != "admin"], ids=lambda who: who or "anonymous")
def test_row_2_a_form_that_one_does_not_have_cannot_be_sent(app: Flask, sender: Sender, who: str) -> None:
    assert taken_from(who, sender) == []


def test_row_2_nor_by_those_who_see_nothing_of_the_record(app: Flask, sender: Sender) -> None:
    assert taken_from("outsider", sender) == []


def taken_from(who: str, sender: Sender) -> list[str]:
    """Which of others' forms were taken from this person, or left anything at all in the database.

    Everything in them is right, but for who sends them.
    """
    faults, pages = [], dict[str, TestResponse]()
    for trial in sender.trials:
        if trial.found.page not in pages:
            sender.footprint.bring_back()
            pages[trial.found.page] = sender.browser(who).send(trial.found.page, "GET")
        if not is_offered(sender, trial, who, pages[trial.found.page]):
            answer = sender.send(trial, who=who)
            if answer.status_code not in NOT_TAKEN or sender.footprint.changed():
                faults.append(f"{who} sent {trial}: {answer.status} {sender.footprint.changed()}")
    return faults


def is_offered(sender: Sender, trial: Trial, who: str, page: TestResponse) -> bool:
    """Whether this person has the same form: it is anyone's, or about oneself, or `page` as they see it names the
    record too.
    """
    found = trial.found
    if declared_roles(sender.app.view_functions[found.endpoint]) is None:
        return True
    if found.endpoint == "deals.position":  # the board's script knows its address
        return who in ("owner", "supervisor")
    is_about_oneself = not any(rule.arguments for rule in sender.app.url_map.iter_rules(found.endpoint))
    return page.status_code == 200 and (is_about_oneself or urlsplit(found.path).path in page.text)


# Row 5: fields that no form has

INTRUDER = 4041
"""The id that every strange field names: a person who works for nobody here."""

NAMES = (
    "id user_id owner owner_id created_by created_by_id author_id by_id by customer_id deal_id requested_by_id "
    "updated_by_id verified_by_id team_id teams team person_id person contact_id"
).split()
WORDS = {
    "role": "admin",
    "is_admin": "1",
    "is_active": "0",
    "deactivated_at": "2026-01-01",
    "password_hash": "intruder",
    "password": "intruder intruder",
    "stage": "service",
    "outcome": "lost",
    "status": "won",
    "number": "X-intruder",
    "kind": "record",
    "state": "done",
    "position": "-4041",
    "worth": "4041",
    "created_at": "2001-01-01T00:00",
    "recorded_at": "2001-01-01T00:00",
    "entered_on": "2001-01-01",
    "is_on_time": "1",
    "taken_back_at": "2001-01-01T00:00",
    "external_id": "intruder",
    "search_text": "intruder",
    "preferences": "intruder",
    "_method": "DELETE",
    "__class__": "intruder",
}
SECRETS = frozenset({"nonce", "token_digest", "password_hash", "file_key"})
"""Columns that are never the same twice."""


def test_row_5_fields_that_a_form_does_not_have_change_nothing(
    app: Flask, sender: Sender, freeze: Callable[..., None]
) -> None:
    """With and without them the same form leaves the same database behind."""
    freeze(clock.now())
    sender.footprint.bring_back()
    at_first = sender.footprint
    with writing():
        intruder = User.invite("eve@example.com", "Eve", Role.REP, teams=[], by=None, now=clock.now())
        intruder.id = INTRUDER
    sender.footprint = Footprint()
    faults = []
    for trial in sender.trials:
        own = {control.name for control in trial.found.form.controls}
        strange = {**dict.fromkeys(NAMES, str(INTRUDER)), **WORDS}
        added = {name: value for name, value in strange.items() if name not in own}
        alone, beset = sender.send(trial).status_code, None
        left_alone = Footprint().without(SECRETS | sealed_columns())
        beset = sender.send(trial, data={**trial.values, **added}).status_code
        left_beset = Footprint().without(SECRETS | sealed_columns())
        changed = [name for name, rows in left_beset.items() if rows != left_alone[name]]
        if alone != beset or changed:
            faults.append(f"{trial}: {alone}, with strange fields {beset}: {changed}")
    sender.footprint = at_first
    assert faults == []


# Row 23: forms in strange clothes


def test_row_23_a_file_in_the_place_of_a_text_is_no_text(app: Flask, sender: Sender) -> None:
    faults = []
    for trial in sender.trials:
        names = [control.name for control in trial.found.form.controls]
        files = {name: (BytesIO(b"text"), "name.txt") for name in names if name != "csrf_token"}
        answer = sender.send(trial, data={**trial.values, **files})
        if answer.status_code >= 500:
            faults.append(f"{trial}: {answer.status}")
    assert faults == []


@pytest.mark.parametrize(
    "dress",
    [
        lambda values: values,
        lambda values: dict.fromkeys(values, 1),
        lambda values: dict.fromkeys(values, "\ud800"),
        lambda values: {name: {"a": [None]} for name in values},
        lambda values: [values],
        lambda _values: None,
    ],
    ids=["words", "numbers", "surrogates", "objects", "list", "null"],
)
def test_row_23_json_is_no_form(app: Flask, sender: Sender, dress: Callable[[dict[str, str]], Any]) -> None:
    faults = []
    for trial in sender.trials:
        body = json.dumps(dress(trial.values))
        answer = sender.send(trial, data=body, content_type="application/json")
        has_texts = any(control.kind not in {"hidden", *BUTTONS} for control in trial.found.form.controls)
        if answer.status_code >= 500 or (has_texts and sender.footprint.changed()):
            faults.append(f"{trial}: {answer.status} {sender.footprint.changed()}")
    assert faults == []


EXTREMES = ("\x00", "9" * 40, "-1", "0", "1e400", "٣", "a" * 64 + "\n", MARKUP[1])
LIMITS = {
    "date": ("1990-01-01", "2100-12-31"),
    "datetime-local": ("1990-01-01T00:00", "2100-12-31T23:59"),
    "decimal": ("0.004", "9999999999999.99", "9999999999万"),
    "numeric": ("0", "2147483647", "99999999999"),
}
"""The first and the last that could still be taken."""


@pytest.mark.parametrize("value", EXTREMES, ids=range(len(EXTREMES)))
def test_row_23_a_form_may_hold_the_same_nonsense_everywhere(app: Flask, sender: Sender, value: str) -> None:
    faults = []
    for trial in sender.trials:
        names = [control.name for control in trial.found.form.controls if control.name != "csrf_token"]
        answer = sender.send(trial, data=dict.fromkeys(names, value))
        if answer.status_code >= 500:
            faults.append(f"{trial}: {answer.status}")
    assert faults == []


@pytest.mark.databases("sqlite", "postgresql")
def test_row_23_hidden_fields_may_hold_anything(app: Flask, sender: Sender) -> None:
    """One at a time, while all the others are as they should be."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    values = (
        EXTREMES if is_sqlite else ("\x00", "9" * 40, "a" * 64 + "\n")
    )  # what only a database would refuse
    assert broken_by(sender, lambda control: values if control.kind == "hidden" else ()) == []


@pytest.mark.databases("sqlite", "postgresql")
def test_row_23_days_and_amounts_may_lie_at_their_limits(app: Flask, sender: Sender) -> None:
    """One at a time too."""

    def limits(control: Control) -> Iterable[str]:
        return LIMITS.get(control.attributes.get("inputmode") or control.kind, ())

    assert broken_by(sender, limits) == []


def broken_by(sender: Sender, values: Callable[[Control], Iterable[str]]) -> list[str]:
    """What breaks if one field of a form has one of these values. A field that several forms have is tried once."""
    known: set[tuple[str, str]] = set()
    faults = []
    for trial in sender.trials:
        for control in trial.found.form.controls:
            if (trial.found.endpoint, control.name) in known or control.name == "csrf_token":
                continue
            known.add((trial.found.endpoint, control.name))
            for value in values(control):
                answer = sender.send(trial, data={**trial.values, control.name: value})
                if answer.status_code >= 500:
                    faults.append(f"{trial}: {control.name}={value!r}: {answer.status}")
    return faults


# Row 23: too much


def test_row_23_more_than_any_form_holds_is_refused_in_the_houses_look(app: Flask, sender: Sender) -> None:
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    many = [
        b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % number for number in range(5_000)
    ]
    bodies = (
        (form, b"name=" + b"a" * 10_000_000),
        (form, b"&".join(b"field%d=1" % number for number in range(5_000))),
        (parts, b"".join(many) + b"--x--\r\n"),
        (
            parts,
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
            + b"a" * 10_000_000
            + b"\r\n--x--\r\n",
        ),
    )
    faults = []
    for trial in sender.trials[::5]:
        for kind, body in bodies:
            answer = sender.send(trial, data=body, content_type=kind)
            if (
                answer.status_code not in (400, 413)
                or "Too large" not in answer.text
                or sender.footprint.changed()
            ):
                faults.append(f"{trial}: {kind} {len(body)}: {answer.status}")
    assert faults == []
