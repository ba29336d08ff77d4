"""What a custom field is and how its values read: text in, one canonical text with its typed twin out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

LONGEST_NAME, LONGEST_TEXT, LONGEST_CHOICE = 58, 500, 80
MOST_FIELDS, MOST_CHOICES, MOST_LISTED = 40, 60, 3
"""For customers, and again for deals."""

STEP = Decimal("0.000001")
LARGEST_NUMBER = Decimal("999999999999.999999")
YES, NO = "yes", "no"


class Subject(StrEnum):
    """What a custom field belongs to."""

    CUSTOMER = "customer"
    DEAL = "deal"


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class FieldShape:
    """A custom field as everybody but its admin needs it; of a choice, `choices` are those on offer."""

    id: int
    subject: Subject
    name: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_listed: bool = False
    is_retired: bool = False


@dataclass(frozen=True)
class Value:
    """One value: the text it is kept and shown as, and what it is compared by."""

    text: str
    number: Decimal | None = None
    day: date | None = None
    flag: bool | None = None


class NotReadable(ValueError):
    """The text is no value of this kind; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(kind: FieldKind, text: str, choices: Iterable[str] = ()) -> Value:
    """What a person or a file means by `text`, which is not empty. Raises NotReadable."""
    if kind is FieldKind.NUMBER:
        return typed(kind, _number(text))
    if kind is FieldKind.DATE:
        return typed(kind, _day(text))
    if kind is FieldKind.YES_NO:
        return typed(kind, _yes_or_no(text))
    if kind is FieldKind.CHOICE:
        return typed(kind, _choice(text, choices))
    if len(text) > LONGEST_TEXT:
        raise NotReadable("too_long")
    return typed(kind, text)


def typed(kind: FieldKind, text: str) -> Value:
    """The value that a canonical text stands for."""
    return Value(
        text,
        number=Decimal(text) if kind is FieldKind.NUMBER else None,
        day=date.fromisoformat(text) if kind is FieldKind.DATE else None,
        flag=text == YES if kind is FieldKind.YES_NO else None,
    )


def number_text(number: Decimal) -> str:
    """A number as it is kept: plain figures, six places at most, no zeros at the end."""
    kept = f"{number.quantize(STEP, ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return "0" if kept in ("-0", "") else kept


def name_key(name: str) -> str:
    """One key for the ways in which a field's name or a choice is written: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def tidy_choices(choices: Iterable[str]) -> list[str]:
    """Without blanks, empty lines and doubles, in their order."""
    kept: dict[str, str] = {}
    for choice in choices:
        words = " ".join(choice.split())
        if words:
            kept.setdefault(name_key(words), words)
    return list(kept.values())


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_ANSWERS: Mapping[str, str] = {
    **dict.fromkeys(("yes", "y", "true", "1", "是", "有", "对", "對", "√", "✓", "✔"), YES),
    **dict.fromkeys(("no", "n", "false", "0", "否", "无", "無", "没有", "沒有", "不是", "×", "✗", "✘"), NO),
}


def _number(text: str) -> str:
    plain = re.sub(r"[\s,_']", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if len(plain) > LONGEST_CHOICE or not _NUMBER.fullmatch(plain):
        raise NotReadable("not_a_number")
    number = Decimal(plain)
    if abs(number) > LARGEST_NUMBER:
        raise NotReadable("number_too_large")
    return number_text(number)


def _day(text: str) -> str:
    found = _DAY.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    try:
        return (
            date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else _refuse("not_a_date")
        )
    except ValueError:
        raise NotReadable("not_a_date") from None


def _yes_or_no(text: str) -> str:
    return _ANSWERS.get(name_key(text)) or _refuse("not_yes_or_no")


def _choice(text: str, choices: Iterable[str]) -> str:
    key = name_key(text)
    return next((choice for choice in choices if name_key(choice) == key), None) or _refuse("no_such_choice")


def _refuse(code: str) -> str:
    raise NotReadable(code)
