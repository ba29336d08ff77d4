"""Health addresses for a service manager."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import anyone
from salesboard.database import db
from salesboard.ops import private_redis
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
    """Whether database and Redis answer, and how long the oldest due work has waited, in seconds.

    Without Redis everything still works, only later; without the database the answer is 503.
    """
    now = clock.now()
    redis = "ok" if private_redis.answers(current_app.config["SETTINGS"], within=0.2) else "away"
    oldest_due = select(func.min(Work.due_at)).where(Work.state == WorkState.READY, Work.due_at <= now)
    try:
        oldest = db.session.scalar(oldest_due)
    except SQLAlchemyError:
        return jsonify(database="away", redis=redis, oldest_waiting_seconds=None), 503
    waiting = (now - oldest).total_seconds() if oldest else 0
    return jsonify(database="ok", redis=redis, oldest_waiting_seconds=waiting), 200
