"""A stay is begun, ended and taken back with its note, and the database itself holds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.rules import CustomerStatus
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.positions import slot_between
from salesboard.deals.rules import LostReason, Method, Outcome, PlacementKind, Stage
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.errors import Conflict, Refused
from salesboard.followups.models import FollowUp
from salesboard.followups.moves import carry_out, keep_note
from salesboard.followups.rules import Note
from tests.standing import People, make_deal

NOON = datetime(2026, 5, 21, 4, 0, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _at_noon(app: Flask, freeze: Callable[[datetime], None]) -> Iterator[None]:
    freeze(NOON)
    with acting_as_system("a test looks at everything"):
        yield


def note(content: str = "They agreed", **told: Any) -> Note:
    return replace(
        Note(occurred_at=NOON, method=Method.VISIT, content=content, next_step="Send it", next_due=TODAY),
        **told,
    )


def to(stage: Stage, version: int, **more: Any) -> Callable[..., Placement]:
    return lambda held, **given: held.place(stage, expected_version=version, probability=50, **more, **given)


def fresh(deal: Deal) -> Deal:
    db.session.rollback()
    return db.session.get_one(Deal, deal.id, populate_existing=True)


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def lose(deal: Deal, people: People, version: int | None = None) -> Placement:
    closing = Closing(reason=LostReason.PRICE, words="A tenth too dear", competitor="Snowline")

    def verb(held: Deal, **given: Any) -> Placement:
        return held.lose(closing, answers=[], expected_version=version or deal.version, **given)

    return carry_out(
        deal.id, note("They chose Snowline", next_step="", next_due=None), None, people.owner, verb
    )


def test_a_move_ends_one_stay_begins_another_and_takes_the_next_step_over(people: People) -> None:
    deal = make_deal(people.owner)
    placed = carry_out(deal.id, note(), "key-1", people.owner, to(Stage.INTENT, deal.version))
    moved = fresh(deal)
    assert (moved.stage, moved.probability, moved.next_step, moved.next_due) == (
        Stage.INTENT, 50, "Send it", TODAY,
    )  # fmt: skip
    first, second = moved.placements
    assert (first.left_at, second.left_at) == (NOON, None)
    assert (second.from_stage, second.kind, second.followup.content) == (
        Stage.LEAD,
        PlacementKind.MOVED,
        "They agreed",
    )
    assert moved.customer.status is CustomerStatus.INTENT
    assert placed.version_after == moved.version


def test_the_same_request_again_changes_nothing_and_gets_the_first_answer(people: People) -> None:
    deal = make_deal(people.owner)
    move = to(Stage.INTENT, deal.version)
    first = carry_out(deal.id, note(), "key-1", people.owner, move)
    before = count(AuditEvent), count(FollowUp), count(Placement), fresh(deal).version
    again = carry_out(deal.id, note(), "key-1", people.owner, move)
    assert again.id == first.id
    assert (count(AuditEvent), count(FollowUp), count(Placement), fresh(deal).version) == before


def test_a_key_sent_before_with_other_words_or_for_another_deal_is_a_conflict(people: People) -> None:
    deal, other = make_deal(people.owner), make_deal(people.owner, name="Line two")
    carry_out(deal.id, note(), "key-1", people.owner, to(Stage.INTENT, deal.version))
    with pytest.raises(Conflict):
        carry_out(deal.id, note("Other words"), "key-1", people.owner, to(Stage.INTENT, deal.version))
    with pytest.raises(Conflict):
        carry_out(other.id, note(), "key-1", people.owner, to(Stage.INTENT, other.version))
    assert fresh(other).stage is Stage.LEAD


def test_another_persons_key_is_not_ones_own(people: People) -> None:
    deal = make_deal(people.owner)
    carry_out(deal.id, note(), "key-1", people.owner, to(Stage.INTENT, deal.version))
    carry_out(deal.id, note(), "key-1", people.supervisor, to(Stage.PROPOSAL, fresh(deal).version))
    assert fresh(deal).stage is Stage.PROPOSAL


def test_a_key_of_a_note_is_not_one_of_a_move(people: People) -> None:
    deal = make_deal(people.owner)
    keep_note(deal.id, note(), "key-1", people.owner)
    with pytest.raises(Conflict):
        carry_out(deal.id, note(), "key-1", people.owner, to(Stage.INTENT, fresh(deal).version))
    with pytest.raises(Conflict):
        keep_note(deal.id, note("Other words"), "key-1", people.owner)


def test_what_is_refused_leaves_no_trace(people: People) -> None:
    deal = make_deal(people.owner)
    before = count(AuditEvent), count(FollowUp), count(Placement)
    with pytest.raises(Conflict) as told:
        carry_out(deal.id, note(), None, people.owner, to(Stage.INTENT, deal.version - 1))
    assert told.value.changed_by == "Olive Owner"
    with pytest.raises(Refused):
        carry_out(deal.id, note(), None, people.owner, to(Stage.LEAD, deal.version))
    with pytest.raises(Refused):
        carry_out(deal.id, note(), None, people.owner, to(Stage.WON, deal.version))
    assert (count(AuditEvent), count(FollowUp), count(Placement)) == before


def test_winning_takes_the_contract_and_going_back_lets_it_go(people: People) -> None:
    deal = make_deal(people.owner, Stage.NEGOTIATION)
    terms = SigningTerms(contract_amount=Decimal("123456.78"), signed_on=TODAY)
    carry_out(deal.id, note(), None, people.owner, to(Stage.WON, deal.version, terms=terms))
    won = fresh(deal)
    assert (won.contract_amount, won.worth, won.customer.status) == (
        Decimal("123456.78"), Decimal("123456.78"), CustomerStatus.WON,
    )  # fmt: skip
    carry_out(deal.id, note("They withdrew"), None, people.owner, to(Stage.NEGOTIATION, won.version))
    back = fresh(deal)
    assert (back.contract_amount, back.signed_on, back.worth) == (None, None, deal.amount)


def test_losing_keeps_the_reason_and_clears_the_next_step(people: People) -> None:
    deal = make_deal(people.owner, Stage.PROPOSAL)
    lose(deal, people)
    lost = fresh(deal)
    assert (lost.outcome, lost.stage, lost.lost_reason, lost.competitor, lost.next_step, lost.closed_on) == (
        Outcome.LOST, Stage.PROPOSAL, LostReason.PRICE, "Snowline", "", TODAY,
    )  # fmt: skip
    assert lost.customer.status is CustomerStatus.LOST
    with pytest.raises(Refused):
        carry_out(deal.id, note(), None, people.owner, to(Stage.WON, lost.version))


def test_a_signed_deal_cannot_be_lost(people: People) -> None:
    with pytest.raises(Refused):
        lose(make_deal(people.owner, Stage.WON), people)


def test_reopening_begins_a_new_stay_where_it_was_lost(people: People) -> None:
    deal = make_deal(people.owner, Stage.PROPOSAL, lost=True)

    def reopen(held: Deal, **given: Any) -> Placement:
        return held.reopen(expected_version=deal.version, **given)

    carry_out(deal.id, note("They called again"), None, people.owner, reopen)
    again = fresh(deal)
    assert (again.outcome, again.stage, again.lost_reason, again.next_step) == (
        Outcome.OPEN, Stage.PROPOSAL, None, "Send it",
    )  # fmt: skip
    assert again.placements[-1].kind is PlacementKind.REOPENED


def test_an_undo_brings_everything_back_and_is_itself_recorded(people: People) -> None:
    deal = make_deal(
        people.owner, Stage.NEGOTIATION, next_step="Call", next_due=TODAY, next_method=Method.PHONE
    )
    terms = SigningTerms(contract_amount=Decimal(5), signed_on=TODAY)
    placed = carry_out(deal.id, note(), None, people.owner, to(Stage.WON, deal.version, terms=terms))
    with writing():
        held = db.session.get_one(Deal, deal.id)
        held.undo(db.session.get_one(Placement, placed.id), by=people.owner, now=clock.now())
    back = fresh(deal)
    assert (back.stage, back.next_step, back.next_method, back.contract_amount, back.entered_on) == (
        Stage.NEGOTIATION, "Call", Method.PHONE, None, deal.entered_on,
    )  # fmt: skip
    taken = back.placements[-1]
    assert (taken.undone_at, taken.followup.taken_back_at) == (NOON, NOON)
    assert [stay.left_at for stay in back.placements][-2] is None
    verbs = db.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert verbs == "deal.move_undone"


def test_undoing_twice_changes_nothing_more(people: People) -> None:
    deal = make_deal(people.owner)
    placed = carry_out(deal.id, note(), None, people.owner, to(Stage.INTENT, deal.version))
    for _ in range(2):
        with writing():
            held = db.session.get_one(Deal, deal.id)
            held.undo(db.session.get_one(Placement, placed.id), by=people.owner, now=clock.now())
    assert fresh(deal).version == placed.version_after + 1


@pytest.mark.parametrize("case", ["somebody else", "too late", "something happened since"])
def test_an_undo_is_the_movers_and_right_after(
    people: People, freeze: Callable[[datetime], None], case: str
) -> None:
    deal = make_deal(people.owner)
    placed = carry_out(deal.id, note(), None, people.owner, to(Stage.INTENT, deal.version))
    by = people.supervisor if case == "somebody else" else people.owner
    if case == "too late":
        freeze(NOON + timedelta(minutes=11))
    if case == "something happened since":
        keep_note(deal.id, note("One more thing"), None, people.owner)
    with pytest.raises(Refused), writing():
        held = db.session.get_one(Deal, deal.id)
        held.undo(db.session.get_one(Placement, placed.id), by=by, now=clock.now())
    assert fresh(deal).stage is Stage.INTENT


def test_a_note_without_a_move_is_kept_once_and_plans_the_next_step(people: People) -> None:
    deal = make_deal(people.owner)
    first = keep_note(deal.id, note(next_step="Visit them"), "key-2", people.owner)
    again = keep_note(deal.id, note(next_step="Visit them"), "key-2", people.owner)
    assert first.id == again.id
    assert (fresh(deal).next_step, fresh(deal).stage) == ("Visit them", Stage.LEAD)


def test_a_note_beside_somebody_elses_plan_leaves_the_plan(people: People) -> None:
    deal = make_deal(people.owner, next_step="Their plan", next_due=TODAY)
    answers = [{"code": "need", "wording": "Need", "value": "confirmed", "words": "Confirmed"}]
    kept = keep_note(deal.id, note(), None, people.owner, plans=False, answers=answers)
    assert fresh(deal).next_step == "Their plan"
    assert kept.content == "They agreed\nNeed: Confirmed"


def test_the_database_refuses_a_stay_without_its_note(people: People) -> None:
    deal = make_deal(people.owner)
    columns = {
        column.name: getattr(deal.placements[0], column.name) for column in Placement.__table__.columns
    }
    columns |= {"id": None, "followup_id": None, "left_at": NOON}
    with pytest.raises(IntegrityError), writing():
        db.session.execute(insert(Placement).values({k: v for k, v in columns.items() if k != "id"}))


def test_the_database_refuses_a_second_open_stay(people: People) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    with pytest.raises(IntegrityError), writing():
        db.session.execute(update(Placement).where(Placement.deal_id == deal.id).values(left_at=None))


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": Outcome.LOST, "lost_reason": None},
        {"stage": Stage.WON, "contract_amount": None},
        {"probability": 101},
        {"amount": Decimal(-1)},
        {"name": ""},
        {"next_step": "Without a date", "next_due": None},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_database_refuses_senseless_deals(people: People, values: dict[str, Any]) -> None:
    deal = make_deal(people.owner)
    with pytest.raises(IntegrityError), writing():
        db.session.execute(update(Deal).where(Deal.id == deal.id).values(**values))


def test_a_card_gets_a_place_between_its_neighbours_however_often(people: People) -> None:
    upper, lower, moving = (make_deal(people.owner, name=name) for name in ("lower", "middle", "top"))
    upper, lower = lower, upper
    for _ in range(80):
        with writing():
            place = slot_between(Stage.LEAD, upper.number, lower.number)
            assert place is not None
            db.session.get_one(Deal, moving.id).rearrange(place, by=people.owner, now=NOON)
        above, middle, below = (fresh(deal).position for deal in (upper, moving, lower))
        assert above > middle > below
        lower, moving = moving, lower


def test_a_place_needs_a_neighbour_of_that_column(people: People) -> None:
    lead, other = make_deal(people.owner), make_deal(people.owner, Stage.INTENT)
    assert slot_between(Stage.LEAD, other.number, "") is None
    assert slot_between(Stage.LEAD, "", lead.number) > lead.position  # type: ignore[operator]
    assert slot_between(Stage.LEAD, lead.number, "") < lead.position  # type: ignore[operator]


def test_sharing_and_handing_over_are_recorded_once(people: People) -> None:
    deal = make_deal(people.owner)
    for _ in range(2):
        with writing():
            held = db.session.get_one(Deal, deal.id)
            held.share_with(people.collaborator, by=people.owner, now=NOON)
            held.hand_over(people.teammate, by=people.supervisor, now=NOON)
    verbs = db.session.scalars(select(AuditEvent.verb)).all()
    assert (verbs.count("deal.shared"), verbs.count("deal.handed_over")) == (1, 1)
    assert fresh(deal).owner_id == people.teammate.id
