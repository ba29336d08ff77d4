"""Of which periods each team has its reports made by themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit
from salesboard.accounts.models import Team, User
from salesboard.accounts.queries import teams_led_by
from salesboard.database import Base, UtcDateTime, db
from salesboard.errors import Refused
from salesboard.insight.periods import Period, PeriodKind

KINDS = (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
USUAL = frozenset({PeriodKind.WEEK})
"""What a team has made where nobody said anything."""


class ReportSchedule(Base):
    """What one team has made; no row where nobody has changed the usual."""

    __tablename__ = "report_schedules"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    @classmethod
    def choose(cls, team: Team, kinds: Collection[PeriodKind], *, by: User, now: datetime) -> bool:
        """Has reports of these kinds of periods made for the team from now on. False where that changes nothing.

        Raises Refused for a team that is not theirs to lead.
        """
        if team.id not in {each.id for each in teams_led_by(by)}:
            raise Refused(_("You can choose for your own teams only."))
        held = db.session.get(cls, team.id)
        before = frozenset(held.kinds) if held else USUAL
        if before == frozenset(kinds):
            return False
        if held is None:
            held = cls(team_id=team.id)
            db.session.add(held)
        held.kinds, held.set_at, held.set_by_id = [kind for kind in KINDS if kind in kinds], now, by.id
        told = {"team": team.name, "kinds": held.kinds}
        audit.record("reports.scheduled", team.label, actor_id=by.id, at=now, **told)
        return True


def schedules() -> Mapping[int, frozenset[PeriodKind]]:
    """What was chosen, by the team's id; `USUAL` holds for the others. One SELECT."""
    chosen = db.session.execute(select(ReportSchedule.team_id, ReportSchedule.kinds))
    return {row.team_id: frozenset(PeriodKind(kind) for kind in row.kinds) for row in chosen}


def periods_over(day: date) -> list[Period]:
    """The month that ended last before `day`, and with it the quarter, half and year, where they ended too."""
    month = Period.around(PeriodKind.MONTH, day).previous()
    last = [Period.around(kind, day).previous() for kind in KINDS if kind is not PeriodKind.WEEK]
    return [period for period in last if period.ends_on == month.ends_on]
