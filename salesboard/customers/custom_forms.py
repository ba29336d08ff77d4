"""What the admin may send about custom fields, and the fields themselves as parts of a customer's or deal's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from salesboard.customers.custom_fields import CustomField, fields_of
from salesboard.customers.custom_rules import (
    LONGEST_CHOICE,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CHOICES,
    FieldKind,
    FieldShape,
    Subject,
    tidy_choices,
)
from salesboard.customers.custom_values import own_name, read_value, settled, values_of
from salesboard.customers.custom_wording import ANSWER_NAMES, KIND_NAMES, SUBJECT_NAMES, shown
from salesboard.errors import Refused
from salesboard.fields import Day, Line, PageForm, Words, at_most, choices_of

OWN_FIELDS = "x-"
"""Before the names of custom fields in a form: x-12."""


class FieldForm(PageForm):
    """What may change about a field. Its choices have a line each: other words for one are its new name, an empty
    line takes it off the offer."""

    name = Line(_l("Field name"), validators=[DataRequired(_l("Name the field.")), at_most(LONGEST_NAME)])
    is_required = BooleanField(_l("Has to be filled in"))
    is_listed = BooleanField(_l("Shown in lists"))
    choices = Words(_l("Choices, one a line"), validators=[at_most(MOST_CHOICES * (LONGEST_CHOICE + 1))])

    def validate_choices(self, field: Words) -> None:
        said = tidy_choices((field.data or "").splitlines())
        if any(len(words) > LONGEST_CHOICE for words in said):
            raise ValidationError(_("A choice has at most %(max)d characters.", max=LONGEST_CHOICE))
        if len(said) > MOST_CHOICES:
            raise ValidationError(_("At most %(max)d choices.", max=MOST_CHOICES))

    @property
    def said_choices(self) -> list[str]:
        return tidy_choices((self.choices.data or "").splitlines())


class NewFieldForm(FieldForm):
    """A field that is not there yet: whose it is and what it holds are settled once and for all."""

    subject = RadioField(
        _l("Belongs to"),
        coerce=Subject,
        choices=choices_of(SUBJECT_NAMES),
        default=Subject.CUSTOMER,
        validators=[InputRequired(_l("Choose one."))],
    )
    kind = RadioField(
        _l("Holds"),
        coerce=FieldKind,
        choices=choices_of(KIND_NAMES),
        default=FieldKind.TEXT,
        validators=[InputRequired(_l("Choose one."))],
    )


class ChoicesForm(FieldForm):
    """A field with choices: each has a line, and `choices` are more of them."""

    def __init__(self, field: CustomField, **options: Any) -> None:
        super().__init__(obj=_Facts(field), **options)
        self.choices.label.text = _("Further choices, one a line")
        self.kept = [(old, self._fields[f"choice-{place}"]) for place, old in enumerate(field.choices)]

    @classmethod
    def of(cls, field: CustomField) -> ChoicesForm:
        """The form with a line for each choice there is."""
        lines = {
            f"choice-{place}": Line(
                _("Choice %(number)d", number=place + 1), default=words, validators=[at_most(LONGEST_CHOICE)]
            )
            for place, words in enumerate(field.choices)
        }
        return type("ChoicesOfField", (cls,), lines)(field)

    @property
    def renamed(self) -> dict[str, str]:
        """Old words and new ones, of those that stay on offer."""
        pairs = ((old, " ".join((line.data or "").split())) for old, line in self.kept)
        return {old: new for old, new in pairs if new}

    @property
    def said_choices(self) -> list[str]:
        return tidy_choices([*self.renamed.values(), *(self.choices.data or "").splitlines()])


class _Facts:
    """A field without its choices, which have their own lines."""

    def __init__(self, field: CustomField) -> None:
        self.name, self.is_required, self.is_listed = field.name, field.is_required, field.is_listed


def field_form(field: CustomField) -> FieldForm:
    """The form of a field that is there."""
    return ChoicesForm.of(field) if field.kind is FieldKind.CHOICE else FieldForm(obj=_Facts(field))


class OwnFields:
    """The custom fields as a part of a customer's or deal's form, with what stands in them."""

    def __init__(
        self,
        fields: Sequence[FieldShape],
        values: Mapping[int, str] | None = None,
        *,
        prefix: str = OWN_FIELDS,
    ) -> None:
        self.shapes, self.stood, values = fields, values or {}, values or {}
        made = {str(field.id): _form_field(field, values.get(field.id, "")) for field in fields}
        kept = {str(field.id): _field_data(field, values.get(field.id, "")) for field in fields}
        self.form = type("OwnFieldsForm", (PageForm,), made)(prefix=prefix, data=kept)

    def __iter__(self) -> Iterator[tuple[FieldShape, Field]]:
        for shape in self.shapes:
            yield shape, self.form[str(shape.id)]

    def stands(self, shape: FieldShape) -> str:
        """What stood in a field when the form was made, as pages show it."""
        return shown(shape, self.stood.get(shape.id))

    def __bool__(self) -> bool:
        return bool(self.shapes)

    @property
    def errors(self) -> dict[str, Any]:
        return dict(self.form.errors)

    def validate(self) -> bool:
        """Whether every field can be taken; each says beside itself why not."""
        verdicts = [self.form.validate()]
        for shape, field in self:
            if not field.errors and field.data not in (None, ""):
                verdicts.append(_reads(shape, field))
        return all(verdicts)

    def go_on_from(self, customer_id: int, version: int | None) -> None:
        """Lets the form be sent again on what the customer is now: what only others filled in is taken over."""
        said = {own_name(shape): field.data or None for shape, field in self if field.raw_data}
        theirs = settled(customer_id, said, version or 0).theirs
        stands = values_of(Subject.CUSTOMER, [customer_id]).get(customer_id, {})
        for shape, field in self:
            if own_name(shape) in theirs:
                field.raw_data = None
                field.process_data(_field_data(shape, stands.get(shape.id, "")))

    def values(self) -> dict[int, str]:
        """What was entered, canonical, by field; empty for an emptied one. Once it is valid.

        A field that was not sent, for the form was opened before there was one, is not emptied.
        """
        return {shape.id: _said(shape, field) for shape, field in self if field.raw_data}


def own_fields_of(subject: Subject, record_id: int | None = None) -> OwnFields:
    """The fields of a customer or deal, of a new one without an id, as a part of its form. Two SELECTs at most."""
    values = values_of(subject, [record_id]).get(record_id) if record_id is not None else None
    return OwnFields(fields_of(subject), values)


def _form_field(field: FieldShape, value: str) -> Any:
    rules: list[Any] = [InputRequired(_("Fill this in."))] if field.is_required else [Optional()]
    if field.kind is FieldKind.DATE:
        return Day(field.name, validators=rules)
    if field.kind is FieldKind.YES_NO:
        return SelectField(field.name, choices=choices_of(ANSWER_NAMES, blank="–"), validators=rules)
    if field.kind is FieldKind.CHOICE:
        offered = dict.fromkeys([*field.choices, *([value] if value else [])])
        options = choices_of({choice: choice for choice in offered}, blank="–")
        return SelectField(field.name, choices=options, validators=rules)
    return Line(field.name, validators=[*rules, at_most(LONGEST_TEXT)])


def _field_data(field: FieldShape, value: str) -> Any:
    if field.kind is FieldKind.DATE:
        with suppress(ValueError):
            return date.fromisoformat(value)
        return None
    return value


def _reads(shape: FieldShape, field: Field) -> bool:
    try:
        _said(shape, field)
    except Refused as refusal:
        field.errors = [str(refusal)]
        return False
    return True


def _said(shape: FieldShape, field: Field) -> str:
    """A choice was checked against what the form offered, which may be a choice that is offered no more."""
    typed = str(field.data) if field.data else ""
    return typed if shape.kind is FieldKind.CHOICE else read_value(shape, typed)
