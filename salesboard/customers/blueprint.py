"""Under which name the routes of customers stand."""

from __future__ import annotations

from flask import Blueprint

customers = Blueprint("customers", __name__)
