"""Whom the names of owners and authors in a file mean."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from salesboard.access import Role
from salesboard.accounts.models import Team, User
from salesboard.accounts.rules import normal_email
from salesboard.customers.rules import pinyin_keys
from salesboard.database import db
from salesboard.exchange.models import Owners
from salesboard.exchange.reasons import Unreadable

NOBODYS_DOMAIN = "invited.invalid"
"""Stands in the address of people known by name alone, until the admin enters theirs and invites them."""


@dataclass(frozen=True)
class Crew:
    """The people an import may give records to.

    `importer` is who asked for it, None for the command line; records whose file names nobody become theirs.
    """

    importer: User | None
    owners: Owners
    owner_ids: frozenset[int] | None = None
    """To whom the importer may give records: reps to themselves, supervisors to their teams; None: to anybody."""
    by_name: dict[str, list[User]] = field(default_factory=dict)

    @classmethod
    def muster(cls, importer: User | None, owners: Owners) -> Crew:
        crew = cls(importer, owners, importer.viewer().owner_ids if importer else None)
        for person in db.session.scalars(select(User).where(User.deactivated_at.is_(None))):
            crew.by_name.setdefault(_plain(person.name), []).append(person)
            crew.by_name.setdefault(_plain(person.email), []).append(person)
        return crew

    @property
    def may_invite(self) -> bool:
        """Whether a name that nobody has becomes an account: for leaders and the command line, when asked for."""
        is_leader = self.importer is None or self.importer.role in (Role.SUPERVISOR, Role.ADMIN)
        return self.owners is Owners.CREATE and is_leader

    def find(self, name: str) -> User | None:
        """The one person of that name or address; None where nobody has it. Raises Unreadable where several do."""
        people = self.by_name.get(_plain(name), [])
        if len({person.id for person in people}) > 1:
            raise Unreadable("several_people", name)
        return people[0] if people else None

    def may_own(self, person: User) -> bool:
        return self.owner_ids is None or person.id in self.owner_ids

    def looks_after(self, owner_id: int) -> bool:
        """Whether the importer may add to what this person owns."""
        return self.owner_ids is None or owner_id in self.owner_ids

    def name_of(self, person_id: int) -> str:
        person = db.session.get(User, person_id)
        return person.name if person else ""

    def invite(self, name: str, now: datetime) -> User:
        """An account in the importer's teams that cannot sign in until it is invited."""
        known = self.find(name)
        if known is not None:
            return known
        address = normal_email(name) if "@" in name else self._free_address(name)
        person = User.invite(address, name[:80], Role.REP, teams=self._teams(), by=self.importer, now=now)
        self.by_name.setdefault(_plain(name), []).append(person)
        return person

    def _teams(self) -> list[Team]:
        if self.importer is not None:
            return list(self.importer.teams)
        teams = list(db.session.scalars(select(Team).limit(2)))
        return teams if len(teams) == 1 else []

    def _free_address(self, name: str) -> str:
        spelled = "".join(filter(str.isalnum, pinyin_keys(name)[0] or name.lower()))
        local = spelled.encode("ascii", "ignore").decode()[:40] or "person"
        taken = set(db.session.scalars(select(User.email).where(User.email.like(f"{local}%"))))
        tries = (f"{local}{n or ''}@{NOBODYS_DOMAIN}" for n in range(len(taken) + 1))
        return next(address for address in tries if address not in taken)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
