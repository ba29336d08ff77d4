"""Deals, their stays in stages, and the verbs that move them.

A `Placement` is a stay in a stage and the transition that began it; it cannot exist without its follow-up. A deal's own
stage, outcome and `entered_*` repeat its open placement, so that the board reads one row per card.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    select,
)
from sqlalchemy.orm import Mapped, declared_attr, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.changes import note_changes
from salesboard.customers.models import Customer
from salesboard.customers.rules import pinyin_keys
from salesboard.customers.sharing import deal_collaborators, shared_deals
from salesboard.database import Base, db
from salesboard.deals.placements import Placement
from salesboard.deals.placing import Placeable, ToldStay
from salesboard.deals.rules import Method, Outcome, PlacementKind, Stage, told_kind
from salesboard.deals.snapshots import restore
from salesboard.happenings import handed_over
from salesboard.numbering import next_number

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


@guarded
class Deal(Placeable, Base):
    """A chance to sell (销售机会), from the first lead to service."""

    __tablename__ = "deals"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("contract_amount >= 0", name="contract_amount"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
        CheckConstraint(
            "outcome <> 'lost' OR (lost_reason IS NOT NULL AND closed_on IS NOT NULL)", name="lost_why"
        ),
        CheckConstraint("outcome <> 'lost' OR stage NOT IN ('won', 'service')", name="lost_from"),
        CheckConstraint(
            "stage NOT IN ('won', 'service') OR (contract_amount IS NOT NULL AND signed_on IS NOT NULL)",
            name="signed",
        ),
        CheckConstraint("(next_step = '') = (next_due IS NULL)", name="next_step"),
        Index("ix_deals_heads", "outcome", "stage", "entered_on", "owner_id", "worth", "probability", "id"),
        Index("ix_deals_next_due", "outcome", "stage", "next_due", "id", "owner_id"),
        Index("ix_deals_position", "outcome", "stage", "position", "id", "owner_id"),
        Index("ix_deals_owner_id", "owner_id", "customer_id"),
        Index(
            "ix_deals_customer_id",
            *("customer_id", "owner_id", "outcome", "stage", "next_due", "worth", "id"),
        ),
        Index("ix_deals_signed_on", "signed_on"),
        Index("ix_deals_created_on", "created_on"),
    )

    collaborators: Mapped[list[User]] = relationship(secondary=deal_collaborators, viewonly=True)
    placements: Mapped[list[Placement]] = relationship(back_populates="deal", order_by="Placement.id")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False}

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Own and one's teams' deals, and those one was added to."""
        return viewer.sees_owner(cls.owner_id) | cls.id.in_(shared_deals(viewer))

    @classmethod
    def begin(
        cls,
        name: str,
        *,
        customer: Customer,
        owner: User,
        note: FollowUp,
        by: User | None,
        now: datetime,
        day: date,
        probability: int,
        number: str | None = None,
        **facts: Any,
    ) -> Deal:
        """A new lead. `note` says where it came from; `day` is today's date in the installation's zone."""
        deal = cls(
            number=number or next_number("O", day),
            customer_id=customer.id,
            owner_id=owner.id,
            stage=Stage.LEAD,
            outcome=Outcome.OPEN,
            entered_at=now,
            entered_on=day,
            position=cls.top_of(Stage.LEAD),
            probability=probability,
            created_on=day,
            created_at=now,
            updated_at=now,
            updated_by_id=by.id if by else None,
            **facts,
        )
        deal.rename(name, customer)
        deal._appraise()
        db.session.add(deal)
        db.session.flush()
        deal._begin_stay(PlacementKind.CREATED, None, note, by, now, answers=[], before={})
        deal._conclude("deal.begun", note, by.id if by else None, now)
        return deal

    @classmethod
    def bring_in(
        cls,
        name: str,
        *,
        number: str,
        customer: Customer,
        owner: User,
        stays: Sequence[ToldStay],
        by: User | None,
        now: datetime,
        **facts: Any,
    ) -> Deal:
        """A deal with the history that a file tells of: each stay has its note, the last one is under way.

        `facts` hold what the last stay needs (contract or reason) besides the deal's own columns. Not flushed, so that
        many come in together; the customer's status is left to the caller.
        """
        present = stays[-1]
        deal = cls(
            number=number,
            customer=customer,
            owner=owner,
            stage=present.stage,
            outcome=present.outcome,
            entered_at=present.entered_at,
            entered_on=present.entered_on,
            created_on=stays[0].entered_on,
            created_at=now,
            updated_at=now,
            updated_by_id=by.id if by else None,
            version=1,
            **facts,
        )
        deal.rename(name, customer)
        deal._appraise()
        db.session.add(deal)
        ends = [stay.entered_at for stay in stays[1:]]
        for stay, left_at, before in zip(stays, [*ends, None], [None, *stays], strict=False):
            stay.note.customer, stay.note.deal = customer, deal
            placement = Placement(
                kind=told_kind(stay.outcome, is_first=before is None),
                from_stage=before.stage if before else None,
                stage=stay.stage,
                outcome=stay.outcome,
                entered_at=stay.entered_at,
                left_at=left_at,
                recorded_at=now,
                by_id=by.id if by else None,
                followup=stay.note,
                version_after=1,
            )
            deal.placements.append(placement)
        audit.record("deal.brought_in", deal.label, actor_id=by.id if by else None, at=now)
        return deal

    @classmethod
    def locked(cls, number: str) -> Deal | None:
        """The deal with this number, if it is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.number == number).with_for_update(of=cls))

    def plan(
        self,
        step: str,
        due: date | None,
        method: Method | None,
        *,
        by_id: int | None,
        now: datetime,
        expected_version: int | None = None,
        note: FollowUp | None = None,
    ) -> None:
        """Sets the next step; an empty one clears it. `note` is the talk in which it was agreed, if it was in one.

        Raises Conflict when the deal changed since that version.
        """
        if expected_version is not None:
            self._expect(expected_version)
        self.next_step, self.next_due, self.next_method = step, due, method if step else None
        self._changed(by_id, now)
        audit.record("deal.planned", self.label, actor_id=by_id, at=now, due=str(due or ""))
        self._tell(note, by_id, now)

    def revise(self, *, by: User | None, now: datetime, expected_version: int, **facts: Any) -> None:
        """Changes facts that need no note: name, amount, budget, probability, expected close, first goal."""
        self._expect(expected_version)
        before = {name: getattr(self, name) for name in facts}
        changed = {name: value for name, value in facts.items() if before[name] != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.rename(self.name, self.customer)
        self._appraise()
        actor_id = by.id if by else None
        self._changed(actor_id, now)
        self._note(before, changed, actor_id, now)
        audit.record("deal.revised", self.label, actor_id=actor_id, at=now, fields=sorted(changed))

    def correct(self, facts: dict[str, Any], *, now: datetime) -> None:
        """Gives facts back that an import had changed; `facts` as `snapshots.as_json` kept them."""
        restore(self, facts)
        self._appraise()
        self._changed(None, now)
        self._tell(None, None, now)

    def _note(self, before: dict[str, Any], after: dict[str, Any], by_id: int | None, now: datetime) -> None:
        """Writes the change of facts down, beside those of the customer."""
        about = {"customer_id": self.customer_id, "deal_id": self.id, "version": self.version}
        note_changes(before, after, by_id=by_id, at=now, **about)

    def rearrange(self, position: float, *, by: User, now: datetime) -> None:
        """Another place in the same column: no stay begins and no note is owed."""
        self.position = position

    def touch(self, now: datetime, by_id: int | None, *, expected_version: int | None = None) -> None:
        """Something that belongs to the deal was changed: whoever has a form of it open will be told.

        Raises Conflict when the deal changed since `expected_version`.
        """
        if expected_version is not None:
            self._expect(expected_version)
        self._changed(by_id, now)

    def rename(self, name: str, customer: Customer) -> None:
        """Takes the name and keeps what the deal is found by in step."""
        self.name = name.strip()
        self.search_text = " ".join((self.name.lower(), *pinyin_keys(self.name), customer.search_text))[:1600]

    def hand_over(self, person: User, *, by: User, now: datetime) -> None:
        """Makes somebody else the owner; whoever had it before no longer looks after it."""
        if person.id == self.owner_id:
            return
        earlier = self.owner.email
        earlier_id, before, self.owner_id = self.owner_id, {"owner": self.owner.name}, person.id
        self._changed(by.id, now)
        self._note(before, {"owner": person.name}, by.id, now)
        audit.record(
            "deal.handed_over", self.label, actor_id=by.id, at=now, source=earlier, target=person.email
        )
        self._hand_on(earlier_id, person.id, by, now)

    def share_with(self, person: User, *, by: User, now: datetime) -> None:
        """Lets a person see this deal and its customer. Done twice it changes nothing."""
        shared = select(deal_collaborators.c.user_id).where(
            deal_collaborators.c.deal_id == self.id, deal_collaborators.c.user_id == person.id
        )
        if person.id == self.owner_id or db.session.scalar(shared) is not None:
            return
        db.session.execute(
            deal_collaborators.insert().values(
                deal_id=self.id, user_id=person.id, customer_id=self.customer_id
            )
        )
        audit.record("deal.shared", self.label, actor_id=by.id, at=now, person=person.email)

    def stop_sharing_with(self, person: User, *, by: User, now: datetime) -> None:
        """Takes the sight of this deal away again; what the person still had to do about it is the owner's."""
        db.session.execute(
            deal_collaborators.delete().where(
                deal_collaborators.c.deal_id == self.id, deal_collaborators.c.user_id == person.id
            )
        )
        audit.record("deal.unshared", self.label, actor_id=by.id, at=now, person=person.email)
        self._hand_on(person.id, self.owner_id, by, now)

    def _hand_on(self, earlier_id: int, person_id: int, by: User, now: datetime) -> None:
        handed_over.send(
            self.customer_id, deal=self, earlier_id=earlier_id, person_id=person_id, by_id=by.id, now=now
        )
