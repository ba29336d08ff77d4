"""The verbs that move a deal: place, lose, reopen, undo. Each takes its note, or nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import Select, Update, bindparam, func, select, update

from salesboard import audit, clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.database import built_once, db
from salesboard.deals.columns import DealColumns
from salesboard.deals.placements import Placement
from salesboard.deals.rules import (
    OPEN_STAGES,
    Outcome,
    PlacementKind,
    Stage,
    between_positions,
    customer_status,
    may_undo,
    worth,
)
from salesboard.deals.snapshots import restore, snapshot
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.errors import Conflict, Refused
from salesboard.happenings import talked_or_planned

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


@dataclass(frozen=True)
class ToldStay:
    """A stay that somebody else's record tells of, with the note it is told in."""

    stage: Stage
    outcome: Outcome
    entered_at: datetime
    entered_on: date
    note: FollowUp


class Placeable(DealColumns):
    """What a deal can do about its stage. `Deal` alone is made of it."""

    def open_placement(self) -> Placement:
        """The stay under way: every deal has exactly one."""
        return db.session.scalars(
            select(Placement).where(Placement.deal_id == self.id, Placement.left_at.is_(None))
        ).one()

    def place(
        self,
        in_stage: Stage,
        *,
        note: FollowUp,
        by: User | None,
        now: datetime,
        day: date,
        expected_version: int,
        probability: int,
        answers: list[dict[str, Any]] | None = None,
        terms: SigningTerms | None = None,
        position: float | None = None,
    ) -> Placement:
        """Moves the deal; the note is the price. One placement, one follow-up, the next step, one audit event.

        Raises Conflict when the deal changed since `expected_version`, Refused when it is lost, already there, or
        comes to a signed stage without `terms`.
        """
        self._expect(expected_version)
        if self.is_lost:
            raise Refused(_("This deal is lost. Reopen it first."))
        if in_stage is self.stage:
            raise Refused(_("This deal is in that stage already."))
        if in_stage.is_signed and terms is None and self.contract_amount is None:
            raise Refused(_("A won deal needs its contract amount and signing date."))
        before, from_stage = snapshot(self), self.stage
        # Asked before anything is set: the question would write a half-moved deal, which the database refuses.
        position = self.top_of(in_stage) if position is None else position
        self.stage, self.entered_at, self.entered_on = in_stage, now, day
        self.position, self.probability = position, probability
        if in_stage.is_signed and terms is not None:
            self.contract_number, self.contract_amount = terms.contract_number, terms.contract_amount
            self.signed_on, self.payment_terms = terms.signed_on, terms.payment_terms
        elif not in_stage.is_signed:
            self.contract_number = self.contract_amount = self.signed_on = self.payment_terms = None
        placement = self._take_note(PlacementKind.MOVED, from_stage, note, by, now, answers or [], before)
        self._conclude("deal.placed", note, placement.by_id, now, source=from_stage, target=in_stage)
        return placement

    def lose(
        self,
        closing: Closing,
        *,
        note: FollowUp,
        by: User | None,
        now: datetime,
        day: date,
        expected_version: int,
        answers: list[dict[str, Any]],
    ) -> Placement:
        """Closes the deal as lost, from one of the first four stages, with its reason."""
        self._expect(expected_version)
        if self.is_lost:
            raise Refused(_("This deal is lost already."))
        if self.stage not in OPEN_STAGES:
            raise Refused(_("A signed deal cannot be lost."))
        before = snapshot(self)
        self.outcome, self.entered_at, self.entered_on, self.closed_on = Outcome.LOST, now, day, day
        self.lost_reason, self.lost_words, self.competitor = closing.reason, closing.words, closing.competitor
        self.next_step, self.next_due, self.next_method = "", None, None
        placement = self._take_note(
            PlacementKind.LOST, self.stage, note, by, now, answers, before, plans=False
        )
        self._conclude("deal.lost", note, placement.by_id, now, reason=closing.reason)
        return placement

    def reopen(
        self, *, note: FollowUp, by: User, now: datetime, day: date, expected_version: int
    ) -> Placement:
        """Brings a lost deal back into the stage it was lost from, as a new stay."""
        self._expect(expected_version)
        if not self.is_lost:
            raise Refused(_("Only a lost deal can be reopened."))
        before = snapshot(self)
        self.outcome, self.entered_at, self.entered_on, self.closed_on = Outcome.OPEN, now, day, None
        self.lost_reason = self.lost_words = self.competitor = None
        self.position = self.top_of(self.stage)
        placement = self._take_note(PlacementKind.REOPENED, self.stage, note, by, now, [], before)
        self._conclude("deal.reopened", note, by.id, now)
        return placement

    def undo(self, placement: Placement, *, by: User, now: datetime) -> None:
        """Takes the last move back, with its note: both stay on record, marked. Only for the mover, right after."""
        if placement.undone_at is not None:
            return
        if placement.left_at is not None or placement.version_after != self.version or not placement.before:
            raise Conflict(_("Something else happened to this deal since."), **self._last_change())
        if not may_undo(placement.by_id, by.id, placement.recorded_at, now):
            raise Refused(_("Only the mover can undo a move, within ten minutes."))
        self.take_back(placement, by_id=by.id, now=now)

    def take_back(self, placement: Placement, *, by_id: int | None, now: datetime) -> None:
        """Ends the present stay as if it had not begun; the earlier one runs on. The caller has checked who may."""
        earlier = db.session.scalars(
            select(Placement)
            .where(Placement.deal_id == self.id, Placement.id < placement.id, Placement.undone_at.is_(None))
            .order_by(Placement.id.desc())
            .limit(1)
        ).one()
        placement.undone_at = placement.left_at = placement.followup.taken_back_at = now
        db.session.flush()
        earlier.left_at = None
        restore(self, placement.before)
        self._appraise()
        self._changed(by_id, now)
        self._conclude("deal.move_undone", placement.followup, by_id, now, placement=placement.id)

    @classmethod
    def top_of(cls, stage: Stage) -> float:
        """A position above everything in the column, whoever owns what stands there."""
        with acting_as_system("a position is free of everybody's cards"):
            highest = db.session.scalar(_highest(cls), {"stage": stage})
        return between_positions(None, highest)

    def _take_note(
        self,
        kind: PlacementKind,
        from_stage: Stage,
        note: FollowUp,
        by: User | None,
        now: datetime,
        answers: list[dict[str, Any]],
        before: dict[str, Any],
        *,
        plans: bool = True,
    ) -> Placement:
        """What every transition shares once the deal's own columns are set."""
        if plans:
            self.next_step, self.next_due, self.next_method = note.next_step, note.next_due, note.next_method
        self._appraise()
        self._changed(by.id if by else None, now)
        return self._begin_stay(kind, from_stage, note, by, now, answers, before)

    def _begin_stay(
        self,
        kind: PlacementKind,
        from_stage: Stage | None,
        note: FollowUp,
        by: User | None,
        now: datetime,
        answers: list[dict[str, Any]],
        before: dict[str, Any],
    ) -> Placement:
        if kind is not PlacementKind.CREATED:
            with db.session.no_autoflush:  # the deal is written with its new stay, in one go
                db.session.execute(_ending_stay(), {"of_deal": self.id, "at": now})
        note.customer_id, note.deal_id = self.customer_id, self.id
        placement = Placement(
            deal_id=self.id,
            kind=kind,
            from_stage=from_stage,
            stage=self.stage,
            outcome=self.outcome,
            entered_at=self.entered_at,
            recorded_at=now,
            by_id=by.id if by else None,
            followup=note,
            answers=answers,
            before=before,
            version_after=self.version,
        )
        db.session.add(placement)
        return placement

    def _conclude(self, verb: str, note: FollowUp, by_id: int | None, now: datetime, **details: Any) -> None:
        """What every change of stage or outcome ends with: its audit event, the customer's status, and word to whoever
        follows it."""
        audit.record(verb, self.label, actor_id=by_id, at=now, **details)
        self.settle_status(self.customer_id, by_id=by_id, now=now)
        self._tell(note, by_id, now)

    def _tell(self, note: FollowUp | None, by_id: int | None, now: datetime) -> None:
        """Tells whoever keeps in step with it that something was said or planned."""
        db.session.flush()
        talked_or_planned.send(self.customer_id, deal=self, note=note, by_id=by_id, now=now)

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise Conflict(_("This deal was changed meanwhile."), **self._last_change())

    def _last_change(self) -> dict[str, Any]:
        return {
            "changed_by": self.updated_by.name if self.updated_by else None,
            "changed_at": self.updated_at,
        }

    def _changed(self, by_id: int | None, now: datetime) -> None:
        self.updated_by_id, self.updated_at = by_id, now
        self.version += 1

    def _appraise(self) -> None:
        self.worth = worth(self.stage, self.amount, self.contract_amount)

    @classmethod
    def settle_status(
        cls, customer_id: int, *, by_id: int | None = None, now: datetime | None = None
    ) -> None:
        """A customer's status follows all its deals, whoever owns them; what was set by hand ends here.

        One that is not lost any more comes out of the history archive.
        """
        with acting_as_system("a customer's status follows all its deals"):
            rows = db.session.execute(_standing(cls), {"customer_id": customer_id}).all()
            status = customer_status([(row.stage, row.outcome) for row in rows if row.stage is not None])
            if rows and (rows[0].status is not status or rows[0].status_is_set):
                behind = update(Customer).where(Customer.id == customer_id)
                kept = Customer.lost_reason if status is CustomerStatus.LOST else None
                db.session.execute(behind.values(status=status, status_is_set=False, lost_reason=kept))
            if rows and rows[0].archived_at is not None and status is not CustomerStatus.LOST:
                by = db.session.get(User, by_id) if by_id else None
                db.session.get_one(Customer, customer_id).take_out(by=by, now=now or clock.now())


@built_once
def _highest(deals: Any) -> Select[float | None]:
    """The highest position in the column of `stage`."""
    in_column = deals.outcome == Outcome.OPEN, deals.stage == bindparam("stage")
    return select(func.max(deals.position)).where(*in_column)


@built_once
def _ending_stay() -> Update:
    """Ends the stay under way of the deal `of_deal`."""
    open_stay = Placement.deal_id == bindparam("of_deal"), Placement.left_at.is_(None)
    ended = update(Placement).where(*open_stay).values(left_at=bindparam("at"))
    return ended.execution_options(synchronize_session=False)  # nobody has loaded it


@built_once
def _standing(deals: Any) -> Select[CustomerStatus, bool, datetime | None, Stage, Outcome]:
    """The status of `customer_id`, whether it is archived, and where each of its deals stands."""
    return (
        select(Customer.status, Customer.status_is_set, Customer.archived_at, deals.stage, deals.outcome)
        .outerjoin_from(Customer, deals, deals.customer_id == Customer.id)
        .where(Customer.id == bindparam("customer_id"))
    )
