"""How the text of a custom field is read: one canonical text, whatever the hand that wrote it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from salesboard.customers.custom_rules import FieldKind, NotReadable, read, tidy_choices, typed


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (FieldKind.TEXT, "= 3,5 or so", "= 3,5 or so"),
        (FieldKind.NUMBER, "1,200.50", "1200.5"),
        (FieldKind.NUMBER, "１２００", "1200"),
        (FieldKind.NUMBER, "-0.0", "0"),
        (FieldKind.NUMBER, "0.30000000000000004", "0.3"),
        (FieldKind.NUMBER, "−4", "-4"),
        (FieldKind.DATE, "2026/5/1", "2026-05-01"),
        (FieldKind.DATE, "2026年5月1日", "2026-05-01"),
        (FieldKind.CHOICE, "gold  CARD", "Gold card"),
        (FieldKind.YES_NO, "是", "yes"),
        (FieldKind.YES_NO, "False", "no"),
    ],
)
def test_a_value_is_kept_in_one_way(kind: FieldKind, written: str, kept: str) -> None:
    assert read(kind, written, ["Gold card", "Silver card"]).text == kept


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (FieldKind.NUMBER, "about 5", "not_a_number"),
        (FieldKind.NUMBER, "1e9", "not_a_number"),
        (FieldKind.NUMBER, "NaN", "not_a_number"),
        (FieldKind.NUMBER, "1" * 5000, "not_a_number"),
        (FieldKind.NUMBER, "1000000000000", "number_too_large"),
        (FieldKind.DATE, "2026-02-30", "not_a_date"),
        (FieldKind.DATE, "1 May", "not_a_date"),
        (FieldKind.CHOICE, "Bronze", "no_such_choice"),
        (FieldKind.YES_NO, "perhaps", "not_yes_or_no"),
        (FieldKind.TEXT, "x" * 501, "too_long"),
    ],
)
def test_what_is_no_value_is_refused_with_a_reason(kind: FieldKind, written: str, code: str) -> None:
    with pytest.raises(NotReadable) as refusal:
        read(kind, written, ["Gold"])
    assert refusal.value.code == code


def test_each_kind_has_the_twin_that_it_is_compared_by() -> None:
    assert typed(FieldKind.NUMBER, "1200.5").number == Decimal("1200.5")
    assert typed(FieldKind.DATE, "2026-05-01").day == date(2026, 5, 1)
    assert typed(FieldKind.YES_NO, "no").flag is False
    text = typed(FieldKind.TEXT, "12")
    assert (text.number, text.day, text.flag) == (None, None, None)


def test_choices_lose_blanks_and_doubles_and_keep_their_order() -> None:
    assert tidy_choices([" Gold ", "", "Silver  card", "GOLD", "silver card"]) == ["Gold", "Silver card"]
