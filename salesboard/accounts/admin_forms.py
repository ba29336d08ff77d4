"""What an admin may send about people and teams, checked."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from salesboard.access import Role
from salesboard.accounts.choices import role_choices
from salesboard.accounts.forms import EmailLine
from salesboard.accounts.models import Team, User
from salesboard.fields import Line, PageForm, at_most


class TeamsField(SelectMultipleField):
    """Teams as boxes; `chosen` are those that were ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offer(self, teams: list[Team]) -> None:
        self._teams = {str(team.id): team for team in teams}
        self.choices = [SelectChoice(key, team.name) for key, team in self._teams.items()]

    @property
    def chosen(self) -> list[Team]:
        return [self._teams[key] for key in self.data or []]


class PersonForm(PageForm):
    """An invitation, or what the admin changes about a person."""

    name = Line(_l("Name"), validators=[DataRequired(_l("Enter a name.")), at_most(80)])
    email = EmailLine(_l("E-mail"), validators=[DataRequired(_l("Enter an e-mail address."))])
    role = RadioField(_l("Role"), default=str(Role.REP), validators=[InputRequired(_l("Choose a role."))])
    teams = TeamsField(_l("Teams"))

    def __init__(self, teams: list[Team], person: User | None = None, **kwargs: Any) -> None:
        kept = _facts(person) if person is not None else {}
        super().__init__(data=kept, **kwargs)
        self.role.choices = role_choices()
        self.teams.offer(teams)


class TeamForm(PageForm):
    name = Line(_l("Team name"), validators=[DataRequired(_l("Name the team.")), at_most(80)])


def _facts(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "role": str(person.role),
        "teams": [str(team.id) for team in person.teams],
    }
