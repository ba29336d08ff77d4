"""What a file changes of records that were here before, each with the way back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import set_values, values_of
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import goes_round
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.of_customers import follow_name
from salesboard.deals.rules import Stage
from salesboard.deals.snapshots import as_json
from salesboard.deals.terms import SigningTerms
from salesboard.exchange.bundles import Bundle, ContactPlan, DealPlan, Place
from salesboard.exchange.deal_telling import contract_amount, told_closing
from salesboard.exchange.existing import CUSTOMER_FACTS, DEAL_FACTS
from salesboard.exchange.fields import OWN
from salesboard.exchange.gathered_deals import can_come_to
from salesboard.exchange.occasion import Occasion
from salesboard.exchange.records import CustomerRecord, DealRecord
from salesboard.exchange.traces import Trace
from salesboard.exchange.words import Lost
from salesboard.followups.models import FollowUp

LEFT_AT = "left_at"
"""When an import left a contact, kept beside what was there before: later changes show by it."""
PLAN = ("next_step", "next_due", "next_method")


class Reviser:
    """Changes known customers and deals; afterwards `traces` lead back, `notes` are those it wrote."""

    def __init__(self, occasion: Occasion) -> None:
        self.traces: list[Trace] = []
        self.notes: list[FollowUp] = []
        self._occasion = occasion

    def revise_customer(self, bundle: Bundle, customer: Customer) -> None:
        facts = {name: getattr(bundle.record, name) for name in CUSTOMER_FACTS if name != "needs"}
        facts["needs"] = bundle.record.needs_told(customer.needs_told) or None
        if bundle.record.name and customer.name == bundle.record.stand_in:
            facts["name"] = bundle.record.name
        self._revise("customer", customer, facts, bundle.record, bundle.place, fills=bundle.fills)
        if "name" in facts:
            follow_name(customer)

    def revise_contact(self, plan: ContactPlan, customer: Customer) -> None:
        """What the file says otherwise of somebody; to report to whom it names, if that is possible."""
        contact = db.session.get_one(Contact, plan.id)
        facts = {name: value for name, value in plan.record.facts.items() if name in plan.changed}
        if boss := facts.pop("reports_to", None):
            facts |= _under(boss, contact)
        before = as_json(contact, (*facts, "updated_at"))
        by, now = self._occasion.by, self._occasion.now
        customer.revise_contact(contact, by=by, now=now, expected_version=customer.version, **facts)
        if contact.updated_at is not None:
            before[LEFT_AT] = contact.updated_at.isoformat()
        self.traces.append(Trace("contact", contact.id, customer.version, plan.place, before))

    def change_deal(self, plan: DealPlan) -> None:
        """Takes over the deal's facts, where it stands, and what comes next."""
        deal = db.session.get_one(Deal, plan.id)
        if plan.is_updated:
            facts = {name: getattr(plan.record, name) for name in DEAL_FACTS}
            self._revise("deal", deal, facts, plan.record, plan.place, fills=plan.fills)
            if not plan.fills:
                self._move(plan, deal)
        if plan.next_talk is not None and not deal.is_lost:
            self._plan_next(plan, deal)

    def _revise(
        self,
        kind: str,
        record: Customer | Deal,
        said: dict[str, Any],
        told: CustomerRecord | DealRecord,
        place: Place,
        *,
        fills: bool,
    ) -> None:
        """What the file leaves open stays; so does whatever the record has where the file only `fills`."""
        changed = {name: value for name, value in said.items() if value not in (None, _fact(record, name))}
        if fills:
            changed = {
                name: value for name, value in changed.items() if _fact(record, name) in (None, "", ())
            }
        before, occasion = as_json(record, changed), self._occasion
        if "needs" in before and isinstance(record, Customer):
            before["needs"] = [[need.text, need.priority] for need in record.needs_told]
        if changed:
            record.revise(by=occasion.by, now=occasion.now, expected_version=record.version, **changed)
        own = {shape.id: text for shape, text in told.own.items()}
        stood = values_of(Subject(kind), [record.id]).get(record.id, {}) if own else {}
        if fills:
            own = {field_id: text for field_id, text in own.items() if not stood.get(field_id)}
        if set_values(record, own, by=occasion.by, now=occasion.now):
            before[OWN] = {field_id: stood.get(field_id) for field_id in own}
        if before:
            self.traces.append(Trace(kind, record.id, record.version, place, before))

    def _move(self, plan: DealPlan, deal: Deal) -> None:
        """To where the latest talk of the file saw it, else where its row says; with the row as the note."""
        seen = max(plan.sightings, key=lambda sighting: sighting[0], default=None)
        stage = seen[1] if seen else plan.record.stage
        if stage is None or stage is deal.stage or not can_come_to(deal.stage, deal.outcome, stage):
            return
        occasion, note = self._occasion, self._occasion.note_of_update(plan.place, deal)
        if stage is Lost.LOST:
            placement = deal.lose(
                told_closing(plan.record),
                note=note,
                by=occasion.by,
                now=occasion.now,
                day=occasion.day,
                expected_version=deal.version,
                answers=[],
            )
        else:
            own = plan.record.probability
            placement = deal.place(
                stage,
                note=note,
                by=occasion.by,
                now=occasion.now,
                day=occasion.day,
                expected_version=deal.version,
                probability=occasion.usual[stage] if own is None else own,
                terms=self._terms(stage, plan.record),
            )
        self.notes.append(note)
        self.traces.append(Trace("deal", deal.id, deal.version, plan.place, {"placement": placement.id}))

    def _terms(self, stage: Stage, record: DealRecord) -> SigningTerms | None:
        if not stage.is_signed:
            return None
        signed_on = min(record.closed_date or self._occasion.day, self._occasion.day)
        return SigningTerms(
            contract_amount=contract_amount(record),
            signed_on=signed_on,
            contract_number=record.contract_number,
            payment_terms=record.payment_terms,
        )

    def _plan_next(self, plan: DealPlan, deal: Deal) -> None:
        assert plan.next_talk is not None
        record, before = plan.next_talk.record, as_json(deal, PLAN)
        by_id = self._occasion.by.id if self._occasion.by else None
        step, method = record.next_step or "", record.next_method
        deal.plan(step, record.next_due, method, by_id=by_id, now=self._occasion.now)
        self.traces.append(Trace("deal", deal.id, deal.version, plan.next_talk.place, before))


def _under(boss: str, contact: Contact) -> dict[str, int]:
    """The superior of that name; nothing where there is none, or where the contact is somewhere above."""
    people = select(Contact.id, Contact.name, Contact.reports_to_id)
    found = db.session.execute(
        people.where(Contact.customer_id == contact.customer_id).order_by(Contact.id.desc())
    )
    colleagues = found.all()
    boss_id = {each.name: each.id for each in colleagues}.get(boss)
    bosses = {each.id: each.reports_to_id for each in colleagues}
    if boss_id is None or goes_round(contact.id, boss_id, bosses):
        return {}
    return {"reports_to_id": boss_id}


def _fact(record: Customer | Deal, name: str) -> Any:
    """What the record says; of needs, with their priorities."""
    return record.needs_told if isinstance(record, Customer) and name == "needs" else getattr(record, name)
