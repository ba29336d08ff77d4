"""Who may see what: the one rule, applied to every SELECT; and who may call which route.

A model that is not for everybody's eyes registers with `@guarded` and says `visible_to(viewer)`. Every SELECT, UPDATE
and DELETE of the session that names it gets that condition, so that a forgotten filter shows nothing rather than
everything. Without a viewer nothing guarded is visible. A model may say `present()` too, which holds for everybody:
rows that are set aside are there for those statements alone that run with `WITH_SET_ASIDE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, and_, event, false, true
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ExecutableOption

from salesboard.database import IS_BUILT_ONCE


class Role(StrEnum):
    """The four roles of PRODUCT.md 1."""

    REP = "rep"
    COLLABORATOR = "collaborator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


WRITERS = frozenset({Role.REP, Role.SUPERVISOR, Role.ADMIN})
"""Roles that may change customers and deals they see; a collaborator reads and adds follow-ups."""

LEADERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Roles that look after others' work."""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """On whose behalf rows are read. `owner_ids` are the people whose records are seen; None means everybody's."""

    person_id: int | None
    role: Role | None
    owner_ids: frozenset[int] | None
    reason: str = ""

    @property
    def sees_everything(self) -> bool:
        return self.owner_ids is None

    @property
    def may_write(self) -> bool:
        return self.role is None or self.role in WRITERS

    def sees_owner(self, owner_id_column: Any) -> ColumnElement[bool]:
        """The condition that a row belongs to one of the people this viewer looks after."""
        return true() if self.owner_ids is None else owner_id_column.in_(sorted(self.owner_ids))

    def sees_person(self, person_id: int) -> bool:
        return self.owner_ids is None or person_id in self.owner_ids


_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)
_guarded: list[type[Any]] = []
Model = TypeVar("Model", bound=type[Any])


def guarded(model: Model) -> Model:
    """Class decorator: rows of `model` are seen only as its `visible_to(viewer)` allows."""
    _guarded.append(model)
    return model


def current_viewer() -> Viewer | None:
    return _viewer.get()


def set_viewer(viewer: Viewer) -> Token[Viewer | None]:
    """From here on rows are read on behalf of `viewer`, until `reset_viewer` with the answer."""
    return _viewer.set(viewer)


def reset_viewer(token: Token[Viewer | None]) -> None:
    _viewer.reset(token)


@contextmanager
def acting_as(viewer: Viewer | None) -> Iterator[None]:
    """Inside, rows are read on behalf of `viewer`."""
    token = _viewer.set(viewer)
    try:
        yield
    finally:
        _viewer.reset(token)


def acting_as_system(reason: str) -> AbstractContextManager[None]:
    """Inside, every row is seen; `reason` says aloud why that is right here."""
    return acting_as(Viewer(person_id=None, role=None, owner_ids=None, reason=reason))


WITH_SET_ASIDE: dict[str, Any] = {"with_set_aside": True}
"""Execution options of a statement that reads or changes what is set aside too."""


def _criteria_for(viewer: Viewer | None, with_set_aside: bool) -> tuple[ExecutableOption, ...]:
    if viewer is not None and viewer.sees_everything and viewer.role in (None, Role.ADMIN):
        return () if with_set_aside else _presence(len(_guarded))
    return _criteria(viewer, with_set_aside, len(_guarded))


@lru_cache(maxsize=512)
def _criteria(viewer: Viewer | None, with_set_aside: bool, _models: int) -> tuple[ExecutableOption, ...]:
    """Kept for all requests of a viewer, for building them takes as long as several queries; anew for a new model."""
    told = {model: false() if viewer is None else model.visible_to(viewer) for model in _guarded}
    if not with_set_aside:
        told |= {model: and_(told[model], model.present()) for model in _with_presence()}
    return tuple(_criterion(model, condition) for model, condition in told.items())


@lru_cache(maxsize=8)
def _presence(_models: int) -> tuple[ExecutableOption, ...]:
    return tuple(_criterion(model, model.present()) for model in _with_presence())


def _with_presence() -> list[type[Any]]:
    return [model for model in _guarded if hasattr(model, "present")]


def _criterion(model: type[Any], condition: ColumnElement[bool]) -> ExecutableOption:
    return with_loader_criteria(model, condition, include_aliases=True, propagate_to_loaders=False)


@event.listens_for(Session, "do_orm_execute")
def _show_only_what_is_visible(state: ORMExecuteState) -> None:
    if state.is_column_load or not (state.is_select or state.is_update or state.is_delete):
        return
    criteria = _criteria_for(_viewer.get(), "with_set_aside" in state.execution_options)
    if criteria:
        limit = _limited_once if state.execution_options.get(IS_BUILT_ONCE) else _limited
        state.statement = limit(state.statement, criteria)


def _limited(statement: Executable, criteria: tuple[ExecutableOption, ...]) -> Executable:
    return statement.options(*criteria)


_limited_once = lru_cache(maxsize=1024)(_limited)
"""For statements that are built once themselves: what the database is told need not be found out anew each time."""


View = TypeVar("View", bound=Callable[..., Any])


def anyone(view: View) -> View:
    """Declares that a route needs no sign-in."""
    return _declare(view, None)


def signed_in(view: View) -> View:
    """Declares that a route is for every account; what it shows is limited by the viewer."""
    return _declare(view, frozenset(Role))


def allow(*roles: Role) -> Callable[[View], View]:
    """Declares that a route is for these roles alone."""
    return lambda view: _declare(view, frozenset(roles))


def _declare(view: View, roles: frozenset[Role] | None) -> View:
    view.allowed_roles = roles  # type: ignore[attr-defined]
    return view


def declared_roles(view: Callable[..., Any]) -> frozenset[Role] | None:
    """Who may call `view`: None for anyone. Raises LookupError where nothing was declared."""
    try:
        return view.allowed_roles  # type: ignore[attr-defined]
    except AttributeError:
        raise LookupError(f"{view.__module__}.{view.__qualname__} declares no access") from None
