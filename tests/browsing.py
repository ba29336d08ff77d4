"""A test client that inspects each page it opens, as a careful reader would."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import Cookie, TestResponse

from salesboard import clock, lasting
from salesboard.accounts.models import SignIn, User
from salesboard.database import writing
from salesboard.extensions import db

UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}
COOKIE = "salesboard"
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class Page(HTMLParser):
    """The parts of a page that the inspection looks at."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text_of: dict[int, str] = {}
        self._open: list[int] = []
        self.inside_label: set[int] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        index = len(self.elements)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if any(self.elements[outer][0] == "label" for outer in self._open):
            self.inside_label.add(index)
        if tag not in VOID:
            self._open.append(index)
            self.text_of[index] = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self.elements[self._open[place]][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        for index in self._open:
            self.text_of[index] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def texts(self, tag: str) -> list[str]:
        found = (
            index for index, (name, _) in enumerate(self.elements) if name == tag and index in self.text_of
        )
        return [" ".join(self.text_of[index].split()) for index in found]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def faults_of(html: str, *, whole_page: bool) -> list[str]:
    """What a careful reader would object to in a page or fragment."""
    page = Page(html)
    faults = [f"id {name!r} stands {count} times" for name, count in Counter(page.ids).items() if count > 1]
    labels = {attributes["for"] for attributes in page.all("label") if "for" in attributes}
    for index, (tag, attributes) in enumerate(page.elements):
        if tag in ("input", "select", "textarea") and attributes.get("type") not in UNLABELLED_TYPES:
            named = attributes.keys() & {"aria-label", "aria-labelledby", "title"}
            if not named and attributes.get("id") not in labels and index not in page.inside_label:
                faults.append(f"{tag} {attributes.get('name')!r} has no label")
        faults += [
            f"{tag} has an inline {name}" for name in attributes if name == "style" or name.startswith("on")
        ]
        faults += [f"{tag} uses {name}" for name in attributes if name.startswith(("hx-on", "aria_"))]
        if tag in ("button", "a") and not (page.text_of.get(index, "").strip() or "aria-label" in attributes):
            faults.append(f"{tag} {attributes} has no name")
    if "<script>" in html or re.search(r"<style\b", html):
        faults.append("inline script or style")
    if whole_page:
        faults += _faults_of_whole(page)
    return faults


def _faults_of_whole(page: Page) -> list[str]:
    faults = []
    if len(page.texts("h1")) != 1 or not page.texts("h1")[0]:
        faults.append(f"h1: {page.texts('h1')}")
    if not page.texts("title") or not page.texts("title")[0]:
        faults.append("no title")
    if not page.all("html")[0].get("lang"):
        faults.append("no language")
    known = set(page.ids)
    for tag, attributes in page.elements:
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "popovertarget", "for"):
            faults += [
                f"{tag} {name} names {key!r}" for key in attributes.get(name, "").split() if key not in known
            ]
        target = attributes.get("hx-target", "")
        if target.startswith("#") and target[1:] not in known:
            faults.append(f"hx-target {target!r} does not exist")
    return faults


class Browser:
    """A client signed in as `person`. Each page it opens must have the status expected and no fault."""

    def __init__(self, app: Flask, person: User | None = None, **options: Any) -> None:
        self.app = app
        self.client = app.test_client(**options)
        self._cookie: Cookie | None = None
        if person is not None:
            self.sign_in(person)

    def sign_in(self, person: User) -> None:
        """As after the sign-in page, without its argon2."""
        with writing():
            SignIn.begin(person, address="127.0.0.1", browser="test", now=clock.now())
        with self.client.session_transaction() as session:
            session["_user_id"] = person.sign_in_token
            session["_fresh"] = True
        self._cookie = self.client.get_cookie(COOKIE)

    def afresh(self) -> Browser:
        """The same browser, signed in as at first, or not."""
        self.client.delete_cookie(COOKIE)
        if self._cookie is not None:
            self.client.set_cookie(COOKIE, self._cookie.value)
        return self

    def get(self, path: str, status: int = 200, *, fragment: bool = False, **options: Any) -> TestResponse:
        return self._open("GET", path, status, fragment=fragment, **options)

    def post(
        self, path: str, data: Any = None, status: int = 303, *, fragment: bool = False, **options: Any
    ) -> TestResponse:
        return self._open("POST", path, status, fragment=fragment, data=data, **options)

    def send(self, path: str, method: str, **options: Any) -> TestResponse:
        """The bare answer, for a test that is about its status alone."""
        db.session.rollback()
        with (
            self.app.app_context()
        ):  # one of its own, as in real life: nothing of the last request is left in `g`
            return self.client.open(path, method=method, **options)

    def _open(self, method: str, path: str, status: int, *, fragment: bool, **options: Any) -> TestResponse:
        headers = {**options.pop("headers", {}), **({"HX-Request": "true"} if fragment else {})}
        response = self.send(path, method, headers=headers, **options)
        assert response.status_code == status, (
            f"{method} {path}: {response.status}\n{response.get_data(True)[:2000]}"
        )
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400 and response.data:
            html = response.get_data(as_text=True)
            faults = faults_of(html, whole_page=html.lstrip().lower().startswith("<!doctype"))
            assert not faults, f"{method} {path}: {faults}"
        return response


def counted_selects() -> AbstractContextManager[list[str]]:
    """The SELECT statements that the block sends to the database, where nothing is kept from before."""
    return counted_statements("SELECT", "WITH")


@contextmanager
def counted_statements(*beginnings: str) -> Iterator[list[str]]:
    """The statements that the block sends to the database, where nothing is kept from before; all, or those that
    begin so."""
    lasting.forget()
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(beginnings or ""):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
