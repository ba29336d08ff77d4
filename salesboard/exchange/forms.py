"""What a person says about a file: which one, and how its rows are to be treated."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError

from salesboard.accounts.models import User
from salesboard.exchange.models import Import, OnDuplicate, Owners
from salesboard.exchange.said import PAGE
from salesboard.exchange.uploads import label_of
from salesboard.exchange.wizard import Sent, Wizard
from salesboard.exchange.wording import (
    ENCODING_NAMES,
    ON_DUPLICATE_NAMES,
    OWNERS_NAMES,
    SEPARATOR_CODES,
    SEPARATOR_NAMES,
)
from salesboard.fields import PageForm, choices_of


class OptionsForm(PageForm):
    """How the rows of a file are to be treated. Who brings only their own records is not asked about owners."""

    on_duplicate = RadioField(
        _l("What is here already"),
        coerce=OnDuplicate,
        choices=choices_of(ON_DUPLICATE_NAMES),
        default=OnDuplicate.SKIP,
        validators=[InputRequired(_l("Choose one."))],
    )
    owners = RadioField(
        _l("Owners whom nobody here knows"),
        coerce=Owners,
        choices=choices_of(OWNERS_NAMES),
        default=Owners.MATCH,
        validators=[InputRequired(_l("Choose one."))],
    )
    fallback_owner = SelectField(_l("Who gets what the file gives to nobody"))
    encoding = SelectField(_l("Encoding of a text file"), choices=choices_of(ENCODING_NAMES))
    separator = SelectField(_l("What parts the cells of a text file"), choices=choices_of(SEPARATOR_NAMES))

    def __init__(self, heirs: list[User], *, is_leaders: bool, **options: Any) -> None:
        """`heirs` are those to whom the person may give records; only leaders have others' brought in."""
        super().__init__(**options)
        self._heirs = {str(heir.id): heir for heir in heirs}
        self.fallback_owner.choices = [(key, heir.name) for key, heir in self._heirs.items()]
        if not is_leaders:
            del self.owners, self.fallback_owner
        elif len(heirs) == 1 and not self.is_submitted():
            self.owners.data = Owners.CREATE  # nobody else is here yet: the file brings the team

    @property
    def heirs(self) -> list[User]:
        """Those whom a name of the file may mean."""
        return list(self._heirs.values())

    def filled_from(self, found: Import) -> None:
        """Shows the options of an import, where nothing was sent."""
        if self.is_submitted():
            return
        self.on_duplicate.data = found.on_duplicate
        self.encoding.data = found.options.get("encoding") or ""
        self.separator.data = SEPARATOR_CODES.get(found.options.get("separator") or "", "")
        if "owners" in self:
            self.owners.data = found.owners
            self.fallback_owner.data = str(found.fallback_owner_id or found.requested_by_id or "")

    def chosen(self) -> dict[str, Any]:
        """As `Import.begin` and `try_otherwise` take it."""
        return {
            "options": {**PAGE, "encoding": self.encoding.data or None, "separator": self.chosen_separator},
            "on_duplicate": self.on_duplicate.data,
            "owners": self.owners.data if "owners" in self else Owners.MATCH,
            "fallback_owner": self._heirs[self.fallback_owner.data] if "owners" in self else None,
        }

    @property
    def chosen_separator(self) -> str | None:
        return next((sign for sign, code in SEPARATOR_CODES.items() if code == self.separator.data), None)


class TrialForm(OptionsForm):
    """What a trial run was told, and what its page says otherwise."""

    wizard: Wizard

    def read_page(self, found: Import, sent: Sent, *, may_add_fields: bool) -> None:
        """Reads the rest of the page: `wizard`."""
        people, leads = (list(self._heirs.values()), True) if "owners" in self else ([], False)
        self.wizard = Wizard(found, people, sent, may_invite=leads, may_add_fields=may_add_fields)

    def chosen(self) -> dict[str, Any]:
        chosen = super().chosen()
        return chosen | {"options": self.wizard.options | chosen["options"]}

    def changes(self, found: Import) -> bool:
        """Whether another trial run is asked for."""
        if self.wizard.new_fields:
            return True
        chosen = self.chosen()
        if (
            _said(chosen["options"]) != _said(found.options)
            or chosen["on_duplicate"] is not found.on_duplicate
        ):
            return True
        heir = chosen["fallback_owner"]
        return heir is not None and (
            chosen["owners"] is not found.owners
            or heir.id != (found.fallback_owner_id or found.requested_by_id)
        )


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing, and without where it was said."""
    return {name: said for name, said in options.items() if said and name not in PAGE}


class UploadForm(OptionsForm):
    """A file, and how its rows are to be treated."""

    file = FileField(_l("File"))

    def validate_file(self, field: FileField) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("Choose a file."))

    @property
    def file_name(self) -> str:
        return label_of(self.file.data.filename) or _("file")
