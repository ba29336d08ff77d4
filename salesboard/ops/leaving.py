"""Hand-over: what somebody looked after goes to heirs, in one transaction, with a list of what each got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import cycle
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String, cast, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import WRITERS
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.sharing import deal_collaborators
from salesboard.database import Base, UtcDateTime, choice, db, in_parts
from salesboard.deals.belonging import by_heir
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.service.keeping import leave_to
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskState

AT_ONCE = 500


class RecordKind(StrEnum):
    CUSTOMER = "customer"
    DEAL = "deal"
    TASK = "task"


class Belongings(NamedTuple):
    """How much somebody looks after."""

    customers: int
    deals: int
    tasks: int = 0
    """Those still to be done."""

    @property
    def are_any(self) -> bool:
        return bool(self.customers or self.deals or self.tasks)


class HandOver(Base):
    """One hand-over of everything that a person looked after."""

    __tablename__ = "hand_overs"
    __table_args__ = (Index(None, "leaver_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leaver_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    leaver: Mapped[User] = relationship(foreign_keys=leaver_id)
    by: Mapped[User] = relationship(foreign_keys=by_id)

    @classmethod
    def carry_out(cls, leaver: User, heirs: Sequence[User], *, by: User, now: datetime) -> HandOver:
        """Gives customers to the heirs in turn, each deal to whoever got its customer, else in turn too.

        Raises Refused without an heir, or for one who cannot own records. Nothing happens then.
        """
        _check(leaver, heirs)
        made = cls(leaver_id=leaver.id, by_id=by.id, at=now)
        db.session.add(made)
        db.session.flush()
        turn = cycle(heirs)
        customers = db.session.execute(
            select(Customer.id, Customer.number).where(Customer.owner_id == leaver.id).order_by(Customer.id)
        ).all()
        heir_of = {row.id: next(turn) for row in customers}
        deals = db.session.execute(
            select(Deal.id, Deal.number, Deal.customer_id).where(Deal.owner_id == leaver.id).order_by(Deal.id)
        ).all()
        deal_heirs = {row.id: heir_of.get(row.customer_id) or next(turn) for row in deals}
        made._give(RecordKind.CUSTOMER, Customer, customers, heir_of, by, now)
        made._give(RecordKind.DEAL, Deal, deals, deal_heirs, by, now)
        tasks = made._give_tasks(leaver, heirs, now)
        complaints = leave_to(leaver, heirs, by=by, now=now)
        audit.record(
            "person.handed_over",
            leaver.label,
            actor_id=by.id,
            at=now,
            customers=len(customers),
            deals=len(deals),
            tasks=tasks,
            complaints=complaints,
            heirs=[heir.email for heir in heirs],
        )
        return made

    def _give(
        self,
        kind: RecordKind,
        model: Any,
        rows: Sequence[Any],
        heirs: dict[int, User],
        by: User,
        now: datetime,
    ) -> None:
        """Changes owners, a heap of one heir's at a time; each record's version goes up, so that open forms notice."""
        for heir in {heir.id: heir for heir in heirs.values()}.values():
            own = [row for row in rows if heirs[row.id] is heir]
            for part in in_parts(own, AT_ONCE):
                ids = [row.id for row in part]
                values: dict[str, Any] = {
                    "owner_id": heir.id,
                    "updated_at": now,
                    "version": model.version + 1,
                }
                if model is Deal:
                    values["updated_by_id"] = by.id
                    no_longer_added = deal_collaborators.c.deal_id.in_(ids)
                    db.session.execute(
                        delete(deal_collaborators).where(
                            no_longer_added, deal_collaborators.c.user_id == heir.id
                        )
                    )
                db.session.execute(
                    update(model).where(model.id.in_(ids)).values(values),
                    execution_options={"synchronize_session": False},
                )
                told = [
                    {"hand_over_id": self.id, "heir_id": heir.id, "kind": kind, "number": row.number}
                    for row in part
                ]
                db.session.execute(insert(HandedOver), told)

    def _give_tasks(self, leaver: User, heirs: Sequence[User], now: datetime) -> int:
        """What is still to be done goes to whoever looks after its deal or customer now, if they are among the heirs,
        else to the first of them. Answers how many tasks that were."""
        got = by_heir(Task, Task.state == TaskState.OPEN, leaver, heirs)
        for heir_id, own in got.items():
            for part in in_parts(own, AT_ONCE):
                values = {"owner_id": heir_id, "updated_at": now, "version": Task.version + 1}
                db.session.execute(
                    update(Task).where(Task.id.in_(part)).values(values),
                    execution_options={"synchronize_session": False},
                )
                told = {"hand_over_id": self.id, "heir_id": heir_id, "kind": RecordKind.TASK}
                db.session.execute(insert(HandedOver), [told | {"number": str(each)} for each in part])
        return sum(map(len, got.values()))


class HandedOver(Base):
    """A record that one heir got in a hand-over."""

    __tablename__ = "handed_over"
    __table_args__ = (Index(None, "hand_over_id", "heir_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hand_over_id: Mapped[int] = mapped_column(ForeignKey("hand_overs.id"))
    heir_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[RecordKind] = mapped_column(choice(RecordKind, "kind"))
    number: Mapped[str] = mapped_column(String(20))


def belongings(person: User) -> Belongings:
    """How much the person looks after now."""
    customers = select(func.count(Customer.id)).where(Customer.owner_id == person.id)
    deals = select(func.count(Deal.id)).where(Deal.owner_id == person.id)
    tasks = select(func.count(Task.id)).where(Task.owner_id == person.id, Task.state == TaskState.OPEN)
    return Belongings(*(db.session.scalar(counted) or 0 for counted in (customers, deals, tasks)))


def all_belongings() -> dict[int, Belongings]:
    """How much each person looks after, in two SELECTs."""
    of_customers, of_deals = (
        dict(db.session.execute(select(model.owner_id, func.count(model.id)).group_by(model.owner_id)).all())
        for model in (Customer, Deal)
    )
    people = of_customers.keys() | of_deals.keys()
    return {each: Belongings(of_customers.get(each, 0), of_deals.get(each, 0)) for each in people}


def possible_heirs(leaver: User) -> Sequence[User]:
    """Those who can look after records, the leaver's own teams first."""
    able = select(User).where(User.deactivated_at.is_(None), User.role.in_(WRITERS), User.id != leaver.id)
    mates = {mate.id for team in leaver.teams for mate in team.members}
    people = db.session.scalars(able.order_by(User.name, User.id)).all()
    return sorted(people, key=lambda person: person.id not in mates)


class Share(NamedTuple):
    """What one heir got: the records' numbers with their present names, and the tasks."""

    heir: User
    customers: Sequence[Any]
    deals: Sequence[Any]
    tasks: Sequence[Any]


def shares(hand_over: HandOver) -> list[Share]:
    """What each heir got, in four SELECTs."""
    heirs = db.session.scalars(
        select(User)
        .where(User.id.in_(select(HandedOver.heir_id).where(HandedOver.hand_over_id == hand_over.id)))
        .order_by(User.name, User.id)
    ).all()
    got: dict[Any, Sequence[Any]] = {
        model: db.session.execute(
            select(HandedOver.heir_id, HandedOver.number, model.name)
            .join(model, model.number == HandedOver.number)
            .where(HandedOver.hand_over_id == hand_over.id, HandedOver.kind == kind)
            .order_by(HandedOver.id)
        ).all()
        for kind, model in ((RecordKind.CUSTOMER, Customer), (RecordKind.DEAL, Deal))
    }
    got[Task] = db.session.execute(
        select(HandedOver.heir_id, Task)
        .join(Task, cast(Task.id, String) == HandedOver.number)
        .where(HandedOver.hand_over_id == hand_over.id, HandedOver.kind == RecordKind.TASK)
        .options(joinedload(Task.customer))
        .order_by(HandedOver.id)
    ).all()
    return [
        Share(
            heir, *([row for row in got[model] if row.heir_id == heir.id] for model in (Customer, Deal, Task))
        )
        for heir in heirs
    ]


def _check(leaver: User, heirs: Sequence[User]) -> None:
    if not heirs:
        raise Refused(_("Choose who takes over."))
    for heir in heirs:
        if heir.id == leaver.id or not heir.is_active or heir.role not in WRITERS:
            raise Refused(_("%(name)s cannot take records over.", name=heir.name))
