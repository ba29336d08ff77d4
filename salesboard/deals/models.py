"""Deals, their stays in stages, and the verbs that move them.

A `Placement` is a stay in a stage and the transition that began it; it cannot exist without its follow-up. A deal's own
stage, outcome and `entered_*` repeat its open placement, so that the board reads one row per card.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, acting_as_system, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import pinyin_keys
from salesboard.customers.sharing import deal_collaborators, shared_deals
from salesboard.database import Base, Money, UtcDateTime, choice, db
from salesboard.deals.rules import (
    OPEN_STAGES,
    LostReason,
    Method,
    Outcome,
    PlacementKind,
    Stage,
    between_positions,
    customer_status,
    may_undo,
)
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.errors import Conflict, Refused
from salesboard.numbering import next_number

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp

UNDOABLE = (
    "stage", "outcome", "entered_at", "entered_on", "amount", "probability", "position", "next_step", "next_due",
    "next_method", "contract_number", "contract_amount", "signed_on", "payment_terms", "lost_reason", "lost_words",
    "competitor", "closed_on",
)  # fmt: skip
"""What a move may change on the deal, and its undo brings back."""


@guarded
class Deal(Base):
    """A chance to sell (销售机会), from the first lead to service."""

    __tablename__ = "deals"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("budget >= 0", name="budget"),
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
        Index("ix_deals_heads", "outcome", "stage", "owner_id", "entered_on", "worth", "probability"),
        Index("ix_deals_next_due", "outcome", "stage", "next_due", "id"),
        Index("ix_deals_position", "outcome", "stage", "position", "id"),
        Index("ix_deals_owner_id", "owner_id"),
        Index("ix_deals_customer_id", "customer_id"),
        Index("ix_deals_signed_on", "signed_on"),
        Index("ix_deals_created_on", "created_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(120), index=True)
    name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(1600))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"), default=Outcome.OPEN)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_on: Mapped[date] = mapped_column(Date)
    position: Mapped[float] = mapped_column(Float)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    budget: Mapped[Decimal | None] = mapped_column(Money)
    worth: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    probability: Mapped[int]
    expected_close: Mapped[date | None] = mapped_column(Date)
    first_goal: Mapped[str | None] = mapped_column(String(200))
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_due: Mapped[date | None] = mapped_column(Date)
    next_method: Mapped[Method | None] = mapped_column(choice(Method, "next_method"))
    contract_number: Mapped[str | None] = mapped_column(String(80))
    contract_amount: Mapped[Decimal | None] = mapped_column(Money)
    signed_on: Mapped[date | None] = mapped_column(Date)
    payment_terms: Mapped[str | None] = mapped_column(Text)
    lost_reason: Mapped[LostReason | None] = mapped_column(choice(LostReason, "lost_reason"))
    lost_words: Mapped[str | None] = mapped_column(Text)
    competitor: Mapped[str | None] = mapped_column(String(200))
    closed_on: Mapped[date | None] = mapped_column(Date)
    created_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped[Customer] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    updated_by: Mapped[User | None] = relationship(foreign_keys=updated_by_id)
    collaborators: Mapped[list[User]] = relationship(secondary=deal_collaborators, viewonly=True)
    placements: Mapped[list[Placement]] = relationship(back_populates="deal", order_by="Placement.id")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

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
            position=_top_of(Stage.LEAD),
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
        deal._follow_in_customer()
        audit.record("deal.begun", deal.label, actor_id=by.id if by else None, at=now)
        return deal

    @classmethod
    def locked(cls, number: str) -> Deal | None:
        """The deal with this number, if it is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.number == number).with_for_update(of=cls))

    @property
    def label(self) -> str:
        """How the audit log names this deal."""
        return f"deal {self.number}"

    @property
    def is_lost(self) -> bool:
        return self.outcome is Outcome.LOST

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
        by: User,
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
        before, from_stage = self._snapshot(), self.stage
        self.stage, self.entered_at, self.entered_on = in_stage, now, day
        self.position = _top_of(in_stage) if position is None else position
        self.probability = probability
        if terms is not None:
            self.contract_number, self.contract_amount = terms.contract_number, terms.contract_amount
            self.signed_on, self.payment_terms = terms.signed_on, terms.payment_terms
        elif not in_stage.is_signed:
            self.contract_number = self.contract_amount = self.signed_on = self.payment_terms = None
        placement = self._take_note(PlacementKind.MOVED, from_stage, note, by, now, answers or [], before)
        audit.record("deal.placed", self.label, actor_id=by.id, at=now, source=from_stage, target=in_stage)
        return placement

    def lose(
        self,
        closing: Closing,
        *,
        note: FollowUp,
        by: User,
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
        before = self._snapshot()
        self.outcome, self.entered_at, self.entered_on, self.closed_on = Outcome.LOST, now, day, day
        self.lost_reason, self.lost_words, self.competitor = closing.reason, closing.words, closing.competitor
        self.next_step, self.next_due, self.next_method = "", None, None
        placement = self._take_note(
            PlacementKind.LOST, self.stage, note, by, now, answers, before, plans=False
        )
        audit.record("deal.lost", self.label, actor_id=by.id, at=now, reason=closing.reason)
        return placement

    def reopen(
        self, *, note: FollowUp, by: User, now: datetime, day: date, expected_version: int
    ) -> Placement:
        """Brings a lost deal back into the stage it was lost from, as a new stay."""
        self._expect(expected_version)
        if not self.is_lost:
            raise Refused(_("Only a lost deal can be reopened."))
        before = self._snapshot()
        self.outcome, self.entered_at, self.entered_on, self.closed_on = Outcome.OPEN, now, day, None
        self.lost_reason = self.lost_words = self.competitor = None
        self.position = _top_of(self.stage)
        placement = self._take_note(PlacementKind.REOPENED, self.stage, note, by, now, [], before)
        audit.record("deal.reopened", self.label, actor_id=by.id, at=now)
        return placement

    def undo(self, placement: Placement, *, by: User, now: datetime) -> None:
        """Takes the last move back, with its note: both stay on record, marked. Only for the mover, right after."""
        if placement.undone_at is not None:
            return
        if placement.left_at is not None or placement.version_after != self.version or not placement.before:
            raise Conflict(_("Something else happened to this deal since."), **self._last_change())
        if not may_undo(placement.by_id, by.id, placement.recorded_at, now):
            raise Refused(_("Only the mover can undo a move, within ten minutes."))
        earlier = db.session.scalars(
            select(Placement)
            .where(Placement.deal_id == self.id, Placement.id < placement.id, Placement.undone_at.is_(None))
            .order_by(Placement.id.desc())
            .limit(1)
        ).one()
        placement.undone_at = placement.left_at = placement.followup.taken_back_at = now
        db.session.flush()
        earlier.left_at = None
        self._restore(placement.before)
        self._changed(by.id, now)
        self._follow_in_customer()
        audit.record("deal.move_undone", self.label, actor_id=by.id, at=now, placement=placement.id)

    def plan(
        self, step: str, due: date | None, method: Method | None, *, by_id: int | None, now: datetime
    ) -> None:
        """Sets the next step; an empty one clears it."""
        self.next_step, self.next_due, self.next_method = step, due, method if step else None
        self._changed(by_id, now)

    def revise(self, *, by: User, now: datetime, expected_version: int, **facts: Any) -> None:
        """Changes facts that need no note: name, amount, budget, probability, expected close, first goal."""
        self._expect(expected_version)
        changed = {name: value for name, value in facts.items() if getattr(self, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.rename(self.name, self.customer)
        self._appraise()
        self._changed(by.id, now)
        audit.record("deal.revised", self.label, actor_id=by.id, at=now, fields=sorted(changed))

    def rearrange(self, position: float, *, by: User, now: datetime) -> None:
        """Another place in the same column: no stay begins and no note is owed."""
        self.position = position

    def rename(self, name: str, customer: Customer) -> None:
        """Takes the name and keeps what the deal is found by in step."""
        self.name = name.strip()
        self.search_text = " ".join((self.name.lower(), *pinyin_keys(self.name), customer.search_text))[:1600]

    def share_with(self, person: User, *, by: User, now: datetime) -> None:
        """Lets a person see this deal and its customer."""
        db.session.execute(
            deal_collaborators.insert().values(
                deal_id=self.id, user_id=person.id, customer_id=self.customer_id
            )
        )
        audit.record("deal.shared", self.label, actor_id=by.id, at=now, person=person.email)

    def stop_sharing_with(self, person: User, *, by: User, now: datetime) -> None:
        db.session.execute(
            deal_collaborators.delete().where(
                deal_collaborators.c.deal_id == self.id, deal_collaborators.c.user_id == person.id
            )
        )
        audit.record("deal.unshared", self.label, actor_id=by.id, at=now, person=person.email)

    def _take_note(
        self,
        kind: PlacementKind,
        from_stage: Stage,
        note: FollowUp,
        by: User,
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
        self._changed(by.id, now)
        placement = self._begin_stay(kind, from_stage, note, by, now, answers, before)
        self._follow_in_customer()
        return placement

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
        note.customer_id, note.deal_id = self.customer_id, self.id
        db.session.add(note)
        if kind is not PlacementKind.CREATED:
            self.open_placement().left_at = now
        db.session.flush()
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
        db.session.flush()
        return placement

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
        signed = self.contract_amount if self.stage.is_signed else None
        self.worth = signed if signed is not None else self.amount or Decimal(0)

    def _follow_in_customer(self) -> None:
        """The customer's status follows all its deals, whoever owns them."""
        with acting_as_system("a customer's status follows all its deals"):
            rows = db.session.execute(
                select(Deal.stage, Deal.outcome).where(Deal.customer_id == self.customer_id)
            )
            customer = db.session.get_one(Customer, self.customer_id)
            customer.status = customer_status([(row.stage, row.outcome) for row in rows])

    def _snapshot(self) -> dict[str, Any]:
        columns = Deal.__table__.c
        return {name: _to_json(getattr(self, name), columns[name]) for name in UNDOABLE}

    def _restore(self, before: dict[str, Any]) -> None:
        columns = Deal.__table__.c
        for name, value in before.items():
            setattr(self, name, _from_json(value, columns[name]))
        self._appraise()


@guarded
class Placement(Base):
    """A stay in a stage, and the transition that began it with its note."""

    __tablename__ = "placements"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= entered_at", name="order"),
        Index("ix_placements_deal_id", "deal_id"),
        Index("ix_placements_entered_at", "stage", "entered_at"),
        Index(
            "uq_placements_open_stay",
            "deal_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[PlacementKind] = mapped_column(choice(PlacementKind, "kind"))
    from_stage: Mapped[Stage | None] = mapped_column(choice(Stage, "from_stage"))
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id"), unique=True)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version_after: Mapped[int]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    deal: Mapped[Deal] = relationship(back_populates="placements")
    followup: Mapped[FollowUp] = relationship("FollowUp")
    by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.deal_id.in_(select(Deal.id).where(Deal.visible_to(viewer)))


def _top_of(stage: Stage) -> float:
    """A position above everything in the column, whoever owns what stands there."""
    with acting_as_system("a position is free of everybody's cards"):
        highest = db.session.scalar(
            select(func.max(Deal.position)).where(Deal.outcome == Outcome.OPEN, Deal.stage == stage)
        )
    return between_positions(None, highest)


def _to_json(value: Any, column: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _from_json(value: Any, column: Any) -> Any:
    kind = column.type.python_type if not isinstance(column.type, Money | UtcDateTime) else None
    if value is None or kind in (str, int, float):
        return value
    if isinstance(column.type, Money):
        return Decimal(value)
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind is date else column.type.enum_class(value)
