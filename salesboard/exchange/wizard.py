"""What a person says on the page of a trial run: read from the form into what the import keeps (`Import.options`)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.validators import ValidationError

from salesboard.accounts.models import User
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import LONGEST_NAME as LONGEST_FIELD
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.errors import Invalid
from salesboard.exchange.columns import Sure
from salesboard.exchange.fields import BY_KEY, OWN, Kind, field_of
from salesboard.exchange.heads import HEAD_WITHIN
from salesboard.exchange.models import Import, OnDuplicate
from salesboard.exchange.words import WORDS_OF
from salesboard.fields import refuse_unwritable

Sent = MultiDict[str, str]
NEW_PERSON = "new"
LONGEST_NAME = BY_KEY["customer.name"].longest
AS_USUAL = "usual"
NEW_FIELD = "new:"
"""Before what a new field of the installation's own is of."""


class Wizard:
    """Reads what was sent. `options` are those of the import as they are now meant, `errors` what is wrong, by the name
    of the control. What was not sent stays as it was. `new_fields` are to be added first: sheet, column, what of and
    its kind."""

    def __init__(
        self, found: Import, heirs: list[User], sent: Sent, *, may_invite: bool, may_add_fields: bool
    ) -> None:
        self.options: dict[str, Any] = deepcopy(found.options)
        self.errors: dict[str, str] = {}
        self.new_fields: list[tuple[str, int, Subject, FieldKind]] = []
        self._may_add_fields = may_add_fields
        self._found = found
        self._heirs = {str(heir.id): heir.id for heir in heirs}
        self._may_invite = may_invite
        self._read_sheets(sent)
        self._read_words(sent)
        self._read_people(sent)
        self._read_rows(sent)

    @property
    def is_changed(self) -> bool:
        return self.options != self._found.options

    def _read_sheets(self, sent: Sent) -> None:
        if "sheets" in sent:
            wanted = set(sent.getlist("read"))
            for index, sheet in enumerate(self._found.sheets):
                if (str(index) in wanted) != bool(sheet["columns"]):
                    self._said_of(sheet)["is_read"] = str(index) in wanted
        at = sent.get("at", "")
        if at.isascii() and at.isdecimal() and int(at) < len(self._found.sheets):
            self._read_sheet(self._found.sheets[int(at)], sent)

    def _read_sheet(self, sheet: dict[str, Any], sent: Sent) -> None:
        if not sheet["columns"]:
            return
        if sent.get("anew"):
            said = {"is_anew": True} if sheet["remembered"] else {}
            self.options.setdefault("sheets", {})[sheet["name"]] = said
            return
        if self._is_elsewhere(sheet, sent):
            return
        kind = sent.get("kind", sheet["kind"])
        if kind not in set(Kind):
            self.errors["kind"] = _("Choose one.")
        elif kind != sheet["kind"]:
            self._said_of(sheet)["kind"] = kind
        self._read_customer(sheet, sent)
        self._read_columns(sheet, sent)

    def _read_customer(self, sheet: dict[str, Any], sent: Sent) -> None:
        """Whose the rows are that name nobody."""
        before = self.options.get("sheets", {}).get(sheet["name"], {}).get("customer", "")
        name = " ".join(sent.get("customer", before).split())
        try:
            if len(name) > LONGEST_NAME:
                raise ValidationError(_("At most %(max)d characters.", max=LONGEST_NAME))
            refuse_unwritable(name)
        except ValidationError as refusal:
            self.errors["customer"] = str(refusal)
        else:
            if name != before:
                self._said_of(sheet)["customer"] = name

    def _is_elsewhere(self, sheet: dict[str, Any], sent: Sent) -> bool:
        """Whether the head stands in another row: then its columns are others."""
        row = sent.get("head_row", str(sheet["head_row"]))
        if not (row.isascii() and row.isdecimal() and 1 <= int(row) <= HEAD_WITHIN):
            self.errors["head_row"] = _("Write a number from 1 to %(most)s.", most=HEAD_WITHIN)
            return True
        if int(row) == sheet["head_row"]:
            return False
        self.options.setdefault("sheets", {})[sheet["name"]] = {"is_read": True, "head_row": int(row)}
        return True

    def _read_columns(self, sheet: dict[str, Any], sent: Sent) -> None:
        holds: dict[str, str] = {}
        for index, column in enumerate(sheet["columns"]):
            name = f"column-{index}"
            if name not in sent or column["sure"] == Sure.PRIVATE:
                continue
            if self._may_add_fields and (new := _new_field_of(sent[name])):
                self.new_fields.append((sheet["name"], index, *new))
                continue
            keys = keys_in(sent[name])
            known = [field_of(key) for key in keys]
            if None in known:
                self.errors[name] = _("Choose one.")
                continue
            for field in filter(None, known):
                if field.key in holds and not field.is_channel and keys != column["fields"]:
                    self.errors[name] = _("%(column)s holds this already.", column=holds[field.key])
                holds.setdefault(field.key, column["head"])
            if keys != column["fields"]:
                self._said_of(sheet).setdefault("columns", {})[str(index)] = keys

    def add_fields(self, by: User, now: datetime) -> None:
        """Adds the new fields, each called like its column. Raises Invalid, with the reason among the `errors`."""
        heads = {sheet["name"]: sheet["columns"] for sheet in self._found.sheets}
        for sheet, index, subject, kind in self.new_fields:
            column = heads[sheet][index]
            try:
                name = _fit_for_field(column["head"])
                choices = column.get("choices", ())
                field = CustomField.add(subject, name, kind, choices=choices, by=by, now=now)
            except Invalid as refusal:
                self.errors[f"column-{index}"] = next(iter(refusal.errors.values()))
                raise
            columns = self._said_of({"name": sheet}).setdefault("columns", {})
            columns[str(index)] = [f"{subject}.{OWN}{field.name}"]

    def _said_of(self, sheet: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = self.options.setdefault("sheets", {}).setdefault(sheet["name"], {})
        return said

    def _read_words(self, sent: Sent) -> None:
        """A word that is left as it was understood needs no saying."""
        said = {(word["field"], word["said"]): word["ours"] for word in self.options.get("words", ())}
        for word in self._found.words:
            name = f"word-{word['field']}-{word['said']}"
            ours = sent.get(name)
            if ours is None or ours == (word["ours"] or ""):
                continue
            if ours and ours not in meanings_of(word["field"]):
                self.errors[name] = _("Choose one.")
                continue
            said.pop((word["field"], word["said"]), None)
            if ours:
                said[word["field"], word["said"]] = ours
        if said or "words" in self.options:
            self.options["words"] = [
                {"field": field, "said": theirs, "ours": ours} for (field, theirs), ours in said.items()
            ]

    def _read_people(self, sent: Sent) -> None:
        """A name that is left as it was understood needs no saying."""
        said: dict[str, int | None] = dict(self.options.get("people", {}))
        for each in self._found.people:
            name = f"person-{each['name']}"
            meant = sent.get(name)
            if meant is None or meant == person_shown(each):
                continue
            if meant == "":
                said.pop(each["name"], None)
            elif meant == NEW_PERSON and self._may_invite:
                said[each["name"]] = None
            elif meant in self._heirs:
                said[each["name"]] = self._heirs[meant]
            else:
                self.errors[name] = _("Choose one.")
        if said or "people" in self.options:
            self.options["people"] = said

    def _read_rows(self, sent: Sent) -> None:
        for name, choice in sent.items():
            place = name.removeprefix("row-").split("-")
            if not name.startswith("row-") or len(place) != 2 or not all(map(_is_count, place)):
                continue
            index, row = int(place[0]), str(int(place[1]))
            if index >= len(self._found.sheets) or not choice:
                continue
            if choice != AS_USUAL and choice not in set(OnDuplicate):
                self.errors[name] = _("Choose one.")
                continue
            sheet = self._found.sheets[index]["name"]
            rows = self.options.setdefault("rows", {})
            if choice == AS_USUAL:
                rows.get(sheet, {}).pop(row, None)
            else:
                rows.setdefault(sheet, {})[row] = choice


def _fit_for_field(head: str) -> str:
    """A head as the name of a field. Raises Invalid for one that is none."""
    if not head:
        raise Invalid({"name": _("Write a name.")})
    if len(head) > LONGEST_FIELD:
        raise Invalid({"name": _("At most %(max)d characters.", max=LONGEST_FIELD)})
    try:
        refuse_unwritable(head)
    except ValidationError as refusal:
        raise Invalid({"name": str(refusal)}) from None
    return head


def _new_field_of(value: str) -> tuple[Subject, FieldKind] | None:
    """What a column's control says of a new field: `new:deal`, of text, or `new:deal:number`."""
    of, _colon, kind = value.removeprefix(NEW_FIELD).partition(":")
    if not value.startswith(NEW_FIELD) or of not in set(Subject) or kind not in {"", *FieldKind}:
        return None
    return Subject(of), FieldKind(kind or FieldKind.TEXT)


def keys_in(value: str) -> list[str]:
    """The fields that a column's control names: one, several parted by commas, or none."""
    return [value] if field_of(value) else [key for key in value.split(",") if key]


def meanings_of(key: str) -> tuple[str, ...]:
    """The codes that a word of this field can stand for."""
    reads = BY_KEY[key].reads if key in BY_KEY else None
    return tuple(code.value for code in WORDS_OF.get(reads, ())) if reads is not None else ()


def person_shown(each: Mapping[str, Any]) -> str:
    """What the page chooses for a name."""
    if each["is_new"]:
        return NEW_PERSON
    return str(each["person"] or "")


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 8
