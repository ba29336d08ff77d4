"""Keeps tasks in step with what is said and planned: in the transaction that says it, and for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    bindparam,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from salesboard import clock
from salesboard.access import LEADERS, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.customers.sharing import deal_collaborators
from salesboard.database import built_once, db, in_parts, insert_into
from salesboard.deals.belonging import give, of_earlier_owner
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.followups.rules import FollowUpKind
from salesboard.happenings import handed_over, talked_or_planned
from salesboard.installation import installation, working_calendar
from salesboard.tasks.models import Postponement, Task
from salesboard.tasks.rhythm import Rhythm, cadences
from salesboard.tasks.rules import REACHED_BEYOND, KeyNode, TaskKind, TaskState, has_rhythm, next_contact

AT_ONCE = 500
CADENCE = "cadence"
"""What a task of the cadence says in the table; people read it in their own language."""


def init_tasks() -> None:
    """From here on tasks follow what happens. Done twice it changes nothing."""
    talked_or_planned.connect(_follow)
    handed_over.connect(_hand_over)


def _follow(
    customer_id: int, *, deal: Deal | None, note: FollowUp | None, by_id: int | None, now: datetime
) -> None:
    with acting_as_system("the tasks of a customer follow its deals and talks, whoever they belong to"):
        if note is not None and note.taken_back_at is not None:
            _take_back(note, deal)
            note = None
        talk = note if note is not None and note.kind is FollowUpKind.TALK else None
        change = _Change(talk, by_id, now)
        waiting = db.session.scalars(_waiting(), {"customer_id": customer_id}).all()
        if deal is not None:
            own = [task for task in waiting if task.deal_id == deal.id]
            change.keep_step(deal, own)
            change.keep_nodes(deal, own)
        if talk is not None:
            change.do([task for task in waiting if task.kind is TaskKind.CADENCE])
        is_next_told = change.keep_plan(customer_id) if deal is None else _plans(deal)
        is_waiting = is_next_told or any(task.is_open for task in waiting)
        db.session.flush()
        if not is_waiting:
            begin_cadences(now, [customer_id])


def _hand_over(
    customer_id: int,
    *,
    deal: Deal | None,
    earlier_id: int,
    person_id: int,
    by_id: int | None,
    now: datetime,
) -> None:
    """What the earlier owner still had to do about it is the new one's."""
    is_open = Task.state == TaskState.OPEN
    theirs = of_earlier_owner(Task, is_open, deal=deal, customer_id=customer_id, earlier_id=earlier_id)
    with acting_as_system("tasks go along with what they are about"):
        give(Task, theirs, person_id, by_id=by_id, now=now)


class _Change:
    """What one happening does to the tasks of its customer; `talk` is the follow-up that pays for it, if any."""

    def __init__(self, talk: FollowUp | None, by_id: int | None, now: datetime) -> None:
        self._talk, self._by_id, self._now = talk, by_id, now
        self._day = clock.local_date(talk.occurred_at if talk else now, installation().timezone)

    def keep_step(self, deal: Deal, waiting: Sequence[Task]) -> None:
        step = next((task for task in waiting if task.kind is TaskKind.STEP), None)
        if step is not None:
            if _plans(deal) and not self._is_over(step, deal):
                self._carry_on(step, deal)
                return
            self._close(step)
            db.session.flush()  # before the next one is written, for there may be one
        if _plans(deal):
            told = {"created_at": self._now, "updated_at": self._now, "created_by_id": self._by_id}
            db.session.add(Task(**_step_of(deal) | self._agreed(deal), **told))

    def keep_nodes(self, deal: Deal, waiting: Sequence[Task]) -> None:
        nodes = [task for task in waiting if task.kind is TaskKind.NODE]
        if deal.is_lost:
            for task in nodes:
                self._close(task, by_talk=False)
        elif self._talk is not None:
            self.do([task for task in nodes if task.node is not None and _is_reached(task.node, deal)])

    def keep_plan(self, customer_id: int) -> bool:
        """What comes next after a talk about no deal in particular is a task of whoever wrote it."""
        talk = self._talk
        if talk is None or talk.next_due is None or talk.author_id is None:
            return False
        told = {"created_at": self._now, "updated_at": self._now, "created_by_id": self._by_id}
        facts = {
            "what": talk.next_step,
            "due_on": talk.next_due,
            "due_at": talk.next_at,
            "method": talk.next_method,
            "owner_id": talk.next_owner_id or talk.author_id,
        }
        db.session.add(Task(kind=TaskKind.OWN, customer_id=customer_id, **facts, **told))
        return True

    def do(self, tasks: Sequence[Task]) -> None:
        assert self._talk is not None
        for task in tasks:
            task.do(self._talk, done_on=self._day, by_id=self._by_id, now=self._now)

    def _is_over(self, step: Task, deal: Deal) -> bool:
        """Another step took its place, or a talk of its day or later was followed by another day for the same."""
        if step.what != deal.next_step:
            return True
        is_due = self._talk is not None and step.due_on <= self._day
        return is_due and step.due_on != deal.next_due

    def _carry_on(self, step: Task, deal: Deal) -> None:
        assert deal.next_due is not None
        facts = {"due_on": deal.next_due, "method": deal.next_method, **self._agreed(deal)}
        if deal.next_due != step.due_on:
            facts.setdefault("due_at", None)
        if all(getattr(step, name) == value for name, value in facts.items()):
            return
        if deal.next_due > step.due_on and self._by_id is not None:
            step.postponed += 1
            step.postponements.append(
                Postponement(from_on=step.due_on, to_on=deal.next_due, by_id=self._by_id, at=self._now)
            )
        for name, value in facts.items():
            setattr(step, name, value)
        step.changed(self._by_id, self._now)

    def _agreed(self, deal: Deal) -> dict[str, Any]:
        """At what hour and by whom the deal's next step is taken, if it was in this talk that it was planned."""
        talk = self._talk
        if talk is None or (talk.next_step, talk.next_due) != (deal.next_step, deal.next_due):
            return {}
        return {"due_at": talk.next_at, "owner_id": talk.next_owner_id or deal.owner_id}

    def _close(self, task: Task, *, by_talk: bool = True) -> None:
        if self._talk is not None and by_talk:
            self.do([task])
        else:
            task.end(by_id=self._by_id, now=self._now)


def _plans(deal: Deal) -> bool:
    return bool(deal.next_step) and deal.outcome is Outcome.OPEN


def _is_reached(node: KeyNode, deal: Deal) -> bool:
    return node is KeyNode.FIRST_TALK or deal.stage.position > REACHED_BEYOND[node].position


def _step_of(deal: Any) -> dict[str, Any]:
    """The columns of a deal's step as a task: of a deal, or of the table of deals for a statement."""
    return {
        "kind": TaskKind.STEP,
        "state": TaskState.OPEN,
        "what": deal.next_step,
        "customer_id": deal.customer_id,
        "deal_id": deal.id,
        "owner_id": deal.owner_id,
        "due_on": deal.next_due,
        "method": deal.next_method,
    }


def _take_back(note: FollowUp, deal: Deal | None) -> None:
    """What the note did is to be done again; the step it brought goes."""
    if deal is not None:
        steps = Task.deal_id == deal.id, Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN
        _run(update(Task).where(*steps).values(**_dropped(note.taken_back_at)))
    again = {
        "state": TaskState.OPEN,
        "closed_at": None,
        "closed_by_id": None,
        "done_on": None,
        "followup_id": None,
    }
    done = Task.followup_id == note.id, Task.state == TaskState.DONE
    _run(update(Task).where(*done).values(**again, version=Task.version + 1))


# many at once


def keep_steps(now: datetime) -> None:
    """The next step of every open deal is a task, of its owner unless it was given to somebody who sees the deal: for
    whoever wrote deals past their verbs."""
    open_step = Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN
    as_planned = exists().where(
        Deal.id == Task.deal_id,
        Deal.outcome == Outcome.OPEN,
        Deal.next_step == Task.what,
        Deal.next_due == Task.due_on,
    )
    with acting_as_system("every deal's next step is a task"):
        _run(update(Task).where(*open_step, ~as_planned).values(**_dropped(now)))
        owner = select(Deal.owner_id).where(Deal.id == Task.deal_id).scalar_subquery()
        changed = update(Task).where(*open_step, Task.owner_id != owner, ~_sees_deal())
        _run(changed.values(owner_id=owner, version=Task.version + 1))
        _begin_steps(now, None)


def _sees_deal() -> ColumnElement[bool]:
    """That whoever has the task was added to its deal, or leads people."""
    shared = deal_collaborators.c
    is_added = exists().where(shared.deal_id == Task.deal_id, shared.user_id == Task.owner_id)
    leads = User.id == Task.owner_id, User.role.in_(LEADERS), User.deactivated_at.is_(None)
    return is_added | exists().where(*leads)


def begin_steps(deal_ids: Sequence[int], now: datetime) -> None:
    """The next steps of deals that are new become tasks. One statement."""
    with acting_as_system("every deal's next step is a task"):
        _begin_steps(now, deal_ids)


def _begin_steps(now: datetime, deal_ids: Sequence[int] | None) -> None:
    deals = Deal.__table__.c
    facts = _step_of(deals) | {"goal": "", "postponed": 0, "created_at": now, "updated_at": now, "version": 1}
    has_step = exists().where(
        Task.deal_id == deals.id, Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN
    )
    steps = select(*(_column(name, value) for name, value in facts.items())).where(
        deals.next_step != "", deals.outcome == Outcome.OPEN, ~has_step
    )
    if deal_ids is not None:
        steps = steps.where(deals.id.in_(deal_ids))
    db.session.execute(insert(Task).from_select(list(facts), steps))


def keep_cadences(now: datetime) -> int:
    """What the cadence asks for belongs to whoever looks after the customer, goes where there is no rhythm any more,
    and is begun where nothing is planned. Answers how many were begun."""
    asked = Task.kind == TaskKind.CADENCE, Task.state == TaskState.OPEN
    with acting_as_system("nobody is forgotten, whoever looks after them"):
        _run(update(Task).where(*asked, Task.customer_id.in_(_without_rhythm())).values(**_dropped(now)))
        owner = select(Customer.owner_id).where(Customer.id == Task.customer_id).scalar_subquery()
        _run(
            update(Task)
            .where(*asked, Task.owner_id != owner)
            .values(owner_id=owner, version=Task.version + 1)
        )
    return begin_cadences(now)


def renew_cadence(customer_id: int, now: datetime) -> None:
    """After its rhythm was changed a customer is asked after anew: what was asked goes, what is asked now comes."""
    asked = Task.kind == TaskKind.CADENCE, Task.state == TaskState.OPEN
    with acting_as_system("the cadence follows the customer's rhythm, whoever looks after it"):
        _run(update(Task).where(*asked, Task.customer_id == customer_id).values(**_dropped(now)))
    begin_cadences(now, [customer_id])


def begin_cadences(now: datetime, customer_ids: Sequence[int] | None = None) -> int:
    """A task for each customer with whom nothing is planned, due as its cadence says; never two. Answers how many.

    Without ids all customers are looked through. Done twice it changes nothing.
    """
    today, zone = installation().today, installation().timezone
    calendar, usual = working_calendar(), cadences()
    with acting_as_system("nobody is forgotten, whoever looks after them"):
        rows = db.session.execute(_without_plan(customer_ids)).all()
        begun = [
            {
                "kind": TaskKind.CADENCE,
                "state": TaskState.OPEN,
                "what": CADENCE,
                "customer_id": row.id,
                "owner_id": row.owner_id,
                "due_on": next_contact(
                    clock.local_date(row.last or row.created_at, zone), row.days or usual[row.level], calendar
                ),
                "created_at": now,
                "updated_at": now,
            }
            for row in rows
            if has_rhythm(row.status, is_archived=False, paused_until=row.paused_until, today=today)
        ]
        for part in in_parts(begun, AT_ONCE):
            db.session.execute(insert_into(Task).on_conflict_do_nothing(), list(part))
    return len(begun)


def _without_plan(customer_ids: Sequence[int] | None) -> Any:
    """Customers whom somebody looks after and with whom nothing is planned, with their last talk."""
    last = (
        select(func.max(FollowUp.occurred_at))
        .where(FollowUp.customer_id == Customer.id, *real_talks())
        .correlate(Customer)
        .scalar_subquery()
    )
    statement = (
        select(
            Customer.id,
            Customer.owner_id,
            Customer.level,
            Customer.status,
            Customer.created_at,
            Rhythm.days,
            Rhythm.paused_until,
            last.label("last"),
        )
        .join(User, User.id == Customer.owner_id)
        .outerjoin(Rhythm, Rhythm.customer_id == Customer.id)
        .where(
            Customer.status != CustomerStatus.LOST,
            Customer.archived_at.is_(None),
            User.deactivated_at.is_(None),
            ~_is_planned(),
        )
    )
    return statement if customer_ids is None else statement.where(Customer.id.in_(customer_ids))


def _without_rhythm() -> Any:
    """The rule of `rules.has_rhythm`, in SQL."""
    left_alone = (Customer.status == CustomerStatus.LOST) | Customer.archived_at.is_not(None)
    is_paused = Rhythm.paused_until >= installation().today
    return (
        select(Customer.id)
        .outerjoin(Rhythm, Rhythm.customer_id == Customer.id)
        .where(left_alone | func.coalesce(is_paused, false()))
    )


def _is_planned() -> Exists:
    return exists().where(Task.customer_id == Customer.id, Task.state == TaskState.OPEN)


@built_once
def _waiting() -> Select[Task]:
    return select(Task).where(Task.customer_id == bindparam("customer_id"), Task.state == TaskState.OPEN)


def _column(name: str, value: Any) -> Any:
    if hasattr(value, "type"):
        return value.label(name)
    return (null() if value is None else literal(value, Task.__table__.c[name].type)).label(name)


def _dropped(at: datetime | None) -> dict[str, Any]:
    return {"state": TaskState.DROPPED, "closed_at": at, "updated_at": at, "version": Task.version + 1}


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
