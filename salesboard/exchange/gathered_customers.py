"""Which rows of a file are about the same customer, and which customers are here already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from salesboard.customers.rules import Attitude
from salesboard.exchange.bundles import Bundle, ContactPlan, DealPlan, Place, sounds_like
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing, KnownContact, KnownCustomer, kept_key
from salesboard.exchange.fields import Kind
from salesboard.exchange.filling import differing, filled, filling, labels
from salesboard.exchange.ownership import Ownership, customer_keys
from salesboard.exchange.reasons import NotTaken, Reason
from salesboard.exchange.records import ContactRecord, CustomerRecord, DealRecord, RowRecords
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.verdicts import Verdicts
from salesboard.numbering import is_own_number


@dataclass(frozen=True)
class FoundCustomer:
    """Whom a row is about: a customer of the file, else one of the database, else a new one of this `owner`."""

    bundle: Bundle | None = None
    known: KnownCustomer | None = None
    owner: str | None = None


class GatheredCustomers:
    """The customers of a file, each with what came in about it. `find` refuses; `take` no longer does."""

    def __init__(
        self,
        existing: Existing,
        crew: Crew,
        ownership: Ownership,
        treatment: Treatment,
        verdicts: Verdicts,
    ) -> None:
        self.bundles: list[Bundle] = []
        self._existing = existing
        self._crew = crew
        self._ownership = ownership
        self._treatment = treatment
        self._verdicts = verdicts
        self._by_key: dict[str, Bundle] = {}
        self._by_known: dict[int, Bundle] = {}
        self._by_way: dict[str, Bundle] = {}
        self._called_alike: set[str] = set()
        """Names that several customers of the file have."""

    def find(self, record: CustomerRecord, *, is_own_row: bool) -> FoundCustomer:
        """Raises NotTaken for a row that names no customer, more than one, or a colleague's."""
        makes_anew = is_own_row and self._treatment.creates
        bundle = self._in_file(record, is_own_row=is_own_row)
        if bundle is not None and not (makes_anew and self._treatment.is_by_hand):
            if is_own_row and bundle.has_own_row and not bundle.is_called(record.name):
                raise NotTaken("number_twice", row=bundle.place.row)
            return FoundCustomer(bundle, bundle.known)
        known = self._known(record, is_own_row=is_own_row)
        own = [customer for customer in known if self._crew.looks_after(customer.owner_id)]
        if known and not own:
            raise NotTaken("colleagues_customer", name=self._crew.name_of(known[0].owner_id))
        if own and not makes_anew:
            if len(own) > 1 and (self._treatment.changes or not is_own_row):
                raise NotTaken("several_customers", name=own[0].name)
            return FoundCustomer(self._by_known.get(own[0].id), own[0])
        if record.name is None and not (record.may_stand_in and record.stand_in):
            raise NotTaken("no_such_customer", number=record.number or record.external_id or "")
        return FoundCustomer(owner=self._ownership.of_new(record))

    def take(self, found: FoundCustomer, row: RowRecords, place: Place, *, is_own_row: bool) -> Bundle:
        """The customer's bundle, with what this row adds to it."""
        record, bundle = row.customer, found.bundle
        if bundle is None and found.known is not None:
            bundle = self._bundle_of_known(found.known, record, place, is_own_row)
        elif bundle is None:
            bundle = self._new_bundle(found.owner, row, place)
        else:
            if is_own_row and bundle.has_own_row and not self._treatment.is_by_hand:
                double = Reason("double", {"row": bundle.place.row})
                self._verdicts.skip(place, Kind.CUSTOMERS, record.name or "", double)
            bundle.record = filled(bundle.record, record)
            if (
                is_own_row
                and bundle.known is not None
                and not bundle.is_updated
                and self._treatment.is_by_hand
            ):
                self._judge_known(bundle, place)
        bundle.has_own_row = bundle.has_own_row or is_own_row
        for key in customer_keys(record):
            self._by_key.setdefault(key, bundle)
        return bundle

    def take_contact(self, bundle: Bundle, record: ContactRecord | None, place: Place, kind: Kind) -> None:
        """A person of the row, unless there is one of that name, or the way to reach an unnamed one is known. Of
        somebody who is here, what a row about them or about their customer says otherwise."""
        if record is None:
            return
        name, ways = record.name or bundle.name, _ways(record)
        for way in ways:
            self._by_way.setdefault(way, bundle)
        is_known = name in bundle.contact_names or (record.name is None and ways & bundle.contact_ways)
        bundle.contact_names.add(name)
        bundle.contact_ways |= ways
        if not is_known:
            bundle.contacts.append(ContactPlan(place, record, name[:120]))
            self._verdicts.create(place, Kind.CONTACTS, name)
        elif kind in (Kind.CONTACTS, Kind.CUSTOMERS):
            self._judge_contact(bundle, record, place, kind)

    def _judge_contact(self, bundle: Bundle, record: ContactRecord, place: Place, kind: Kind) -> None:
        known = bundle.known.contacts.get(record.name or "") if bundle.known else None
        changed = _changes(record, known, fills=self._treatment.fills) if known else ()
        if known and changed and self._treatment.changes:
            why = Reason("changes", {"fields": labels("contact", changed)})
            self._verdicts.update(place, Kind.CONTACTS, record.name or "", why)
            bundle.changed_contacts.append(ContactPlan(place, record, record.name or "", known.id, changed))
            known.facts.update({name: record.facts[name] for name in changed})
        elif kind is Kind.CONTACTS:
            self._verdicts.skip(place, Kind.CONTACTS, record.name or bundle.name, Reason("there_already"))

    def _in_file(self, record: CustomerRecord, *, is_own_row: bool) -> Bundle | None:
        """The customer of the file that the row means. Two that are called alike are two where each has a number.

        Raises NotTaken for a row that gives only their name.
        """
        bundle = next((self._by_key[key] for key in customer_keys(record) if key in self._by_key), None)
        if bundle is None:
            return None
        if is_own_row and bundle.has_own_row and _are_numbered_apart(bundle.record, record):
            self._called_alike.add(kept_key(record.name or ""))
            return None
        if (
            record.number is None
            and record.external_id is None
            and kept_key(record.name or "") in self._called_alike
        ):
            raise NotTaken("several_customers", name=record.name)
        return bundle

    def _known(self, record: CustomerRecord, *, is_own_row: bool) -> list[KnownCustomer]:
        """The customers here that the row may mean. A number counts only together with the name, be it a short one,
        where both are given: two systems may have given it to two customers.

        Raises NotTaken where it cannot be told whom the row means.
        """
        there = self._existing
        numbered = [
            customer
            for number in filter(None, (record.number, record.external_id))
            for customer in filter(None, (there.by_number.get(number), *there.by_external_id.get(number, ())))
        ]
        if record.name is None:
            return numbered[:1]
        key = kept_key(record.name)
        both = [
            customer
            for customer in numbered
            if sounds_like(key, kept_key(customer.name)) or customer.name == record.stand_in
        ]
        if both:
            return both[:1]
        called_so = [
            customer for customer in there.by_name.get(key, ()) if not _is_numbered_apart(customer, record)
        ]
        if called_so:
            return called_so
        if numbered and not is_own_row:
            raise NotTaken("other_name", number=record.number or record.external_id)
        return []

    def _new_bundle(self, owner: str | None, row: RowRecords, place: Place) -> Bundle:
        record = row.customer
        if record.name is None:
            record = replace(record, name=record.stand_in)
        bundle = Bundle(place, record, owner=owner)
        self.bundles.append(bundle)
        self._verdicts.create(place, Kind.CUSTOMERS, bundle.name, self._remark(row))
        return bundle

    def _bundle_of_known(
        self, known: KnownCustomer, record: CustomerRecord, place: Place, is_own_row: bool
    ) -> Bundle:
        bundle = Bundle(place, record, known)
        own_deals = (deal for deal in known.deals if self._crew.looks_after(deal.owner_id))
        bundle.plans_of_known = {deal.id: DealPlan(place, DealRecord(), deal) for deal in own_deals}
        bundle.deals = list(bundle.plans_of_known.values())
        if is_own_row:
            self._judge_known(bundle, place)
        self._by_known[known.id] = bundle
        self.bundles.append(bundle)
        return bundle

    def _judge_known(self, bundle: Bundle, place: Place) -> None:
        """A customer who was known by number alone is given its name, and what else the row says, by any rule."""
        assert bundle.known is not None
        record, known, fills = bundle.record, bundle.known, self._treatment.fills
        changed = (filling if fills else differing)(record, known.facts, known.own)
        is_named_now = record.name is not None and known.name == record.stand_in
        if is_named_now:
            changed = ["name", *changed]
        if changed and (self._treatment.changes or is_named_now):
            bundle.is_updated, bundle.fills, bundle.place = True, fills, place
            why = Reason("changes", {"fields": labels("customer", changed)})
            self._verdicts.update(place, Kind.CUSTOMERS, bundle.known.name, why)
        else:
            self._verdicts.skip(place, Kind.CUSTOMERS, bundle.known.name, Reason("there_already"))

    def _remark(self, row: RowRecords) -> Reason | None:
        """What a person should know of a new customer: a number that is taken, somebody reached in the same way."""
        number = row.customer.number
        if number and is_own_number(number, "C") and number in self._existing.taken:
            return Reason("renumbered", {"number": number})
        for way in sorted(_ways(row.contact)):
            if way in self._by_way:
                return Reason("resembles_row", {"row": self._by_way[way].place.row})
            if other := self._existing.by_way.get(way):
                is_own = self._crew.looks_after(other.owner_id)
                return Reason("resembles", {"name": other.name}) if is_own else Reason("resembles_one")
        return None


def _changes(record: ContactRecord, known: KnownContact, *, fills: bool) -> tuple[str, ...]:
    """What a row says otherwise of somebody who is here; where it only `fills`, of what is empty so far."""
    told = {name: value for name, value in record.facts.items() if value not in (None, known.facts[name])}
    return tuple(name for name in told if not fills or known.facts[name] in (None, "", Attitude.UNKNOWN))


def _numbers(record: CustomerRecord) -> set[str]:
    return {number for number in (record.number, record.external_id) if number}


def _are_numbered_apart(one: CustomerRecord, other: CustomerRecord) -> bool:
    return bool(_numbers(one)) and bool(_numbers(other)) and not _numbers(one) & _numbers(other)


def _is_numbered_apart(known: KnownCustomer, record: CustomerRecord) -> bool:
    """Whether both came from elsewhere under different numbers: then the same name is no more than that."""
    numbers = _numbers(record)
    return bool(known.external_id and numbers) and not numbers & {known.external_id, known.number}


def _ways(record: ContactRecord | None) -> set[str]:
    if record is None:
        return set()
    return {way for way in (record.phone, record.email, record.wechat, *record.other_ways) if way}
