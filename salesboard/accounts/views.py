"""Signing in and out, and the ways in by link."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import audit, clock
from salesboard.access import anyone, signed_in
from salesboard.accounts.blueprint import accounts
from salesboard.accounts.forms import ChoosePasswordForm, ForgottenForm, SignInForm
from salesboard.accounts.links import AccessLink, sends_mail
from salesboard.accounts.models import User
from salesboard.accounts.passwords import hash_password
from salesboard.accounts.rules import LinkPurpose, normal_email, token_digest
from salesboard.accounts.signing import begin_sign_in, between_transactions, end_sign_in, who_signs_in
from salesboard.accounts.throttling import ASKING_FOR_A_LINK, TooManyTries
from salesboard.database import writing
from salesboard.keeping import hand_back, words_carried
from salesboard.web import render, safe_next

FEW_LEFT = 3
"""From so few tries left on, a person is told how many."""

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@accounts.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_in() -> Answer:
    form = SignInForm()
    goal = safe_next(request.args.get("next"))
    if request.method == "GET":
        return redirect(goal or "/") if current_user.is_authenticated else _sign_in_page(form)
    if not form.validate():
        return _sign_in_page(form), 422
    try:
        person, left = who_signs_in(form.email.data or "", form.password.data or "")
    except TooManyTries as refusal:
        return _make_wait(form, refusal)
    if person is None or not person.is_active:
        current_app.logger.warning("sign-in refused: %r from %s", form.email.data, request.remote_addr)
        form.password.errors = [_refusal(left, person)]
        return _sign_in_page(form), 422
    begin_sign_in(person, is_kept=form.keep.data)
    kept = words_carried()
    if kept is not None:
        return hand_back(kept)
    return redirect(goal or "/", HTTPStatus.SEE_OTHER)


@accounts.post("/sign-out")
@signed_in
def sign_out() -> Response:
    end_sign_in()
    return redirect(url_for("accounts.sign_in"), HTTPStatus.SEE_OTHER)


@accounts.route("/forgotten", methods=["GET", "POST"])
@anyone
def forgotten() -> Answer:
    """Answers alike, and does the same work, whether the address has an account or not."""
    form = ForgottenForm()
    if request.method == "GET" or not sends_mail():
        return render("accounts/forgotten.html", form=form, sends_mail=sends_mail(), is_sent=False)
    if not form.validate():
        return render("accounts/forgotten.html", form=form, sends_mail=True, is_sent=False), 422
    email, now = normal_email(form.email.data or ""), clock.now()
    try:
        with ASKING_FOR_A_LINK.attempt(email), writing():
            subject = f"address {token_digest(email)[:16]}"
            audit.record("person.link_asked", subject, actor_id=None, at=now)
            person = User.with_email(email)
            if person is not None and person.is_active:
                AccessLink.issue(person, by=None, now=now).promise_mail(now)
    except TooManyTries as refusal:
        form.email.errors = [str(refusal)]
        page = render("accounts/forgotten.html", form=form, sends_mail=True, is_sent=False)
        return page, HTTPStatus.TOO_MANY_REQUESTS, refusal.headers
    return render("accounts/forgotten.html", form=form, sends_mail=True, is_sent=True)


@accounts.route("/links/<token>", methods=["GET", "POST"])
@anyone
def use_link(token: str) -> Answer:
    """Opening a link changes nothing, for mail scanners open links too; choosing a password uses it."""
    link = AccessLink.find(token, clock.now())
    if link is None:
        return render("accounts/link_over.html", sends_mail=sends_mail()), HTTPStatus.GONE
    form = ChoosePasswordForm(link.user)
    if not form.validate_on_submit():
        is_invitation = link.purpose is LinkPurpose.INVITATION
        page = render(
            "accounts/choose_password.html", form=form, person=link.user, is_invitation=is_invitation
        )
        return page, 422 if form.errors else 200
    between_transactions()
    password_hash = hash_password(form.new_password.data or "")
    with writing():
        link = AccessLink.find(token, clock.now(), lock=True)
        if link is None:
            abort(HTTPStatus.GONE)
        link.use(password_hash, now=clock.now())
    begin_sign_in(link.user)
    flash(_("Your password is set."))
    return redirect("/", HTTPStatus.SEE_OTHER)


def _sign_in_page(form: SignInForm) -> str:
    return render("accounts/sign_in.html", form=form, kept=words_carried())


def _refusal(left: int, known: User | None) -> str:
    """Who gave the right password of a closed account is told so; everybody else hears the same sentence."""
    if known is not None:
        return _("This account is deactivated. An admin can open it again.")
    refusal = _("The e-mail address or the password is not right.")
    if left > FEW_LEFT:
        return refusal
    rest = (
        ngettext(
            "%(num)d more try, then a quarter of an hour of waiting.",
            "%(num)d more tries, then a quarter of an hour of waiting.",
            left,
        )
        if left
        else _("The next try is heard in a quarter of an hour.")
    )
    return f"{refusal} {rest}"


def _make_wait(form: SignInForm, refusal: TooManyTries) -> Answer:
    current_app.logger.warning("sign-in throttled: %r from %s", form.email.data, request.remote_addr)
    form.password.errors = [str(refusal)]
    return _sign_in_page(form), HTTPStatus.TOO_MANY_REQUESTS, refusal.headers
