"""What the pages about people show, in a fixed number of SELECTs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from salesboard.access import Role
from salesboard.accounts.links import AccessLink
from salesboard.accounts.models import SignIn, Team, User, team_members
from salesboard.accounts.rules import LinkPurpose
from salesboard.database import db


@dataclass(frozen=True)
class PersonRow:
    """One line of the list of people."""

    person: User
    seen_at: datetime | None
    invited_until: datetime | None


def people(now: datetime, team_id: int | None = None) -> list[PersonRow]:
    """Everybody with an account, or in one team; those who left stand last."""
    wanted = select(User).options(selectinload(User.teams))
    if team_id is not None:
        wanted = wanted.where(User.teams.any(Team.id == team_id))
    found = db.session.scalars(wanted.order_by(User.deactivated_at.is_not(None), User.name, User.id)).all()
    seen = dict(
        db.session.execute(select(SignIn.user_id, func.max(SignIn.seen_at)).group_by(SignIn.user_id)).all()
    )
    invited = dict(
        db.session.execute(
            select(AccessLink.user_id, AccessLink.expires_at).where(
                AccessLink.purpose == LinkPurpose.INVITATION,
                AccessLink.used_at.is_(None),
                AccessLink.expires_at > now,
            )
        ).all()
    )
    return [PersonRow(person, seen.get(person.id), invited.get(person.id)) for person in found]


@dataclass(frozen=True)
class TeamRow:
    """One line of the list of teams. `size` counts active people."""

    team: Team
    size: int


def teams() -> list[TeamRow]:
    """All teams by name, each with how many active people it has."""
    size = (
        select(func.count(User.id))
        .join(team_members, team_members.c.user_id == User.id)
        .where(team_members.c.team_id == Team.id, User.deactivated_at.is_(None))
        .correlate(Team)
        .scalar_subquery()
    )
    return [
        TeamRow(team, count) for team, count in db.session.execute(select(Team, size).order_by(Team.name))
    ]


def all_teams() -> list[Team]:
    return list(db.session.scalars(select(Team).order_by(Team.name)))


def teams_led_by(person: User) -> list[Team]:
    """Those that this leader looks after, by name: an admin all, a supervisor their own; others lead none."""
    if person.role is Role.ADMIN:
        return all_teams()
    own = person.teams if person.role is Role.SUPERVISOR else []
    return sorted(own, key=lambda team: team.name)
