"""What a person may send about accounts, checked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from salesboard.accounts.rules import LONGEST_PASSWORD


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(
        _l("E-mail"), validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=254)]
    )
    password = PasswordField(
        _l("Password"), validators=[InputRequired(_l("Enter your password.")), Length(max=LONGEST_PASSWORD)]
    )
