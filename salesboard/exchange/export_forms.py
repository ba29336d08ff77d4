"""What a person asks to take out."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError

from salesboard.errors import Refused
from salesboard.exchange.export_asked import (
    EVERYTHING,
    OF_IMPORT,
    OF_SHEET,
    TABLE_FORMS,
    import_asked,
    wish_for,
    without_columns,
)
from salesboard.exchange.export_models import Asked, Form
from salesboard.exchange.export_sheets import OWN_SHEETS
from salesboard.exchange.queries import imports_done
from salesboard.exchange.wording import FORM_NAMES, KIND_NAMES
from salesboard.fields import PageForm, at_most, choices_of, refuse_unwritable

LONGEST_QUERY = 2_000


class ExportForm(PageForm):
    """Which list, sheet or archive, in which form; `query` where a list's page asks for what it shows."""

    what = SelectField(
        _l("What"), validators=[InputRequired(_l("Choose what to export."))], validate_choice=False
    )
    form = RadioField(
        _l("Format"),
        coerce=Form,
        choices=choices_of({form: FORM_NAMES[form] for form in TABLE_FORMS}),
        default=Form.XLSX,
        validators=[InputRequired(_l("Choose one."))],
    )
    query = HiddenField(validators=[at_most(LONGEST_QUERY)])
    as_shown = BooleanField(_l("Only the columns of this list"))
    """The columns that the query names, in their order; else all, as an import reads them."""

    def __init__(self, *, takes_everything: bool, **options: Any) -> None:
        """Only who sees everything is offered everything."""
        super().__init__(**options)
        lists = [(kind.value, name) for kind, name in KIND_NAMES.items()]
        sheets = [(OF_SHEET + name, name) for name in OWN_SHEETS]
        self.what.choices = {_("Lists"): lists, _("Your own sheets"): sheets}
        if brought := [(f"{OF_IMPORT}{each.id}", f"{each.file_name} · {each.id}") for each in imports_done()]:
            self.what.choices[_("As they came in: files of imports")] = brought
        if takes_everything:
            self.what.choices[_("All records")] = [(EVERYTHING, _("Everything, as one archive"))]

    def validate_what(self, field: SelectField) -> None:
        """What is offered; an import that is no longer offered, too."""
        offered = {code for group in field.choices.values() for code, _name in group}
        if field.data not in offered and import_asked(field.data or "") is None:
            raise ValidationError(_("Choose what to export."))

    def validate_query(self, field: HiddenField) -> None:
        refuse_unwritable(field.data or "")

    def wish(self, locale: str, timezone: str) -> Asked | None:
        """What was asked for; None, with the reason beside the field, where there is no such thing in this form."""
        form = Form.ZIP if self.what.data == EVERYTHING else self.form.data
        try:
            query = self.query.data if self.as_shown.data else without_columns(self.query.data)
            return wish_for(self.what.data, form, query, locale, timezone)
        except Refused as refusal:
            self.form.errors = [*self.form.errors, str(refusal)]
            return None
