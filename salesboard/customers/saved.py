"""Views of a list or the board that somebody keeps by name: filters, order and columns, as the address has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import LEADERS, Viewer, guarded
from salesboard.accounts.models import Team, User, team_members
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import NotAllowed, Refused

MOST_VIEWS = 50
"""That one person keeps of one list."""
LONGEST_NAME, LONGEST_QUERY = 60, 2_000
DEFAULTS = "default_views"
"""Under this name a person's preferences keep, by list, the view that it opens with."""


class ListKind(StrEnum):
    """What there are views of."""

    CUSTOMERS = "customers"
    DEALS = "deals"
    BOARD = "board"


@guarded
class SavedView(Base):
    """One view, its maker's own or shared with a team. It shows everybody what they may see themselves."""

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        UniqueConstraint("owner_id", "kind", "name"),
        Index(None, "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ListKind] = mapped_column(choice(ListKind, "kind"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    owner: Mapped[User] = relationship()
    team: Mapped[Team | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, and those shared with a team of one's own."""
        teams = select(team_members.c.team_id).where(team_members.c.user_id == viewer.person_id)
        return (cls.owner_id == viewer.person_id) | cls.team_id.in_(teams)

    @classmethod
    def keep(
        cls, kind: ListKind, name: str, query: str, *, team: Team | None, by: User, now: datetime
    ) -> SavedView:
        """A view of this name: the one that the person has already takes the new filters.

        Raises Refused for more than `MOST_VIEWS`.
        """
        theirs = db.session.scalars(select(cls).where(cls.owner_id == by.id, cls.kind == kind)).all()
        view = next((each for each in theirs if each.name == name), None)
        if view is None:
            if len(theirs) >= MOST_VIEWS:
                raise Refused(_("You keep %(count)d views of this list. Remove one first.", count=MOST_VIEWS))
            view = cls(kind=kind, name=name, owner_id=by.id, created_at=now)
            db.session.add(view)
        view.query, view.updated_at, view.team_id = query, now, team.id if team else None
        db.session.flush()
        audit.record(
            "view.kept", view.label, actor_id=by.id, at=now, name=name, team=team.name if team else ""
        )
        return view

    def revise(self, name: str, *, team: Team | None, by: User, now: datetime) -> None:
        """Another name, and with whom it is shared. Raises Refused where the person has one of this name."""
        self._expect_own(by)
        same = select(SavedView.id).where(
            SavedView.owner_id == by.id, SavedView.kind == self.kind, SavedView.name == name
        )
        if db.session.scalar(same.where(SavedView.id != self.id)) is not None:
            raise Refused(_("You have a view of this name already."))
        self.name, self.team_id, self.updated_at = name, team.id if team else None, now
        audit.record(
            "view.kept", self.label, actor_id=by.id, at=now, name=name, team=team.name if team else ""
        )

    def remove(self, *, by: User, now: datetime) -> None:
        """Takes the view away, its maker's own or, by who leads, a shared one."""
        if not self.may_be_removed_by(by):
            self._expect_own(by)
        audit.record("view.removed", self.label, actor_id=by.id, at=now, name=self.name)
        db.session.delete(self)

    @property
    def label(self) -> str:
        """How the audit log names this view."""
        return f"view {self.id}"

    def may_be_removed_by(self, person: User) -> bool:
        return self.owner_id == person.id or (self.team_id is not None and person.role in LEADERS)

    def _expect_own(self, person: User) -> None:
        if self.owner_id != person.id:
            raise NotAllowed(_("Only who made this view changes it."))


def views_of(person: User, kind: ListKind) -> Sequence[SavedView]:
    """The person's own views and those shared with their teams, by name. One SELECT."""
    mine = select(SavedView).where(SavedView.kind == kind, _offered_to(person))
    return db.session.scalars(mine.order_by(SavedView.name, SavedView.id)).all()


def view_shown(view_id: int, person: User) -> SavedView | None:
    """The view, if it is the person's own or shared with a team of theirs."""
    whole = select(SavedView).where(SavedView.id == view_id, _offered_to(person))
    return db.session.scalar(whole.options(joinedload(SavedView.team), joinedload(SavedView.owner)))


def default_of(person: User, kind: ListKind) -> int | None:
    """The view that the person's list opens with."""
    chosen = person.preferences.get(DEFAULTS)
    view_id = chosen.get(kind) if isinstance(chosen, dict) else None
    return view_id if isinstance(view_id, int) else None


def open_with(person: User, kind: ListKind, view_id: int | None) -> None:
    """From now on the person's list opens with this view; with none, as it usually does."""
    chosen = person.preferences.get(DEFAULTS)
    person.prefer(**{DEFAULTS: {**(chosen if isinstance(chosen, dict) else {}), kind.value: view_id}})


def _offered_to(person: User) -> ColumnElement[bool]:
    """An admin, who sees every row, is not offered what others keep for themselves."""
    teams = select(team_members.c.team_id).where(team_members.c.user_id == person.id)
    return (SavedView.owner_id == person.id) | SavedView.team_id.in_(teams)
