"""What a person may send about a saved view, checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import DataRequired, ValidationError

from salesboard.addresses import asked_id, plain_query
from salesboard.customers.saved import LONGEST_NAME, LONGEST_QUERY
from salesboard.customers.selection import way_asked
from salesboard.fields import Line, PageForm, at_most, choices_of, refuse_unwritable


class SavedViewForm(PageForm):
    """A name, with whom the view is shared, and whether one's list opens with it."""

    name = Line(
        _l("Name of the view"), validators=[DataRequired(_l("Give the view a name.")), at_most(LONGEST_NAME)]
    )
    team = SelectField(_l("Who sees it"), filters=[lambda chosen: chosen or ""])
    is_default = BooleanField(_l("Open the list with this view"))
    query = HiddenField()

    def offer(self, teams: Iterable[Any]) -> None:
        """The teams that the view may be shared with."""
        self.team.choices = choices_of({str(team.id): team.name for team in teams}, blank=_l("Only me"))

    @property
    def team_id(self) -> int | None:
        return asked_id(self.team.data or "")

    def validate_query(self, field: HiddenField) -> None:
        told = field.data or ""
        refuse_unwritable(told)
        if len(told) > LONGEST_QUERY:
            raise ValidationError(_("There are too many filters for a view."))
        field.data = query = plain_query(told)
        if query is None:
            raise ValidationError(_("There are too many filters for a view."))
        if any(way_asked(text.strip()) for text in parse_qs(query).get("q", ())):
            raise ValidationError(
                _("A view keeps no telephone number or e-mail address. Take it out of the search first.")
            )
