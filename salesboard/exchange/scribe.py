"""Writes pieces of a plan into the database, within the transaction under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.archiving import STANDING
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import take_values
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Attitude, Level, goes_round
from salesboard.database import db, give_ids
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, Stage, customer_status
from salesboard.exchange.bundles import Bundle, ContactPlan, DealPlan, TalkPlan
from salesboard.exchange.deal_telling import ending, told_stays
from salesboard.exchange.existing import CUSTOMER_FACTS, DEAL_FACTS
from salesboard.exchange.occasion import Occasion
from salesboard.exchange.pieces import Piece
from salesboard.exchange.records import CustomerRecord, DealRecord
from salesboard.exchange.revising import Reviser
from salesboard.exchange.traces import Trace, leave_traces
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from salesboard.numbering import take_numbers
from salesboard.snapshots import as_json
from salesboard.tasks.keeping import begin_steps

POSITIONS_APART = 1024.0


class Scribe:
    """Turns pieces into records, and remembers which, for the way back."""

    def __init__(self, occasion: Occasion, positions: dict[Stage, float]) -> None:
        self._occasion = occasion
        self._positions = positions
        self._people: dict[str, User | None] = {}
        self._invited: list[User] = []
        self._customers: list[tuple[Bundle, Customer]] = []
        self._contacts: list[tuple[ContactPlan, Contact]] = []
        self._deals: list[tuple[DealPlan, Deal]] = []
        self._deal_numbers: dict[int, str] = {}
        """By the id of their plan, as is `_notes`."""
        self._talks: list[TalkPlan] = []
        self._notes: dict[int, FollowUp] = {}
        """Those of talks."""
        self._notes_of_rows: list[FollowUp] = []

    def bring_in(self, pieces: Sequence[Piece]) -> None:
        """First who, for people are looked up one by one; then the customers and all that belongs to them, written
        together; last what changes records that were here before."""
        for piece in pieces:
            self._meet(piece)
        with db.session.no_autoflush:
            customers = self._customers_of(pieces)
            self._number_deals([plan for piece in pieces for plan in piece.deals])
            for piece, customer in zip(pieces, customers, strict=True):
                self._belongings(piece, customer)
            self._number_notes()
            give_ids()
        db.session.flush()
        for bundle, customer in self._customers:
            bundle.id = customer.id
        for plan, deal in self._deals:
            plan.id = deal.id
        self._draw_chains()
        begin_steps([deal.id for _plan, deal in self._deals], self._occasion.now)
        self._fill_own()
        reviser = Reviser(self._occasion)
        for piece, customer in zip(pieces, customers, strict=True):
            self._change(piece, customer, reviser)
        leave_traces(self._occasion.found.id, [*self._traces(), *reviser.traces, *_of_notes(reviser.notes)])

    # people

    def _meet(self, piece: Piece) -> None:
        """Finds everybody whom the piece names, and makes the accounts that are asked for."""
        bundle, crew = piece.bundle, self._occasion.crew
        names = [bundle.owner, bundle.record.created_by]
        names += [plan.record.owner for plan in piece.deals] + [plan.record.author for plan in piece.talks]
        for name in names:
            if name is None or name in self._people:
                continue
            person = crew.known(name)
            if person is None and crew.may_invite(name):
                person = crew.invite(name, self._occasion.now)
                self._invited.append(person)
            self._people[name] = person

    def _person(self, name: str | None) -> User | None:
        return self._people[name] if name else None

    # customers

    def _customers_of(self, pieces: Sequence[Piece]) -> list[Customer]:
        """The customer of each piece, be it a new one."""
        new = {id(piece.bundle): piece.bundle for piece in pieces if piece.bundle.id is None}
        numbers = self._numbers("C", [bundle.record for bundle in new.values()])
        made = {
            key: self._customer(bundle, number)
            for (key, bundle), number in zip(new.items(), numbers, strict=True)
        }
        here = [piece.bundle.id for piece in pieces if piece.bundle.id is not None]
        found = {each.id: each for each in db.session.scalars(select(Customer).where(Customer.id.in_(here)))}
        return [made.get(id(piece.bundle)) or found[piece.bundle.id or 0] for piece in pieces]

    def _customer(self, bundle: Bundle, number: str) -> Customer:
        record, occasion = bundle.record, self._occasion
        owner = self._person(bundle.owner) or occasion.crew.fallback
        assert owner is not None, "the plan refuses a customer without an owner"
        facts = {name: getattr(record, name) for name in CUSTOMER_FACTS if name not in ("level", "needs")}
        facts["needs"] = record.needs_told()
        facts["first_contact_date"] = record.first_contact_date or bundle.earliest_contact
        customer = Customer.bring_in(
            bundle.name,
            number=number,
            owner=owner,
            by=occasion.by,
            now=occasion.now,
            external_id=occasion.outside_id(record.number, record.external_id, "C"),
            level=record.level or Level.NORMAL,
            **facts,
        )
        customer.created_by = self._person(record.created_by) or occasion.by
        customer.verified_by = occasion.crew.known(record.verified_by) if record.verified_by else None
        if customer.verified_by and record.verified_date:
            customer.verified_at = min(clock.noon(record.verified_date, occasion.zone), occasion.now)
        self._customers.append((bundle, customer))
        return customer

    def _belongings(self, piece: Piece, customer: Customer) -> None:
        for contact in piece.contacts:
            self._contact(contact, customer)
        for talk in piece.talks:
            author = self._person(talk.record.author) or customer.owner
            self._talks.append(talk)
            self._notes[id(talk)] = self._occasion.note_of_talk(talk, author)
        deals = {id(plan): self._deal(plan, piece.bundle, customer) for plan in piece.deals}
        for talk in piece.talks:
            note = self._notes[id(talk)]
            note.customer = customer
            if talk.deal is not None and id(talk.deal) in deals:
                note.deal = deals[id(talk.deal)]
            elif talk.deal is not None:
                note.deal_id = talk.deal.id
            db.session.add(note)
        if piece.is_whole:
            standing = [(deal.stage, deal.outcome) for deal in deals.values()]
            own = piece.bundle.record.status
            customer.status = customer_status(standing) if standing or own is None else own

    def _contact(self, plan: ContactPlan, customer: Customer) -> None:
        record = plan.record
        contact = Contact(
            customer=customer,
            name=plan.name,
            title=record.title,
            phone=record.phone_line,
            email=record.email,
            wechat=record.wechat,
            role=record.role,
            attitude=record.attitude or Attitude.UNKNOWN,
            preferred_channel=record.preferred_channel,
            created_at=self._occasion.now,
        )
        db.session.add(contact)
        self._contacts.append((plan, contact))

    def _draw_chains(self) -> None:
        """Who reports to whom, now that everybody is here; whoever nobody is called like, or whoever would report to
        themselves in the end, to nobody."""
        reporting = [(plan.record.reports_to, contact) for plan, contact in self._contacts]
        reporting = [(name, contact) for name, contact in reporting if name]
        at = {contact.customer_id for _name, contact in reporting}
        people = select(Contact.id, Contact.customer_id, Contact.name, Contact.reports_to_id)
        found = db.session.execute(
            people.where(Contact.customer_id.in_(at)).order_by(Contact.id.desc())
        ).all()
        called = {(person.customer_id, person.name): person.id for person in found}
        bosses = {person.id: person.reports_to_id for person in found}
        for name, contact in reporting:
            boss_id = called.get((contact.customer_id, name))
            if not goes_round(contact.id, boss_id, bosses):
                contact.reports_to_id = bosses[contact.id] = boss_id

    def _change(self, piece: Piece, customer: Customer, reviser: Reviser) -> None:
        """What the file says otherwise of a customer and deals that were here; the customer follows its deals."""
        for contact in piece.changed_contacts:
            reviser.revise_contact(contact, customer)
        if piece.is_revision:
            reviser.revise_customer(piece.bundle, customer)
        for plan in piece.changed_deals:
            reviser.change_deal(plan)
        if piece.deals and not piece.is_whole:
            before = as_json(customer, STANDING)
            Deal.settle_status(customer.id)
            if piece.bundle.known is not None and as_json(customer, STANDING) != before:
                reviser.traces.append(Trace("status", customer.id, before=before))

    # deals

    def _deal(self, plan: DealPlan, bundle: Bundle, customer: Customer) -> Deal:
        record, occasion = plan.record, self._occasion
        told = told_stays(plan, bundle.record.first_contact_date, self._notes, occasion)
        stage = told[-1].stage
        self._positions[stage] -= POSITIONS_APART
        facts = {name: getattr(record, name) for name in DEAL_FACTS if name != "probability"}
        own = record.probability
        deal = Deal.bring_in(
            record.name or _("Deal with %(name)s", name=bundle.name)[:200],
            number=self._deal_numbers[id(plan)],
            customer=customer,
            owner=self._person(record.owner) or customer.owner,
            stays=told,
            by=occasion.by,
            now=occasion.now,
            external_id=occasion.outside_id(record.number, record.external_id, "O"),
            position=self._positions[stage],
            probability=occasion.usual[stage] if own is None else own,
            **facts,
            **ending(record, told),
        )
        if plan.next_talk is not None and deal.outcome is Outcome.OPEN:
            deal.next_step, deal.next_due = (
                plan.next_talk.record.next_step or "",
                plan.next_talk.record.next_due,
            )
            deal.next_method = plan.next_talk.record.next_method
        self._notes_of_rows += [stay.note for stay in told if stay.note.kind is FollowUpKind.RECORD]
        self._deals.append((plan, deal))
        return deal

    def _fill_own(self) -> None:
        """Gives the new records what the file says of the installation's own fields."""
        customers = {customer.id: _by_id(bundle.record) for bundle, customer in self._customers}
        deals = {deal.id: _by_id(plan.record) for plan, deal in self._deals}
        by, now = self._occasion.by, self._occasion.now
        take_values(Subject.CUSTOMER, customers, by=by, now=now)
        take_values(Subject.DEAL, deals, by=by, now=now)

    # numbers and traces

    def _numbers(self, letter: str, records: Sequence[CustomerRecord | DealRecord]) -> list[str]:
        """The records' own numbers, as far as they can be kept, else new ones."""
        own = [self._occasion.own_number(record.number, letter) for record in records]
        without = own.count(None)
        new = iter(take_numbers(letter, self._occasion.day, without) if without else ())
        return [number or next(new) for number in own]

    def _number_deals(self, plans: Sequence[DealPlan]) -> None:
        numbers = self._numbers("O", [plan.record for plan in plans])
        self._deal_numbers = {id(plan): number for plan, number in zip(plans, numbers, strict=True)}

    def _number_notes(self) -> None:
        without = [note for note in (*self._notes_of_rows, *self._notes.values()) if not note.number]
        numbers = take_numbers("F", self._occasion.day, len(without)) if without else []
        for note, number in zip(without, numbers, strict=True):
            note.number = number

    def _traces(self) -> Iterable[Trace]:
        yield from (Trace("person", person.id) for person in self._invited)
        for bundle, customer in self._customers:
            yield Trace("customer", customer.id, customer.version, bundle.place)
        for contact_plan, contact in self._contacts:
            yield Trace("contact", contact.id, place=contact_plan.place)
        for deal_plan, deal in self._deals:
            yield Trace("deal", deal.id, deal.version, deal_plan.place)
        for talk in self._talks:
            yield Trace("followup", self._notes[id(talk)].id, place=talk.place)
        yield from _of_notes(self._notes_of_rows)


def _by_id(record: CustomerRecord | DealRecord) -> dict[int, str]:
    return {shape.id: text for shape, text in record.own.items()}


def _of_notes(notes: Iterable[FollowUp]) -> list[Trace]:
    return [Trace("followup", note.id) for note in notes]
