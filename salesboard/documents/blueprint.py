"""Under which name the routes of documents stand."""

from __future__ import annotations

from flask import Blueprint

documents = Blueprint("documents", __name__)
