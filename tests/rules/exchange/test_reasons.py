"""Every reason that the code can give has its sentence, and the sentence gets what it asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesboard.exchange import reasons
from salesboard.exchange.reasons import (
    MESSAGES,
    FileRefused,
    Unreadable,
)

SOURCES = sorted(Path(reasons.__file__).parent.glob("*.py"))


def given() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Place, code and parameter names of each reason given in the package."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            code = node.args[0]
            if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
                continue
            place = f"{path.name}:{node.lineno}"
            if node.func.id in ("FileRefused", "NotTaken"):
                yield place, code.value, frozenset(word.arg for word in node.keywords if word.arg)
            elif node.func.id == "Unreadable":
                yield place, code.value, frozenset(("value",))
            elif node.func.id == "Reason" and (len(node.args) == 1 or isinstance(node.args[1], ast.Dict)):
                names = node.args[1].keys if len(node.args) > 1 else []
                yield (
                    place,
                    code.value,
                    frozenset(name.value for name in names if isinstance(name, ast.Constant)),
                )


GIVEN_REASONS = sorted(given())


@pytest.mark.parametrize(
    ("place", "code", "params"), GIVEN_REASONS, ids=[place for place, _, _ in GIVEN_REASONS]
)
def test_a_reason_has_a_sentence_for_just_its_parameters(
    place: str, code: str, params: frozenset[str]
) -> None:
    assert code in MESSAGES, place
    (sentence, *_) = MESSAGES[code]._args
    assert set(re.findall(r"%\((\w+)\)", sentence)) == params


def test_no_sentence_is_left_that_nobody_says() -> None:
    assert {code for _, code, _ in GIVEN_REASONS} == set(MESSAGES)


def test_a_long_value_is_shortened_in_its_reason() -> None:
    assert len(Unreadable("not_a_date", "x" * 1000).reason.params["value"]) == 60
    assert Unreadable("not_a_date", "a\n  b").reason.params == {"value": "a b"}


def test_a_refused_file_names_its_reason() -> None:
    assert FileRefused("too_big", limit=50).reason == reasons.Reason("too_big", {"limit": 50})
