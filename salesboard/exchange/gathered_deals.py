"""Which rows of a file are about the same deal, and which deals are here already."""

from __future__ import annotations

from salesboard.customers.rules import name_key
from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.bundles import Bundle, DealPlan, Place
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing, KnownCustomer, KnownDeal
from salesboard.exchange.fields import Kind
from salesboard.exchange.filling import differing, filled, filling, labels
from salesboard.exchange.reasons import NotTaken, Reason
from salesboard.exchange.records import DealRecord
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.verdicts import Verdicts
from salesboard.exchange.words import Lost
from salesboard.numbering import is_own_number


class GatheredDeals:
    """The deals of a file. `find` refuses; `take` no longer does."""

    def __init__(self, existing: Existing, crew: Crew, treatment: Treatment, verdicts: Verdicts) -> None:
        self._existing = existing
        self._crew = crew
        self._treatment = treatment
        self._verdicts = verdicts
        self._by_number: dict[str, tuple[Bundle, DealPlan]] = {}
        self._by_name: dict[tuple[int, str], DealPlan] = {}
        self._mentioned: set[int] = set()
        """Deals that are here, of which a row has spoken."""

    def find(
        self, record: DealRecord | None, bundle: Bundle | None, known: KnownCustomer | None, kind: Kind
    ) -> KnownDeal | None:
        """The deal here that the row means, None for another. Raises NotTaken for a colleague's, and for one that the
        file gives to two customers."""
        if record is None:
            return None
        for number in _numbers(record):
            if number in self._by_number:
                owner, plan = self._by_number[number]
                if owner is not bundle:
                    raise NotTaken("elsewhere")
                return plan.known
        deal = self._known(record, known) if known and not self._makes_anew(kind) else None
        if deal is not None and not self._crew.looks_after(deal.owner_id):
            raise NotTaken("colleagues_deal", name=self._crew.name_of(deal.owner_id))
        return deal

    def take(
        self, found: KnownDeal | None, bundle: Bundle, record: DealRecord | None, place: Place, kind: Kind
    ) -> DealPlan | None:
        """The deal of the row: a new one, one of this file or of the database; None where it means none for sure."""
        if record is None:
            return bundle.only_deal
        if not _is_named(record):
            return self._take_unnamed(bundle, record, place, kind)
        plan = self._in_file(bundle, record) or (bundle.plans_of_known[found.id] if found else None)
        if plan is None:
            plan = self._new(bundle, record, place)
        else:
            self._mention(plan, bundle, record, place)
        self._remember(bundle, record, plan)
        return plan

    def _makes_anew(self, kind: Kind) -> bool:
        return self._treatment.creates and kind is Kind.DEALS

    def _known(self, record: DealRecord, known: KnownCustomer) -> KnownDeal | None:
        """Among the customer's deals: by number, else by name where no number tells the two apart."""
        there = self._existing
        for number in _numbers(record):
            numbered = (there.deal_by_number.get(number), *there.deals_by_external_id.get(number, ()))
            for deal in filter(None, numbered):
                if deal.customer_id == known.id:
                    return deal
        if record.name is None or record.external_id or (record.number and is_own_number(record.number, "O")):
            return None
        same = known.deals_by_name.get(name_key(record.name), ())
        free = (deal for deal in same if deal.id not in self._mentioned)
        return next((deal for deal in free if not (record.number and deal.external_id)), None)

    def _in_file(self, bundle: Bundle, record: DealRecord) -> DealPlan | None:
        numbers = _numbers(record)
        for number in numbers:
            if number in self._by_number:
                return self._by_number[number][1]
        return None if numbers else self._by_name.get((id(bundle), name_key(record.name or "")))

    def _remember(self, bundle: Bundle, record: DealRecord, plan: DealPlan) -> None:
        """A deal's own number tells it apart; a row that gives none means the first of that name, with its customer."""
        for number in _numbers(record):
            self._by_number[number] = bundle, plan
        if record.name:
            self._by_name.setdefault((id(bundle), name_key(record.name)), plan)
        if plan.known is not None:
            self._mentioned.add(plan.known.id)

    def _take_unnamed(self, bundle: Bundle, record: DealRecord, place: Place, kind: Kind) -> DealPlan | None:
        """A sheet that knows one deal for each customer means that one; of several none can be chosen."""
        if not bundle.deals:
            return self._new(bundle, record, place)
        plan = bundle.only_deal
        if plan is None:
            self._verdicts.skip(place, Kind.DEALS, bundle.name, Reason("which_deal"))
        else:
            self._mention(plan, bundle, record, place, is_aside=kind is not Kind.DEALS)
        return plan

    def _new(self, bundle: Bundle, record: DealRecord, place: Place) -> DealPlan:
        plan = DealPlan(place, record)
        bundle.deals.append(plan)
        number = record.number
        is_taken = number and is_own_number(number, "O") and number in self._existing.taken
        why = Reason("renumbered", {"number": number}) if is_taken else None
        self._verdicts.create(place, Kind.DEALS, record.name or bundle.name, why)
        return plan

    def _mention(
        self, plan: DealPlan, bundle: Bundle, record: DealRecord, place: Place, *, is_aside: bool = False
    ) -> None:
        """A row about a deal that is there already, in the file or in the database; said only where it matters when
        the row is about something else first of all."""
        label = record.name or bundle.name
        if plan.known is None or plan.is_updated:
            plan.record = filled(plan.record, record)
            if not is_aside:
                self._verdicts.skip(place, Kind.DEALS, label, Reason("double_deal", {"row": plan.place.row}))
        elif self._treatment.changes and (names := self._changes(plan.known, record)):
            plan.place, plan.record, plan.is_updated = place, record, True
            plan.fills = self._treatment.fills
            self._verdicts.update(
                place, Kind.DEALS, label, Reason("changes", {"fields": labels("deal", names)})
            )
        elif record.stage is not None and not _stands(plan.known, record.stage):
            self._verdicts.skip(place, Kind.DEALS, label, self._why_it_stays(plan.known, record.stage))
        elif not is_aside:
            self._verdicts.skip(place, Kind.DEALS, label, Reason("there_already"))

    def _changes(self, known: KnownDeal, record: DealRecord) -> list[str]:
        """The fields that an update changes."""
        if self._treatment.fills:
            return filling(record, known.facts, known.own)
        names = differing(record, known.facts, known.own)
        moves = record.stage is not None and not _stands(known, record.stage)
        return [*names, "stage"] if moves and can_come_to(known.stage, known.outcome, record.stage) else names

    def _why_it_stays(self, known: KnownDeal, told: Stage | Lost) -> Reason:
        may_move = can_come_to(known.stage, known.outcome, told)
        return Reason("there_in_other_stage") if may_move else Reason("stage_stays")


def can_come_to(stage: Stage, outcome: Outcome, told: Stage | Lost | None) -> bool:
    """Whether a deal may be moved to where a file sees it: neither out of loss, nor lost once it was signed."""
    if outcome is Outcome.LOST:
        return False
    return not (told is Lost.LOST and stage.is_signed)


def _stands(deal: KnownDeal, told: Stage | Lost) -> bool:
    """Whether the deal stands where the file says."""
    if told is Lost.LOST:
        return deal.outcome is Outcome.LOST
    return deal.outcome is Outcome.OPEN and deal.stage is told


def _is_named(record: DealRecord) -> bool:
    return bool(record.name or record.number or record.external_id)


def _numbers(record: DealRecord) -> list[str]:
    return [number for number in (record.number, record.external_id) if number]
