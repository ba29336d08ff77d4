"""Gathers the rows of a file into bundles, one for each customer, and says what happens to each row."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from salesboard import clock
from salesboard.customers.rules import name_key
from salesboard.exchange.bundles import Bundle, DealPlan, Place, TalkPlan
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing, KnownCustomer, KnownDeal
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import Fate, OnDuplicate
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Reason, Unreadable
from salesboard.exchange.records import CustomerRecord, DealRecord, FollowUpRecord, RowRecords

Record = TypeVar("Record", CustomerRecord, DealRecord)


@dataclass(frozen=True)
class Verdict:
    """What happens to one row as far as it is about `kind`, and why where that is not plain."""

    sheet: str
    row: int
    kind: Kind
    fate: Fate
    label: str
    reason: Reason | None = None
    cells: tuple[Cell, ...] | None = None


class _Refused(Exception):
    """The row is not taken."""

    def __init__(self, code: str, **params: object) -> None:
        self.reason = Reason(code, params)


class Gatherer:
    """Takes rows in order; afterwards `bundles` hold what comes in, `verdicts` what happens to each row."""

    def __init__(
        self,
        existing: Existing,
        crew: Crew,
        on_duplicate: OnDuplicate,
        zone: ZoneInfo,
        rows: list[RowRecords],
    ) -> None:
        self.bundles: list[Bundle] = []
        self.verdicts: list[Verdict] = []
        self._existing = existing
        self._crew = crew
        self._on_duplicate = on_duplicate
        self._zone = zone
        self._owners = _owners_said(rows)
        self._by_key: dict[str, Bundle] = {}
        self._by_known: dict[int, Bundle] = {}
        self._deals: dict[str, tuple[Bundle, DealPlan]] = {}
        self._talks: dict[object, Place] = {}

    def take(self, row: RowRecords, kind: Kind) -> None:
        """Decides on one row: its customer first, then what it says of contact, deal and talk."""
        place = Place(row.sheet, row.row, row.text, row.cells)
        try:
            self._check_people(row)
            bundle = self._bundle(row, place, kind)
            self._take_contact(bundle, row, place)
            deal = self._take_deal(bundle, row, place)
            self._take_talk(bundle, deal, row, place)
        except _Refused as refusal:
            self._judge(place, kind, Fate.REJECT, _label(row), refusal.reason)

    def _judge(self, place: Place, kind: Kind, fate: Fate, label: str, reason: Reason | None = None) -> None:
        cells = place.cells if fate is Fate.REJECT else None
        self.verdicts.append(Verdict(place.sheet, place.row, kind, fate, label, reason, cells))

    # who

    def _check_people(self, row: RowRecords) -> None:
        """An owner must be somebody that the importer may give records to."""
        named = {row.customer.owner, row.deal.owner if row.deal else None} - {None}
        for name in sorted(map(str, named)):
            self._check_owner(name)

    def _check_owner(self, name: str) -> None:
        try:
            person = self._crew.find(name)
        except Unreadable as unclear:
            raise _Refused(unclear.reason.code, **unclear.reason.params) from unclear
        if person is None and not self._crew.may_invite:
            raise _Refused("unknown_owner", name=name)
        if person is not None and not self._crew.may_own(person):
            raise _Refused("not_yours_to_give", name=name)

    def _owner_of(self, record: CustomerRecord) -> str | None:
        """Whom a new customer is given to: its owner, its deal's, whoever entered it; None for the importer."""
        hinted = (self._owners.get(key) for key in _keys(record))
        said = (
            name for name in (record.owner, *hinted, record.created_by) if name and self._is_somebody(name)
        )
        owner = next(said, None)
        if owner is None and self._crew.importer is None:
            raise _Refused("no_owner")
        return owner

    def _is_somebody(self, name: str) -> bool:
        try:
            self._check_owner(name)
        except _Refused:
            return False
        return True

    # customer

    def _bundle(self, row: RowRecords, place: Place, kind: Kind) -> Bundle:
        record = row.customer
        is_own_row = kind is Kind.CUSTOMERS
        bundle = next((self._by_key[key] for key in _keys(record) if key in self._by_key), None)
        if bundle is None:
            bundle = self._new_bundle(record, place, is_own_row)
        elif is_own_row and bundle.has_own_row:
            double = Reason("double", {"row": bundle.place.row})
            self._judge(place, Kind.CUSTOMERS, Fate.SKIP, record.name or "", double)
        elif is_own_row or not bundle.has_own_row:
            bundle.record = _filled(bundle.record, record)
        bundle.has_own_row = bundle.has_own_row or is_own_row
        for key in _keys(record):
            self._by_key.setdefault(key, bundle)
        return bundle

    def _new_bundle(self, record: CustomerRecord, place: Place, is_own_row: bool) -> Bundle:
        known = self._known(record)
        if known is not None and is_own_row and self._on_duplicate is OnDuplicate.CREATE:
            known = None
        if known is not None:
            return self._bundle_of_known(known, record, place, is_own_row)
        if record.name is None:
            raise _Refused("no_such_customer", number=record.number or record.external_id or "")
        bundle = Bundle(place, record, owner=self._owner_of(record))
        self._judge(place, Kind.CUSTOMERS, Fate.CREATE, record.name)
        self.bundles.append(bundle)
        return bundle

    def _bundle_of_known(
        self, known: KnownCustomer, record: CustomerRecord, place: Place, is_own_row: bool
    ) -> Bundle:
        if not self._crew.looks_after(known.owner_id):
            raise _Refused("colleagues_customer", name=self._crew.name_of(known.owner_id))
        if known.id in self._by_known:
            return self._by_known[known.id]
        bundle = Bundle(place, record, known)
        bundle.deals = [DealPlan(place, DealRecord(), deal) for deal in known.deals]
        bundle.is_updated = is_own_row and self._on_duplicate is OnDuplicate.UPDATE
        if bundle.is_updated:
            self._judge(place, Kind.CUSTOMERS, Fate.UPDATE, known.name)
        elif is_own_row:
            self._judge(place, Kind.CUSTOMERS, Fate.SKIP, known.name, Reason("there_already"))
        self._by_known[known.id] = bundle
        self.bundles.append(bundle)
        return bundle

    def _known(self, record: CustomerRecord) -> KnownCustomer | None:
        there = self._existing
        by_number = there.by_number.get(record.number or "") or there.by_external_id.get(record.number or "")
        by_external_id = there.by_external_id.get(record.external_id or "")
        by_name = there.by_name.get(name_key(record.name)) if record.name else None
        return by_number or by_external_id or by_name

    # contact

    def _take_contact(self, bundle: Bundle, row: RowRecords, place: Place) -> None:
        contact = row.contact
        if contact is None:
            return
        name = contact.name or bundle.name
        there = bundle.known.contacts if bundle.known else set()
        if name in there or any((each.name or bundle.name) == name for each in bundle.contacts):
            return
        bundle.contacts.append(contact)
        self._judge(place, Kind.CONTACTS, Fate.CREATE, name)

    # deal

    def _take_deal(self, bundle: Bundle, row: RowRecords, place: Place) -> DealPlan | None:
        """The deal that the row speaks of: a new one, one of this file or of the database; None for none."""
        record = row.deal
        if record is None:
            return bundle.only_deal
        if not (record.name or record.number or record.external_id):
            return self._unnamed_deal(bundle, record, place)
        keys = _deal_keys(bundle, record)
        for key in keys:
            if key in self._deals:
                owner, deal = self._deals[key]
                if owner is not bundle:
                    raise _Refused("elsewhere")
                self._mention(bundle, deal, record, place)
                return deal
        deal = self._known_deal(bundle, record) or self._new_deal(bundle, record, place)
        if not deal.is_new:
            self._mention(bundle, deal, record, place)
        for key in keys:
            self._deals[key] = (bundle, deal)
        return deal

    def _unnamed_deal(self, bundle: Bundle, record: DealRecord, place: Place) -> DealPlan | None:
        """A sheet that knows one deal for each customer means that one; of several none can be chosen."""
        if not bundle.deals:
            return self._new_deal(bundle, record, place)
        deal = bundle.only_deal
        if deal is not None and deal.is_new:
            deal.record = _filled(deal.record, record)
        return deal

    def _new_deal(self, bundle: Bundle, record: DealRecord, place: Place) -> DealPlan:
        deal = DealPlan(place, record)
        bundle.deals.append(deal)
        self._judge(place, Kind.DEALS, Fate.CREATE, record.name or bundle.name)
        return deal

    def _mention(self, bundle: Bundle, deal: DealPlan, record: DealRecord, place: Place) -> None:
        """A row about a deal that is there already, in the file or in the database."""
        label = record.name or bundle.name
        if deal.is_new:
            deal.record = _filled(deal.record, record)
            self._judge(place, Kind.DEALS, Fate.SKIP, label, Reason("double_deal", {"row": deal.place.row}))
        elif self._on_duplicate is OnDuplicate.UPDATE:
            deal.place, deal.record, deal.is_updated = place, record, True
            self._judge(place, Kind.DEALS, Fate.UPDATE, label)
        else:
            self._judge(place, Kind.DEALS, Fate.SKIP, label, Reason("there_already"))

    def _known_deal(self, bundle: Bundle, record: DealRecord) -> DealPlan | None:
        there = self._existing
        known: KnownDeal | None = there.deal_numbers.get(record.number or "")
        known = known or there.deal_external_ids.get(record.external_id or record.number or "")
        if known is None and record.external_id is None and record.name:
            taken = {id(deal) for _, deal in self._deals.values()}
            same = (d for d in bundle.deals if d.known and d.known.name_key == name_key(record.name))
            return next((deal for deal in same if id(deal) not in taken), None)
        if known is None or self._on_duplicate is OnDuplicate.CREATE:
            return None
        deal = next((each for each in bundle.deals if each.known and each.known.id == known.id), None)
        if deal is None:
            raise _Refused("elsewhere")
        return deal

    # talk

    def _take_talk(self, bundle: Bundle, deal: DealPlan | None, row: RowRecords, place: Place) -> None:
        record = row.followup
        if record is None:
            return
        talk = self._talk(record, deal, place)
        if record.stage is not None and deal is not None and row.deal is not None and deal.is_new:
            deal.sightings.append((talk.occurred_on, record.stage, talk))
        keys = _talk_keys(bundle, talk)
        double = next((self._talks[key] for key in keys if key in self._talks), None)
        if double is not None:
            reason = Reason("double_talk", {"row": double.row})
            self._judge(place, Kind.FOLLOWUPS, Fate.SKIP, bundle.name, reason)
            return
        self._talks |= dict.fromkeys(keys, place)
        if self._is_known(bundle, talk):
            self._judge(place, Kind.FOLLOWUPS, Fate.SKIP, bundle.name, Reason("there_already"))
            return
        bundle.talks.append(talk)
        self._judge(place, Kind.FOLLOWUPS, Fate.CREATE, bundle.name)

    def _talk(self, record: FollowUpRecord, deal: DealPlan | None, place: Place) -> TalkPlan:
        moment = record.occurred_at
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(12))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        moment = min(moment, clock.now())
        content = record.content or record.feedback or place.text
        return TalkPlan(place, record, moment, moment.astimezone(self._zone).date(), content, deal)

    def _is_known(self, bundle: Bundle, talk: TalkPlan) -> bool:
        numbers = {talk.record.number, talk.record.external_id} - {None}
        if numbers & self._existing.note_numbers:
            return True
        return bundle.known is not None and (talk.occurred_at, talk.content) in bundle.known.talks


def _label(row: RowRecords) -> str:
    return row.customer.name or row.customer.number or ""


def _keys(record: CustomerRecord) -> list[str]:
    """The names under which a file may know one customer, the surest first."""
    numbers = [f"number {number}" for number in (record.number, record.external_id) if number]
    return [*numbers, f"name {name_key(record.name)}"] if record.name else numbers


def _deal_keys(bundle: Bundle, record: DealRecord) -> list[str]:
    """A deal's own number tells it apart; only without one its name does, within its customer."""
    numbers = [f"number {number}" for number in (record.number, record.external_id) if number]
    return numbers or [f"{id(bundle)} {name_key(record.name or '')}"]


def _talk_keys(bundle: Bundle, talk: TalkPlan) -> list[object]:
    numbers: list[object] = [number for number in (talk.record.number, talk.record.external_id) if number]
    return numbers or [(id(bundle), talk.occurred_at, talk.content)]


def _owners_said(rows: list[RowRecords]) -> dict[str, str]:
    """Who looks after each customer, as far as any row says: the customer's own, else the first deal's owner."""
    said: dict[str, str] = {}
    for row in rows:
        owner = row.customer.owner or (row.deal.owner if row.deal else None)
        owner = owner or (row.followup.author if row.followup else None)
        if owner:
            for key in _keys(row.customer):
                said.setdefault(key, owner)
    return said


def _filled(record: Record, further: Record) -> Record:
    """The record, with what it leaves open taken from another row about the same."""
    gaps: dict[str, Any] = {
        each.name: getattr(further, each.name)
        for each in fields(record)
        if getattr(record, each.name) is None
    }
    return replace(record, **gaps)
