"""TRUST.md, rows 6, 20 and 23, in addresses: signs that no database keeps, SQL, markup, endless numbers and text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from salesboard.database import db
from tests.browsing import Browser
from tests.naughty import MARKUP, QUESTIONS, come_alive
from tests.sending import Sender
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


@pytest.mark.databases("sqlite", "postgresql")
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


class Asked(ImmutableMultiDict[str, str]):
    """The parameters of an address; notes the names that a view looks for."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.names.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.names.add(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def to_dict(self, flat: bool = True) -> Any:
        return _AskedDict(super().to_dict(flat))


class _AskedDict(dict[str, Any]):
    def get(self, key: str, default: Any = None) -> Any:
        Asked.names.add(key)
        return super().get(key, default)


@pytest.fixture(scope="module")
def known_asking() -> dict[str, dict[str, list[str]]]:
    """By database what was found there once."""
    return {}


@pytest.fixture
def asking(app: Flask, sender: Sender, known_asking: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    """The address of each page that looks at its parameters, with their names."""
    name = db.engine.dialect.name
    if name not in known_asking:
        known_asking[name] = _find_asking(app, sender)
    return known_asking[name]


def _find_asking(app: Flask, sender: Sender) -> dict[str, list[str]]:
    request_class = type("Request", (app.request_class,), {"parameter_storage_class": Asked})
    admin, asking = sender.browser("admin"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "request_class", request_class)
        for address in sender.starts():
            Asked.names.clear()
            page = address.partition("?")[0]
            if admin.send(page, "GET").status_code in (200, 302, 404):
                asking[page] = sorted(Asked.names)
    everywhere = set(asking["/admin/work"])  # which asks for nothing itself
    return {page: names for page, names in asking.items() if set(names) > everywhere}


def questions(asking: dict[str, list[str]], values: tuple[str, ...], step: int) -> Iterator[str]:
    """Every parameter of every page with every `step`th value, each time from another one on."""
    pairs = [(page, name) for page, names in asking.items() for name in names]
    for place, (page, name) in enumerate(pairs):
        for value in values[place % step :: step]:
            yield f"{page}?{urlencode({name: value})}"


def test_row_20_no_parameter_reaches_the_database_as_sql(
    app: Flask, sender: Sender, asking: dict[str, list[str]]
) -> None:
    """Nothing breaks, and nothing that a senseless parameter asks for shows more than its page without it."""
    assert {"sort", "after", "q", "owner"} <= set(asking["/deals"])
    faults = []
    for address in questions(asking, QUESTIONS, 6):
        answer = sender.browser("outsider").send(address, "GET")
        if answer.status_code >= 500 or "Line 3" in answer.text or "argon2" in answer.text:
            faults.append(f"{address}: {answer.status}")
    assert faults == []
    assert sender.footprint.changed() == {}


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("value", QUESTIONS[::4], ids=range(len(QUESTIONS[::4])))
def test_row_20_nor_do_all_of_them_together(
    app: Flask, sender: Sender, asking: dict[str, list[str]], value: str
) -> None:
    for page, names in asking.items():
        address = f"{page}?{urlencode(dict.fromkeys(names, value))}"
        assert sender.browser("admin").send(address, "GET").status_code < 500, address


def test_row_6_what_an_address_asks_for_is_words_in_its_page(
    app: Flask, sender: Sender, asking: dict[str, list[str]]
) -> None:
    faults = []
    for address in questions(asking, MARKUP, 14):
        answer = sender.browser("owner").send(address, "GET")
        faults += [f"{address}: {answer.status}" for _ in range(answer.status_code >= 500)]
        faults += [f"{address}: {what}" for what in come_alive(answer.text)]
    assert faults == []
