"""Takes a whole import back: what it made goes, what somebody worked on since stays and is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal, Placement
from salesboard.deals.snapshots import restore
from salesboard.exchange.applying import Transaction
from salesboard.exchange.models import Import, ImportTrace
from salesboard.followups.models import FollowUp

AT_ONCE = 300


def take_back(found: Import, *, transaction: Transaction = writing) -> list[str]:
    """Removes what the import made and restores what it changed, in steps that are each whole.

    Begun again it goes on. The answer names what stays because somebody worked on it since.
    """
    kept: list[str] = []
    with acting_as_system(f"import {found.id} is taken back for all its owners"):
        made, changed = _traces(found)
        for step in _parts(changed):
            with transaction():
                kept += [label for trace in step for label in _restore(trace)]
        for kind, remove in (
            ("deal", _remove_deals),
            ("followup", _remove_talks),
            ("customer", _remove_customers),
            ("contact", _remove_contacts),
            ("person", _remove_people),
        ):
            for step in _parts(made[kind]):
                with transaction():
                    kept += remove(step)
    return kept


def _traces(found: Import) -> tuple[dict[str, list[ImportTrace]], list[ImportTrace]]:
    """Traces of what was made, by kind, and of what was changed, the last change first."""
    made: dict[str, list[ImportTrace]] = defaultdict(list)
    changed: list[ImportTrace] = []
    for trace in db.session.scalars(
        select(ImportTrace).where(ImportTrace.import_id == found.id).order_by(ImportTrace.id.desc())
    ):
        if trace.before is None:
            made[trace.kind].append(trace)
        else:
            changed.append(trace)
    return made, changed


def _restore(trace: ImportTrace) -> list[str]:
    """Gives a changed record its earlier values back, unless it was changed again."""
    record: Customer | Deal | None
    if trace.kind == "customer":
        record = db.session.get(Customer, trace.record_id)
    else:
        record = db.session.get(Deal, trace.record_id)
    if record is None or trace.before is None:
        return []
    if record.version != trace.version:
        return [record.label]
    now = clock.now()
    if isinstance(record, Customer):
        restore(record, trace.before)
        record.touch(now)
    elif "placement" in trace.before:
        placement = db.session.get_one(Placement, trace.before["placement"])
        record.take_back(placement, by_id=None, now=now)
    else:
        record.correct(trace.before, now=now)
    for earlier in db.session.scalars(_earlier_traces(trace)):
        earlier.version = record.version
    return []


def _remove_deals(step: Sequence[ImportTrace]) -> list[str]:
    """Deals with their stays and notes; one that moved, was revised or got a note since stays whole."""
    ids = {trace.record_id: trace.version for trace in step}
    ours = select(ImportTrace.record_id).where(
        ImportTrace.import_id == step[0].import_id, ImportTrace.kind == "followup"
    )
    noted = select(FollowUp.deal_id).where(FollowUp.deal_id.in_(ids), FollowUp.id.not_in(ours))
    worked_on = set(db.session.scalars(noted))
    deals = db.session.scalars(select(Deal).where(Deal.id.in_(ids))).all()
    stay = {deal.id: deal.label for deal in deals if deal.id in worked_on or deal.version != ids[deal.id]}
    gone = [deal.id for deal in deals if deal.id not in stay]
    followers = [deal.customer_id for deal in deals if deal.id in gone]
    db.session.execute(delete(Placement).where(Placement.deal_id.in_(gone)))
    db.session.execute(delete(FollowUp).where(FollowUp.deal_id.in_(gone)))
    db.session.execute(delete(Deal).where(Deal.id.in_(gone)))
    _follow(followers)
    return list(stay.values())


def _follow(customer_ids: Sequence[int]) -> None:
    """Customers who keep other deals take their status from those."""
    others = select(Deal.customer_id).where(Deal.customer_id.in_(customer_ids)).distinct()
    for customer_id in db.session.scalars(others).all():
        Deal.settle_status(customer_id)


def _remove_talks(step: Sequence[ImportTrace]) -> list[str]:
    """Talks that no deal kept: those of a deal that stays, stay with it."""
    ids = [trace.record_id for trace in step]
    ours = select(ImportTrace.record_id).where(
        ImportTrace.import_id == step[0].import_id, ImportTrace.kind == "deal"
    )
    with_kept_deal = select(FollowUp.id).where(FollowUp.deal_id.in_(ours))
    free = FollowUp.id.in_(ids) & FollowUp.id.not_in(select(Placement.followup_id))
    db.session.execute(delete(FollowUp).where(free, FollowUp.id.not_in(with_kept_deal)))
    return []


def _remove_customers(step: Sequence[ImportTrace]) -> list[str]:
    """Customers with their contacts; one that was revised or still has a deal or a talk stays."""
    ids = {trace.record_id: trace.version for trace in step}
    busy = set(db.session.scalars(select(Deal.customer_id).where(Deal.customer_id.in_(ids))))
    busy |= set(db.session.scalars(select(FollowUp.customer_id).where(FollowUp.customer_id.in_(ids))))
    customers = db.session.scalars(select(Customer).where(Customer.id.in_(ids))).all()
    stay = {each.id: each.label for each in customers if each.id in busy or each.version != ids[each.id]}
    gone = [each.id for each in customers if each.id not in stay]
    db.session.execute(delete(Contact).where(Contact.customer_id.in_(gone)))
    db.session.execute(delete(Customer).where(Customer.id.in_(gone)))
    return list(stay.values())


def _remove_contacts(step: Sequence[ImportTrace]) -> list[str]:
    """Contacts that came to customers who were here before."""
    ours = select(ImportTrace.record_id).where(
        ImportTrace.import_id == step[0].import_id, ImportTrace.kind == "customer"
    )
    ids = [trace.record_id for trace in step]
    db.session.execute(delete(Contact).where(Contact.id.in_(ids), Contact.customer_id.not_in(ours)))
    return []


def _remove_people(step: Sequence[ImportTrace]) -> list[str]:
    """Accounts that nobody has used and nothing belongs to."""
    kept = []
    for trace in step:
        person = db.session.get(User, trace.record_id)
        if person is None:
            continue
        label = person.label
        try:
            with db.session.begin_nested():
                if person.can_sign_in:
                    raise _InUse
                person.teams.clear()
                db.session.delete(person)
        except (_InUse, IntegrityError):
            kept.append(label)
    return kept


class _InUse(Exception):
    """Somebody signs in with this account."""


def _earlier_traces(trace: ImportTrace) -> Select[ImportTrace]:
    """Traces of earlier changes of the same record by the same import, which are restored next."""
    return select(ImportTrace).where(
        ImportTrace.import_id == trace.import_id,
        ImportTrace.kind == trace.kind,
        ImportTrace.record_id == trace.record_id,
        ImportTrace.before.is_not(None),
        ImportTrace.id < trace.id,
    )


def _parts(traces: Sequence[ImportTrace]) -> Iterator[Sequence[ImportTrace]]:
    for start in range(0, len(traces), AT_ONCE):
        yield traces[start : start + AT_ONCE]
