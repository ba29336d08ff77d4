"""What the browser gets back after a customer changed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, url_for
from werkzeug.wrappers import Response

from salesboard.customers.doubles import Known
from salesboard.customers.models import Customer
from salesboard.customers.wording import known_lines
from salesboard.web import lead_to


def back_to(shown: Customer, told: str) -> Response:
    """The customer's page, with what is told."""
    flash(told)
    return lead_to(url_for("customers.customer", number=shown.number))


def warn_of(known: Mapping[str, Known]) -> None:
    """Says who else is known by what was written down: it is taken all the same."""
    for lines in known_lines(known).values():
        for line in lines:
            flash(line.words, "plain")
