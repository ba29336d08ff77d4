"""Every form of the site, filled in plausibly, to be sent again and again from the same state of affairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from salesboard.database import db
from salesboard.extensions import limiter
from salesboard.installation import installation
from tests import standing
from tests.browsing import Browser
from tests.filling import BUTTONS, Control, Form
from tests.footprint import Footprint
from tests.furnishing import furnish
from tests.standing import PASSWORD
from tests.walking import Found, address_of, forms_on, routes, walk
from tests.worlds import files_of, put_back

PLAIN = "Plain words"
WALKERS = ("owner", "admin", "collaborator", "")
"""Whose pages are searched for forms; the last one has not signed in."""

BY_LINK = frozenset({"notify.end_mail"})
"""What whoever holds a signed address may do, mail programs too, which know no token of a page."""

WHO = (*WALKERS, "teammate", "supervisor", "outsider")

FILE = "客户名称\nPaper Works\n".encode()
"""What is sent where a file is asked for."""

TAKEN = frozenset({200, 204, 303})
"""What answers a form that could be taken."""

_ANSWERS = {
    "address": "https://93.184.215.14/cgi-bin/webhook/send?key=abcdef",
    "email": "someone@example.com",
    "next_step": PLAIN,
    "contact": PLAIN,
    "with_customer": "Paper Crane Packaging",
    "password": PASSWORD,
    "current_password": PASSWORD,
    "new_password": "a few unrelated words",
}


@dataclass(frozen=True)
class Trial:
    """A form, who sends it, and what a sensible person would write into it."""

    found: Found
    who: str
    values: dict[str, str]

    @property
    def has_secret(self) -> bool:
        return bool(self.found.form.of_kind("password"))

    @property
    def free_texts(self) -> list[Control]:
        """The fields that look as if they took any words."""
        written = self.found.form.of_kind("text", "textarea", "search")
        return [control for control in written if not control.attributes.keys() & {"inputmode", "pattern"}]

    def __str__(self) -> str:
        return f"{self.who or 'anonymous'}: {self.found}"


class Sender:
    """Finds the forms, and sends them. Before each sending everything is as it was at first."""

    def __init__(self, app: Flask) -> None:
        self.app, self.people = app, standing.arrive()
        self.subjects = furnish(self.people)
        self._browsers = {who: Browser(app, getattr(self.people, who) if who else None) for who in WHO}
        before = Footprint()
        self.pages = {who: walk(self.browser(who), self.starts()) for who in WALKERS}
        self.trials = [*self._find(), self._position(), *self._unseen()]
        self.footprint, self.changed_by_walking = Footprint(), before.changed()
        self._files = files_of(app)

    def resume(self) -> None:
        """Makes everything as it was, on tables that were emptied since."""
        self.footprint.bring_back(after_emptying=True)
        put_back(self._files)
        for who in vars(self.people):
            setattr(self.people, who, db.session.merge(getattr(self.people, who)))

    def starts(self) -> list[str]:
        """The address of every page that stands alone, and of what links do not lead to."""
        more = (
            "/deals/{lost_number}",
            "/customers/{lost_customer_number}",
            "/deals/{lost_number}/closure",
            "/reports/{waiting_report_id}",
            "/reports/{failed_report_id}",
            "/targets?by=year",
            "/import/{done_import_id}",
            "/board/lead/cards?after=0~2026-01-05",
            "/customers/{survivor_number}/merges/{merge_id}",
            "/customers/{customer_number}/rhythm",
            "/customers/{archived_number}",
        )
        alone = (address_of(self.app, rule, self.subjects) for rule in routes(self.app))
        return [*filter(None, alone), *(address.format_map(self.subjects) for address in more)]

    def send(self, trial: Trial, *, who: str | None = None, **options: Any) -> TestResponse:
        """The answer to the form, with the plausible values and by who found it, unless others are given."""
        self.footprint.bring_back()
        limiter.reset()
        sent = options.setdefault("data", trial.values)
        if isinstance(sent, dict):
            files = {
                control.name: (BytesIO(FILE), "table.csv") for control in trial.found.form.of_kind("file")
            }
            options["data"] = {**files, **sent}
        return self.browser(trial.who if who is None else who).send(trial.found.path, "POST", **options)

    def browser(self, who: str) -> Browser:
        """The person's browser, signed in as at first."""
        return self._browsers[who].afresh()

    def _find(self) -> Iterator[Trial]:
        known: set[tuple[str, ...]] = set()
        for who, pages in self.pages.items():
            for found in forms_on(self.app, pages):
                if found.kind not in known:
                    known.add(found.kind)
                    yield Trial(found, who, plausible(found.form))

    def _unseen(self) -> Iterator[Trial]:
        """What pages offer only at times, or as another button of a form that does something else by itself."""
        again = f"/import/{self.subjects['import_id']}"
        for who, endpoint, path in (
            ("owner", "exchange.try_otherwise", f"{again}/trial"),
            ("owner", "exchange.forget_shape", f"{again}/shapes/1/removal"),
            ("admin", "customers.draw_checks", "/customers/checks"),
            ("owner", "customers.known", "/customers/duplicates/known"),
            ("owner", "customers.housekeeping", "/customers/housekeeping"),
        ):
            form = Form(path, "post")
            yield Trial(Found(form, "/", path, endpoint), who, {})

    def _position(self) -> Trial:
        """What the board sends when a card was dragged within its column: there is no form for it."""
        number, other = self.subjects["number"], self.subjects["beside_number"]
        fields = [Control("above", "hidden", str(other)), Control("below", "hidden", "")]
        path = f"/deals/{number}/position"
        form = Form(path, "post", controls=fields)
        return Trial(Found(form, "/", path, "deals.position"), "owner", form.filled())


def plausible(form: Form) -> dict[str, str]:
    """What a sensible person would send: what the page gave, and something in every field that has to be filled."""
    values = form.filled()
    if form.of_kind("password") and form.of_kind("email"):
        values["email"] = "olive@example.com"
    for control in form.controls:
        if not values.get(control.name):
            answer = _answer(control)
            if answer is not None:
                values[control.name] = answer
    return values


def _answer(control: Control) -> str | None:
    if control.kind in BUTTONS:
        return control.options[0]
    if control.name in _ANSWERS and control.kind != "hidden":
        return _ANSWERS[control.name]
    if control.name.startswith("plan-"):  # whoever names an instalment says when it is due and how much
        asked = {"due_on": installation().today.isoformat(), "amount": "100"}
        return asked.get(control.name.rpartition("-")[2])
    if control.name == "customers":
        return next(iter(control.options), None)
    if control.name == "reason" and control.kind == "select":
        return next(option for option in control.options if option)
    if control.name == "next_due":
        return installation().today.isoformat()
    if "required" not in control.attributes or control.kind == "file":
        return None
    if control.kind in ("radio", "select"):
        return next(option for option in control.options if option)
    if control.kind == "date":
        return installation().today.isoformat()
    return "100" if control.attributes.get("inputmode") else PLAIN
