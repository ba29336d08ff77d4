"""Under which name the routes of deals stand. Views of the board, the list and moving share it."""

from __future__ import annotations

from flask import Blueprint

deals = Blueprint("deals", __name__)
