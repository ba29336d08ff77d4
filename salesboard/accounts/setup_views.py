"""The first start: whoever has the code makes the first admin, then chooses where to begin."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import Role, allow, anyone
from salesboard.accounts.blueprint import accounts
from salesboard.accounts.forms import SetUpForm
from salesboard.accounts.passwords import hash_password
from salesboard.accounts.setup import FirstFacts, forget_code, is_right_code, is_set_up, set_up
from salesboard.accounts.signing import begin_sign_in, between_transactions
from salesboard.accounts.throttling import SETTING_UP, TooManyTries
from salesboard.database import writing
from salesboard.installation import installation
from salesboard.web import choose_locale, render

OPEN_BEFORE = frozenset({"static", "accounts.set_up_page", "health.alive", "health.ready"})


@accounts.before_app_request
def lead_to_set_up() -> Response | None:
    """Until somebody can sign in there is one page alone."""
    if request.endpoint in OPEN_BEFORE or is_set_up():
        return None
    return redirect(url_for("accounts.set_up_page"), HTTPStatus.SEE_OTHER)


@accounts.route("/setup", methods=["GET", "POST"])
@anyone
def set_up_page() -> Response | tuple[str, int]:
    if is_set_up():
        abort(HTTPStatus.NOT_FOUND)
    here = installation()
    form = SetUpForm(data={"currency": here.currency, "timezone": here.timezone, "locale": choose_locale()})
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    try:
        if not _has_code(form):
            form.code.errors = [_("This is not the code that the terminal printed.")]
            return _page(form), 422
    except TooManyTries as refusal:
        form.code.errors = [str(refusal)]
        return _page(form), HTTPStatus.TOO_MANY_REQUESTS
    between_transactions()
    facts = _facts(form)
    with writing():
        admin = set_up(facts, clock.now())
    forget_code()
    begin_sign_in(admin)
    return redirect(url_for("accounts.doors"), HTTPStatus.SEE_OTHER)


def _page(form: SetUpForm) -> str:
    return render("accounts/setup.html", form=form)


def _has_code(form: SetUpForm) -> bool:
    with SETTING_UP.attempt("code") as attempt:
        if is_right_code(form.code.data or ""):
            attempt.succeed()
    return attempt.has_succeeded


def _facts(form: SetUpForm) -> FirstFacts:
    """What was typed, with the password hashed: outside the transaction."""
    return FirstFacts(
        name=form.name.data or "",
        email=form.email.data or "",
        password_hash=hash_password(form.password.data or ""),
        team_name=form.team_name.data or "",
        currency=form.currency.data,
        timezone=form.timezone.data,
        locale=form.locale.data,
    )


@accounts.get("/setup/doors")
@allow(Role.ADMIN)
def doors() -> str:
    return render("accounts/setup_doors.html")
