"""What changes seldom and every request asks for: read once, then kept by the process for a moment.

A change is seen as soon as this process has committed it, and after `MOMENT` at the latest where another process did.
Nothing is kept here that says who may do or see what: sign-ins, roles, teams and owners are read each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, has_app_context, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session

from salesboard.database import Base, db

MOMENT = 2.0
"""Seconds."""

_KEPT = "lasting"
_CHANGED = "lasting_changed"
Answer = TypeVar("Answer")


def lasting(*models: type[Base]) -> Callable[[Callable[[], Answer]], Callable[[], Answer]]:
    """Decorator for a function that reads these models alone and answers with values outside any session.

    Within a request the answer stays the same; within a transaction that changed one of the models it is read anew.
    """
    for model in models:
        for change in ("after_insert", "after_update", "after_delete"):
            event.listen(model, change, _note_change)

    def decorate(read: Callable[[], Answer]) -> Callable[[], Answer]:
        @wraps(read)
        def answer() -> Answer:
            asked = g.setdefault(_KEPT, {}) if has_request_context() else {}
            if read in asked:
                return cast(Answer, asked[read])
            if _CHANGED in db.session.info:
                return read()
            asked[read] = found = _kept(read)
            return cast(Answer, found)

        return answer

    return decorate


def forget() -> None:
    """Everything is read anew: for whoever writes past the session."""
    current_app.extensions.pop(_KEPT, None)
    if has_request_context():
        g.pop(_KEPT, None)


def _kept(read: Callable[[], Any]) -> Any:
    kept = current_app.extensions.setdefault(_KEPT, {})
    until, answer = kept.get(read, (0.0, None))
    if time.monotonic() >= until:
        answer = read()
        kept[read] = time.monotonic() + MOMENT, answer
    return answer


def _note_change(_mapper: object, _connection: object, row: Base) -> None:
    session = object_session(row)
    if session is not None:
        session.info[_CHANGED] = True
    if has_request_context():
        g.pop(_KEPT, None)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget_after_change(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop(_CHANGED, False) and has_app_context():
        forget()
