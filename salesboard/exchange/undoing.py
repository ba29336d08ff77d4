"""Takes a whole import back: what it made goes, what somebody worked on since stays and is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.exc import IntegrityError

from salesboard import clock
from salesboard.access import WITH_SET_ASIDE, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.custom_values import set_values
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Need, Priority
from salesboard.database import db, in_parts, writing
from salesboard.deals.models import Deal, Placement
from salesboard.deals.of_customers import follow_name
from salesboard.deals.snapshots import restore
from salesboard.exchange.fields import OWN
from salesboard.exchange.models import Import
from salesboard.exchange.revising import LEFT_AT
from salesboard.exchange.traces import ImportTrace
from salesboard.exchange.turns import Transaction, taking_turns
from salesboard.followups import digest_chain as chain
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection
from salesboard.service.complaints import Complaint
from salesboard.service.satisfaction import Satisfaction
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind

AT_ONCE = 1000
Kept = list[dict[str, str]]
"""Kind, number and name of each record that stays."""


def take_back(
    found: Import,
    *,
    transaction: Transaction = writing,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Kept:
    """Removes what the import made and restores what it changed, in steps that are each whole.

    A trace goes with what it led to, so that it can be begun again. The answer names what stays because somebody
    worked on it since.
    """
    kept: Kept = []
    with acting_as_system(f"import {found.id} is taken back for all its owners"):
        acts, turn = _acts(found), taking_turns(transaction)
        total = sum(len(ids) for _act, ids in acts)
        done = 0
        for act, ids in acts:
            for part in in_parts(ids, AT_ONCE):
                with turn():
                    traces = db.session.scalars(_traces(part)).all()
                    stay = act(traces)
                    _forget(trace.id for trace in traces if trace.record_id not in stay)
                    done += len(part)
                    found.done, found.total = done, total
                kept += [each for each in stay.values() if each not in kept]
                progress(done, total)
    return kept


Act = Callable[[Sequence[ImportTrace]], dict[int, dict[str, str]]]


def _acts(found: Import) -> list[tuple[Act, list[int]]]:
    """What is done to which traces; in this order nothing goes on which something else still stands."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    changed: list[int] = []
    columns = (ImportTrace.id, ImportTrace.kind, ImportTrace.before.is_(None).label("is_made"))
    ours = select(*columns).where(ImportTrace.import_id == found.id).order_by(ImportTrace.id.desc())
    for trace in db.session.execute(ours):
        is_change = not trace.is_made and trace.kind != "status"
        (changed if is_change else by_kind[trace.kind]).append(trace.id)
    return [
        (_restore_all, changed),
        (_remove_deals, by_kind["deal"]),
        (_restore_status, by_kind["status"]),
        (_remove_talks, by_kind["followup"]),
        (_remove_customers, by_kind["customer"]),
        (_remove_contacts, by_kind["contact"]),
        (_remove_people, by_kind["person"]),
    ]


def _traces(ids: Sequence[int]) -> Select[ImportTrace]:
    """The last one first: what was changed twice is given back in two steps."""
    return select(ImportTrace).where(ImportTrace.id.in_(ids)).order_by(ImportTrace.id.desc())


def _restore_all(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    stay: dict[int, dict[str, str]] = {}
    for trace in step:
        record = _record_of(trace)
        if isinstance(record, Contact):
            if not _restore_contact(record, trace):
                stay[trace.record_id] = {"kind": "contact", "number": "", "name": record.name}
        elif record is not None and not _restore(record, trace):
            stay[trace.record_id] = _kept(trace.kind, record)
    return stay


def _record_of(trace: ImportTrace) -> Customer | Contact | Deal | None:
    if trace.kind == "contact":
        return db.session.get(Contact, trace.record_id)
    if trace.kind == "customer":
        return db.session.get(Customer, trace.record_id, execution_options=WITH_SET_ASIDE)
    return db.session.get(Deal, trace.record_id)


def _restore_contact(contact: Contact, trace: ImportTrace) -> bool:
    """As `_restore`; a contact has no version, but tells when it was last changed."""
    before = dict(trace.before or {})
    left_at = before.pop(LEFT_AT, None)
    if left_at is not None and contact.updated_at != datetime.fromisoformat(left_at):
        return False
    restore(contact, before)
    contact.customer.touch(clock.now())
    return True


def _restore(record: Customer | Deal, trace: ImportTrace) -> bool:
    """Gives a changed record its earlier values back, unless it was changed again."""
    if record.version != trace.version or trace.before is None:
        return False
    now, before = clock.now(), dict(trace.before)
    own = {int(field_id): text for field_id, text in before.pop(OWN, {}).items()}
    set_values(record, own, by=None, now=now)
    if isinstance(record, Customer):
        if isinstance(needs := before.get("needs"), list):
            before["needs"] = [Need(text, Priority(priority)) for text, priority in needs]
        restore(record, before)
        if "name" in before:
            record.rename(record.name)
            follow_name(record)
        record.touch(now)
    elif "placement" in before:
        placement = db.session.get_one(Placement, before["placement"])
        record.take_back(placement, by_id=None, now=now)
    else:
        record.correct(before, now=now)
    earlier = (
        ImportTrace.import_id == trace.import_id,
        ImportTrace.kind == trace.kind,
        ImportTrace.record_id == trace.record_id,
        ImportTrace.before.is_not(None),
        ImportTrace.id < trace.id,
    )
    db.session.flush()
    db.session.execute(update(ImportTrace).where(*earlier).values(version=record.version))
    return True


def _remove_deals(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """Deals with their stays and notes; one that moved, was revised, got a note or had one changed stays whole."""
    ids = {trace.record_id: trace.version for trace in step}
    ours = FollowUp.id.in_(_ids_made(step, "followup")) & _untouched()
    noted = select(FollowUp.deal_id).where(FollowUp.deal_id.in_(ids), ~ours)
    worked_on = set(db.session.scalars(noted)) | _with_own_tasks(Task.deal_id, ids)
    worked_on |= _told_of(Satisfaction.deal_id, ids) | _told_of(Complaint.deal_id, ids)
    deals = db.session.scalars(select(Deal).where(Deal.id.in_(ids))).all()
    stay = {
        deal.id: _kept("deal", deal) for deal in deals if deal.id in worked_on or deal.version != ids[deal.id]
    }
    gone = [deal.id for deal in deals if deal.id not in stay]
    followers = {deal.customer_id for deal in deals if deal.id not in stay}
    notes = _numbers(FollowUp.deal_id.in_(gone))
    db.session.execute(delete(Placement).where(Placement.deal_id.in_(gone)))
    db.session.execute(delete(FollowUp).where(FollowUp.deal_id.in_(gone)))
    db.session.execute(delete(Deal).where(Deal.id.in_(gone)))
    _follow(followers)
    chain.append(
        map(chain.removed, notes)
    )  # last: whoever moves a deal holds that first, then waits for the chain
    return stay


def _untouched() -> ColumnElement[bool]:
    """That a note was not corrected, and nobody said more of its objections.

    A file brings no promises in rows, so that there is nothing to say of those.
    """
    followed = select(Objection.followup_id).where(Objection.version > 1)
    return (FollowUp.version == 1) & FollowUp.id.not_in(followed)


def _numbers(of_notes: ColumnElement[bool]) -> Sequence[str]:
    return db.session.scalars(select(FollowUp.number).where(of_notes).order_by(FollowUp.id)).all()


def _with_own_tasks(column: Any, ids: Iterable[int]) -> set[int]:
    """Those of these deals or customers for whom somebody set a task themselves."""
    own = select(column).where(column.in_(list(ids)), Task.kind.in_([TaskKind.OWN, TaskKind.NODE]))
    return set(db.session.scalars(own))


def _told_of(column: Any, ids: Iterable[int]) -> set[int]:
    """Those of these deals or customers of whose service something was written down."""
    return set(db.session.scalars(select(column).where(column.in_(list(ids)))))


def _follow(customer_ids: Iterable[int]) -> None:
    """Customers who keep other deals take their status from those."""
    others = select(Deal.customer_id).where(Deal.customer_id.in_(customer_ids)).distinct()
    for customer_id in db.session.scalars(others).all():
        Deal.settle_status(customer_id)


def _restore_status(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """What a customer without deals was, before it had those of the import; with others it follows them."""
    ids = [trace.record_id for trace in step]
    with_deals = set(db.session.scalars(select(Deal.customer_id).where(Deal.customer_id.in_(ids))))
    customers = {each.id: each for each in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    for trace in step:
        if trace.record_id in customers and trace.record_id not in with_deals and trace.before:
            restore(customers[trace.record_id], trace.before)
    return {}


def _remove_talks(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """Talks that no deal kept and nobody touched: those of a deal that stays, stay with it."""
    ids = [trace.record_id for trace in step]
    with_kept_deal = select(FollowUp.id).where(FollowUp.deal_id.in_(_ids_made(step, "deal")))
    free = FollowUp.id.in_(ids) & FollowUp.id.not_in(select(Placement.followup_id))
    gone = free & FollowUp.id.not_in(with_kept_deal) & _untouched()
    notes = _numbers(gone)
    db.session.execute(delete(FollowUp).where(gone))
    chain.append(map(chain.removed, notes))
    return {}


def _remove_customers(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """Customers with their contacts; one that was revised, merged or still has a deal or a talk stays."""
    ids = {trace.record_id: trace.version for trace in step}
    busy = set(db.session.scalars(select(Deal.customer_id).where(Deal.customer_id.in_(ids))))
    busy |= set(db.session.scalars(select(FollowUp.customer_id).where(FollowUp.customer_id.in_(ids))))
    busy |= _with_own_tasks(Task.customer_id, ids) | _told_of(Complaint.customer_id, ids)
    known = select(Customer).where(Customer.id.in_(ids)).execution_options(**WITH_SET_ASIDE)
    customers = db.session.scalars(known).all()
    stay = {
        each.id: _kept("customer", each)
        for each in customers
        if each.id in busy or each.version != ids[each.id]
    }
    gone = [each.id for each in customers if each.id not in stay]
    db.session.execute(delete(Contact).where(Contact.customer_id.in_(gone)))
    db.session.execute(delete(Customer).where(Customer.id.in_(gone)))
    return stay


def _remove_contacts(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """Contacts that came to customers who were here before; at a customer that stays, they stay."""
    ids = [trace.record_id for trace in step]
    elsewhere = Contact.customer_id.not_in(_ids_made(step, "customer"))
    gone = select(Contact.id).where(Contact.id.in_(ids), elsewhere)
    db.session.execute(update(Contact).where(Contact.reports_to_id.in_(gone)).values(reports_to_id=None))
    db.session.execute(delete(Contact).where(Contact.id.in_(ids), elsewhere))
    return {}


def _remove_people(step: Sequence[ImportTrace]) -> dict[int, dict[str, str]]:
    """Accounts that nobody has used and nothing belongs to."""
    stay: dict[int, dict[str, str]] = {}
    for trace in step:
        person = db.session.get(User, trace.record_id)
        if person is not None and not _remove_person(person):
            stay[trace.record_id] = {"kind": "person", "number": "", "name": person.name}
    return stay


def _remove_person(person: User) -> bool:
    if person.can_sign_in:
        return False
    try:
        with db.session.begin_nested():
            person.teams.clear()
            db.session.delete(person)
    except IntegrityError:  # something belongs to the person
        return False
    return True


def _ids_made(step: Sequence[ImportTrace], kind: str) -> Select[int]:
    """The records of a kind that the same import made and has not taken back."""
    return select(ImportTrace.record_id).where(
        ImportTrace.import_id == step[0].import_id, ImportTrace.kind == kind, ImportTrace.before.is_(None)
    )


def _forget(trace_ids: Iterable[int]) -> None:
    db.session.execute(delete(ImportTrace).where(ImportTrace.id.in_(list(trace_ids))))


def _kept(kind: str, record: Customer | Deal) -> dict[str, str]:
    return {"kind": kind, "number": record.number, "name": record.name}
