"""How the page of a trial run names what it shows of a file: columns, words, rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.accounts.models import User
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.custom_wording import KIND_NAMES as FIELD_KIND_NAMES
from salesboard.customers.rules import Priority
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    LEVEL_NAMES,
    PRIORITY_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.deals.rules import Stage
from salesboard.deals.stages import STAGE_NAMES
from salesboard.deals.wording import METHOD_NAMES
from salesboard.exchange.amounts import read_amount, read_percent
from salesboard.exchange.fields import Field, Kind, field_of, fields_offered
from salesboard.exchange.meanings import Sure
from salesboard.exchange.models import Fate, ImportRow, OnDuplicate
from salesboard.exchange.reasons import Reason
from salesboard.exchange.values import plain
from salesboard.exchange.wizard import AS_USUAL, NEW_FIELD, NEW_PERSON
from salesboard.exchange.wording import KIND_NAMES, field_label
from salesboard.exchange.words import Going, Lost

SURE_NAMES = {
    Sure.HAND: _l("As you said"),
    Sure.REMEMBERED: _l("As last time"),
    Sure.FORMAT: _l("Known export"),
    Sure.NAME: _l("Same meaning"),
    Sure.GUESS: _l("A guess: look at it"),
    Sure.NONE: _l("Nothing like it"),
    Sure.REPEATS: _l("Says what other columns say"),
    Sure.PRIVATE: _l("Not to be recorded"),
    Sure.OURS: _l("Written by us"),
}
SURE_DOTS = {Sure.HAND: 3, Sure.REMEMBERED: 3, Sure.FORMAT: 3, Sure.NAME: 3, Sure.GUESS: 1, Sure.REPEATS: 3}
ROW_CHOICES = {
    OnDuplicate.CREATE: _l("Create all the same"),
    OnDuplicate.FILL: _l("Fill what is empty"),
    OnDuplicate.UPDATE: _l("Update"),
    OnDuplicate.SKIP: _l("Leave out"),
}
_WORDS: Mapping[str, Mapping[Any, LazyString]] = {
    "deal.outcome": {Going.OPEN: _l("Going on"), Stage.WON: STAGE_NAMES[Stage.WON], Lost.LOST: _l("Lost")},
    "deal.stage": STAGE_NAMES | {Lost.LOST: _l("Lost")},
    "customer.level": LEVEL_NAMES,
    "customer.status": STATUS_NAMES,
    "contact.contact_role": ROLE_NAMES,
    "contact.attitude": ATTITUDE_NAMES,
    "contact.preferred_channel": CHANNEL_NAMES,
    "followup.method": METHOD_NAMES,
    "followup.next_method": METHOD_NAMES,
}
"""What our own words are called, by field."""
OFFERED = {
    Fate.CREATE: (OnDuplicate.SKIP,),
    Fate.UPDATE: (OnDuplicate.SKIP, OnDuplicate.CREATE),
    Fate.SKIP: (OnDuplicate.FILL, OnDuplicate.UPDATE, OnDuplicate.CREATE),
    Fate.REJECT: (),
}
"""What a person may have done with a row instead of what the trial run does."""


def choices_for(row: ImportRow, said: str | None) -> list[tuple[str, LazyString]]:
    """Codes and names for a row; none where nothing else can become of it."""
    offered = OFFERED[row.fate]
    if row.why and row.why["code"] == "several_customers":
        offered = (OnDuplicate.SKIP, OnDuplicate.CREATE)
    if said is None:
        return [(choice.value, ROW_CHOICES[choice]) for choice in offered]
    return [(AS_USUAL, _l("As the others")), *((choice.value, name) for choice, name in ROW_CHOICES.items())]


def people_choices(heirs: Sequence[User], each: Mapping[str, Any]) -> list[tuple[str, LazyString | str]]:
    """Whom a name of the file may mean: a new account, and those to whom the reader may give records."""
    people = [(str(heir.id), heir.name) for heir in heirs]
    if each["person"] and str(each["person"]) not in dict(people):
        people.insert(0, (str(each["person"]), each["name"]))
    return [(NEW_PERSON, _l("A new account, not invited yet")), *people]


def problems_of(row: ImportRow) -> list[str]:
    """What the row loses although it comes in, in words."""
    return [
        f"{each['column']}: {Reason.unpacked(each['why']).text}"
        for each in (row.told or {}).get("problems", ())
    ]


def word_choices(key: str) -> list[tuple[str, LazyString | str]]:
    """What a word of this field can mean: code and name."""
    return [(code.value, name) for code, name in _WORDS[key].items()] if key in _WORDS else []


def sure_label(head: str, column: Mapping[str, Any]) -> LazyString | str:
    """How sure a column's meaning is: the same name as ours says more than the same meaning."""
    sure = Sure(column["sure"])
    is_same = sure is Sure.NAME and any(
        plain(str(field_label(key))) == plain(head) for key in column["fields"]
    )
    return _l("Same name") if is_same else SURE_NAMES[sure]


_TOLD_AS = {
    "contact.first_name": "contact.contact_name",
    "contact.last_name": "contact.contact_name",
    "deal.outcome": "deal.stage",
    "deal.lost_words": "deal.lost_reason",
}
"""Fields that a row does not show by themselves, for they are read into another."""


def keys_shown(columns: Iterable[Mapping[str, Any]]) -> list[str]:
    """The fields that the rows of a sheet show, in the order of its columns."""
    return list(dict.fromkeys(_TOLD_AS.get(key, key) for column in columns for key in column["fields"]))


def value_shown(key: str, text: str) -> LazyString | str:
    """A value of a row as the page shows it."""
    named = {code.value: name for code, name in _WORDS.get(key, {}).items()}
    if text in named:
        return named[text]
    if key == "customer.need_priorities":
        return ", ".join(str(PRIORITY_NAMES[Priority(word)]) for word in text.split(" / "))
    field = field_of(key)
    if field is not None and field.reads is read_amount:
        return _grouped(text)
    return f"{text} %" if field is not None and field.reads is read_percent and text.isdecimal() else text


def _grouped(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return text
    return format(amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount, ",f")


def field_choices(column: Mapping[str, Any], *, may_add: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can hold: for each kind its fields, then those that give two at once; for who `may_add` them last
    new fields of the installation's own."""
    groups = [
        (
            str(KIND_NAMES[kind]),
            [(each.key, _required(each)) for each in fields_offered() if each.kind is kind],
        )
        for kind in Kind
    ]
    pairs = [keys for keys in (*TOGETHER, tuple(column["fields"])) if len(keys) > 1]
    both = [
        (",".join(keys), " · ".join(str(field_label(key)) for key in keys)) for keys in dict.fromkeys(pairs)
    ]
    new = [(str(name), _kinds(subject, column)) for subject, name in NEW_FIELDS.items()]
    return [*groups, (str(_l("Two at once")), both), *(new if may_add and column["head"] else [])]


NEW_FIELDS = {
    Subject.CUSTOMER: _l("New field of customers, with this name"),
    Subject.DEAL: _l("New field of deals, with this name"),
}


def _kinds(subject: Subject, column: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kinds that a new field may be of; what the column's values look like is said and stands first."""
    looks = column.get("looks", FieldKind.TEXT)
    kinds = [kind for kind in FIELD_KIND_NAMES if kind is not FieldKind.CHOICE or column.get("choices")]
    return [
        (
            f"{NEW_FIELD}{subject}" + ("" if kind is FieldKind.TEXT else f":{kind}"),
            _("%(kind)s, as its values look", kind=FIELD_KIND_NAMES[kind])
            if kind == looks
            else str(FIELD_KIND_NAMES[kind]),
        )
        for kind in sorted(kinds, key=lambda kind: kind != looks)
    ]


TOGETHER = (
    ("customer.name", "contact.contact_name"),
    ("customer.name", "deal.name"),
    ("deal.expected_close", "deal.closed_date"),
)


def _required(field: Field) -> str:
    return f"{field.label} *" if field.is_required else str(field.label)
