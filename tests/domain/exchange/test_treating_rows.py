"""What becomes of rows about what is here already: filled, kept apart where names alone are alike, as said of a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesboard.customers.models import Contact, Customer
from salesboard.deals.models import Deal
from salesboard.exchange.models import Fate, OnDuplicate
from tests.domain.exchange.bringing import (
    brought,
    count,
    everything,
    fates,
    faults,
    named,
    reasons,
    table,
    tried,
    undo,
)
from tests.rules.exchange.making import xlsx_file
from tests.standing import People, make_customer, make_deal


def test_filling_takes_only_what_is_empty_and_the_undo_gives_it_back(tmp_path: Path, people: People) -> None:
    customer = make_customer(people.owner, "纸鹤包装", industry="制造")
    make_deal(people.owner, customer=customer, name="一期", amount=5)
    customers = {"客户": [["客户名称", "所属行业", "区域"], ["纸鹤包装", "物流", "华东"]]}
    deals = [
        ["客户名称", "机会名称", "金额", "竞争对手", "阶段"],
        ["纸鹤包装", "一期", "900", "对手", "方案"],
    ]
    path = xlsx_file(tmp_path, {**customers, "机会": deals})
    found = brought(path, by=people.owner, on_duplicate=OnDuplicate.FILL)

    filled, deal = named(Customer, "纸鹤包装"), named(Deal, "一期")
    assert (filled.industry, filled.region) == ("制造", "华东")
    assert (deal.amount, deal.competitor, deal.stage) == (5, "对手", "lead")
    assert faults() == []
    undo(found)
    assert (named(Customer, "纸鹤包装").region, named(Deal, "一期").competitor) == (None, None)


def test_customers_of_one_name_stay_two_where_each_has_a_number(tmp_path: Path, people: People) -> None:
    heads = "外部编号 客户名称 区域"
    rows = [("A1", "纸鹤包装", "华东"), ("A2", "纸鹤包装", "华南")]
    brought(table(tmp_path, heads, *rows), by=people.owner)
    assert count(Customer) == 2

    again = brought(
        table(tmp_path, heads, ("A2", "纸鹤包装", "西南"), ("A3", "纸鹤包装", "西北")),
        by=people.owner,
        on_duplicate=OnDuplicate.UPDATE,
    )
    told = {customer.external_id: customer.region for customer in everything(Customer)}
    assert told == {"A1": "华东", "A2": "西南", "A3": "西北"}
    assert again.counts["customers"] == {"created": 1, "updated": 1, "skipped": 0, "rejected": 0}


@pytest.mark.parametrize("rule", [OnDuplicate.UPDATE, OnDuplicate.FILL])
def test_nobody_can_tell_which_of_two_of_one_name_is_meant(
    tmp_path: Path, people: People, rule: OnDuplicate
) -> None:
    for _second in range(2):
        make_customer(people.owner, "纸鹤包装")
    path = table(tmp_path, "客户名称 区域", ("纸鹤包装", "华东"))
    assert reasons(tried(path, by=people.owner, on_duplicate=rule)) == {2: "several_customers"}

    deals = table(tmp_path, "客户名称 机会名称 阶段", ("纸鹤包装", "一期", "意向"))
    assert reasons(tried(deals, by=people.owner)) == {2: "several_customers"}


def test_what_a_person_says_of_a_row_goes_above_the_rule(tmp_path: Path, people: People) -> None:
    for name in ("甲一工厂", "乙二贸易", "丙三食品"):
        make_customer(people.owner, name, industry="制造")
    rows = [("甲一工厂", "a"), ("乙二贸易", "b"), ("丙三食品", "c"), ("丁四货运", "d"), ("丁四货运", "e")]
    said = {"2": "update", "3": "create", "5": "skip", "6": "create"}
    found = brought(table(tmp_path, "客户名称 所属行业", *rows), by=people.owner, rows={"table": said})

    assert [fate for _row, fate, _why in fates(found, "customers")] == [
        Fate.UPDATE,
        Fate.CREATE,
        Fate.SKIP,
        Fate.SKIP,
        Fate.CREATE,
    ]
    told = sorted((customer.name, customer.industry) for customer in everything(Customer))
    assert told == [
        ("丁四货运", "e"),
        ("丙三食品", "制造"),
        ("乙二贸易", "b"),
        ("乙二贸易", "制造"),
        ("甲一工厂", "a"),
    ]


def test_a_customer_known_by_number_alone_is_found_again_by_its_accounts(
    tmp_path: Path, people: People
) -> None:
    heads = "ID ACCOUNTID NAME STAGENAME AMOUNT CLOSEDATE LEADSOURCE"
    deals = table(tmp_path, heads, ("006A", "001X", "Widgets", "Prospecting", "5000", "2027-01-09", "Web"))
    brought(deals, by=people.owner)
    assert [customer.name for customer in everything(Customer)] == ["#001X"]

    accounts = table(
        tmp_path, "ID NAME BILLINGSTREET NUMBEROFEMPLOYEES PHONE", ("001X", "Acme", "Main", "12", "5550100")
    )
    found = brought(accounts, by=people.owner)
    (customer,) = everything(Customer)
    assert (customer.name, customer.employees, count(Contact)) == ("Acme", 12, 1)
    undo(found)
    (customer,) = everything(Customer)
    assert (customer.name, customer.name_key) == ("#001X", "#001x")
