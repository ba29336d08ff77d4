"""Under which name the routes of what follows a signing stand."""

from __future__ import annotations

from flask import Blueprint

service = Blueprint("service", __name__)
