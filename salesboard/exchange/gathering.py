"""Gathers the rows of a file into bundles, one for each customer, and says what happens to each row."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from salesboard.exchange.bundles import Bundle, Place
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing, KnownCustomer
from salesboard.exchange.fields import Kind
from salesboard.exchange.gathered_customers import GatheredCustomers
from salesboard.exchange.gathered_deals import GatheredDeals
from salesboard.exchange.gathered_talks import GatheredTalks
from salesboard.exchange.ownership import Ownership
from salesboard.exchange.reasons import NotTaken, Reason
from salesboard.exchange.records import DealRecord, RowRecords
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.verdicts import Verdicts


class Gatherer:
    """Takes rows in order; afterwards `bundles` hold what comes in, `verdicts` what happens to each row."""

    def __init__(
        self,
        existing: Existing,
        crew: Crew,
        treatment: Treatment,
        zone: ZoneInfo,
        rows: list[RowRecords],
    ) -> None:
        self.verdicts = Verdicts()
        self._ownership = Ownership(crew, rows)
        self._treatment = treatment
        self._customers = GatheredCustomers(existing, crew, self._ownership, treatment, self.verdicts)
        self._deals = GatheredDeals(existing, crew, treatment, self.verdicts)
        self._talks = GatheredTalks(existing, treatment, zone, self.verdicts)

    @property
    def bundles(self) -> list[Bundle]:
        return self._customers.bundles

    def take(self, row: RowRecords, kind: Kind) -> None:
        """Decides on one row of a sheet about `kind`: whatever could refuse it is asked before anything is taken."""
        place = Place(row.sheet, row.row, row.heads, row.cells)
        is_own_row = kind is Kind.CUSTOMERS
        self._treatment.begin(row.sheet, row.row)
        if self._treatment.leaves_out:
            self.verdicts.skip(place, kind, row.customer.name or row.customer.number or "", Reason("by_hand"))
            return
        try:
            self._ownership.check(row)
            customer = self._customers.find(row.customer, is_own_row=is_own_row)
            known_deal = self._deals.find(row.deal, customer.bundle, customer.known, kind)
            self._talks.check(row.followup)
        except NotTaken as refusal:
            self.verdicts.reject(place, kind, row.customer.name or row.customer.number or "", refusal.reason)
            return
        bundle = self._customers.take(customer, row, place, is_own_row=is_own_row)
        self._customers.take_contact(bundle, row.contact, place, kind)
        told = self._news_of(row, customer.known, kind)
        deal = self._deals.take(known_deal, bundle, told, place, kind)
        self._talks.take(bundle, deal, row.followup, place, sees_deal=told is not None)

    def _news_of(self, row: RowRecords, known: KnownCustomer | None, kind: Kind) -> DealRecord | None:
        """What the row says of its deal. The stage after a talk that is here already is none of its news: it was part
        of the way to where the deal stands now."""
        if row.deal is None or kind is not Kind.FOLLOWUPS or known is None or not known.deals:
            return row.deal
        return replace(row.deal, stage=None) if self._talks.is_here(known, row.followup) else row.deal
