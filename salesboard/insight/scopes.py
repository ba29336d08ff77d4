"""Whose records a number is about: everybody's, a team's or one person's. Written all, team:NAME, person:EMAIL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, false, or_, select, true

from salesboard.access import Role, Viewer
from salesboard.accounts.models import Team, User, team_members
from salesboard.accounts.queries import teams_led_by
from salesboard.accounts.rules import normal_email
from salesboard.database import db
from salesboard.errors import Refused


@dataclass(frozen=True)
class Scope:
    """A team, a person, or neither: everybody. Several teams are only compared with."""

    teams: tuple[Team, ...] = ()
    person: User | None = None

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Reads one of the forms above; raises Refused where there is no such team or person."""
        kind, _colon, name = text.strip().partition(":")
        if kind == "all" and not name:
            return cls()
        if kind == "team":
            team = db.session.scalar(select(Team).where(Team.name == name))
            if team is not None:
                return cls((team,))
        if kind == "person":
            person = db.session.scalar(select(User).where(User.email == normal_email(name)))
            if person is not None:
                return cls(person=person)
        raise Refused(_("There is no scope %(scope)s: write all, team:NAME or person:EMAIL.", scope=text))

    @property
    def team(self) -> Team | None:
        return self.teams[0] if self.teams else None

    @property
    def key(self) -> str:
        """How the scope is written; `parse` reads it back."""
        if self.person is not None:
            return f"person:{self.person.email}"
        return f"team:{self.team.name}" if self.team is not None else "all"

    @property
    def name(self) -> str:
        """The team's or the person's own name; nothing for everybody."""
        if self.person is not None:
            return self.person.name
        return self.team.name if self.team is not None else ""

    @property
    def label(self) -> str:
        return self.name or _("Everybody")

    @property
    def columns(self) -> dict[str, int | None]:
        """What a row that is about this scope has of it."""
        return {
            "team_id": self.team.id if self.team is not None else None,
            "person_id": self.person.id if self.person is not None else None,
        }

    def holds(self, person_id_column: Any) -> ColumnElement[bool]:
        """The condition that a row belongs to somebody of this scope."""
        if self.person is not None:
            return person_id_column == self.person.id
        if not self.teams:
            return true()
        of_teams = team_members.c.team_id.in_([team.id for team in self.teams])
        return person_id_column.in_(select(team_members.c.user_id).where(of_teams))

    def people(self) -> dict[str, str]:
        """Who sells in this scope, by e-mail: its reps who have not left, or the one person."""
        sells = true() if self.person is not None else User.role == Role.REP
        chosen = select(User.email, User.name).where(
            sells, self.holds(User.id), User.deactivated_at.is_(None)
        )
        return {row.email: row.name for row in db.session.execute(chosen.order_by(User.email))}

    def wider(self) -> Scope | None:
        """What the scope is compared with: a person with their teams, a team with everybody, everybody with nothing."""
        if self.person is not None:
            return Scope(tuple(self.person.teams))
        return Scope() if self.teams else None


def scopes_of(person: User) -> list[Scope]:
    """What this person may have evaluated: themselves, a supervisor their teams too, an admin everything."""
    own = Scope(person=person)
    if person.role is Role.REP:
        return [own]
    teams = teams_led_by(person)
    if person.role is Role.ADMIN:
        owners = db.session.scalars(select(User).where(User.role != Role.COLLABORATOR).order_by(User.name))
        return [Scope(), *(Scope((team,)) for team in teams), *(Scope(person=owner) for owner in owners)]
    if person.role is Role.SUPERVISOR:
        mates = {mate for team in teams for mate in team.members if mate.role is not Role.COLLABORATOR}
        others = sorted(mates - {person}, key=lambda mate: mate.name)
        return [*(Scope((team,)) for team in teams), own, *(Scope(person=mate) for mate in others)]
    return []


def seen_with_its_scope(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows with the `person_id` or the `team_id` that they are about: of the people one looks after, and for a
    supervisor of their teams. Of everybody: the admin's alone."""
    own_teams = select(team_members.c.team_id).where(team_members.c.user_id == viewer.person_id)
    of_teams = model.team_id.in_(own_teams) if viewer.role is Role.SUPERVISOR else false()
    return or_(model.person_id.is_not(None) & viewer.sees_owner(model.person_id), of_teams)
