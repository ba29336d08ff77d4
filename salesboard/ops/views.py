"""Health addresses for a service manager."""

from __future__ import annotations

from flask import Blueprint, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import anyone
from salesboard.database import db
from salesboard.outbox import Work, WorkState

health = Blueprint("health", __name__)


@health.get("/healthz")
@anyone
def alive() -> Response:
    """The process lives."""
    return jsonify(status="ok")


@health.get("/readyz")
@anyone
def ready() -> tuple[Response, int]:
    """Whether the database answers, and how long the oldest due work has waited, in seconds."""
    now = clock.now()
    oldest_due = select(func.min(Work.due_at)).where(Work.state == WorkState.READY, Work.due_at <= now)
    try:
        oldest = db.session.scalar(oldest_due)
    except SQLAlchemyError:
        return jsonify(database="away", oldest_waiting_seconds=None), 503
    return jsonify(database="ok", oldest_waiting_seconds=(now - oldest).total_seconds() if oldest else 0), 200
