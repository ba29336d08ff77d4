"""What an address asks of custom fields: read, written back the same, and senseless parts left out."""

from __future__ import annotations

import pytest

from salesboard.customers.custom_filters import own_filters
from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from salesboard.customers.filters import CustomerFilters
from salesboard.deals.filters import Filters

FIELDS = [
    FieldShape(number, Subject.CUSTOMER, kind.value, kind, ("Gold", "Silver"))
    for number, kind in enumerate(FieldKind, start=1)
]
TEXT, NUMBER, DATE, CHOICE, ANSWER = (f"x.{field.id}" for field in FIELDS)


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ({TEXT: " a%b "}, {TEXT: "a%b"}),
        ({TEXT: "a\x00b"}, {TEXT: "a b"}),
        ({f"{NUMBER}.from": "1,200.50"}, {f"{NUMBER}.from": "1200.5"}),
        ({f"{NUMBER}.from": "many", f"{NUMBER}.to": "9"}, {f"{NUMBER}.to": "9"}),
        (
            {f"{DATE}.from": "2026-05-01", f"{DATE}.to": "2026/6/1"},
            {f"{DATE}.from": "2026-05-01", f"{DATE}.to": "2026-06-01"},
        ),
        ({DATE: "2026-05-01", NUMBER: "5"}, {}),
        ({CHOICE: "gold"}, {CHOICE: "Gold"}),
        ({CHOICE: "Bronze", ANSWER: "perhaps"}, {}),
        ({ANSWER: "no"}, {ANSWER: "no"}),
        ({"x.99": "Gold", "x.": "a", "x.1.from": "5", "x": "1"}, {}),
        ({f"{NUMBER}.to": "9" * 400, f"{DATE}.to": "2026-02-30"}, {}),
    ],
)
def test_only_what_makes_sense_is_asked(address: dict[str, str], meant: dict[str, str]) -> None:
    asked, understood = (
        {name: [text] for name, text in parameters.items()} for parameters in (address, meant)
    )
    of_customers = CustomerFilters.parse(asked, FIELDS)
    assert of_customers.parameters == understood
    assert CustomerFilters.parse(understood, FIELDS) == of_customers
    assert of_customers.is_set == bool(meant)
    assert Filters.parse(asked, FIELDS).parameters == understood


def test_without_fields_nothing_is_asked() -> None:
    assert own_filters({TEXT: "a"}.get, []) == ()  # type: ignore[arg-type]
