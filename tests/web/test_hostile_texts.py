"""TRUST.md, rows 6 and 23: whatever is typed is kept as it is or refused, and it is never more than words.

The forms are found by walking through the site, so that a new form is tested without anybody thinking of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Column, Connection, String, select, update
from sqlalchemy.sql.sqltypes import Enum
from werkzeug.datastructures import MultiDict

from salesboard.database import db
from salesboard.fields import Line, PageForm, Words, clean
from salesboard.followups.corrections import CORRECTABLE
from salesboard.followups.digests import BESIDE
from salesboard.sealed import SealedJson, secrets_of, tables_with_secrets
from tests.filling import forms_in
from tests.footprint import texts
from tests.naughty import MARKUP, NEVER_KEPT, STRANGE, come_alive, packed, structure_of
from tests.rules.exchange.test_writing_tables import texts as texts_of_all_sorts
from tests.sending import TAKEN, Sender, Trial

SHORTEST_LINE = 75
"""Even a short field, such as a person's name, takes so many characters; one that takes fewer says so."""


def writing_trials(sender: Sender) -> list[Trial]:
    """The forms that keep words."""
    writing = [trial for trial in sender.trials if trial.free_texts and not trial.has_secret]
    return [trial for trial in writing if not trial.found.path.startswith(NAMING)]


NAMING = ("/import", "/admin/fields", "/targets")
"""There words name a sheet, a field that --map has to find, or a person: not every sign may stand in them."""


def rounds(trial: Trial, strings: Sequence[str]) -> Iterator[dict[str, str]]:
    """What to write so that each free text of the form gets every string, several at once where there is room."""
    # a custom field's choices count only for one kind of field
    rooms = {
        control.name: _room(control.attributes) - len(" q999f99")
        for control in trial.free_texts
        if control.name != "choices"
    }
    packs = {
        name: packed([text for text in strings if len(text) <= room], room) for name, room in rooms.items()
    }
    for number in range(max(map(len, packs.values()))):
        # a mark of its own tells one field's words from another's, wherever they are found again
        yield {
            name: f"{mine[(number + place) % len(mine)]} q{number}f{place}"
            for place, (name, mine) in enumerate(packs.items())
        }


def _room(attributes: dict[str, str]) -> int:
    longest = int(attributes.get("maxlength", SHORTEST_LINE))
    return longest if longest < 200 else min(longest, 450)


def in_one_line(text: str) -> str:
    """The text with every run of blanks as one, for some fields put blanks in order."""
    return " ".join(clean(text).split())


def what_became_of(sender: Sender, trial: Trial, written: dict[str, str]) -> list[str]:
    """What is wrong with how these words were taken: nothing, if each is in the database as it was typed."""
    answer = sender.send(trial, data={**trial.values, **written})
    if answer.status_code not in TAKEN:
        return [f"{trial}: {answer.status}: {written}"]
    kept = " ".join(map(in_one_line, texts(sender.footprint.changed_tables())))
    return [
        f"{trial}: {name} lost {text!r}" for name, text in written.items() if in_one_line(text) not in kept
    ]


@pytest.mark.databases("sqlite", "postgresql")
def test_row_23_every_text_of_every_form_is_kept_as_typed(app: Flask, sender: Sender) -> None:
    # that fields take every string is proved below: here each form gets some of every sort, the next form others
    step, strings = (4 if db.engine.dialect.name == "sqlite" else 10), [*STRANGE, *MARKUP]
    faults = [
        fault
        for place, trial in enumerate(writing_trials(sender))
        for written in rounds(trial, strings[place % step :: step])
        for fault in what_became_of(sender, trial, written)
    ]
    assert faults == []


def test_row_23_what_cannot_or_must_not_be_kept_is_refused_beside_its_field(
    app: Flask, sender: Sender
) -> None:
    faults = []
    for place, trial in enumerate(
        writing_trials(sender)
    ):  # that each field refuses each of them is proved below
        text, names = NEVER_KEPT[place % len(NEVER_KEPT)], {control.name for control in trial.free_texts}
        answer = sender.send(trial, data={**trial.values, **dict.fromkeys(names, text)})
        marked = {
            control.name
            for form in forms_in(answer.text)
            for control in form.controls
            if control.attributes.get("aria-invalid") == "true"
        }
        if answer.status_code != 422 or not names <= marked:
            faults.append(f"{trial}: {text!r}: {answer.status}, not refused: {sorted(names - marked)}")
        if sender.footprint.changed():
            faults.append(f"{trial}: {text!r} left a trace")
    assert faults == []


def test_row_23_an_endless_text_is_refused(app: Flask, sender: Sender) -> None:
    faults = []
    for trial in writing_trials(sender):
        names = {control.name for control in trial.free_texts}
        answer = sender.send(trial, data={**trial.values, **dict.fromkeys(names, "长" * 25_000)})
        if answer.status_code not in (413, 422) or sender.footprint.changed():
            faults.append(f"{trial}: {answer.status}")
    assert faults == []


CODES = frozenset(
    "letter day kind unique_key token period_key file_key number name_key search_text external_id request_key "
    "currency timezone locale email password_hash browser nonce token_digest verb address seal_id media_type".split()
)
"""Text columns that the program writes and reads by itself; a person's words never come there."""

WORDS = frozenset(
    "words wording label name text customer deal owner title choices said head samples".split()
).union(set(CORRECTABLE) - {"method", "occurred_at"})
"""Under these names JSON columns keep what a person wrote."""


FOLLOWS_WORDS = re.compile(r"^/import/|^/customers/(new|[^/]+/(edit|facts/))|[?&]region=")
"""Pages that offer what is suggested or understood, or ask for one word, and so have other elements for others."""


def end_every_text_with(payload: str) -> None:
    """As if somebody had ended everything that was ever typed or imported with `payload`."""
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        _end_sealed_texts_with(payload, connection)
        for table in db.metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, JSON | SealedJson):
                    keys = list(table.primary_key)
                    filled = select(*keys, column).where(column.is_not(None))
                    for *key, value in connection.execute(filled).all():
                        here = [mine == its for mine, its in zip(keys, key, strict=True)]
                        connection.execute(
                            update(table)
                            .where(*here)
                            .values({column: _with_ends(value, payload, column.name)})
                        )
                elif _holds_words(column):
                    connection.execute(update(table).where(column != "").values({column: column + payload}))


def _end_sealed_texts_with(payload: str, connection: Connection) -> None:
    for table in map(db.metadata.tables.__getitem__, tables_with_secrets()):
        for row in connection.execute(table.select()).all():
            told = {secret: secret.of(row) for secret in secrets_of(table.name)}
            ended = {
                secret.column: secret.sealed(row.seal_id, value + payload)
                for secret, value in told.items()
                if isinstance(value, str)
            }
            if ended:
                connection.execute(update(table).where(table.c.id == row.id).values(ended))


def _holds_words(column: Column[Any]) -> bool:
    return isinstance(column.type, String) and not isinstance(column.type, Enum) and column.name not in CODES


def _with_ends(value: Any, payload: str, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_ends(inner, payload, key) for key, inner in value.items()}
    if name in BESIDE:  # a list for each row, which begins with what a person wrote
        return [[_with_ends(row[0], payload, "words"), *row[1:]] for row in value]
    if isinstance(value, list):
        return [_with_ends(inner, payload, name) for inner in value]
    return value + payload if value and isinstance(value, str) and name in WORDS else value


@pytest.mark.parametrize("first", range(0, len(MARKUP), 8))
def test_row_6_no_text_in_the_database_becomes_markup_on_any_page(
    app: Flask, sender: Sender, first: int
) -> None:
    """With every text in the database ending in markup the pages have the same elements and attributes as before."""
    sender.footprint.bring_back()
    payload = " ".join(MARKUP[first:] + MARKUP[:first])
    in_one_piece = " ".join(payload.replace(";", "").split())  # else one need would become several
    end_every_text_with(" " + in_one_piece)
    opened: set[str] = set()
    faults = []
    for who, pages in sender.pages.items():
        for address in pages.keys() - opened:
            answer = sender.browser(who).send(address, "GET")
            opened.add(address)
            if answer.status_code != 200:
                faults.append(f"{who} {address}: {answer.status}")
            elif not FOLLOWS_WORDS.search(address) and list(structure_of(pages[address])) != list(
                structure_of(answer.text)
            ):
                faults.append(f"{who} {address} has other elements than before")
            faults += [f"{who} {address}: {what}" for what in come_alive(answer.text)]
    assert faults == []


def test_row_6_what_is_sent_back_to_be_corrected_is_inert(app: Flask, sender: Sender) -> None:
    """Whatever stands in whichever field, hidden ones and choices too."""
    faults = []
    for trial in sender.trials:
        names = [control.name for control in trial.found.form.controls if control.name != "csrf_token"]
        for first in range(0, len(MARKUP), 8) if names else ():
            sent = {name: MARKUP[(first + place) % len(MARKUP)] for place, name in enumerate(names)}
            answer = sender.send(trial, data=sent)
            faults += [f"{trial}: {answer.status}" for _ in range(answer.status_code >= 500)]
            faults += [f"{trial}: {what}" for what in come_alive(answer.text)]
    assert faults == []


def text_fields() -> dict[str, Any]:
    """Every field of every form that takes words; of those that check words alike, one."""
    forms, found = [PageForm], dict[str, Any]()
    for form in forms:
        forms += form.__subclasses__()
        for name, field in vars(form).items():
            kind = getattr(field, "field_class", None)
            if kind is not None and issubclass(kind, Line | Words):
                rules = sorted(
                    f"{type(rule).__name__} {vars(rule)}" for rule in field.kwargs.get("validators", ())
                )
                found.setdefault(f"{kind.__name__} {rules}", (f"{form.__name__}.{name}", field))
    return {said: field for said, field in found.values() if not said.endswith(CHECKED)}


CHECKED = (".email", ".phone", ".public_url")
"""These fields take no words but such as can be used."""


def test_row_23_every_field_takes_every_naughty_string_as_typed_and_refuses_what_is_never_kept(
    app: Flask,
) -> None:
    """Field by field; that forms keep what their fields took is proved above."""
    strings, faults, fields = texts_of_all_sorts(), [], text_fields()
    assert len(fields) > 8
    with app.test_request_context("/", method="POST"):
        for name, field in fields.items():
            form = type("One", (PageForm,), {"text": field})()
            for string in strings:
                form.text.process(MultiDict({"text": string}))
                is_taken, taken = form.text.validate(form), form.text.data
                is_too_long = any("at most" in str(error).lower() for error in form.text.errors)
                if taken != clean(string) or not (is_taken or is_too_long):
                    faults.append(f"{name}: {string!r}: {taken!r} {form.text.errors}")
            for string in NEVER_KEPT:
                form.text.process(MultiDict({"text": string}))
                faults += [f"{name} takes {string!r}" for _ in range(form.text.validate(form))]
    assert faults == []
