"""Each answer to a move: what is taken, refused, told and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import LostReason, Method, Outcome, Stage
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, ObjectionState
from tests.browsing import Browser, Page, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
BOARD = {"HX-Request": "true", "HX-Current-URL": "http://localhost/"}


def today() -> str:
    return clock.today("Asia/Shanghai").isoformat()


def note(deal: Deal, stage: Stage | None, **more: Any) -> dict[str, Any]:
    """A whole form, as a browser sends it."""
    then = clock.now() - timedelta(hours=1)
    sent = {
        "version": deal.version,
        "request_key": f"key-{deal.number}-{stage}",
        "method": "visit",
        "occurred_at": (then + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"),
        "content": "They want line two first.",
        "next_step": "Send the offer",
        "next_due": today(),
    }
    return {**sent, **({"stage": stage} if stage else {}), **more}


def place_url(deal: Deal) -> str:
    return f"/deals/{deal.number}/placement"


def fresh(deal: Deal) -> Deal:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return db.session.get_one(Deal, deal.id, populate_existing=True)


def last_note(deal: Deal) -> FollowUp:
    with acting_as_system("a test looks"):
        notes = select(FollowUp).where(FollowUp.deal_id == deal.id).order_by(FollowUp.id.desc())
        return db.session.scalars(notes.limit(1)).one()


def last_stay(deal: Deal) -> Placement:
    with acting_as_system("a test looks"):
        stays = select(Placement).where(Placement.deal_id == deal.id).order_by(Placement.id.desc())
        return db.session.scalars(stays.limit(1)).one()


def counts() -> tuple[int | None, ...]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return tuple(
            db.session.scalar(select(func.count()).select_from(m)) for m in (FollowUp, Placement, AuditEvent)
        )


def text_of(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_a_move_is_kept_with_its_note_its_answers_and_its_next_step(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    sent = note(
        deal,
        Stage.PROPOSAL,
        probability="45",
        feedback="Fine",
        agreed="Line two on Sunday",
        objection="Too dear",
        objection_state="answered",
        participants="Olive; Mr Du",
        materials="Brochure",
        next_method="phone",
        **{
            "answers-need_clearness": "4",
            "answers-must_meet": ["Half a day"],
            "answers-must_meet_more": "ERP\n\nERP",
        },
    )
    answer = client_as(people.owner).post(place_url(deal), sent)
    assert answer.location == "/"
    moved, told, stay = fresh(deal), last_note(deal), last_stay(deal)
    assert (moved.stage, moved.probability, moved.next_step, moved.next_method) == (
        Stage.PROPOSAL, 45, "Send the offer", Method.PHONE,
    )  # fmt: skip
    assert (told.kind, told.feedback, told.materials, told.objections[0].state, told.is_on_time) == (
        FollowUpKind.TALK, "Fine", "Brochure", ObjectionState.ANSWERED, True,
    )  # fmt: skip
    answers = {given["code"]: given for given in stay.answers}
    assert answers["need_clearness"] == {
        "code": "need_clearness", "wording": "How clear the need is", "value": 4, "words": "4 / 5",
    }  # fmt: skip
    assert answers["must_meet"]["value"] == ["Half a day", "ERP"]
    assert answers["probability"]["words"] == "20% → 45%"


def test_the_form_knows_what_was_said_before(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, customer=make_customer(people.owner, needs="By the shift; No downtime"))
    owner = client_as(people.owner)
    owner.post(
        place_url(deal),
        note(deal, Stage.INTENT, participants="Olive; Mr Du", **{"answers-budget": "confirmed"}),
    )
    page = text_of(owner.get(f"{place_url(deal)}?to=proposal"))
    html = owner.get(f"{place_url(deal)}?to=proposal").get_data(as_text=True)
    assert "Budget Confirmed" in page
    assert "By the shift" in page
    assert "No downtime" in page
    assert 'value="Olive; Mr Du"' in html
    assert 'value="50"' in html
    assert "In Intent 0 of 7 days" in page
    assert "Naming a total before the decision maker was met" in page


def test_the_admins_own_playbook_stands_beside_the_note(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    from salesboard.database import writing
    from salesboard.deals.stages import StageSetting

    with writing():
        setting = StageSetting.default(Stage.INTENT)
        setting.playbook = "# House rule\nNever on a Friday."
        db.session.add(setting)
    page = text_of(client_as(people.owner).get(f"{place_url(make_deal(people.owner))}?to=intent"))
    assert "House rule Never on a Friday." in page


def test_without_a_target_one_chooses_it(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    owner = client_as(people.owner)
    page = Page(owner.get(place_url(deal)).get_data(as_text=True))
    targets = {link["href"].split("?")[1].split("&")[0] for link in page.all("a") if "to=" in link["href"]}
    assert targets == {f"to={stage}" for stage in Stage if stage is not Stage.INTENT}
    assert owner.post(place_url(deal), {}, 422)
    for nowhere in ("elsewhere", "lost", ""):
        assert owner.post(place_url(deal), {**note(deal, None), "stage": nowhere}, 422)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("content", "", "Write what you talked about"),
        ("content", "  \r\n ", "Write what you talked about"),
        ("content", "a\x00b", "cannot be stored"),
        ("content", "x" * 20_001, "At most 20000 characters"),
        ("content", "her card 4111 1111 1111 1111", "bank-card number"),
        ("feedback", "ID 11010519491231002X", "identity-card number"),
        ("participants", "x" * 501, "At most 500 characters"),
        ("method", "", "Choose how you talked"),
        ("method", "pigeon", "Invalid Choice"),
        ("occurred_at", "", "Say when it took place"),
        ("occurred_at", "2999-01-01T10:00", "too far away"),
        ("occurred_at", "0001-01-01T00:00", "too far away"),
        ("occurred_at", "soon", "Write the time as"),
        ("next_step", "", "Write the next step"),
        ("next_due", "", "Say by when"),
        ("next_due", "2020-01-01", "Jan 1, 2020 has passed already"),
        ("next_due", "9999-12-31", "too far away"),
        ("next_due", "tomorrow", "Write the date as"),
        ("probability", "101", "from 0 to 100"),
        ("probability", "many", "Not a valid integer"),
        ("version", "", "Open this form again"),
        ("answers-need_clearness", "9", "Not a valid choice"),
        ("answers-must_meet", "a\x00b", "cannot be stored"),
        ("request_key", "<script>", "Invalid input"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_typed_is_lost(
    app: Flask, people: People, client_as: ClientAs, field: str, value: str, sentence: str
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    owner, before = client_as(people.owner), counts()
    sent = {**note(deal, Stage.PROPOSAL, agreed="Kept words"), field: value}
    answer = owner.post(place_url(deal), sent, 422)
    assert sentence in text_of(answer)
    assert "Kept words" in answer.get_data(as_text=True)
    assert counts() == before


def test_a_talk_that_is_still_to_come_is_refused(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    later = (clock.now() + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    answer = client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL, occurred_at=later), 422)
    assert "This has not happened yet" in text_of(answer)


def test_a_late_note_is_taken_and_marked(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL, occurred_at="2026-01-05T10:00"))
    assert last_note(deal).is_on_time is False


def test_winning_asks_for_the_contract(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.NEGOTIATION), client_as(people.owner)
    answer = owner.post(place_url(deal), note(deal, Stage.WON), 422)
    assert "Enter the amount of the contract" in text_of(answer)
    assert "Say when it was signed" in text_of(answer)
    contract = {"contract_amount": "48.6万", "signed_on": today(), "payment_terms": "Half now"}
    owner.post(place_url(deal), note(deal, Stage.WON, **contract, **{"answers-terms_checked": "yes"}))
    won = fresh(deal)
    assert (won.contract_amount, won.worth, won.payment_terms, won.probability) == (
        Decimal("486000.00"), Decimal("486000.00"), "Half now", 100,
    )  # fmt: skip
    codes = [given["code"] for given in last_stay(deal).answers]
    assert codes == ["terms_checked", "contract_amount", "signed_on", "probability"]
    owner.post(
        place_url(deal),
        note(won, Stage.SERVICE, **{"answers-renewal_on": "2027-05-31", "answers-delivery_contact": "Mr Du"}),
    )
    assert {given["code"]: given["value"] for given in last_stay(deal).answers} == {
        "delivery_contact": "Mr Du", "renewal_on": "2027-05-31",
    }  # fmt: skip
    assert fresh(deal).contract_amount == Decimal("486000.00")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("contract_amount", "a lot", "in figures"),
        ("contract_amount", "-5", "in figures"),
        ("contract_amount", "99999999999999999", "too large"),
        ("signed_on", "2099-01-01", "is still to come"),
    ],
)
def test_a_senseless_contract_is_refused(
    app: Flask, people: People, client_as: ClientAs, field: str, value: str, sentence: str
) -> None:
    deal = make_deal(people.owner, Stage.NEGOTIATION)
    contract = {"contract_amount": "1", "signed_on": today(), field: value}
    answer = client_as(people.owner).post(place_url(deal), note(deal, Stage.WON, **contract), 422)
    assert sentence in text_of(answer)


def test_service_without_a_contract_asks_for_it_too(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.NEGOTIATION)
    answer = client_as(people.owner).post(place_url(deal), note(deal, Stage.SERVICE), 422)
    assert "Enter the amount of the contract" in text_of(answer)


def test_the_board_gets_both_heads_the_card_and_the_offer_to_undo(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    answer = client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL), 200, headers=BOARD)
    html = answer.get_data(as_text=True)
    for part in (
        'id="head-intent" hx-swap-oob="true"',
        'id="head-proposal" hx-swap-oob="true"',
        f'hx-swap-oob="delete:#deal-{deal.number}"',
        '<hx-partial hx-target="#cards-proposal" hx-swap="afterbegin">',
        'hx-swap-oob="beforeend:#notices"',
        f'action="/deals/{deal.number}/undo"',
    ):
        assert part in html
    assert answer.headers["HX-Trigger"] == f'{{"done": {{}}, "moved": {{"number": "{deal.number}"}}}}'


def test_elsewhere_htmx_is_led_back_to_its_page(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    there = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/deals/{deal.number}?show=moves"}
    answer = client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL), 200, headers=there)
    assert answer.headers["HX-Redirect"] == f"/deals/{deal.number}?show=moves"
    assert answer.headers["HX-Trigger"] == "done"


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leaves_the_host(
    app: Flask, people: People, client_as: ClientAs, back: str
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    assert (
        client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL, back=back)).location == "/"
    )


def test_the_same_form_sent_twice_moves_once_and_answers_alike(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    sent = note(deal, Stage.PROPOSAL)
    first = owner.post(place_url(deal), sent, 200, headers=BOARD)
    before = counts()
    again = owner.post(place_url(deal), sent, 200, headers=BOARD)
    assert counts() == before
    assert first.headers["HX-Trigger"] == again.headers["HX-Trigger"]


def test_who_comes_second_is_told_who_moved_it_and_goes_on_from_there(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    mine = note(deal, Stage.PROPOSAL, agreed="My words")
    client_as(people.supervisor).post(
        place_url(deal), note(deal, Stage.NEGOTIATION, content="They skipped it", request_key="sue")
    )
    owner, before = client_as(people.owner), counts()
    answer = owner.post(place_url(deal), mine, 409)
    page = text_of(answer)
    assert "Sue Supervisor moved it to Negotiation meanwhile" in page
    assert "They skipped it" in page
    assert counts() == before
    fields = {
        f["name"]: f.get("value", "") for f in Page(answer.get_data(as_text=True)).all("input") if "name" in f
    }
    assert (fields["agreed"], fields["version"]) == ("My words", str(fresh(deal).version))
    owner.post(place_url(deal), {**fields, "content": "They want line two first.", "go": "move"})
    assert fresh(deal).stage is Stage.PROPOSAL
    assert last_note(deal).agreed == "My words"


def test_who_comes_second_may_keep_the_words_as_a_note(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    client_as(people.supervisor).post(
        place_url(deal), note(deal, Stage.NEGOTIATION, request_key="sue", next_step="Her plan")
    )
    owner = client_as(people.owner)
    sent = note(deal, Stage.PROPOSAL, go="note", **{"answers-need_clearness": "4"})
    owner.post(place_url(deal), sent)
    assert (fresh(deal).stage, fresh(deal).next_step) == (Stage.NEGOTIATION, "Her plan")
    assert last_note(deal).content == "They want line two first.\nHow clear the need is: 4 / 5"


def test_both_went_to_the_same_stage_so_that_only_the_note_is_left_to_keep(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    mine = note(deal, Stage.PROPOSAL)
    client_as(people.supervisor).post(place_url(deal), note(deal, Stage.PROPOSAL, request_key="sue"))
    page = client_as(people.owner).post(place_url(deal), mine, 409).get_data(as_text=True)
    assert 'value="note"' in page
    assert 'value="move"' not in page


def test_a_lost_deal_does_not_move_but_may_be_reopened(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT, lost=True), client_as(people.owner)
    assert "closure" in owner.get(f"{place_url(deal)}?to=proposal", 302).location
    assert "This deal is lost" in text_of(owner.post(place_url(deal), note(deal, Stage.PROPOSAL), 422))
    closure = f"/deals/{deal.number}/closure"
    assert "Save and reopen in Intent" in text_of(owner.get(closure))
    owner.post(closure, note(deal, None, act="reopen"))
    assert (fresh(deal).outcome, fresh(deal).next_step) == (Outcome.OPEN, "Send the offer")


def test_losing_asks_why(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    url, sent = f"/deals/{deal.number}/closure", note(deal, None, act="lose")
    assert "Choose the reason" in text_of(owner.post(url, sent, 422))
    assert "needs a few words" in text_of(owner.post(url, {**sent, "reason": "other"}, 422))
    full = {
        **sent,
        "reason": "other",
        "words": "Moved away",
        "competitor": "Snowline",
        "answers-lesson": "Ask earlier",
    }
    owner.post(url, full)
    before = counts()
    owner.post(url, full)
    assert counts() == before
    lost = fresh(deal)
    assert (lost.outcome, lost.lost_reason, lost.lost_words) == (Outcome.LOST, LostReason.OTHER, "Moved away")
    assert [given["value"] for given in last_stay(deal).answers] == ["other", "Snowline", "Ask earlier"]


def test_losing_over_somebody_elses_move_is_told(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    mine = note(deal, None, act="lose", reason="price")
    client_as(people.supervisor).post(place_url(deal), note(deal, Stage.PROPOSAL, request_key="sue"))
    owner, url = client_as(people.owner), f"/deals/{deal.number}/closure"
    answer = owner.post(url, mine, 409)
    assert "Mark it as lost all the same, from Proposal" in text_of(answer)
    owner.post(url, note(fresh(deal), None, act="lose", reason="price", go="move", request_key="anew"))
    assert fresh(deal).is_lost


def test_a_won_deal_cannot_be_lost(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.WON), client_as(people.owner)
    owner.get(f"/deals/{deal.number}/closure", 422)
    owner.post(f"/deals/{deal.number}/closure", note(deal, None, act="lose", reason="price"), 422)
    assert not fresh(deal).is_lost


def test_two_absent_answers_offer_to_let_the_lead_go(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner), client_as(people.owner)
    assert 'data-reveal-least="2"' in owner.get(f"{place_url(deal)}?to=intent").get_data(as_text=True)
    absent = {"answers-budget": "absent", "answers-need": "absent", "answers-authority": "unknown"}
    owner.post(place_url(deal), note(deal, Stage.INTENT, **absent))
    assert "This looks like an invalid lead" in text_of(owner.get(f"/deals/{deal.number}"))
    closing = owner.get(f"/deals/{deal.number}/closure?reason=invalid_lead").get_data(as_text=True)
    assert re.search(r'<input[^>]*checked[^>]*value="invalid_lead"', closing)


def test_undo_takes_the_move_and_its_note_back(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    owner.post(place_url(deal), note(deal, Stage.PROPOSAL))
    stay = last_stay(deal)
    answer = owner.post(f"/deals/{deal.number}/undo", {"placement": stay.id}, 200, headers=BOARD)
    assert f'hx-swap-oob="delete:#undo-{stay.id}"' in answer.get_data(as_text=True)
    assert fresh(deal).stage is Stage.INTENT
    assert last_note(deal).taken_back_at is not None


def test_undo_is_refused_to_others_and_for_other_deals_moves(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, other = make_deal(people.owner, Stage.INTENT), make_deal(people.owner, Stage.INTENT)
    owner = client_as(people.owner)
    owner.post(place_url(deal), note(deal, Stage.PROPOSAL))
    stay = last_stay(deal).id
    client_as(people.supervisor).post(f"/deals/{deal.number}/undo", {"placement": stay}, 422)
    owner.post(f"/deals/{other.number}/undo", {"placement": stay}, 422)
    owner.post(f"/deals/{deal.number}/undo", {"placement": 999_999}, 422)
    owner.post(
        f"/deals/{deal.number}/edit", {"version": fresh(deal).version, "name": "New", "probability": 5}
    )
    owner.post(f"/deals/{deal.number}/undo", {"placement": stay}, 409)
    assert fresh(deal).stage is Stage.PROPOSAL


def test_a_drop_between_two_cards_is_honoured_where_the_hand_sorts(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    lower, upper = (make_deal(people.owner, Stage.PROPOSAL, name=name) for name in ("a", "b"))
    deal = make_deal(people.owner, Stage.INTENT)
    headers = {**BOARD, "HX-Current-URL": "http://localhost/?sort=hand"}
    sent = note(deal, Stage.PROPOSAL, above=upper.number, below=lower.number)
    answer = client_as(people.owner).post(place_url(deal), sent, 200, headers=headers)
    assert fresh(upper).position > fresh(deal).position > fresh(lower).position
    assert f'<hx-partial hx-target="#deal-{upper.number}" hx-swap="afterend">' in answer.get_data(
        as_text=True
    )


def test_rearranging_needs_no_note_and_begins_no_stay(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    lower, upper = (make_deal(people.owner, name=name) for name in ("a", "b"))
    owner, before = client_as(people.owner), counts()
    owner.post(f"/deals/{upper.number}/position", {"above": lower.number}, 204)
    assert fresh(upper).position < fresh(lower).position
    assert counts() == before
    owner.post(f"/deals/{upper.number}/position", {"above": "O20200101001"}, 422)


def test_fields_that_nobody_asked_for_change_nothing(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    more = {
        "owner_id": people.outsider.id,
        "outcome": "lost",
        "amount": "1",
        "role": "admin",
        "entered_at": "x",
    }
    client_as(people.owner).post(place_url(deal), note(deal, Stage.PROPOSAL, **more))
    moved = fresh(deal)
    assert (moved.owner_id, moved.outcome, moved.amount) == (people.owner.id, Outcome.OPEN, deal.amount)


@pytest.mark.parametrize(
    "path", ["placement", "closure", "undo", "position", "edit", "next-step", "followups"]
)
def test_nothing_happens_without_the_forms_token(
    app: Flask, people: People, client_as: ClientAs, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    owner = client_as(people.owner)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    before = counts()
    owner.post(f"/deals/{deal.number}/{path}", note(deal, Stage.PROPOSAL), 400)
    owner.post(f"/deals/{deal.number}/{path}", {**note(deal, Stage.PROPOSAL), "csrf_token": "forged"}, 400)
    assert counts() == before


def test_reading_changes_nothing(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    owner, before = client_as(people.owner), (counts(), fresh(deal).version)
    for path in (
        "placement?to=proposal&content=x",
        "closure?reason=price",
        "edit",
        "next-step",
        "followups",
        "",
    ):
        owner.get(f"/deals/{deal.number}/{path}".rstrip("/"))
    for path in ("undo", "position"):
        owner.get(f"/deals/{deal.number}/{path}", 405)
    assert (counts(), fresh(deal).version) == before


def test_an_expired_sign_in_answers_401_and_carries_the_words(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, nobody = make_deal(people.owner, Stage.INTENT), client_as()
    assert nobody.post(place_url(deal), note(deal, Stage.PROPOSAL), 401, headers=BOARD).data == b""
    page = Page(nobody.post(place_url(deal), note(deal, Stage.PROPOSAL), 401).get_data(as_text=True))
    fields = {field["name"]: field.get("value", "") for field in page.all("input")}
    assert fields["kept:content"] == "They want line two first."
    assert fields["kept_for"] == place_url(deal)
    sent = {**fields, "email": "olive@example.com", "password": "wrong horse battery"}
    again = nobody.post("/sign-in", sent, 422).get_data(as_text=True)
    assert 'name="kept:content"' in again
    back = nobody.post("/sign-in", {**sent, "password": "correct horse battery"}, 200).get_data(as_text=True)
    kept = {f["name"]: f["value"] for f in Page(back).all("input") if f["type"] == "hidden"}
    assert f'action="{place_url(deal)}"' in back
    nobody.post(place_url(deal), kept)
    assert fresh(deal).stage is Stage.PROPOSAL


def test_words_are_not_handed_back_to_another_host(app: Flask, people: People, client_as: ClientAs) -> None:
    sent = {"email": "olive@example.com", "password": "correct horse battery"}
    carried = {"kept_for": "//evil.example/steal", "kept:content": "x"}
    assert client_as().post("/sign-in", {**sent, **carried}).location == "/"


def test_a_move_and_its_form_ask_the_database_as_often_for_a_long_history(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)

    def asked(path: str) -> int:
        owner.get(path)
        with counted_selects() as selects:
            owner.get(path)
        return len(selects)

    paths = (f"/deals/{deal.number}", f"{place_url(deal)}?to=service")
    before = [asked(path) for path in paths]
    for stage in (Stage.PROPOSAL, Stage.NEGOTIATION, Stage.INTENT, Stage.LEAD) * 3:
        owner.post(place_url(deal), note(fresh(deal), stage, request_key=f"{stage}-{fresh(deal).version}"))
    assert [asked(path) for path in paths] == before
    assert max(before) <= 16


def test_a_move_is_few_statements(app: Flask, people: People, client_as: ClientAs) -> None:
    deal, owner = make_deal(people.owner, Stage.INTENT), client_as(people.owner)
    owner.get("/")
    sent = note(fresh(deal), Stage.PROPOSAL)
    with counted_selects() as selects:
        owner.post(place_url(deal), sent, 200, headers=BOARD)
    assert fresh(deal).stage is Stage.PROPOSAL
    # PostgreSQL is asked twice more whether the customer was merged meanwhile: before the note and before the task.
    asked_more = 0 if db.engine.dialect.name == "sqlite" else 2
    assert len(selects) <= 13 + asked_more
