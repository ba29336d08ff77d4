"""TRUST.md, row 23, in addresses: signs that no database keeps, endless numbers, endless text. Never a 500."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.browsing import Browser
from tests.standing import People, make_deal

NASTY = (
    "\x00",
    "a\x00b",
    "\u202e",
    "'; DROP TABLE deals; --",
    "%s%n",
    "9" * 40,
    "-1",
    "x" * 5000,
    "../../etc/passwd",
    "%ED%A0%80",
)
ASKED = "q owner team level sort after page month next lang stage from to".split()


def addresses(app: Flask, sign: str) -> list[tuple[str, str]]:
    """Each route with `sign` in the place of everything it takes."""
    filled = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            path = "".join(
                quote(sign, safe="") if is_variable else part for is_variable, part in _parts(rule)
            )
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            filled.append((method, path))
    return filled


def _parts(rule: Rule) -> list[tuple[bool, str]]:
    return [(is_dynamic, part) for is_dynamic, part in rule._trace if part not in ("|", "")]


@pytest.mark.parametrize("sign", NASTY, ids=range(len(NASTY)))
def test_no_route_breaks_on_what_stands_in_its_address(
    app: Flask, people: People, client_as: Callable[..., Browser], sign: str
) -> None:
    make_deal(people.owner)
    admin = client_as(people.admin)
    broken = [
        (method, path, status)
        for method, path in addresses(app, sign)
        if (status := admin.send(path, method).status_code) >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("sign", NASTY, ids=range(len(NASTY)))
def test_no_page_breaks_on_what_is_asked_of_it(
    app: Flask, people: People, client_as: Callable[..., Browser], sign: str
) -> None:
    make_deal(people.owner)
    admin, query = client_as(people.admin), urlencode(dict.fromkeys(ASKED, sign))
    broken = [
        (rule.rule, status)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
        if (status := admin.send(f"{rule.rule}?{query}", "GET").status_code) >= 500
    ]
    assert broken == []
