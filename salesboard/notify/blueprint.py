"""The pages of reminders and of where they go."""

from __future__ import annotations

from flask import Blueprint

notify = Blueprint("notify", __name__)
