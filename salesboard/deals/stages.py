"""What an installation says about each stage: its name, limits, probability and playbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit
from salesboard.clock import WorkingCalendar
from salesboard.database import Base, choice, db
from salesboard.deals.rules import (
    DEFAULT_LIMITS,
    DEFAULT_PROBABILITY,
    STAGES,
    AgeCutoffs,
    Stage,
    StageAge,
    StageLimits,
    age_cutoffs,
    stage_age,
)
from salesboard.installation import installation, working_calendar
from salesboard.lasting import lasting

STAGE_NAMES = {
    Stage.LEAD: _l("Lead"),
    Stage.INTENT: _l("Intent"),
    Stage.PROPOSAL: _l("Proposal"),
    Stage.NEGOTIATION: _l("Negotiation"),
    Stage.WON: _l("Won"),
    Stage.SERVICE: _l("Service"),
}


class StageSetting(Base):
    """What the admin changed about a stage; a stage without a row keeps the defaults."""

    __tablename__ = "stage_settings"
    __table_args__ = (
        CheckConstraint("warn_days >= 0 AND limit_days >= 0", name="limits"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
    )

    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(40))
    warn_days: Mapped[int]
    limit_days: Mapped[int]
    probability: Mapped[int]
    playbook: Mapped[str | None] = mapped_column(Text)

    @property
    def label(self) -> str:
        """The installation's own name of the stage, else the usual one in the reader's language."""
        return self.name or str(STAGE_NAMES[self.stage])

    @property
    def limits(self) -> StageLimits:
        return StageLimits(self.warn_days, self.limit_days)

    def adjust(
        self,
        *,
        name: str | None,
        probability: int,
        limits: StageLimits,
        playbook: str | None,
        by_id: int,
        now: datetime,
    ) -> None:
        """What the admin says about the stage, percent and working days; nothing is kept where nothing changes."""
        before = self._facts()
        self.name, self.probability, self.playbook = name, probability, playbook
        self.warn_days, self.limit_days = limits.warn_days, limits.limit_days
        after = self._facts()
        if after != before:
            db.session.add(self)
            changed = {key: [before[key], after[key]] for key in after if after[key] != before[key]}
            audit.record("stage.adjusted", f"stage {self.stage}", actor_id=by_id, at=now, changed=changed)

    def _facts(self) -> dict[str, str | int | None]:
        return {
            "name": self.name,
            "probability": self.probability,
            "warn_days": self.warn_days,
            "limit_days": self.limit_days,
            "playbook": self.playbook,
        }

    @classmethod
    def default(cls, stage: Stage) -> StageSetting:
        limits = DEFAULT_LIMITS[stage]
        return cls(
            stage=stage,
            warn_days=limits.warn_days,
            limit_days=limits.limit_days,
            probability=DEFAULT_PROBABILITY[stage],
        )


@lasting(StageSetting)
def stage_settings() -> dict[Stage, StageSetting]:
    """All six stages in order, each as the admin left it; to be read alone."""
    rows = db.session.execute(select(StageSetting.__table__)).mappings()
    kept = {row["stage"]: StageSetting(**row) for row in rows}
    return {stage: kept.get(stage) or StageSetting.default(stage) for stage in STAGES}


def stages_to_adjust() -> list[StageSetting]:
    """All six stages in order, for whoever adjusts them."""
    kept = {row.stage: row for row in db.session.scalars(select(StageSetting))}
    return [kept.get(stage) or StageSetting.default(stage) for stage in STAGES]


_cutoffs = lru_cache(maxsize=64)(age_cutoffs)
"""Kept, for every head of a column asks for them: a walk through the calendar day by day."""


@dataclass(frozen=True)
class Ages:
    """Answers how old a stay is today, for a whole page: limits and calendar are read once."""

    today: date
    zone: str
    calendar: WorkingCalendar
    settings: dict[Stage, StageSetting]

    @classmethod
    def now(cls) -> Ages:
        here = installation()
        return cls(here.today, here.timezone, working_calendar(), stage_settings())

    def of(self, stage: Stage, entered_on: date) -> StageAge:
        return stage_age(entered_on, self.today, self.settings[stage].limits, self.calendar)

    def cutoffs(self) -> dict[Stage, AgeCutoffs]:
        return {
            stage: _cutoffs(setting.limits, self.today, self.calendar)
            for stage, setting in self.settings.items()
        }
