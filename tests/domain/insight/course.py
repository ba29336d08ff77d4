"""Deals that take their course on given days, through the same verbs as the pages use."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import LostReason, Method, Stage
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Note
from salesboard.installation import installation
from tests.standing import make_customer, written


class Course:
    """One deal; each step happens at noon of its day, by the owner."""

    def __init__(
        self, owner: User, on: str, *, customer: Customer | None = None, amount: str = "1000"
    ) -> None:
        self.owner = owner
        customer = customer or make_customer(owner)
        day, now = _moment(on)
        with acting_as_system("a test prepares"), writing():
            note = written("Met at the fair", owner, now, day, FollowUpKind.RECORD)
            self.deal = Deal.begin(
                "Line one",
                customer=customer,
                owner=owner,
                note=note,
                by=owner,
                now=now,
                day=day,
                probability=10,
                amount=Decimal(amount),
            )

    def to(self, stage: Stage, on: str, contract: str | None = None) -> Course:
        """Moves it; a signing carries the contract's amount."""
        day, now = _moment(on)
        terms = SigningTerms(contract_amount=Decimal(contract), signed_on=day) if contract else None
        with acting_as_system("a test prepares"), writing():
            deal = self._deal()
            self.last = deal.place(
                stage,
                note=written(f"To {stage}", self.owner, now, day),
                by=self.owner,
                now=now,
                day=day,
                expected_version=deal.version,
                probability=50,
                terms=terms,
            )
        return self

    def lose(self, on: str, reason: LostReason = LostReason.PRICE) -> Course:
        day, now = _moment(on)
        with acting_as_system("a test prepares"), writing():
            deal = self._deal()
            self.last = deal.lose(
                Closing(reason=reason),
                note=written("Lost", self.owner, now, day, next_step=""),
                by=self.owner,
                now=now,
                day=day,
                expected_version=deal.version,
                answers=[],
            )
        return self

    def reopen(self, on: str) -> Course:
        day, now = _moment(on)
        with acting_as_system("a test prepares"), writing():
            deal = self._deal()
            note = written("Back", self.owner, now, day)
            self.last = deal.reopen(note=note, by=self.owner, now=now, day=day, expected_version=deal.version)
        return self

    def undo(self) -> Course:
        """Takes the last step back, at once."""
        with acting_as_system("a test prepares"), writing():
            placement = db.session.get_one(Placement, self.last.id)
            self._deal().undo(placement, by=self.owner, now=placement.recorded_at)
        return self

    def talk(
        self, at: datetime, written_at: datetime, *, by: User | None = None, imported: bool = False
    ) -> Course:
        """A follow-up that took place at one moment and was written down at another."""
        with acting_as_system("a test prepares"), writing():
            note = Note(occurred_at=at, method=Method.VISIT, content="We spoke")
            followup = FollowUp.write(
                note, by=by or self.owner, now=written_at, day=written_at.date(), counts_time=not imported
            )
            followup.file(db.session.get_one(Customer, self.deal.customer_id), self._deal())
        return self

    def _deal(self) -> Deal:
        found = Deal.locked(self.deal.number)
        assert found is not None
        return found


def _moment(on: str) -> tuple[date, datetime]:
    day = date.fromisoformat(on)
    return day, clock.noon(day, installation().timezone)
