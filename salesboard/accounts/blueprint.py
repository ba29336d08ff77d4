"""Under which name the routes of people and sign-in stand. The view files of this folder share it."""

from __future__ import annotations

from flask import Blueprint

accounts = Blueprint("accounts", __name__)
