"""What a person may send about a document, checked: its facts, and files that are what they seem."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from salesboard.deals.models import Deal
from salesboard.documents.rules import (
    LARGEST_FILE,
    MOST_FILES,
    DocumentKind,
    FileKind,
    file_label,
    fits,
    kind_of,
)
from salesboard.documents.wording import KIND_NAMES
from salesboard.fields import Amount, Day, Line, PageForm, Version, at_most, choices_of, refuse_unwritable

_MEGABYTE = 2**20


class _FactsForm(PageForm):
    """What is known about a document."""

    kind = RadioField(
        _l("Kind"),
        coerce=DocumentKind,
        choices=choices_of(KIND_NAMES),
        validators=[InputRequired(_l("Choose one."))],
    )
    day = Day(_l("Date"), validators=[InputRequired(_l("Write the date as 2026-05-31."))])
    amount = Amount(_l("Amount"), validators=[Optional()])
    name = Line(_l("Name of the document"), validators=[at_most(200)])


class _FilesForm(PageForm):
    """Files that come along. `taken` are those that were sent, each with its label and what it is."""

    files = MultipleFileField(_l("Files"))

    def validate_files(self, field: MultipleFileField) -> None:
        self.taken: list[tuple[FileStorage, str, FileKind, int]] = []
        sent = [file for file in field.data or [] if isinstance(file, FileStorage) and file.filename]
        if not sent:
            raise ValidationError(_("Choose a file."))
        if len(sent) > MOST_FILES:
            raise ValidationError(_("At most %(most)d files at a time.", most=MOST_FILES))
        for file in sent:
            self.taken.append(_checked(file))


class FilingForm(_FactsForm, _FilesForm):
    """A new document with its files."""

    deal = SelectField(_l("Belongs to"), validate_choice=True)

    def __init__(self, deals: Sequence[Deal], **options: Any) -> None:
        super().__init__(**options)
        self._deals = {deal.number: deal for deal in deals}
        self.deal.choices = [
            ("", _("The customer as a whole")),
            *((each.number, each.name) for each in deals),
        ]

    @property
    def chosen_deal(self) -> Deal | None:
        return self._deals.get(self.deal.data or "")


class RevisionForm(_FactsForm):
    """Other facts of a document that is there."""

    version = Version()


class EditionForm(_FilesForm):
    """The files of a newer version."""

    version = Version()


class RemovalForm(PageForm):
    version = Version()


def _checked(file: FileStorage) -> tuple[FileStorage, str, FileKind, int]:
    """Raises ValidationError, naming the file, for one that is empty, too large, or not what its name says."""
    label = file_label(file.filename or "")
    refuse_unwritable(label)
    size = file.stream.seek(0, io.SEEK_END)
    file.stream.seek(0)
    if not size:
        raise ValidationError(_("%(file)s is empty.", file=label))
    if size > LARGEST_FILE:
        raise ValidationError(
            _("%(file)s is larger than %(limit)d MB.", file=label, limit=LARGEST_FILE // _MEGABYTE)
        )
    kind = kind_of(file.stream)
    if kind is None:
        raise ValidationError(
            _("%(file)s is not taken: only PDF, pictures, office files, text and archives are.", file=label)
        )
    if not fits(label, kind):
        raise ValidationError(
            _("%(file)s is not what its ending says: its content belongs to %(endings)s.",
              file=label, endings=", ".join(kind.endings))
        )  # fmt: skip
    return file, label, kind, size
