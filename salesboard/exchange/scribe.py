"""Writes bundles into the database, within the transaction under way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Level
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placing import ToldStay
from salesboard.deals.rules import LostReason, Method, Outcome, Stage, customer_status
from salesboard.deals.snapshots import as_json
from salesboard.deals.stages import stage_settings
from salesboard.deals.terms import SigningTerms
from salesboard.exchange.bundles import Bundle, DealPlan, Place, TalkPlan
from salesboard.exchange.crew import Crew
from salesboard.exchange.history import Stay, stays_seen, stays_told
from salesboard.exchange.models import Import, trace_changed, trace_made
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.records import DealRecord
from salesboard.exchange.words import LostBecause
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Note
from salesboard.numbering import is_own_number, keep_number, read_number, take_numbers

CUSTOMER_FACTS = (
    "industry", "employees", "annual_revenue", "main_business", "region", "source", "first_contact_date", "needs",
    "remarks",
)  # fmt: skip
DEAL_FACTS = ("amount", "budget", "expected_close", "competitor")


class Scribe:
    """Turns bundles into records, and remembers which, for the way back."""

    def __init__(
        self, found: Import, crew: Crew, *, now: datetime, day: date, zone: str, positions: dict[Stage, float]
    ) -> None:
        self._import = found
        self._crew = crew
        self._by = crew.importer
        self._now = now
        self._day = day
        self._zone = zone
        self._positions = positions
        self._customers: list[Customer] = []
        self._contacts: list[Contact] = []
        self._deals: list[Deal] = []
        self._notes: list[FollowUp] = []
        self._people: list[User] = []
        self._known_people: dict[str, User | None] = {}
        self._changes: list[tuple[Customer | Deal, dict[str, Any]]] = []

    def bring_in(self, bundles: list[Bundle]) -> None:
        """These customers with their contacts, deals and talks, and what leads back.

        First who and which customers, for those are looked up and numbered one by one; then all that belongs to them,
        written together; last what changes records that were here before.
        """
        self._meet_people(bundles)
        customers = [self._customer(bundle) for bundle in bundles]
        with db.session.no_autoflush:
            for bundle, customer in zip(bundles, customers, strict=True):
                self._belongings(bundle, customer)
            self._give_numbers("O", self._deals)
            self._give_numbers("F", self._notes)
        db.session.flush()
        for bundle, customer in zip(bundles, customers, strict=True):
            self._change(bundle, customer)
        self._trace()

    def _meet_people(self, bundles: list[Bundle]) -> None:
        """Finds everybody whom the bundles name, and makes the accounts that are asked for."""
        for bundle in bundles:
            names = [bundle.owner, bundle.record.created_by]
            names += [deal.record.owner for deal in bundle.deals] + [
                talk.record.author for talk in bundle.talks
            ]
            for name in filter(None, names):
                self._meet(name)

    def _meet(self, name: str) -> None:
        if name in self._known_people:
            return
        try:
            person = self._crew.find(name)
        except Unreadable:
            person = None
        else:
            if person is None and self._crew.may_invite:
                person = self._crew.invite(name, self._now)
                self._people.append(person)
        self._known_people[name] = person

    def _person(self, name: str | None) -> User | None:
        return self._known_people[name] if name else None

    def _belongings(self, bundle: Bundle, customer: Customer) -> None:
        for record in bundle.contacts:
            facts = {
                "title": record.title,
                "phone": record.phone,
                "email": record.email,
                "wechat": record.wechat,
            }
            name = (record.name or bundle.name)[:120]
            contact = Contact(customer=customer, name=name, role=record.role, created_at=self._now, **facts)
            db.session.add(contact)
            self._contacts.append(contact)
        talks = {id(talk): self._talk(talk, customer) for talk in bundle.talks}
        deals = {id(plan): self._deal(plan, bundle, customer, talks) for plan in bundle.deals if plan.is_new}
        self._file_talks(bundle, customer, talks, deals)
        if bundle.is_new:
            new = [(deal.stage, deal.outcome) for deal in deals.values()]
            customer.status = bundle.record.status or customer_status(new)

    def _change(self, bundle: Bundle, customer: Customer) -> None:
        """What the file says otherwise of a customer and deals that were here before."""
        if bundle.known is None:
            return
        if bundle.is_updated:
            self._revise(
                customer, {name: getattr(bundle.record, name) for name in (*CUSTOMER_FACTS, "level")}
            )
        for plan in bundle.deals:
            if plan.is_updated and plan.known is not None:
                self._update_deal(plan, db.session.get_one(Deal, plan.known.id))
        if any(plan.is_new for plan in bundle.deals):
            Deal.settle_status(customer.id)

    def _trace(self) -> None:
        number = self._import.id
        trace_made(number, "person", {each.id: 0 for each in self._people})
        trace_made(number, "customer", {each.id: each.version for each in self._customers})
        trace_made(number, "contact", {each.id: 0 for each in self._contacts})
        trace_made(number, "deal", {each.id: each.version for each in self._deals})
        trace_made(number, "followup", {each.id: 0 for each in self._notes})
        for record, before in self._changes:
            kind = "customer" if isinstance(record, Customer) else "deal"
            trace_changed(number, kind, record.id, record.version, before)

    def _give_numbers(self, letter: str, records: Iterable[Deal | FollowUp]) -> None:
        listed = list(records)
        without = [record for record in listed if not record.number]
        for record, number in zip(
            without, take_numbers(letter, self._day, len(without)) if without else (), strict=True
        ):
            record.number = number
        _keep_numbers(record.number for record in listed)

    # customer

    def _customer(self, bundle: Bundle) -> Customer:
        if bundle.known is not None:
            return db.session.get_one(Customer, bundle.known.id)
        record = bundle.record
        owner = self._person(bundle.owner) or self._by
        assert owner is not None, "the plan refuses a customer without an owner"
        own = record.number if record.number and is_own_number(record.number, "C") else None
        customer = Customer.register(
            bundle.name,
            owner=owner,
            by=self._by,
            now=self._now,
            day=self._day,
            number=own,
            external_id=record.external_id or (record.number if own is None else None),
            level=record.level or Level.NORMAL,
            **{name: getattr(record, name) for name in CUSTOMER_FACTS},
        )
        customer.created_by = self._person(record.created_by) or self._by
        if own:
            keep_number(own)
        self._customers.append(customer)
        return customer

    def _revise(self, record: Customer | Deal, said: dict[str, Any]) -> None:
        """Takes over what the file says otherwise; what it leaves open stays."""
        changed = {name: value for name, value in said.items() if value not in (None, getattr(record, name))}
        if not changed:
            return
        self._changes.append((record, as_json(record, changed)))
        record.revise(by=self._by or record.owner, now=self._now, expected_version=record.version, **changed)

    # deal

    def _deal(self, plan: DealPlan, bundle: Bundle, customer: Customer, talks: dict[int, FollowUp]) -> Deal:
        record = plan.record
        stays = self._stays(plan, bundle)
        told = self._told(stays, plan, customer, talks)
        last = told[-1]
        self._positions[last.stage] -= 1024.0
        facts: dict[str, Any] = {name: getattr(record, name) for name in DEAL_FACTS}
        probability = record.probability
        deal = Deal.bring_in(
            record.name or _("Deal with %(name)s", name=bundle.name)[:200],
            number=record.number if record.number and is_own_number(record.number, "O") else "",
            customer=customer,
            owner=self._person(record.owner) or customer.owner,
            stays=told,
            by=self._by,
            now=self._now,
            external_id=record.external_id or _foreign(record.number, "O"),
            position=self._positions[last.stage],
            probability=stage_settings()[last.stage].probability if probability is None else probability,
            **facts,
            **_ending(record, told),
        )
        self._deals.append(deal)
        return deal

    def _update_deal(self, plan: DealPlan, deal: Deal) -> None:
        """Takes over the deal's facts, and its stage where it is open in the file too: with the row as the note."""
        record = plan.record
        self._revise(deal, {name: getattr(record, name) for name in (*DEAL_FACTS, "probability")})
        stage = record.stage
        if not isinstance(stage, Stage) or deal.is_lost or stage is deal.stage:
            return
        terms = None
        if stage.is_signed:
            signed_on = min(record.closed_date or self._day, self._day)
            terms = SigningTerms(contract_amount=_contract_amount(record), signed_on=signed_on)
        placement = deal.place(
            stage,
            note=self._record_note(plan.place, self._now, number=None),
            by=self._by or deal.owner,
            now=self._now,
            day=self._day,
            expected_version=deal.version,
            probability=stage_settings()[stage].probability
            if record.probability is None
            else record.probability,
            terms=terms,
        )
        self._changes.append((deal, {"placement": placement.id}))

    def _stays(self, plan: DealPlan, bundle: Bundle) -> tuple[Stay, ...]:
        record = plan.record
        has_dates = record.created_date or record.entered_date or record.closed_date
        seen = [(day, stage) for day, stage, _talk in plan.sightings]
        stays = stays_seen(seen, today=self._day) if seen and not has_dates else ()
        heard = [talk.occurred_on for talk in bundle.talks if talk.deal is plan]
        return stays or stays_told(
            record,
            today=self._day,
            first_contact=bundle.record.first_contact_date,
            last_heard=max(heard, default=None),
        )

    def _told(
        self, stays: tuple[Stay, ...], plan: DealPlan, customer: Customer, talks: dict[int, FollowUp]
    ) -> list[ToldStay]:
        """Each stay with its note: the talk that saw it begin, else the row as it stands in the file."""
        free = [(day, stage, talks[id(talk)]) for day, stage, talk in plan.sightings if id(talk) in talks]
        told: list[ToldStay] = []
        for stay in stays:
            moment = min(clock.noon(stay.entered_on, self._zone), self._now)
            note = next(
                (note for day, stage, note in free if (day, stage) == (stay.entered_on, stay.stage)), None
            )
            free = [each for each in free if each[2] is not note]
            if note is None:
                note = self._record_note(plan.place, moment)
            elif told:
                moment = max(note.occurred_at, told[-1].entered_at)
            else:
                moment = note.occurred_at
            told.append(ToldStay(stay.stage, stay.outcome, moment, stay.entered_on, note))
        return told

    def _record_note(self, place: Place, moment: datetime, number: str | None = "") -> FollowUp:
        """The row as it stands in the file; with `number` None it is numbered at once."""
        where = _("imported from %(file)s, row %(row)s", file=self._import.file_name, row=place.row)
        note = Note(occurred_at=moment, method=Method.OTHER, content=f"{where}\n{place.text}")
        return self._write(note, self._by, FollowUpKind.RECORD, number)

    # talk

    def _talk(self, plan: TalkPlan, customer: Customer) -> FollowUp:
        record = plan.record
        note = Note(
            occurred_at=plan.occurred_at,
            method=record.method or Method.OTHER,
            content=plan.content,
            participants=(record.participants or "")[:500],
            feedback=record.feedback or "",
            agreed=record.agreed or "",
            materials=record.materials or "",
            new_needs=record.needs or "",
            objection=record.objection or "",
            next_step=(record.next_step or "")[:500],
            next_due=record.next_due,
        )
        own = record.number if record.number and is_own_number(record.number, "F") else ""
        written = self._write(note, self._person(record.author) or customer.owner, FollowUpKind.TALK, own)
        written.external_id = record.external_id or _foreign(record.number, "F")
        return written

    def _file_talks(
        self, bundle: Bundle, customer: Customer, talks: dict[int, FollowUp], deals: dict[int, Deal]
    ) -> None:
        """Files the talks under their deal; the latest one's next step becomes the deal's, if it has a date."""
        for plan in sorted(bundle.talks, key=lambda each: each.occurred_at):
            written = talks[id(plan)]
            written.customer = customer
            if plan.deal is None:
                continue
            deal = deals.get(id(plan.deal))
            if deal is None and plan.deal.known is not None:
                deal = db.session.get_one(Deal, plan.deal.known.id)
            written.deal = deal
            if deal is not None and plan.deal.is_new and deal.outcome is Outcome.OPEN and written.next_due:
                deal.next_step, deal.next_due = written.next_step, written.next_due

    def _write(self, note: Note, by: User | None, kind: FollowUpKind, number: str | None = "") -> FollowUp:
        written = FollowUp.write(
            note, by=by, now=self._now, day=self._day, kind=kind, number=number, counts_time=False
        )
        self._notes.append(written)
        db.session.add(written)
        return written


def _ending(record: DealRecord, told: list[ToldStay]) -> dict[str, Any]:
    """The columns that a signed or lost deal must have."""
    last = told[-1]
    if last.outcome is Outcome.LOST:
        because = record.lost_reason or LostBecause(LostReason.OTHER)
        words = because.words or (_("The file gives no reason.") if record.lost_reason is None else None)
        return {"lost_reason": because.reason, "lost_words": words, "closed_on": last.entered_on}
    if not last.stage.is_signed:
        return {}
    signed_on = next(stay.entered_on for stay in told if stay.stage.is_signed)
    return {"contract_amount": _contract_amount(record), "signed_on": signed_on}


def _contract_amount(record: DealRecord) -> Decimal:
    """What a signed deal's row says of the contract, else of the expected amount."""
    said = (amount for amount in (record.contract_amount, record.amount) if amount is not None)
    return next(said, Decimal(0))


def _foreign(number: str | None, letter: str) -> str | None:
    """A number of another program's making, kept as the record's outside id."""
    return number if number and not is_own_number(number, letter) else None


def _keep_numbers(numbers: Iterable[str]) -> None:
    """Lifts each series above the highest number that was kept."""
    highest: dict[tuple[str, str], tuple[int, str]] = {}
    for number in numbers:
        if read := read_number(number):
            letter, day, running = read
            highest[letter, day] = max(highest.get((letter, day), (0, "")), (running, number))
    for _running, number in highest.values():
        keep_number(number)
