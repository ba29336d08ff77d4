"""Customers and deals are found by any part of their words, whoever wrote these, and however many have them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text

from salesboard.access import acting_as_system
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Customer
from salesboard.customers.selection import of_customers
from salesboard.database import db, writing
from salesboard.deals.filters import Filters
from salesboard.deals.models import Deal
from salesboard.deals.selection import wanted
from salesboard.ops.verify import inspect_database
from tests.standing import People, make_customer, make_deal

NAMES = (
    "星松远精密设备有限公司",
    "Paper Crane Ltd",
    "100% 果汁",
    "snake_case 软件",
    "𠮷野家",
    "z\U0010ffffq",
    "O'Neil",
)
WORDS = (
    "星",
    "松远",
    "jingmishebeiyouxiangongsi",
    "xsyjm",
    "crane",
    "ltd paper",
    "%",
    "_",
    "e_c",
    "𠮷",
    "o'n",
    "z",
    "nobody",
    "公司 nobody",
)


def found(words: str) -> set[str]:
    asked = of_customers(CustomerFilters.parse({"q": [words]}))
    return set(db.session.scalars(select(Customer.name).where(*asked)))


def found_deals(words: str) -> set[str]:
    return set(db.session.scalars(select(Deal.name).where(*wanted(Filters.parse({"q": [words]}), 0))))


@pytest.mark.parametrize(("few", "many"), [(0, 0), (3, 12), (1000, 4000)])
def test_however_many_have_a_word_whoever_has_it_is_found(
    app: Flask, people: People, monkeypatch: pytest.MonkeyPatch, few: int, many: int
) -> None:
    monkeypatch.setattr("salesboard.search_parts.FEW", few)
    monkeypatch.setattr("salesboard.search_parts.MANY", many)
    for name in NAMES:
        make_deal(people.owner, customer=make_customer(people.owner, name), name=f"Line for {name}")
    with acting_as_system("a test looks"):
        kept = db.session.execute(select(Customer.name, Customer.number, Customer.search_text)).all()
        first = kept[0].number
        for words in (*WORDS, first, f"{first.lower()} 星"):
            has = {
                name
                for name, number, told in kept
                if all(word in told or word.upper() == number for word in words.lower().split())
            }
            assert found(words) == has, words
            assert found_deals(words) == {f"Line for {name}" for name in has if first not in words.upper()}, (
                words
            )
        assert found_deals("line for") == {f"Line for {name}" for name in NAMES}


def test_what_is_looked_up_follows_the_texts_whoever_writes_them(app: Flask, people: People) -> None:
    for name in ("Heron Works", "Ibis Works", "Gull Works"):
        make_deal(people.owner, customer=make_customer(people.owner, name))
    with acting_as_system("a test acts"), writing():
        ibis = db.session.scalars(select(Customer).where(Customer.name == "Ibis Works")).one()
        ibis.rename("Egret Works")
    with acting_as_system("a test acts"), writing():
        db.session.execute(text("UPDATE customers SET search_text = replace(search_text, 'gull', 'tern')"))
    with acting_as_system("a test looks"):
        assert found("ibis") == found("gull") == set()
        assert (found("egret"), found("tern")) == ({"Egret Works"}, {"Gull Works"})
    assert "search-parts" not in {finding.name for finding in inspect_database().findings}
