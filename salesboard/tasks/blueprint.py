"""Under which name the routes of tasks stand."""

from __future__ import annotations

from flask import Blueprint

tasks = Blueprint("tasks", __name__)
