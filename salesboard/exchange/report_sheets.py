"""The rows behind a report in the sheets that teams keep: who, what and how much as the report froze it.

What a report does not keep (whom to call, what was said) is told as it is when the file is made, as far as its reader
may see it, and the title of each sheet says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Level
from salesboard.database import db, in_parts
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.export_lists import all_of
from salesboard.exchange.export_pages import AT_ONCE, main_contacts, people_called, phone_line
from salesboard.exchange.export_progress import PERFORMANCE_HEADS, PROGRESS_HEADS
from salesboard.exchange.export_sheets import CUSTOMER_HEADS, CUSTOMERS, PERFORMANCE, PROCESS, PROGRESS
from salesboard.exchange.export_tables import Line, OutTable, columns_of
from salesboard.exchange.export_talks import HEADS
from salesboard.exchange.export_words import LEVELS, METHODS, completion, stage_word
from salesboard.exchange.fields import Kind
from salesboard.exchange.report_paper import Paper
from salesboard.followups.models import FollowUp
from salesboard.insight.facts import Fact, RowSet

_OF_DEALS = (RowSet.CLOSED, RowSet.WARNED, RowSet.ENTERED, RowSet.CREATED, RowSet.AHEAD)
"""The later one says what a deal is worth: what was hoped for rather than what was signed."""
_OF_CUSTOMERS = (RowSet.NOTES, RowSet.KEPT, RowSet.RHYTHM, RowSet.NEWCOMERS)


@dataclass
class Kept:
    """What the report keeps, put together by deal and by customer."""

    notes: list[Fact]
    deals: dict[str, Fact] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    customers: dict[str, Fact] = field(default_factory=dict)
    first_met: dict[str, date] = field(default_factory=dict)
    customer_of: dict[str, str] = field(default_factory=dict)
    """Of a deal, by number: the customer's, which never changes."""

    @classmethod
    def of(cls, paper: Paper) -> Kept:
        kept = cls(paper.rows(RowSet.NOTES))
        for row_set in _OF_DEALS:
            facts = paper.rows(row_set)
            kept.deals.update((fact.number, fact) for fact in facts)
            if row_set is RowSet.CLOSED:
                kept.lost = {fact.number for fact in facts if fact.is_lost}
        for number, customer in _customers_of(list(kept.deals)):
            kept.customer_of[number] = customer
            kept.customers[customer] = kept.deals[number]
        for row_set in _OF_CUSTOMERS:
            facts = kept.notes if row_set is RowSet.NOTES else paper.rows(row_set)
            kept.customers.update((fact.customer_number, fact) for fact in facts if fact.customer_number)
            if row_set is RowSet.NEWCOMERS:
                kept.first_met = {fact.customer_number or "": fact.day for fact in facts}
        return kept

    def outcome(self, number: str) -> Outcome:
        return Outcome.LOST if number in self.lost else Outcome.OPEN

    def stage(self, fact: Fact) -> str | None:
        return stage_word(Stage(fact.stage), self.outcome(fact.number)) if fact.stage else None


@dataclass(frozen=True)
class Now:
    """How it is when the file is made: talks and customers by number, contacts by the customer's."""

    talks: dict[str, FollowUp]
    customers: dict[str, Customer]
    contacts: dict[str, Contact]

    @classmethod
    def of(cls, talk_numbers: Iterable[str | None], customer_numbers: Iterable[str | None]) -> Now:
        wanted = all_of(Kind.FOLLOWUPS).where(FollowUp.number.in_(set(talk_numbers) - {None}))
        talks = {talk.number: talk for talk in db.session.scalars(wanted)}
        asked = select(Customer).where(Customer.number.in_(set(customer_numbers) - {None}))
        customers = {each.number: each for each in db.session.scalars(asked)}
        known = main_contacts(each.id for each in customers.values())
        contacts = {number: known[each.id] for number, each in customers.items() if each.id in known}
        return cls(talks, customers, contacts)


def team_sheets(paper: Paper) -> list[OutTable]:
    """The four sheets, each with a title that says of when it is."""
    kept = Kept.of(paper)
    about = f"{paper.names.period}，{paper.names.scope}"
    until = f"数字截至 {paper.as_of:%Y-%m-%d %H:%M}"

    def table(name: str, heads: str, rows: Iterator[Line], as_of_now: str) -> OutTable:
        title = f"{name}：{about}（{until}；{as_of_now}为下载时的情况）"
        return OutTable(name, columns_of(heads), rows, title=title)

    return [
        table(PROCESS, HEADS, _process(kept), "联系人与沟通内容"),
        table(PROGRESS, PROGRESS_HEADS, _progress(kept), "客户反馈"),
        table(PERFORMANCE, PERFORMANCE_HEADS, _performance(kept), "联系方式、讨论内容与备注"),
        table(CUSTOMERS, CUSTOMER_HEADS, _customer_base(kept), "联系人与创建人"),
    ]


def _process(kept: Kept) -> Iterator[Line]:
    """A line for each talk of the period."""
    for part in in_parts(kept.notes, AT_ONCE):
        now = Now.of((note.followup for note in part), (note.customer_number for note in part))
        for note in part:
            talk = now.talks.get(note.followup or "")
            customer = now.customers.get(note.customer_number or "")
            contact = now.contacts.get(note.customer_number or "")
            yield [
                (customer.external_id if customer else None) or note.customer_number,
                note.customer,
                note.industry,
                *(
                    (contact.name, contact.title, phone_line(contact) or contact.email)
                    if contact
                    else (None,) * 3
                ),
                talk.new_needs if talk else None,
                note.day,
                METHODS[talk.method] if talk else None,
                *((talk.participants, talk.content, talk.feedback) if talk else (None,) * 3),
                kept.stage(note),
                talk.next_step if talk else None,
                note.owner_name,
            ]


def _progress(kept: Kept) -> Iterator[Line]:
    for each, talks, now in _standings(kept):
        talk = now.talks.get(talks[-1].followup or "") if talks else None
        yield [
            each.customer,
            kept.stage(each),
            talks[-1].day if talks else None,
            talk.feedback if talk else None,
            each.deal or None,
        ]


def _performance(kept: Kept) -> Iterator[Line]:
    for each, talks, now in _standings(kept):
        talk = now.talks.get(talks[-1].followup or "") if talks else None
        number = _customer_number(kept, each)
        contact, customer = now.contacts.get(number), now.customers.get(number)
        is_deal = bool(each.number and each.stage)
        yield [
            each.customer,
            each.industry,
            (contact.email or phone_line(contact)) if contact else None,
            talks[-2].day if len(talks) > 1 else kept.first_met.get(number),
            talks[-1].day if talks else None,
            talk.content if talk else None,
            kept.stage(each),
            each.amount if is_deal else None,
            completion(Stage(each.stage or ""), kept.outcome(each.number)) if is_deal else None,
            customer.remarks if customer else None,
        ]


def _customer_base(kept: Kept) -> Iterator[Line]:
    people = people_called()
    for part in in_parts(sorted(kept.customers), AT_ONCE):
        now = Now.of((), part)
        for number in part:
            fact, contact, customer = (
                kept.customers[number],
                now.contacts.get(number),
                now.customers.get(number),
            )
            by = people[customer.created_by_id] or people[customer.owner_id] if customer else None
            first = kept.first_met.get(number) or (customer.first_contact_date if customer else None)
            yield [
                number,
                fact.customer,
                fact.industry,
                *(
                    (contact.name, contact.title, phone_line(contact), contact.email)
                    if contact
                    else (None,) * 4
                ),
                fact.source,
                fact.region,
                first,
                LEVELS[Level(fact.level)],
                by,
            ]


def _standings(kept: Kept) -> Iterator[tuple[Fact, Sequence[Fact], Now]]:
    """Each deal that the report knows with its talks of the period, the last one last; and each customer who was spoken
    with about none."""
    of_deals: dict[str, list[Fact]] = {}
    alone: dict[str, list[Fact]] = {}
    for note in kept.notes:
        group, key = (of_deals, note.number) if note.number else (alone, note.customer_number or "")
        group.setdefault(key, []).append(note)
    only_spoken_of = {number: notes[-1] for number, notes in of_deals.items() if number not in kept.deals}
    rows = [(fact, of_deals.get(number, [])) for number, fact in (kept.deals | only_spoken_of).items()]
    rows += [(notes[-1], notes) for notes in alone.values()]
    rows.sort(key=lambda row: (row[0].customer, row[0].number))
    for part in in_parts(rows, AT_ONCE):
        lasts = [talks[-1].followup for _fact, talks in part if talks]
        now = Now.of(lasts, (_customer_number(kept, fact) for fact, _talks in part))
        for fact, talks in part:
            yield fact, talks, now


def _customer_number(kept: Kept, fact: Fact) -> str:
    return fact.customer_number or kept.customer_of.get(fact.number, "")


def _customers_of(deal_numbers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Deals by number, each with its customer's. What stands in the report was its readers' to see already."""
    deals, customers = Deal.__table__.c, Customer.__table__.c
    for part in in_parts(deal_numbers, AT_ONCE):
        wanted: Any = select(deals.number, customers.number).join(
            Customer.__table__, customers.id == deals.customer_id
        )
        for row in db.session.execute(wanted.where(deals.number.in_(part))):
            yield row[0], row[1]
