"""Whom the names in a file mean, and to whom an importer may give records."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from salesboard.access import LEADERS, WRITERS, Role
from salesboard.accounts.models import Team, User
from salesboard.accounts.rules import normal_email
from salesboard.customers.rules import pinyin_keys
from salesboard.database import db
from salesboard.exchange.models import Owners
from salesboard.exchange.reasons import NotTaken

NOBODYS_DOMAIN = "invited.invalid"
"""Stands in the address of people known by name alone, until the admin enters theirs and invites them."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Crew:
    """The people an import may give records to.

    `importer` is who asked for it, None for the command line. Records for which the file names nobody become the
    `fallback`'s; without one they are not taken.
    """

    importer: User | None
    owners: Owners
    fallback: User | None = None
    owner_ids: frozenset[int] | None = None
    """To whom the importer may give records: reps to themselves, supervisors to their teams; None: to anybody."""
    by_name: dict[str, list[User]] = field(default_factory=dict)
    by_id: dict[int, User] = field(default_factory=dict)
    said: Mapping[str, int | None] = field(default_factory=dict)
    """Whom a name means, as the person said: an account by its id, None for one to be made."""

    @classmethod
    def muster(
        cls,
        importer: User | None,
        owners: Owners,
        fallback: User | None = None,
        said: Mapping[str, int | None] | None = None,
    ) -> Crew:
        owner_ids = importer.viewer().owner_ids if importer else None
        crew = cls(importer, owners, fallback or importer, owner_ids, said=said or {})
        for person in db.session.scalars(select(User).order_by(User.id)):
            crew._enlist(person)
        return crew

    def may_invite(self, name: str) -> bool:
        """Whether a name that nobody has becomes an account: for leaders and the command line, when asked for."""
        is_asked = self.owners is Owners.CREATE or (name in self.said and self.said[name] is None)
        return is_asked and (self.importer is None or self.importer.role in LEADERS)

    def find(self, name: str) -> User | None:
        """The one person of that name or address, rather one who is still here; None where nobody has it.

        Raises NotTaken where several do.
        """
        if meant := self.by_id.get(self.said.get(name) or 0):
            return meant
        named = self.by_name.get(_plain(name), [])
        people = [person for person in named if person.is_active] or named
        if len({person.id for person in people}) > 1:
            raise NotTaken("several_people", value=name)
        return people[0] if people else None

    def known(self, name: str) -> User | None:
        """As `find`, and None also where several have it."""
        try:
            return self.find(name)
        except NotTaken:
            return None

    def check_owner(self, name: str) -> None:
        """Raises NotTaken unless the importer may give records to whoever is called so."""
        person = self._check_known(name)
        if person is None:
            return
        if not person.is_active:
            raise NotTaken("has_left", name=person.name)
        if person.role not in WRITERS:
            raise NotTaken("owns_nothing", name=person.name)

    def check_author(self, name: str) -> None:
        """Raises NotTaken unless the importer may bring in what whoever is called so wrote, be it long ago."""
        self._check_known(name)

    def looks_after(self, owner_id: int) -> bool:
        """Whether the importer may add to what this person owns."""
        return self.owner_ids is None or owner_id in self.owner_ids

    def name_of(self, person_id: int) -> str:
        return self.by_id[person_id].name

    def invite(self, name: str, now: datetime) -> User:
        """An account in the importer's teams that cannot sign in until it is invited."""
        address = normal_email(name) if "@" in name else self._free_address(name)
        teams = list(self.importer.teams) if self.importer else self._only_team()
        person = User.invite(address, name[:LONGEST_NAME], Role.REP, teams=teams, by=self.importer, now=now)
        self._enlist(person)
        return person

    def _enlist(self, person: User) -> None:
        self.by_id[person.id] = person
        for name in (person.name, person.email):
            self.by_name.setdefault(_plain(name), []).append(person)

    def _check_known(self, name: str) -> User | None:
        person = self.find(name)
        if person is None and not self.may_invite(name):
            raise NotTaken("unknown_person", name=name)
        if person is not None and not self.looks_after(person.id):
            raise NotTaken("not_yours_to_give", name=person.name)
        return person

    def _only_team(self) -> list[Team]:
        teams = list(db.session.scalars(select(Team).limit(2)))
        return teams if len(teams) == 1 else []

    def _free_address(self, name: str) -> str:
        spelled = "".join(filter(str.isalnum, pinyin_keys(name)[0] or name.lower()))
        local = spelled.encode("ascii", "ignore").decode()[:40] or "person"
        taken = set(db.session.scalars(select(User.email).where(User.email.like(f"{local}%"))))
        tries = (f"{local}{n or ''}@{NOBODYS_DOMAIN}" for n in range(len(taken) + 1))
        return next(address for address in tries if address not in taken)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold().split())
