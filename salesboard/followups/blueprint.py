"""Under which name the routes of follow-ups stand."""

from __future__ import annotations

from flask import Blueprint

followups = Blueprint("followups", __name__)
