"""What a talk is about, and who and what may be named in its note: people of both sides, papers, who goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import or_, select

from salesboard.access import WRITERS, Role
from salesboard.accounts.models import User, team_members
from salesboard.customers.models import Contact, Customer
from salesboard.customers.sharing import deal_collaborators
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.documents.models import Document
from salesboard.followups.rules import HandedOver, Side, TookPart

MOST_PAPERS = 20
"""So many of the latest documents are offered."""
_BETWEEN_NAMES = re.compile(r"[;；,，、]")


@dataclass(frozen=True)
class About:
    """A customer, and those of its deals that a talk may be about; without deals the customer itself."""

    customer: Customer
    deals: tuple[Deal, ...] = ()

    @classmethod
    def of(cls, subject: Deal | Customer) -> About:
        return cls(subject.customer, (subject,)) if isinstance(subject, Deal) else cls(subject)

    @cached_property
    def people(self) -> Mapping[int, User]:
        """By id everybody here who sees the deals, or without a deal the customer. One SELECT."""
        owners = {deal.owner_id for deal in self.deals} or {self.customer.owner_id}
        teams = select(team_members.c.team_id).where(team_members.c.user_id.in_(owners))
        mates = select(team_members.c.user_id).where(team_members.c.team_id.in_(teams))
        shared = select(deal_collaborators.c.user_id).where(
            deal_collaborators.c.deal_id.in_([deal.id for deal in self.deals])
        )
        sees = or_(
            User.id.in_(owners),
            User.role == Role.ADMIN,
            (User.role == Role.SUPERVISOR) & User.id.in_(mates),
            User.id.in_(shared),
        )
        seeing = select(User).where(User.deactivated_at.is_(None), sees)
        return {person.id: person for person in db.session.scalars(seeing.order_by(User.name, User.id))}

    @property
    def able(self) -> dict[int, User]:
        """Those of them who may be given what comes next."""
        return {key: person for key, person in self.people.items() if person.role in WRITERS}

    @property
    def contacts(self) -> Mapping[int, Contact]:
        """The people at the customer, by id. One SELECT, if they are not known yet."""
        return {contact.id: contact for contact in self.customer.contacts}

    @cached_property
    def papers(self) -> Mapping[int, Document]:
        """The documents of the deals and of the customer itself as far as the reader sees them, the latest first. One
        SELECT."""
        about = or_(Document.deal_id.is_(None), Document.deal_id.in_([deal.id for deal in self.deals]))
        of_customer = Document.customer_id == self.customer.id, Document.removed_at.is_(None), about
        latest = select(Document).where(*of_customer).order_by(Document.day.desc(), Document.id.desc())
        return {paper.id: paper for paper in db.session.scalars(latest.limit(MOST_PAPERS))}

    def owner_of(self, number: str) -> int:
        """Who looks after the deal with this number, else after the customer."""
        return next((deal.owner_id for deal in self.deals if deal.number == number), self.customer.owner_id)

    def took_part(self, ours: Iterable[int], theirs: Iterable[int]) -> tuple[TookPart, ...]:
        """Those who were chosen, as the note keeps them."""
        people = (self.people[key] for key in ours)
        contacts = (self.contacts[key] for key in theirs)
        return (
            *(TookPart(Side.OURS, person.name, user_id=person.id) for person in people),
            *(TookPart(Side.THEIRS, contact.name, contact_id=contact.id) for contact in contacts),
        )

    def handed_over(self, chosen: Iterable[int]) -> tuple[HandedOver, ...]:
        """The papers that were chosen, in the version that they have now."""
        papers = (self.papers[key] for key in chosen)
        return tuple(HandedOver(paper.id, paper.name, paper.edition) for paper in papers)

    def known_among(self, names: str) -> dict[str, object]:
        """Which of these names are people whom one may choose; the others stay words. For a form's fields."""
        ours, theirs, others = list[int](), list[int](), list[str]()
        named_ours, named_theirs = _by_name(self.people.values()), _by_name(self.contacts.values())
        for name in split_names(names):
            if name in named_ours:
                ours.append(named_ours[name])
            elif name in named_theirs:
                theirs.append(named_theirs[name])
            else:
                others.append(name)
        return {"ours": ours, "theirs": theirs, "participants": "; ".join(others)}


def split_names(names: str) -> Sequence[str]:
    """The names in a line of them."""
    return [name for name in map(str.strip, _BETWEEN_NAMES.split(names)) if name]


def joined_names(people: Iterable[TookPart], others: str) -> str:
    """Everybody who took part, in a line: those who are known here, then the others as they were written."""
    return "; ".join([*(each.name for each in people), *([others] if others else [])])


def _by_name(people: Iterable[Any]) -> dict[str, int]:
    """Of several of one name the first."""
    return {person.name: person.id for person in reversed(list(people))}
