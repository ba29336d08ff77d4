"""A walk through the site as one person: every page that links lead to, and every form that stands there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import unescape
from re import findall
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError, Rule

from tests.browsing import Browser
from tests.filling import Form, forms_in
from tests.furnishing import Subjects

TELLING = ("to", "outcome")
"""Parameters whose every value makes another page; of all others one value is enough."""

CHOSEN = ("stage", "act")
"""Hidden fields by which one route asks different things."""


@dataclass(frozen=True)
class Found:
    """A form, the page it stands on, and the route that it is sent to."""

    form: Form
    page: str
    path: str
    endpoint: str

    @property
    def kind(self) -> tuple[str, ...]:
        """What tells it from other forms: its route, its fields, and the choice that the page has made already."""
        names = sorted({control.name for control in self.form.controls})
        chosen = [control.value or "" for control in self.form.controls if control.name in CHOSEN]
        return (self.endpoint, *names, *chosen)

    def __str__(self) -> str:
        names = ", ".join(sorted({control.name for control in self.form.controls} - {"csrf_token"}))
        return f"{self.form.method.upper()} {self.path} ({names}) on {self.page}"


def walk(browser: Browser, starts: Iterable[str]) -> dict[str, str]:
    """The pages at `starts`, and one of every kind that links lead to from there, by address.

    A page that fails ends the walk.
    """
    begun = list(starts)
    waiting, seen = deque(begun), set[tuple[object, ...]]()
    pages: dict[str, str] = {}
    kind_of = cache(lambda address: _kind_of(browser.app, address))  # every page links to the same few
    while waiting:
        address = waiting.popleft().partition("#")[0]
        kind = kind_of(address)
        if kind is None or address in pages or (kind in seen and address not in begun):
            continue
        seen.add(kind)
        answer = browser.send(address, "GET")
        assert answer.status_code < 500, f"GET {address}: {answer.status}"
        if 300 <= answer.status_code < 400:
            waiting.append(urljoin(address, answer.headers["Location"]))
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            pages[address] = answer.get_data(as_text=True)
            waiting.extend(links_in(pages[address], address))
    return pages


def _kind_of(app: Flask, address: str) -> tuple[object, ...] | None:
    """What tells one page from another of its kind; None for what is no page, or asks for several things at once."""
    route = endpoint_of(app, address)
    asked = dict(parse_qsl(urlsplit(address).query))
    asked.pop("back", None)
    if route in (None, "static") or len(asked) > 1:
        return None
    return (route, *((name, value if name in TELLING else "") for name, value in asked.items()))


def links_in(html: str, page: str) -> list[str]:
    """The addresses on this host that links and htmx lead to."""
    targets = (urljoin(page, unescape(link)) for link in findall(r'(?:href|hx-get)="([^"]*)"', html))
    return [target for target in targets if target.startswith("/") and not target.startswith("//")]


def forms_on(app: Flask, pages: dict[str, str], method: str = "post") -> list[Found]:
    """Each kind of form once that the pages hold."""
    found: dict[tuple[str, ...], Found] = {}
    for page, html in pages.items():
        for form in forms_in(html):
            for action in form.other_actions or [form.action]:
                address = urljoin(page, action) if action else page
                endpoint = endpoint_of(app, address, form.method)
                if form.method == method and endpoint is not None:
                    each = Found(form, page, address, endpoint)
                    found.setdefault(each.kind, each)
    return list(found.values())


def endpoint_of(app: Flask, address: str, method: str = "get") -> str | None:
    """The route that an address belongs to, if any."""
    try:
        endpoint, _values = app.url_map.bind("localhost").match(urlsplit(address).path, method.upper())
    except HTTPException:
        return None
    return str(endpoint)


def routes(app: Flask, method: str = "GET") -> list[Rule]:
    """Every route of the application that takes `method`."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint != "static"
    ]


def address_of(app: Flask, rule: Rule, subjects: Subjects) -> str | None:
    """The route's address with the subjects it needs; None where one is missing."""
    given = dict(subjects)
    if rule.endpoint.startswith("customers."):
        given["number"] = subjects["customer_number"]
    if rule.endpoint in ("service.plan", "service.satisfaction"):
        given["number"] = subjects["won_number"]
    try:
        return app.url_map.bind("localhost").build(rule.endpoint, given, append_unknown=False)
    except BuildError:
        return None
