"""Which import writes, for whom and when: what everything it writes has in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from salesboard.accounts.models import User
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.deals.stages import stage_settings
from salesboard.exchange.bundles import Place, TalkPlan
from salesboard.exchange.crew import Crew
from salesboard.exchange.models import Import
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Note, objections_in
from salesboard.installation import installation
from salesboard.numbering import is_own_number


@dataclass(frozen=True)
class Occasion:
    """`day` is today's date in the installation's zone; `taken` are numbers that cannot be kept; `usual` is each
    stage's own probability."""

    found: Import
    crew: Crew
    now: datetime
    day: date
    zone: str
    taken: set[str]
    usual: dict[Stage, int]

    @classmethod
    def of(cls, found: Import, crew: Crew, taken: set[str], now: datetime) -> Occasion:
        here = installation()
        usual = {stage: setting.probability for stage, setting in stage_settings().items()}
        return cls(found, crew, now, here.today, here.timezone, taken, usual)

    @property
    def by(self) -> User | None:
        return self.crew.importer

    def own_number(self, number: str | None, letter: str) -> str | None:
        """A number of our own making that no other record bears."""
        if number is None or not is_own_number(number, letter) or number in self.taken:
            return None
        return number

    def outside_id(self, number: str | None, external_id: str | None, letter: str) -> str | None:
        """What another program calls a record: its id there, else a number that is not kept as ours."""
        return external_id or (number if number and self.own_number(number, letter) is None else None)

    def note_of_row(self, place: Place, moment: datetime) -> FollowUp:
        """The row as it stands in the file; its number is given later, with many others."""
        note = Note(occurred_at=moment, method=Method.OTHER, content=self._row_told(place))
        return self._write(note, self.by, FollowUpKind.RECORD, "")

    def note_of_update(self, place: Place, deal: Deal) -> FollowUp:
        """The row as the note that moves a deal: what comes next stays what it was."""
        note = Note(
            occurred_at=self.now,
            method=Method.OTHER,
            content=self._row_told(place),
            next_step=deal.next_step,
            next_due=deal.next_due,
            next_method=deal.next_method,
        )
        return self._write(note, self.by, FollowUpKind.RECORD, None)

    def note_of_talk(self, plan: TalkPlan, author: User) -> FollowUp:
        """The talk in the file's words."""
        record = plan.record
        note = Note(
            occurred_at=plan.occurred_at,
            method=record.method or Method.OTHER,
            content=plan.content,
            participants=record.participants or "",
            feedback=record.feedback or "",
            agreed=record.agreed or "",
            materials=record.materials or "",
            promised=record.promised or "",
            new_needs=record.needs or "",
            objections=objections_in(record.objection or ""),
            competitor_news=record.competitor_news or "",
            opportunity_risk=record.opportunity_risk or "",
            next_step=record.next_step or "",
            next_due=record.next_due,
            next_method=record.next_method,
        )
        own = self.own_number(record.number, "F")
        written = self._write(note, author, FollowUpKind.TALK, own or "")
        written.external_id = self.outside_id(record.number, record.external_id, "F")
        return written

    def _row_told(self, place: Place) -> str:
        where = _("imported from %(file)s, row %(row)s", file=self.found.file_name, row=place.row)
        return f"{where}\n{place.text}"

    def _write(self, note: Note, by: User | None, kind: FollowUpKind, number: str | None) -> FollowUp:
        """Nobody can say how soon a note from a file was written, so its time is not judged."""
        return FollowUp.write(
            note, by=by, now=self.now, day=self.day, kind=kind, number=number, counts_time=False
        )
