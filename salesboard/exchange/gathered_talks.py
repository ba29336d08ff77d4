"""Which talks of a file are new, and what each is filed under. `check` refuses; `take` no longer does."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from salesboard import clock
from salesboard.deals.rules import Outcome
from salesboard.exchange.bundles import Bundle, DealPlan, Place, TalkPlan
from salesboard.exchange.existing import Existing, KnownCustomer, KnownTalk
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import OnDuplicate
from salesboard.exchange.reasons import NotTaken, Reason
from salesboard.exchange.records import FollowUpRecord
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.verdicts import Verdicts


class GatheredTalks:
    """The talks of a file, each once."""

    def __init__(self, existing: Existing, treatment: Treatment, zone: ZoneInfo, verdicts: Verdicts) -> None:
        self._existing = existing
        self._treatment = treatment
        self._zone = zone
        self._verdicts = verdicts
        self._now = clock.now()
        self._seen: dict[object, Place] = {}
        self._days: dict[int, dict[date, list[KnownTalk]]] = {}

    def check(self, record: FollowUpRecord | None) -> None:
        """Raises NotTaken for a talk that has not taken place yet."""
        if record is not None and self._moment(record) is None:
            raise NotTaken("in_future", value=record.occurred_at)

    def is_here(self, known: KnownCustomer | None, record: FollowUpRecord | None) -> bool:
        """By its number or by day and words, among the talks with the same customer."""
        if known is None or record is None or self._treatment.creates:
            return False
        numbers = filter(None, (record.number, record.external_id))
        if any(known.id in self._existing.notes_by_number.get(number, ()) for number in numbers):
            return True
        moment = self._moment(record)
        if moment is None:
            return False
        told = self._talks_on(moment.astimezone(self._zone).date(), known)
        if isinstance(record.occurred_at, datetime):
            told = [each for each in told if each.occurred_at == moment]
        return any(each.is_told_by(record) for each in told)

    def take(
        self,
        bundle: Bundle,
        deal: DealPlan | None,
        record: FollowUpRecord | None,
        place: Place,
        *,
        sees_deal: bool,
    ) -> None:
        """A talk of the row, unless it is there already. `sees_deal`: it tells where the deal stood after it."""
        moment = self._moment(record) if record else None
        if record is None or moment is None:
            return
        content = record.content or record.feedback or place.text
        talk = TalkPlan(place, record, moment, moment.astimezone(self._zone).date(), content, deal)
        if sees_deal and record.stage is not None and deal is not None:
            deal.sightings.append((talk.occurred_on, record.stage, talk))
        keys = _keys(bundle, talk)
        double = next((self._seen[key] for key in keys if key in self._seen), None)
        if double is not None:
            why = Reason("double_talk", {"row": double.row})
            self._verdicts.skip(place, Kind.FOLLOWUPS, bundle.name, why)
            return
        self._seen |= dict.fromkeys(keys, place)
        if self.is_here(bundle.known, record):
            self._verdicts.skip(place, Kind.FOLLOWUPS, bundle.name, Reason("there_already"))
            return
        bundle.talks.append(talk)
        if deal is not None:
            self._note_on_deal(deal, talk, bundle)
        self._verdicts.create(place, Kind.FOLLOWUPS, bundle.name)

    def _moment(self, record: FollowUpRecord) -> datetime | None:
        """When it took place: a talk known by its date alone at midday, or now where that is still to come.

        None for a talk in the future.
        """
        told = record.occurred_at
        if isinstance(told, datetime):
            moment = told if told.tzinfo else told.replace(tzinfo=self._zone)
            return moment if moment <= self._now else None
        if told > self._now.astimezone(self._zone).date():
            return None
        return min(datetime.combine(told, time(12), self._zone), self._now)

    def _note_on_deal(self, deal: DealPlan, talk: TalkPlan, bundle: Bundle) -> None:
        """The latest talk says what comes next; on a deal that is here only in an update, and by a later talk."""
        deal.talks.append(talk)
        latest = deal.next_talk.occurred_at if deal.next_talk else None
        if deal.known is not None and bundle.known is not None:
            if self._treatment.rule is not OnDuplicate.UPDATE or deal.known.outcome is Outcome.LOST:
                return
            latest = latest or bundle.known.last_talk_at
        if talk.plans and (latest is None or talk.occurred_at >= latest):
            deal.next_talk = talk

    def _talks_on(self, day: date, known: KnownCustomer) -> list[KnownTalk]:
        """The talks here of a day: a file without times knows no more."""
        if known.id not in self._days:
            days = self._days[known.id] = defaultdict(list)
            for talk in known.talks:
                days[talk.occurred_at.astimezone(self._zone).date()].append(talk)
        return self._days[known.id].get(day, [])


def _keys(bundle: Bundle, talk: TalkPlan) -> list[object]:
    numbers = [number for number in (talk.record.number, talk.record.external_id) if number]
    return [*numbers] if numbers else [(id(bundle), talk.occurred_at, talk.content)]
