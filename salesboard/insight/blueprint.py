"""Under which name the routes of insight stand. Views of reports and of the team share it."""

from __future__ import annotations

from flask import Blueprint

insight = Blueprint("insight", __name__)
