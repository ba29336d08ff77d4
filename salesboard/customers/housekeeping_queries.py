"""Which customers the housekeeping proposes: counted, and a page at a time, in a fixed number of SELECTs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import ColumnElement, and_, column, exists, func, or_, select, table
from sqlalchemy.orm import joinedload

from salesboard.access import Viewer
from salesboard.addresses import plain
from salesboard.config import LOCALES
from salesboard.customers.changes import FieldChange
from salesboard.customers.housekeeping import TidiedCustomer, Tidying
from salesboard.customers.housekeeping_rules import MOST_AT_ONCE, Proposal, untouched_since
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import CustomerStatus, LostReason
from salesboard.customers.ways import ContactWay
from salesboard.customers.wording import NO_REASON_TOLD
from salesboard.database import UtcDateTime, db

PROPOSED_A_PAGE = 50
LATEST_SHOWN = 5
LONGEST_NUMBER = 20

# What is written above the customers is asked by the names of its tables, as sharing.py does. Tables are asked as
# such, not as the reader sees them: that somebody talked with a customer counts, whoever it was.
_deals = table("deals", *map(column, ("customer_id", "outcome", "lost_reason", "lost_words")))
_talks = table(
    "followups",
    *map(column, ("customer_id", "kind", "taken_back_at")),
    column("occurred_at", UtcDateTime()),
)
_traces = table("import_traces", *map(column, ("kind", "record_id", "before")))


@dataclass(frozen=True)
class ProposedPage:
    """Some customers, known the longest first; `after` is the number after which more begin, None at the end."""

    customers: Sequence[Customer]
    after: str | None


@dataclass(frozen=True)
class Looking:
    """Whose customers are looked through, and on which day by the installation's clock."""

    viewer: Viewer
    today: date
    zone: ZoneInfo
    owner_id: int | None = None

    def conditions(self, proposal: Proposal) -> list[ColumnElement[bool]]:
        """What is proposed of those whom the viewer looks after: their own for a rep, the teams' for a supervisor."""
        whose = [self.viewer.sees_owner(Customer.owner_id)]
        if self.owner_id is not None:
            whose.append(Customer.owner_id == self.owner_id)
        return [*whose, *proposed(proposal, self.today, self.zone)]


def proposed(proposal: Proposal, today: date, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """The conditions that a customer is proposed: in the daily lists, not left alone, and one of this kind."""
    rests = TidiedCustomer.__table__.c
    ours = Tidying.__table__.c
    left_alone = exists().where(
        rests.customer_id == Customer.id,
        rests.rests_until > today,
        ours.id == rests.tidying_id,
        ours.proposal == proposal,
    )
    of_kind = {
        Proposal.LOST_WITHOUT_REASON: _is_lost_without_reason,
        Proposal.NO_CHANNEL: _has_no_channel,
        Proposal.UNTOUCHED: lambda: _is_untouched(untouched_since(today), zone),
    }
    return [Customer.archived_at.is_(None), ~left_alone, of_kind[proposal]()]


def count_proposed(looking: Looking) -> dict[Proposal, int]:
    """How many there are of each kind. One SELECT for each."""
    counted = select(func.count(Customer.id))
    return {
        proposal: db.session.scalar(counted.where(*looking.conditions(proposal))) or 0
        for proposal in Proposal
    }


def proposed_page(looking: Looking, proposal: Proposal, after: str | None) -> ProposedPage:
    """The first of them, or those after the one with the number `after`."""
    listed = select(Customer).where(*looking.conditions(proposal)).options(joinedload(Customer.owner))
    if after is not None:
        last = select(Customer.id).where(Customer.number == after).scalar_subquery()
        listed = listed.where(Customer.id > last)
    rows = db.session.scalars(listed.order_by(Customer.id).limit(PROPOSED_A_PAGE + 1)).all()
    shown = rows[:PROPOSED_A_PAGE]
    return ProposedPage(shown, shown[-1].number if len(rows) > PROPOSED_A_PAGE else None)


def held_of(looking: Looking, proposal: Proposal, numbers: Iterable[str]) -> Sequence[Customer]:
    """Those of the numbers that are still proposed, held against other writers until the transaction ends."""
    plain_ones = dict.fromkeys(plain(number, LONGEST_NUMBER) for number in numbers)
    ticked = Customer.number.in_(list(plain_ones)[:MOST_AT_ONCE])
    held = select(Customer).where(ticked, *looking.conditions(proposal)).order_by(Customer.id)
    return db.session.scalars(held.with_for_update(of=Customer)).all()


def with_open_deals(customers: Iterable[Customer]) -> set[int]:
    """Ids of those that have a deal which is not lost, whoever owns it. One SELECT."""
    ids = [customer.id for customer in customers]
    of_these = select(_deals.c.customer_id).where(_deals.c.customer_id.in_(ids), _deals.c.outcome == "open")
    return set(db.session.scalars(of_these.distinct()))


def proposed_by_owner(today: date, zone: ZoneInfo) -> dict[int, Counter[Proposal]]:
    """How much is proposed of each person's customers. One SELECT for each kind."""
    found: dict[int, Counter[Proposal]] = {}
    for proposal in Proposal:
        counted = select(Customer.owner_id, func.count(Customer.id).label("n"))
        of_kind = counted.where(*proposed(proposal, today, zone)).group_by(Customer.owner_id)
        for row in db.session.execute(of_kind):
            found.setdefault(row.owner_id, Counter())[proposal] = row.n
    return found


def latest_tidyings() -> Sequence[Tidying]:
    """What was done last, by oneself or those whom one looks after. One SELECT."""
    latest = select(Tidying).options(joinedload(Tidying.by)).order_by(Tidying.id.desc())
    return db.session.scalars(latest.limit(LATEST_SHOWN)).all()


def counted_in(tidyings: Iterable[Tidying]) -> dict[int, int]:
    """How many customers each of them is about. One SELECT."""
    entries = TidiedCustomer.__table__.c
    of_these = entries.tidying_id.in_([each.id for each in tidyings])
    counted = select(entries.tidying_id, func.count(entries.id).label("n")).where(of_these)
    return {row.tidying_id: row.n for row in db.session.execute(counted.group_by(entries.tidying_id))}


def tidied(tidying: Tidying) -> Sequence[tuple[TidiedCustomer, Customer | None]]:
    """Its customers, each as far as the reader still sees it. One SELECT."""
    return [
        (row[0], row[1])
        for row in db.session.execute(
            select(TidiedCustomer, Customer)
            .outerjoin(Customer, Customer.id == TidiedCustomer.customer_id)
            .where(TidiedCustomer.tidying_id == tidying.id)
            .order_by(TidiedCustomer.id)
        )
    ]


def _is_lost_without_reason() -> ColumnElement[bool]:
    """Lost, and neither the customer nor any of its lost deals says why; the words of an import count for nothing."""
    said_nothing = and_(_deals.c.lost_reason == LostReason.OTHER, _deals.c.lost_words.in_(_said_by_imports()))
    says_why = exists().where(_deals.c.customer_id == Customer.id, _deals.c.outcome == "lost", ~said_nothing)
    return and_(Customer.status == CustomerStatus.LOST, Customer.lost_reason.is_(None), ~says_why)


def _has_no_channel() -> ColumnElement[bool]:
    """Nobody at the customer can be reached by telephone, e-mail or WeChat."""
    people, ways = Contact.__table__.c, ContactWay.__table__.c
    return ~exists().where(people.customer_id == Customer.id, ways.contact_id == people.id)


def _is_untouched(since: date, zone: ZoneInfo) -> ColumnElement[bool]:
    """A potential customer with whom nobody talked since then, and about whom nobody changed anything.

    One that an import brought is as old as its first contact; where the file has none, as old as the import.
    """
    moment = datetime.combine(since, time(), zone)
    changes, happened = FieldChange.__table__.c, _talks.c
    talked = exists().where(
        happened.customer_id == Customer.id,
        happened.kind == "talk",
        happened.taken_back_at.is_(None),
        happened.occurred_at >= moment,
    )
    changed = exists().where(changes.customer_id == Customer.id, changes.at >= moment)
    brought = exists().where(
        _traces.c.kind == "customer", _traces.c.record_id == Customer.id, _traces.c.before.is_(None)
    )
    is_old = or_(Customer.created_at < moment, and_(Customer.first_contact_date < since, brought))
    return and_(Customer.status == CustomerStatus.POTENTIAL, is_old, ~talked, ~changed)


def _said_by_imports() -> list[str]:
    said = []
    for locale in LOCALES:
        with force_locale(locale):
            said.append(str(NO_REASON_TOLD))
    return said
