"""Why a file, a row or a value was not taken: a code, what it is about, and the sentence for the person.

A reason is kept as its code and parameters (`packed`), so that it is stored with an import and read in anybody's
language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString, force_locale, get_locale, gettext
from flask_babel import lazy_gettext as _l

from salesboard.errors import Refused

FILE_MESSAGES = {
    "empty": _l("The file is empty."),
    "nothing_in_it": _l("There is nothing in this workbook to read."),
    "too_big": _l("The file is larger than %(limit)s MB."),
    "unpacks_too_big": _l("The file would unpack to more than %(limit)s MB. It was not opened."),
    "too_many_parts": _l("The file is made of more than %(limit)s parts. It was not opened."),
    "packed_falsely": _l("The file unpacks to more than it declares. It was not opened."),
    "broken": _l(
        "The file is damaged or incomplete. Open it in its own program, save it again and try once more."
    ),
    "protected": _l("The file is protected by a password. Save a copy without the password and try again."),
    "wrong_name": _l(
        "The file is named %(named)s, but its content is %(really)s. Check that it is the right file, and give it "
        "the right ending."
    ),
    "not_a_table": _l("The file is %(really)s, not a spreadsheet."),
    "web_page": _l(
        "The file is a web page or XML, not a spreadsheet. Open it in your spreadsheet program and save it as .xlsx."
    ),
    "other_workbook": _l(
        "Workbooks of this kind (%(really)s) cannot be read. Save the file as .xlsx and try again."
    ),
    "has_dtd": _l("The workbook contains definitions that spreadsheets never need. It was not opened."),
    "beyond_excel": _l("A sheet has cells outside what a spreadsheet can hold (%(place)s)."),
    "too_many_rows": _l("A sheet has more than %(limit)s rows. Split the file and import the parts."),
    "too_many_columns": _l("A sheet has more than %(limit)s columns."),
    "too_many_cells": _l(
        "The sheets reach over more than %(limit)s cells. Delete stray cells far from the table."
    ),
    "not_text": _l("The file is neither a workbook nor text."),
    "unknown_encoding": _l("There is no text encoding named %(encoding)s."),
    "wrong_encoding": _l("The text cannot be read as %(encoding)s. Choose the encoding it was saved in."),
    "open_quote": _l("A quotation mark opened before row %(row)s is never closed."),
    "no_such_sheet": _l("There is no sheet named %(sheet)s. The file has: %(sheets)s."),
    "no_head_row": _l("No column of the sheet %(sheet)s could be recognised. Say what its columns hold."),
    "no_rows": _l("Below the head of the sheet %(sheet)s there are no rows to bring in."),
    "no_required_column": _l("No column of the sheet %(sheet)s holds this: %(field)s."),
    "no_such_column": _l("There is no column named %(column)s. The sheet has: %(columns)s."),
    "no_such_field": _l("There is no field named %(field)s."),
    "unreadable_option": _l("“%(option)s” should read %(form)s."),
}
ROW_MESSAGES = {
    "missing": _l("%(field)s is empty."),
    "too_long": _l("%(column)s has %(length)s characters; %(limit)s are possible."),
    "unreadable": _l("%(column)s: %(why)s"),
    "private_number": _l(
        "%(column)s holds an identity-card or bank-card number. Such numbers are not to be recorded."
    ),
}
VALUE_MESSAGES = {
    "not_an_amount": _l("“%(value)s” is not an amount."),
    "negative_amount": _l("“%(value)s” is below zero."),
    "amount_too_large": _l("“%(value)s” is more than can be recorded."),
    "not_a_share": _l("“%(value)s” is not a percentage from 0 to 100."),
    "not_a_count": _l("“%(value)s” is not a whole number."),
    "not_a_date": _l("“%(value)s” is not a date."),
    "no_year": _l("“%(value)s” has no full year."),
    "not_a_number": _l("“%(value)s” is not a number. Write it in figures, such as 1200.5."),
    "number_too_large": _l("“%(value)s” is more than can be recorded."),
    "not_yes_or_no": _l("“%(value)s” is neither yes nor no."),
    "day_or_month": _l(
        "“%(value)s” can be read as two dates: it is not clear which is the day and which the month."
    ),
    "no_such_day": _l("“%(value)s” does not exist in the calendar."),
    "digits_lost": _l("“%(value)s” has lost digits. Format the column as text and enter the number again."),
    "not_reachable": _l("“%(value)s” is neither a telephone number nor an e-mail address nor a WeChat name."),
    "unknown_word": _l("“%(value)s” is not known. Say which of ours it means."),
    "still_open": _l("“%(value)s” was left out: the deal is not closed."),
    "unstorable": _l("Characters that no text may hold were left out."),
}
PLAN_MESSAGES = {
    "no_owner": _l(
        "Nobody is named as the owner. Say on whose behalf it comes in (--as EMAIL), or who gets such rows "
        "(--default owner=EMAIL)."
    ),
    "unknown_person": _l("Nobody here is called %(name)s."),
    "several_people": _l("Several people here are called %(value)s. Give the e-mail address instead."),
    "has_left": _l("%(name)s has left. Say who is to look after this."),
    "owns_nothing": _l("%(name)s takes part in deals of others and cannot own any."),
    "not_yours_to_give": _l("Records of %(name)s are not yours to bring in. Ask a supervisor of theirs."),
    "colleagues_customer": _l("This customer is here already. Ask %(name)s about it."),
    "colleagues_deal": _l("This deal is here already. Ask %(name)s about it."),
    "no_such_customer": _l("No customer here or in the file has the number %(number)s."),
    "other_name": _l("The number %(number)s belongs to a customer of another name here."),
    "number_twice": _l("Row %(row)s has the same number under another name."),
    "elsewhere": _l("A deal with this number belongs to another customer of the file."),
    "renumbered": _l("The number %(number)s is taken here; it gets a new one."),
    "resembles": _l("%(name)s, who is here already, has the same telephone number or e-mail address."),
    "resembles_one": _l("A customer who is here already has the same telephone number or e-mail address."),
    "resembles_row": _l("The customer of row %(row)s has the same telephone number or e-mail address."),
    "there_already": _l("It is here already."),
    "there_in_other_stage": _l("It is here already, and in another stage: that stays as it is."),
    "changes": _l("Changes: %(fields)s"),
    "stage_stays": _l(
        "It cannot come to the stage of the file from the one it is in here: that stays as it is."
    ),
    "in_future": _l("%(value)s is still to come: a talk is recorded once it took place."),
    "which_deal": _l("The customer has several deals; the row does not say which one it means."),
    "several_customers": _l(
        "Several customers are called %(name)s. Give the number, or take the row as a new one."
    ),
    "by_hand": _l("Left out, as you said."),
    "double": _l("The same customer stands in row %(row)s."),
    "double_deal": _l("The same deal stands in row %(row)s."),
    "double_talk": _l("The same talk stands in row %(row)s."),
    "left_out": _l("Row %(row)s of %(sheet)s, %(column)s: %(why)s"),
    "more_left_out": _l("%(count)s more values were left out."),
    "second_address": _l("“%(value)s” was left out: one address is kept."),
    "homes": _l(
        "The sheet %(sheet)s, %(column)s: this reads like home addresses in %(count)s rows, first in row %(row)s. Take "
        "them out unless they are places of work."
    ),
    "nobody_of_customer": _l("“%(value)s” is not one of the customer's contacts."),
    "reports_to_self": _l("“%(value)s” would report to themselves in the end."),
    "sheet_unread": _l(
        "The sheet %(sheet)s was not read: it is hidden, or nothing in it could be recognised."
    ),
}
IMPORT_MESSAGES = {
    "only_tried": _l("It was only tried out."),
    "gave_up": _l(
        "Something went wrong here. Nothing of the file was kept. The administrator can see what it was."
    ),
    "stopped": _l("It was stopped. What had come in by then was taken back."),
    "waited_too_long": _l(
        "Nobody decided about the file for %(days)s days, so it was removed. Drop it in again."
    ),
}
MESSAGES = FILE_MESSAGES | ROW_MESSAGES | VALUE_MESSAGES | PLAN_MESSAGES | IMPORT_MESSAGES


@dataclass(frozen=True)
class Reason:
    """A code of `MESSAGES` with its parameters; a parameter may be a Reason itself, a text in the reader's language,
    or a list of such."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the reader's language. Needs an application context."""
        return str(MESSAGES[self.code]) % {name: _told(value) for name, value in self.params.items()}

    def packed(self) -> dict[str, Any]:
        """As JSON, in no language."""
        return {"code": self.code, "params": {name: _packed(value) for name, value in self.params.items()}}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Reason:
        return cls(packed["code"], {name: _unpacked(value) for name, value in packed["params"].items()})


def listed(words: Iterable[object]) -> str:
    """A list in one line, as the reader's language parts its members."""
    locale = get_locale()
    return ("、" if locale is not None and locale.language == "zh" else ", ").join(map(str, words))


def _told(value: Any) -> str:
    if isinstance(value, Reason):
        return value.text
    return listed(map(_told, value)) if isinstance(value, list | tuple) else str(value)


def _packed(value: Any) -> Any:
    if isinstance(value, Reason):
        return value.packed()
    if isinstance(value, list | tuple):
        return [_packed(each) for each in value]
    if isinstance(value, LazyString):
        with force_locale("en"):  # the source language: what is looked up when it is read
            return {"message": str(value)}
    return value if isinstance(value, int) else str(value)


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(each) for each in value]
    if isinstance(value, dict):
        return gettext(value["message"]) if "message" in value else Reason.unpacked(value)
    return value


class FileRefused(Refused):
    """The file as a whole is not taken; `reason` says why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)

    def __str__(self) -> str:
        return self.reason.text


class NotTaken(Exception):
    """One row is not taken; `reason` says why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)


class Unreadable(ValueError):
    """A cell's value cannot be read as what its column holds; `reason` says why."""

    def __init__(self, code: str, value: object) -> None:
        super().__init__(code)
        self.reason = Reason(code, {"value": shown(value)})


def shown(value: object, longest: int = 60) -> str:
    """A cell's content, short enough for a message."""
    text = " ".join(str(value).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
