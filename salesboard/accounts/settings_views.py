"""One's own settings: name, language, time zone, appearance, password, and the browsers signed in."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import signed_in
from salesboard.accounts.blueprint import accounts
from salesboard.accounts.forms import AboutYouForm, ChangePasswordForm
from salesboard.accounts.models import SignIn
from salesboard.accounts.passwords import hash_password
from salesboard.accounts.rules import Theme
from salesboard.accounts.signing import between_transactions, current_sign_in, who_signs_in
from salesboard.accounts.throttling import TooManyTries
from salesboard.config import LOCALES
from salesboard.database import db, writing
from salesboard.errors import Invalid
from salesboard.web import found, is_fragment_request, render, safe_next


@accounts.route("/settings", methods=["GET", "POST"])
@signed_in
def settings() -> Response | tuple[str, int]:
    form = AboutYouForm(current_user)
    if not form.validate_on_submit():
        return _settings_page(form=form), 422 if form.is_submitted() else 200
    with writing():
        current_user.describe_oneself(
            name=form.name.data or "",
            locale=form.locale.data or None,
            timezone=form.timezone.data or None,
            theme=Theme(form.theme.data),
            now=clock.now(),
        )
    flash(_("Saved."))
    return redirect(url_for("accounts.settings"), HTTPStatus.SEE_OTHER)


@accounts.post("/settings/password")
@signed_in
def change_password() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    form = ChangePasswordForm(current_user)
    if not form.validate():
        return _settings_page(password_form=form), 422
    try:
        person, _left = who_signs_in(current_user.email, form.current_password.data or "")
    except TooManyTries as refusal:
        form.current_password.errors = [str(refusal)]
        return _settings_page(password_form=form), HTTPStatus.TOO_MANY_REQUESTS, refusal.headers
    if person is None:
        form.current_password.errors = [_("This is not your current password.")]
        return _settings_page(password_form=form), 422
    between_transactions()
    password_hash = hash_password(form.new_password.data or "")
    with writing():
        person.set_password(password_hash, by=None, now=clock.now(), keep=current_sign_in())
    flash(_("Your password is changed; every other browser is signed out."))
    return redirect(url_for("accounts.settings"), HTTPStatus.SEE_OTHER)


@accounts.post("/settings/appearance")
@signed_in
def appearance() -> Response:
    """The two switches of the menu above: light or dark, and the language. Each is sent alone."""
    theme, locale = request.form.get("theme"), request.form.get("locale")
    if theme not in list(Theme) and locale not in LOCALES:
        raise Invalid({"theme": _("This choice is not known.")})
    with writing():
        if theme in list(Theme):
            current_user.theme = Theme(theme)
        if locale in LOCALES:
            current_user.locale = locale
    if is_fragment_request():
        return Response(status=HTTPStatus.NO_CONTENT)
    return redirect(safe_next(request.form.get("next")) or "/", HTTPStatus.SEE_OTHER)


@accounts.get("/settings/sessions")
@signed_in
def sessions() -> str:
    sign_ins = SignIn.open_ones(current_user, clock.now())
    return render("accounts/sessions.html", sign_ins=sign_ins, current_id=current_sign_in().id)


@accounts.post("/settings/sessions/<int(max=2147483647):sign_in_id>/end")
@signed_in
def end_session(sign_in_id: int) -> Response:
    own = select(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == current_user.id)
    with writing():
        found(db.session.scalar(own)).end(clock.now())
    flash(_("That browser is signed out."))
    return redirect(url_for("accounts.sessions"), HTTPStatus.SEE_OTHER)


@accounts.post("/settings/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    with writing():
        current_user.sign_out_elsewhere(clock.now(), keep=current_sign_in())
    flash(_("Every other browser is signed out."))
    return redirect(url_for("accounts.sessions"), HTTPStatus.SEE_OTHER)


def _settings_page(form: AboutYouForm | None = None, password_form: ChangePasswordForm | None = None) -> str:
    """The page has two forms: the one that was sent shows what was typed, the other what is kept."""
    return render(
        "accounts/settings.html",
        form=form or AboutYouForm(current_user, formdata=None),
        password_form=password_form or ChangePasswordForm(current_user, formdata=None),
    )
