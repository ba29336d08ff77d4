"""What a person may send about their own account, checked."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, ValidationError
from wtforms.widgets import EmailInput

from salesboard import clock
from salesboard.accounts.choices import LANGUAGES, currency_choices, theme_choices, zone_choices
from salesboard.accounts.emails import LONGEST_EMAIL, is_email
from salesboard.accounts.models import User
from salesboard.accounts.passwords import SHORTEST_PASSWORD, PasswordProblem, password_problem
from salesboard.fields import Line, PageForm, at_most
from salesboard.installation import installation

MOST_TYPED = 1024
"""Longer than any password that is taken: what is longer is refused before it is hashed."""


class EmailLine(Line):
    """An e-mail address."""

    widget = EmailInput()

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        if self.data and not is_email(self.data):
            raise ValidationError(_("Write the address as name@example.cn."))


class Secret(PasswordField):
    """A password: never cleaned, never sent back."""

    def pre_validate(self, form: object) -> None:
        if len(self.data or "") > MOST_TYPED:
            raise ValidationError(_("This is longer than any password here."))


def refuse_weak(password: str, *, email: str, name: str) -> None:
    """Raises ValidationError, saying what to do, for a password that this person should not take."""
    problem = password_problem(password, email=email, name=name)
    if problem is None:
        return
    texts = {
        PasswordProblem.TOO_SHORT: _(
            "%(count)d more characters: at least %(least)d are needed.",
            count=SHORTEST_PASSWORD - len(password),
            least=SHORTEST_PASSWORD,
        ),
        PasswordProblem.TOO_LONG: _("This is longer than any password here."),
        PasswordProblem.COMMON: _("Guessers try this one early. Take a few unrelated words."),
        PasswordProblem.PERSONAL: _("This is your own name or address. Take a few unrelated words."),
    }
    raise ValidationError(texts[problem])


class SignInForm(PageForm):
    email = Line(
        _l("E-mail"),
        widget=EmailInput(),
        validators=[DataRequired(_l("Enter your e-mail address.")), at_most(LONGEST_EMAIL)],
    )
    password = Secret(_l("Password"), validators=[InputRequired(_l("Enter your password."))])
    keep = BooleanField(_l("Stay signed in on this computer for 30 days"), default=True)


class ForgottenForm(PageForm):
    email = EmailLine(_l("E-mail"), validators=[DataRequired(_l("Enter your e-mail address."))])


class ChoosePasswordForm(PageForm):
    """For whoever came by a link."""

    new_password = Secret(_l("New password"), validators=[InputRequired(_l("Choose a password."))])

    def __init__(self, person: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._person = person

    def validate_new_password(self, field: Secret) -> None:
        refuse_weak(field.data, email=self._person.email, name=self._person.name)


class ChangePasswordForm(ChoosePasswordForm):
    """For whoever is signed in."""

    current_password = Secret(
        _l("Current password"), validators=[InputRequired(_l("Enter your current password."))]
    )


class AboutYouForm(PageForm):
    name = Line(_l("Name"), validators=[DataRequired(_l("Enter your name.")), at_most(80)])
    locale = RadioField(_l("Language"))
    timezone = SelectField(_l("Time zone"))
    theme = RadioField(_l("Appearance"))

    def __init__(self, person: User, **kwargs: Any) -> None:
        super().__init__(obj=person, **kwargs)
        zones = zone_choices(clock.now(), also=installation().timezone)
        here = next(zone.label for zone in zones if zone.value == installation().timezone)
        self.locale.choices = [SelectChoice("", _("As the browser")), *LANGUAGES]
        self.timezone.choices = [
            SelectChoice("", _("As the team: %(zone)s", zone=here)),
            *zone_choices(clock.now(), also=person.timezone),
        ]
        self.theme.choices = theme_choices()
        if not self.is_submitted():
            self.locale.data, self.timezone.data = person.locale or "", person.timezone or ""


class SetUpForm(PageForm):
    code = Line(
        _l("The code of eight characters that the terminal printed"),
        validators=[DataRequired(_l("Enter the code.")), at_most(40)],
    )
    name = Line(_l("Name"), validators=[DataRequired(_l("Enter your name.")), at_most(80)])
    email = EmailLine(_l("E-mail"), validators=[DataRequired(_l("Enter your e-mail address."))])
    password = Secret(_l("Password"), validators=[InputRequired(_l("Choose a password."))])
    password_again = Secret(
        _l("Once more"),
        validators=[
            InputRequired(_l("Type it once more.")),
            EqualTo("password", _l("The two are not the same.")),
        ],
    )
    team_name = Line(_l("Team name"), validators=[DataRequired(_l("Name the team.")), at_most(80)])
    currency = SelectField(_l("Currency"))
    timezone = SelectField(_l("Time zone"))
    locale = RadioField(_l("Language"), choices=LANGUAGES)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        here = installation()
        self.currency.choices = currency_choices(also=here.currency)
        self.timezone.choices = zone_choices(clock.now(), also=here.timezone)

    def validate_password(self, field: Secret) -> None:
        refuse_weak(field.data, email=self.email.data or "", name=self.name.data or "")
