"""What must hold of the rows, whatever happened: one entry each, with a query that names the rows that break it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.types import String

from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import CustomValue
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.customers.sharing import deal_collaborators
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Outcome, PlacementKind, Stage
from salesboard.followups.digest_check import records_out_of_chain
from salesboard.followups.models import FollowUp
from salesboard.numbering import NumberSeries, read_number
from salesboard.ops.findable import customers_not_to_be_found, deals_not_to_be_found, not_where_they_stand
from salesboard.outbox import Work, WorkState
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState

SIGNED = [stage for stage in Stage if stage.is_signed]


@dataclass(frozen=True)
class Invariant:
    """`promise` ends the sentence "the rule that …"; `broken` gives the labels of the rows that break it."""

    name: str
    promise: str
    broken: Callable[[], Iterable[str]]


def _rows(statement: Select[Any]) -> Iterator[str]:
    yield from db.session.scalars(statement)


def values_of_another_subject() -> Iterator[str]:
    """A customer's field that is filled in at a deal, or the other way round."""
    at_customers = CustomField.subject == Subject.CUSTOMER, CustomValue.customer_id.is_(None)
    at_deals = CustomField.subject == Subject.DEAL, CustomValue.deal_id.is_(None)
    astray = or_(and_(*at_customers), and_(*at_deals))
    return _rows(
        select(CustomField.name).join(CustomValue, CustomValue.field_id == CustomField.id).where(astray)
    )


def deals_without_their_stay() -> Iterator[str]:
    under_way = and_(Placement.deal_id == Deal.id, Placement.left_at.is_(None))
    return _rows(
        select(Deal.number)
        .outerjoin(Placement, under_way)
        .group_by(Deal.id, Deal.number)
        .having(func.count(Placement.id) != 1)
    )


def deals_apart_from_their_stay() -> Iterator[str]:
    """`entered_on` is compared in days: the installation's zone may have been another one then."""
    stays = (
        select(
            Deal.number,
            Deal.entered_at,
            Deal.entered_on,
            or_(
                Deal.stage != Placement.stage,
                Deal.outcome != Placement.outcome,
                Deal.entered_at != Placement.entered_at,
            ).label("differs"),
        )
        .join(Placement, Placement.deal_id == Deal.id)
        .where(Placement.left_at.is_(None))
    )
    for stay in db.session.execute(stays):
        if stay.differs or abs((stay.entered_at.date() - stay.entered_on).days) > 1:
            yield stay.number


def stays_without_their_note() -> Iterator[str]:
    return _rows(
        select(_stay_label())
        .outerjoin(Deal, Deal.id == Placement.deal_id)
        .outerjoin(FollowUp, FollowUp.id == Placement.followup_id)
        .where(
            or_(
                FollowUp.id.is_(None),
                FollowUp.deal_id.is_(None),
                FollowUp.deal_id != Placement.deal_id,
                func.trim(FollowUp.content) == "",
            )
        )
    )


def stays_out_of_order() -> Iterator[str]:
    stays = _stays_with_the_one_before()
    return _rows(
        select(stays.c.label).where(
            stays.c.earlier.is_not(None),
            or_(
                stays.c.earlier_left_at.is_(None),
                stays.c.earlier_left_at > stays.c.entered_at,
                stays.c.earlier_entered_at > stays.c.entered_at,
            ),
        )
    )


def stays_out_of_chain() -> Iterator[str]:
    stays = _stays_with_the_one_before()
    is_first, is_created = stays.c.earlier.is_(None), stays.c.kind == PlacementKind.CREATED
    return _rows(
        select(stays.c.label).where(
            or_(
                is_first & ~is_created,
                ~is_first & is_created,
                ~is_first & (func.coalesce(stays.c.from_stage, "") != stays.c.earlier_stage),
                (stays.c.kind == PlacementKind.LOST) & (stays.c.outcome != Outcome.LOST),
                stays.c.kind.in_([PlacementKind.MOVED, PlacementKind.REOPENED])
                & (stays.c.outcome == Outcome.LOST),
            )
        )
    )


def moves_half_taken_back() -> Iterator[str]:
    undone, taken_back = Placement.undone_at.is_not(None), FollowUp.taken_back_at.is_not(None)
    return _rows(
        select(_stay_label())
        .join(Deal, Deal.id == Placement.deal_id)
        .join(FollowUp, FollowUp.id == Placement.followup_id)
        .where(or_(undone != taken_back, undone & Placement.left_at.is_(None)))
    )


def deals_valued_wrongly() -> Iterator[str]:
    """The rule of `deals.rules.worth`, in SQL."""
    is_signed = Deal.stage.in_(SIGNED) & Deal.contract_amount.is_not(None)
    expected = case((is_signed, Deal.contract_amount), else_=func.coalesce(Deal.amount, 0))
    return _rows(select(Deal.number).where(Deal.worth != expected))


def deals_older_than_their_stays() -> Iterator[str]:
    latest = select(Placement.deal_id, func.max(Placement.version_after).label("version"))
    of_deals = latest.group_by(Placement.deal_id).subquery()
    return _rows(
        select(Deal.number)
        .join(of_deals, of_deals.c.deal_id == Deal.id)
        .where(Deal.version < of_deals.c.version)
    )


def customers_apart_from_their_deals() -> Iterator[str]:
    """The rule of `deals.rules.customer_status`, in SQL; without a deal, or set by hand since the last move, the
    status is what somebody said."""
    is_open = Deal.outcome == Outcome.OPEN
    follows = (
        select(
            Deal.customer_id,
            case(
                (_any(is_open & Deal.stage.in_(SIGNED)), CustomerStatus.WON.value),
                (_any(is_open & (Deal.stage != Stage.LEAD)), CustomerStatus.INTENT.value),
                (_any(is_open), CustomerStatus.POTENTIAL.value),
                else_=CustomerStatus.LOST.value,
            ).label("status"),
        )
        .group_by(Deal.customer_id)
        .subquery()
    )
    return _rows(
        select(Customer.number)
        .join(follows, follows.c.customer_id == Customer.id)
        .where(cast(Customer.status, String) != follows.c.status, Customer.status_is_set.is_(False))
    )


def followups_of_another_customer() -> Iterator[str]:
    return _rows(
        select(FollowUp.number)
        .join(Deal, Deal.id == FollowUp.deal_id)
        .where(FollowUp.customer_id != Deal.customer_id)
    )


def steps_without_their_task() -> Iterator[str]:
    """An open deal whose next step is no open task, or another one."""
    is_open = and_(Task.deal_id == Deal.id, Task.kind == TaskKind.STEP, Task.state == TaskState.OPEN)
    planned = and_(Deal.next_step != "", Deal.outcome == Outcome.OPEN)
    as_planned = and_(Task.what == Deal.next_step, Task.due_on == Deal.next_due)
    return _rows(
        select(Deal.number)
        .outerjoin(Task, is_open)
        .where(or_(and_(planned, or_(Task.id.is_(None), ~as_planned)), and_(~planned, Task.id.is_not(None))))
    )


def tasks_of_another_customer() -> Iterator[str]:
    return _rows(
        select(literal("task ") + cast(Task.id, String))
        .join(Deal, Deal.id == Task.deal_id)
        .where(Task.customer_id != Deal.customer_id)
    )


def shares_of_another_customer() -> Iterator[str]:
    shared = deal_collaborators.c
    return _rows(
        select(Deal.number)
        .join_from(Deal, deal_collaborators, shared.deal_id == Deal.id)
        .where(shared.customer_id != Deal.customer_id)
    )


def numbers_given_wrongly() -> Iterator[str]:
    """A number that stands twice, or that its series has not reached, so that it would be given again."""
    last = {
        (letter, day): running
        for letter, day, running in db.session.execute(
            select(NumberSeries.letter, NumberSeries.day, NumberSeries.last)
        )
    }
    for model in (Customer, Deal, FollowUp):
        numbers = Counter(db.session.scalars(select(model.number)))
        for number, times in numbers.items():
            letter, day, running = read_number(number) or ("", "", 0)
            if times > 1 or running > last.get((letter, day), 0):
                yield number


def work_in_no_sane_state() -> Iterator[str]:
    is_leased = Work.state == WorkState.LEASED
    is_over = Work.state.in_([WorkState.DONE, WorkState.DEAD])
    label = literal("work ") + cast(Work.id, String)
    return _rows(
        select(label).where(
            or_(
                is_leased != and_(Work.token.is_not(None), Work.lease_until.is_not(None)),
                is_over != Work.finished_at.is_not(None),
                Work.attempts < 0,
            )
        )
    )


def _any(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.sum(case((condition, 1), else_=0)) > 0


def _stay_label() -> ColumnElement[str]:
    return func.coalesce(Deal.number, literal("?")) + literal(" stay ") + cast(Placement.id, String)


def _stays_with_the_one_before() -> Any:
    """Stays that were not taken back, each beside its predecessor in the same deal."""

    def before(column: Any) -> Any:
        return func.lag(column).over(partition_by=Placement.deal_id, order_by=Placement.id)

    return (
        select(
            _stay_label().label("label"),
            Placement.kind,
            Placement.from_stage,
            Placement.outcome,
            Placement.entered_at,
            before(Placement.id).label("earlier"),
            before(Placement.stage).label("earlier_stage"),
            before(Placement.entered_at).label("earlier_entered_at"),
            before(Placement.left_at).label("earlier_left_at"),
        )
        .join(Deal, Deal.id == Placement.deal_id)
        .where(Placement.undone_at.is_(None))
        .subquery()
    )


INVARIANTS = (
    Invariant("one-open-stay", "a deal has one stay under way", deals_without_their_stay),
    Invariant("deal-and-stay", "a deal repeats its stay under way", deals_apart_from_their_stay),
    Invariant("note-of-stay", "every move has its note", stays_without_their_note),
    Invariant("order-of-stays", "a stay begins when the one before has ended", stays_out_of_order),
    Invariant("chain-of-stays", "a stay says where the deal came from", stays_out_of_chain),
    Invariant("undo", "a move is taken back together with its note", moves_half_taken_back),
    Invariant("worth", "a deal counts for its contract, else its amount", deals_valued_wrongly),
    Invariant("version", "a deal's version is not behind its stays", deals_older_than_their_stays),
    Invariant("customer-status", "a customer's status follows its deals", customers_apart_from_their_deals),
    Invariant("note-of-customer", "a note belongs to its deal's customer", followups_of_another_customer),
    Invariant("step-task", "the next step of an open deal is its one open task", steps_without_their_task),
    Invariant("task-customer", "a deal's task names its own customer", tasks_of_another_customer),
    Invariant("shared-deal", "a shared deal names its own customer", shares_of_another_customer),
    Invariant("digest-chain", "a follow-up stands as it was recorded", records_out_of_chain),
    Invariant("number", "a number is given once, by its series", numbers_given_wrongly),
    Invariant("customer-search", "a customer is found by its name as it is", customers_not_to_be_found),
    Invariant("deal-search", "a deal is found by its name and its customer's", deals_not_to_be_found),
    Invariant(
        "search-parts",
        "every part of a name leads to whom it names, and to nobody else",
        not_where_they_stand,
    ),
    Invariant("own-field", "a value stands where its field belongs", values_of_another_subject),
    Invariant("outbox", "promised work is waiting, leased or over", work_in_no_sane_state),
)
