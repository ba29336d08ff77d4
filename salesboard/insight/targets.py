"""Targets (目标): what a team or a person is to reach in a period, and the verb that sets them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Role, Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, Figure, UtcDateTime, choice, db
from salesboard.errors import Conflict, Refused
from salesboard.insight.attainment import TargetMetric
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope, scopes_of, seen_with_its_scope


class Change(NamedTuple):
    """One cell that somebody changed: what it said when they opened it, and what it is to say; None for nothing."""

    scope: Scope
    period: Period
    was: Decimal | None
    value: Decimal | None


@guarded
class Target(Base):
    """What one team or person is to reach of one metric in one month, quarter, half or year.

    `value` is in the metric's own unit: money, a count, or a share (0.95) of a rate.
    """

    __tablename__ = "targets"
    __table_args__ = (
        CheckConstraint("(team_id IS NULL) <> (person_id IS NULL)", name="one_scope"),
        CheckConstraint("value >= 0", name="value"),
        UniqueConstraint("team_id", "metric", "period_key"),
        UniqueConstraint("person_id", "metric", "period_key"),
        Index(None, "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[TargetMetric] = mapped_column(choice(TargetMetric, "metric"))
    year: Mapped[int]
    period_key: Mapped[str] = mapped_column(String(8))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    value: Mapped[Decimal] = mapped_column(Figure)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    set_by: Mapped[User | None] = relationship(foreign_keys=set_by_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_with_its_scope(cls, viewer)

    @classmethod
    def set(cls, metric: TargetMetric, changes: Sequence[Change], *, by: User, now: datetime) -> int:
        """Sets, changes and clears targets, and says how many; cells of others stay as they are.

        Raises Refused for somebody who is not the person's to lead, and Conflict when a cell says something else than
        it did when it was opened; nothing is set then.
        """
        led = led_scopes(by)
        if not all(change.scope in led for change in changes):
            raise Refused(_("You can set targets for your own teams and people only."))
        known = {target._cell: target for target in cls._locked(metric, changes)}
        done: list[dict[str, Any]] = []
        for change in changes:
            cell = _cell(change.scope, change.period.key)
            target = known.get(cell)
            before = target.value if target else None
            if before == change.value:
                continue
            if before != change.was:
                raise Conflict(
                    _("Somebody set this target meanwhile."),
                    changed_by=target.set_by.name if target and target.set_by else None,
                    changed_at=target.set_at if target else None,
                )
            cls._put(metric, change, target, by, now)
            told = {"whose": change.scope.key, "period": change.period.key}
            done.append(told | {"from": _told(before), "to": _told(change.value)})
        if done:
            db.session.flush()
            audit.record("targets.set", f"target {metric}", actor_id=by.id, at=now, changes=done)
        return len(done)

    @classmethod
    def _put(
        cls, metric: TargetMetric, change: Change, target: Target | None, by: User, now: datetime
    ) -> None:
        if change.value is None:
            db.session.delete(target)
            return
        if target is None:
            period = change.period
            target = cls(metric=metric, year=period.year, period_key=period.key, **change.scope.columns)
            db.session.add(target)
        target.value, target.set_at, target.set_by_id = change.value, now, by.id

    @classmethod
    def _locked(cls, metric: TargetMetric, changes: Iterable[Change]) -> Sequence[Target]:
        keys = {change.period.key for change in changes}
        wanted = select(cls).where(cls.metric == metric, cls.period_key.in_(keys))
        of_scopes = _of([change.scope for change in changes])
        return db.session.scalars(wanted.where(of_scopes).with_for_update(of=cls)).all()

    @property
    def _cell(self) -> tuple[str, int, str]:
        return ("team" if self.team_id else "person", self.team_id or self.person_id or 0, self.period_key)


def led_scopes(person: User) -> list[Scope]:
    """The teams and people whose targets this person sets: a supervisor their teams' and everybody's in them."""
    if person.role not in (Role.SUPERVISOR, Role.ADMIN):
        return []
    return [scope for scope in scopes_of(person) if scope.team is not None or scope.person is not None]


Known = dict[tuple[str, int], dict[str, Decimal]]
"""By scope ("team" or "person", and its id) what was set, by the key of its period."""


def known_targets(metric: TargetMetric, year: int, scopes: Sequence[Scope]) -> Known:
    """What was set of one metric for these scopes in a year, of all kinds of periods. One SELECT."""
    rows = db.session.execute(
        select(Target.team_id, Target.person_id, Target.period_key, Target.value).where(
            Target.metric == metric, Target.year == year, _of(scopes)
        )
    )
    known: Known = {}
    for row in rows:
        scope = ("team", row.team_id) if row.team_id else ("person", row.person_id)
        known.setdefault(scope, {})[row.period_key] = row.value
    return known


def targets_of(scope: Scope, year: int) -> dict[TargetMetric, dict[str, Decimal]]:
    """Everything that was set for one team or person in a year, by metric and the key of the period. One SELECT."""
    wanted = select(Target.metric, Target.period_key, Target.value).where(Target.year == year, _of([scope]))
    known: dict[TargetMetric, dict[str, Decimal]] = {}
    for row in db.session.execute(wanted):
        known.setdefault(row.metric, {})[row.period_key] = row.value
    return known


def scope_key(scope: Scope) -> tuple[str, int]:
    """How a scope stands in `Known` and in the names of fields."""
    return ("person", scope.person.id) if scope.person else ("team", scope.team.id if scope.team else 0)


def _cell(scope: Scope, period_key: str) -> tuple[str, int, str]:
    return (*scope_key(scope), period_key)


def _of(scopes: Iterable[Scope]) -> ColumnElement[bool]:
    keys = [scope_key(scope) for scope in scopes]
    teams, people = ([number for kind, number in keys if kind == wanted] for wanted in ("team", "person"))
    return or_(Target.team_id.in_(teams), Target.person_id.in_(people))


def _told(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
