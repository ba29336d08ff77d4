"""Under which name the routes of administration stand."""

from __future__ import annotations

from flask import Blueprint

administration = Blueprint("administration", __name__)
