"""With whom a deal is shared, and to whom it may be given."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from salesboard.access import WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal


def may_share(deal: Deal, viewer: Viewer | None) -> bool:
    """Whoever looks after the deal decides who else sees it; who was only added to it does not."""
    return viewer is not None and viewer.may_write and viewer.sees_person(deal.owner_id)


def people_to_add(deal: Deal) -> Sequence[User]:
    """Everybody who could still be added to the deal."""
    already = [deal.owner_id, *(person.id for person in deal.collaborators)]
    return db.session.scalars(_active().where(User.id.not_in(already))).all()


def people_to_own(deal: Deal, viewer: Viewer) -> Sequence[User]:
    """Those whom the viewer looks after and who may work on a deal of their own."""
    able = _active().where(User.role.in_(WRITERS), User.id != deal.owner_id)
    return db.session.scalars(able.where(viewer.sees_owner(User.id))).all()


def _active():  # type: ignore[no-untyped-def]
    return select(User).where(User.deactivated_at.is_(None)).order_by(User.name, User.id)
