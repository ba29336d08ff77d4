"""Follow-ups: what was said, when, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from salesboard import audit
from salesboard.access import LEADERS, Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import Base, UtcDateTime, built_once, choice, db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method
from salesboard.errors import Conflict, NotAllowed, Refused
from salesboard.followups import digest_chain as chain
from salesboard.followups.beside import FollowUpPaper, FollowUpPerson
from salesboard.followups.corrections import CORRECTABLE, Correction, Earlier, as_kept, earlier_words
from salesboard.followups.digests import BESIDE, SAID
from salesboard.followups.objections import Objection
from salesboard.followups.promises import Promise
from salesboard.followups.punctuality import is_on_time, punctuality
from salesboard.followups.rules import FollowUpKind, Note
from salesboard.followups.telling import Told
from salesboard.happenings import talked_or_planned
from salesboard.numbering import next_number

COUNTED = ("author_id", "occurred_at", "kind", "taken_back_at", "is_on_time")
"""All that is asked of talks when many are counted: they are counted in the index, without a look at each."""


@guarded
class FollowUp(Told, Base):
    """One talk with a customer, or the system's own record of a creation or an import."""

    __tablename__ = "followups"
    __table_args__ = (
        CheckConstraint("content <> ''", name="content"),
        Index(None, "deal_id", "occurred_at"),
        Index(None, "customer_id", "occurred_at"),
        Index("ix_followups_author_id_occurred_at", *COUNTED),
        UniqueConstraint("author_id", "request_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(120), index=True)
    kind: Mapped[FollowUpKind] = mapped_column(choice(FollowUpKind, "kind"), default=FollowUpKind.TALK)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_on_time: Mapped[bool | None]
    method: Mapped[Method] = mapped_column(choice(Method, "method"))
    participants: Mapped[str] = mapped_column(String(500), default="")
    content: Mapped[str] = mapped_column(Text)
    feedback: Mapped[str] = mapped_column(Text, default="")
    agreed: Mapped[str] = mapped_column(Text, default="")
    materials: Mapped[str] = mapped_column(Text, default="")
    promised: Mapped[str] = mapped_column(Text, default="")
    new_needs: Mapped[str] = mapped_column(Text, default="")
    competitor_news: Mapped[str] = mapped_column(Text, default="")
    opportunity_risk: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_due: Mapped[date | None] = mapped_column(Date)
    next_method: Mapped[Method | None] = mapped_column(choice(Method, "next_method"))
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The hour of the next step, where one was agreed."""
    next_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who takes it; None: whoever looks after the deal."""
    request_key: Mapped[str | None] = mapped_column(String(64))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped[Customer] = relationship()
    deal: Mapped[Deal | None] = relationship()
    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    next_owner: Mapped[User | None] = relationship(foreign_keys=next_owner_id)
    corrections: Mapped[list[Correction]] = relationship(order_by=Correction.version, passive_deletes=True)

    objections: Mapped[list[Objection]] = relationship(
        back_populates="followup", order_by=Objection.position, passive_deletes=True
    )
    promises: Mapped[list[Promise]] = relationship(
        back_populates="followup", order_by=Promise.position, passive_deletes=True
    )
    people: Mapped[list[FollowUpPerson]] = relationship(
        order_by=FollowUpPerson.position, cascade="all, delete-orphan", passive_deletes=True
    )
    papers: Mapped[list[FollowUpPaper]] = relationship(
        order_by=FollowUpPaper.position, cascade="all, delete-orphan", passive_deletes=True
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of deals one sees; without a deal, those of customers one looks after."""
        of_deals = cls.deal_id.in_(select(Deal.id).where(Deal.visible_to(viewer)))
        of_customers = cls.customer_id.in_(select(Customer.id).where(viewer.sees_owner(Customer.owner_id)))
        return of_deals | of_customers

    @classmethod
    def write(
        cls,
        note: Note,
        *,
        by: User | None,
        now: datetime,
        day: date,
        kind: FollowUpKind = FollowUpKind.TALK,
        number: str | None = None,
        request_key: str | None = None,
        counts_time: bool = True,
    ) -> FollowUp:
        """A note on paper: not in the database before it is given to a deal or filed under a customer.

        `day` is the date that its number carries; an empty number is given later, by whoever writes many at once.
        `counts_time` is False for notes brought in from files, of which nobody can say how soon they were written.
        """
        judged = counts_time and kind is FollowUpKind.TALK
        return cls(
            **note.values(),
            objections=Objection.raised_in(note),
            promises=Promise.given_in(note),
            people=FollowUpPerson.rows(note.people),
            papers=FollowUpPaper.rows(note.papers),
            number=next_number("F", day) if number is None else number,
            kind=kind,
            author_id=by.id if by else None,
            recorded_at=now,
            is_on_time=is_on_time(note.occurred_at, now) if judged else None,
            request_key=request_key,
        )

    @property
    def label(self) -> str:
        """How the audit log names this follow-up."""
        return f"followup {self.number}"

    @property
    def _is_just_taken_back(self) -> bool:
        return bool(inspect(self).attrs.taken_back_at.history.added)

    def file(self, customer: Customer, deal: Deal | None = None, *, plans: bool = True) -> None:
        """Files the note without any move; on a deal its next step becomes the deal's, where the note `plans`.

        A customer in the history archive comes out of it.
        """
        self.customer_id = customer.id
        self.deal_id = deal.id if deal else None
        db.session.add(self)
        db.session.flush()
        by_id, now = self.author_id, self.recorded_at
        if deal is not None and self.next_step and plans:
            deal.plan(self.next_step, self.next_due, self.next_method, by_id=by_id, now=now, note=self)
        else:
            talked_or_planned.send(self.customer_id, deal=deal, note=self, by_id=by_id, now=now)
        audit.record("followup.written", self.label, actor_id=self.author_id, at=self.recorded_at)
        if customer.is_archived:
            customer.take_out(by=self.author, now=self.recorded_at)

    def may_be_corrected_by(self, person: User) -> bool:
        """Its author may, and whoever leads; not what the system wrote itself, nor what was taken back."""
        is_talk = self.kind is FollowUpKind.TALK and self.taken_back_at is None
        return is_talk and (person.id == self.author_id or person.role in LEADERS)

    def correct(
        self, said: Mapping[str, Any], why: str, *, by: User, now: datetime, expected_version: int
    ) -> None:
        """Puts other words in place of some of its own, which are kept with who, when and why.

        `said` holds columns of `CORRECTABLE`, the words of all "objections" and "promises" in their order, and all
        "people" and "papers" anew. The same correction sent again changes nothing. Raises NotAllowed, Conflict when
        it was corrected since `expected_version`, Refused where nothing is different.
        """
        if not self.may_be_corrected_by(by):
            raise NotAllowed(_("Only its author or who leads the team may correct a note."))
        before = self.correctable
        after = self.corrected_with(said)
        if self.is_on_time is not None:
            after["is_on_time"] = is_on_time(after["occurred_at"], self.recorded_at)
        if expected_version != self.version:
            self._expect_sent_before(after == before, by, expected_version)
            return
        if after == before:
            raise Refused(_("Nothing is different from what is there."))
        correction = Correction(version=self.version, before=as_kept(before), why=why, by_id=by.id, at=now)
        self.corrections.append(correction)
        self.version += 1
        for name in CORRECTABLE:
            setattr(self, name, after[name])
        for name in BESIDE:
            if after[name] != before[name]:
                self.put(name, said[name])
        db.session.flush()
        chain.append([chain.corrected(self.number, self.said, correction.facts)])
        audit.record("followup.corrected", self.label, actor_id=by.id, at=now, why=why)

    def _expect_sent_before(self, is_same: bool, by: User, expected_version: int) -> None:
        last = self.corrections[-1] if self.corrections else None
        if last is None or not (is_same and last.by_id == by.id and last.version == expected_version):
            raise Conflict(
                _("This note was corrected meanwhile."),
                changed_by=last.by.name if last and last.by else None,
                changed_at=last.at if last else None,
            )

    @property
    def earlier(self) -> list[Earlier]:
        """What each correction changed, the last one first."""
        return list(earlier_words(self.correctable, self.corrections))

    @property
    def hours_late(self) -> int | None:
        """By how many hours it was written late; None where it was not."""
        return (
            None
            if self.is_on_time is not False
            else punctuality().hours_late(self.occurred_at, self.recorded_at)
        )

    def expect(self, about: Deal | Customer, told: Note) -> None:
        """Raises Conflict unless this note is about that and says what is told again now."""
        is_same = (
            self.deal_id == about.id
            if isinstance(about, Deal)
            else (self.customer_id, self.deal_id) == (about.id, None)
        )
        if not is_same or self.content != told.content:
            raise self.conflict()

    def conflict(self) -> Conflict:
        """That this note was written by a form which is now sent for something else."""
        return Conflict(
            _("This form was sent before, with other words."),
            changed_by=self.author.name if self.author else None,
            changed_at=self.recorded_at,
        )

    @classmethod
    def locked(cls, number: str) -> FollowUp | None:
        """The follow-up with this number, if it is visible, held until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.number == number).with_for_update(of=cls))

    @classmethod
    def of_request(cls, request_key: str, author: User) -> FollowUp | None:
        """What the same request did before, so that sending twice does it once."""
        return db.session.scalar(_of_request(), {"request_key": request_key, "author_id": author.id})


@built_once
def _of_request() -> Select[FollowUp]:
    return select(FollowUp).where(
        FollowUp.request_key == bindparam("request_key"), FollowUp.author_id == bindparam("author_id")
    )


@event.listens_for(Session, "after_flush")
def _chain_what_was_written(session: Session, _context: object) -> None:
    """Whatever wrote a follow-up or took one back, its link goes with it."""
    new = [each for each in session.new if isinstance(each, FollowUp)]
    undone = [each for each in session.dirty if isinstance(each, FollowUp) and each._is_just_taken_back]
    chain.append(chain.written(each.number, each.said) for each in sorted(new, key=_by_id))
    chain.append(chain.taken_back(each.number, each.taken_back_at) for each in sorted(undone, key=_by_id))


def _by_id(note: FollowUp) -> int:
    return note.id


@event.listens_for(FollowUp, "before_update")
def _refuse_silent_change(_mapper: object, _connection: object, note: FollowUp) -> None:
    state = inspect(note)
    changed = [name for name in SAID if state.attrs[name].history.has_changes()]
    if changed and not state.attrs.version.history.has_changes():
        raise RuntimeError(f"follow-up {note.number} is never edited silently: {', '.join(changed)}")
