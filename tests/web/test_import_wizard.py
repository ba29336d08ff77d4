"""The page of a trial run as a wizard: columns, words, people and rows said by hand, remembered, asked of roles."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.custom_values import CustomValue
from salesboard.customers.custom_wording import KIND_NAMES
from salesboard.customers.models import Customer
from salesboard.deals.models import Deal
from salesboard.exchange import turns
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.shapes import ImportShape
from tests.browsing import Browser
from tests.domain.exchange.bringing import count, everything, named
from tests.own_fields import add_field
from tests.rules.exchange.making import csv_file, xlsx_file
from tests.standing import People, make_customer
from tests.web.test_import_pages import as_leader, confirm, controls, sent, work_off

ClientAs = Callable[..., Browser]
STRANGE = """公司叫啥;干啥的;打哪个电话;谁跟;到哪步了;值多少
甲一工厂;包装;13900000001;小程;搁置;12万
乙二贸易;物流;13900000002;小程;有意向;8万
"""


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0)


def last() -> Import:
    return everything(Import)[-1]


def dropped(browser: Browser, path: Path, **fields: str) -> str:
    """The page of the file's trial run."""
    address = browser.post("/import", sent(path, **fields)).headers["Location"]
    work_off()
    return str(address)


def say(browser: Browser, address: str, status: int = 303, **said: str) -> str:
    """Says some things otherwise than the page shows them; the page of the next trial run."""
    fields = controls(browser.get(address).text) | said
    answer = browser.post(f"{address}/trial", fields, status)
    work_off()
    return answer.text if status != 303 else browser.get(address).text


BY_HAND = {
    "kind": "deals",
    "column-0": "customer.name",
    "column-1": "customer.industry",
    "column-3": "deal.owner",
    "column-4": "deal.stage",
    "column-5": "deal.amount",
}


class TestByHand:
    def test_a_file_in_nobodys_words_comes_in(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.supervisor)
        address = dropped(browser, csv_file(tmp_path, STRANGE), **as_leader(people.supervisor))
        page = browser.get(address).text
        assert "table: no column holds this yet: Customer" in page
        assert "A guess: look at it" in page

        page = say(browser, address, **{**BY_HAND, "column-0": "customer.name,deal.name"})
        assert "If none: 1 row is not taken" in page
        assert "Nobody here is called so: 小程" in page

        page = say(browser, address, **{"word-deal.stage-搁置": "lost", "person-小程": str(people.owner.id)})
        assert "Bring 6 records in" in page
        browser.post(f"{address}/confirm", controls(page))
        work_off()
        assert last().state is ImportState.DONE
        deals = {deal.name: (deal.is_lost, deal.owner_id, deal.amount) for deal in everything(Deal)}
        assert deals["甲一工厂"] == (True, people.owner.id, 120_000)
        assert deals["乙二贸易"] == (False, people.owner.id, 80_000)

    def test_what_is_said_with_the_confirmation_is_shown_first(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,行业\n甲一工厂,包装\n"))
        fields = controls(browser.get(address).text) | {"column-1": "customer.region"}
        browser.post(f"{address}/confirm", fields)
        work_off()
        assert (last().state, count(Customer)) == (ImportState.PLANNED, 0)

        confirm(browser, address)
        work_off()
        assert named(Customer, "甲一工厂").region == "包装"

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"column-1": "customer.name"}, "客户名称 holds this already."),
            ({"column-1": "customer.nothing"}, "Choose one."),
            ({"kind": "nothing"}, "Choose one."),
            ({"head_row": "99"}, "Write a number from 1 to 30."),
            ({"row-0-2": "everything"}, None),
            ({"encoding": "utf-16"}, "The text cannot be read as utf-16."),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_control(
        self, tmp_path: Path, people: People, client_as: ClientAs, said: dict[str, str], why: str | None
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,行业\n甲一工厂,包装x\n"))
        page = say(browser, address, 422, **said)
        if why:
            assert why in page
        assert last().state is ImportState.PLANNED

    def test_the_head_row_and_the_separator_can_be_said(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        text = "某某公司内部资料|2026|版本\n甲|乙|丙\n客户名称|行业|区域\n甲一工厂|包装|华东\n"
        address = dropped(browser, csv_file(tmp_path, text))
        page = say(browser, address, head_row="2")
        assert last().sheets[0]["head_row"] == 2
        page = say(browser, address, anew="1")
        assert last().sheets[0]["head_row"] == 3
        page = say(browser, address, separator="semicolon")
        assert "客户名称|行业|区域" in page

    def test_a_sheet_can_be_left_out_and_taken_again(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        sheets = {"客户": [["客户名称"], ["甲一工厂"]], "旧客户": [["客户名称"], ["乙二贸易"]]}
        browser = client_as(people.owner)
        address = dropped(browser, xlsx_file(tmp_path, sheets))
        assert last().total == 2
        fields = controls(browser.get(address).text)
        browser.post(f"{address}/trial", fields | {"read": "0"})
        work_off()
        assert (last().total, last().warnings) == (1, [])
        browser.post(f"{address}/trial", {**fields, "read": ["0", "1"]})
        work_off()
        assert last().total == 2

    def test_a_row_can_be_left_out_and_taken_all_the_same(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        make_customer(people.owner, "乙二贸易")
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,行业\n甲一工厂,包装\n乙二贸易,物流\n"))
        page = say(browser, address, **{"row-0-2": "skip", "row-0-3": "fill"})
        assert "Left out, as you said." in browser.get(f"{address}?fate=all").text
        assert "Bring 1 record in" in page
        browser.post(f"{address}/confirm", controls(page))
        work_off()
        assert count(Customer) == 1
        assert named(Customer, "乙二贸易").industry == "物流"

    def test_rows_of_a_page_come_alone_for_htmx(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,行业\n甲一工厂,包装\n"))
        part = browser.get(f"{address}/rows?fate=create", fragment=True).text
        assert part.lstrip().startswith('<section class="panel" id="rows"')
        assert "包装" in part


class TestRemembering:
    def test_a_matching_is_offered_again_and_can_be_forgotten(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.supervisor)
        address = dropped(browser, csv_file(tmp_path, STRANGE), **as_leader(people.supervisor))
        words = {"word-deal.stage-搁置": "lead", "person-小程": str(people.owner.id)}
        say(browser, address, **{**BY_HAND, "column-0": "customer.name,deal.name"})
        page = say(browser, address, **words)
        browser.post(f"{address}/confirm", controls(page))
        work_off()

        more = STRANGE.replace("甲一", "丁四").replace("乙二", "戊五")
        other = client_as(people.admin)
        again = dropped(other, csv_file(tmp_path, more), **as_leader(people.admin))
        page = other.get(again).text
        assert re.search(rf"Matched as on .*2026.* by {people.supervisor.name}\.", page)
        assert "As last time" in page
        assert "Bring 6 records in" in page

        (shape,) = everything(ImportShape)
        other.post(f"{again}/shapes/{shape.id}/removal")
        work_off()
        assert everything(ImportShape) == []
        assert "no column holds this yet: Customer" in other.get(again).text

    def test_a_matching_by_names_alone_is_not_kept(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,行业\n甲一工厂,包装\n"))
        confirm(browser, address)
        work_off()
        assert everything(ImportShape) == []

    def test_rows_handed_back_are_corrected_and_dropped_in_as_they_are(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        text = "公司叫啥,打哪个电话,备注\n甲一工厂,13900000001,好\n,13900000002,没有名字\n"
        address = dropped(browser, csv_file(tmp_path, text))
        page = say(browser, address, **{"column-0": "customer.name"})
        browser.post(f"{address}/confirm", controls(page))
        work_off()
        back = CalamineWorkbook.from_filelike(BytesIO(browser.get(f"{address}/rejects.xlsx").data))
        rows = [list(map(str, row)) for row in back.get_sheet_by_index(0).to_python()]
        assert rows[0][2:] == ["公司叫啥", "打哪个电话", "备注"]
        rows[1][2] = "乙二贸易"

        again = dropped(browser, xlsx_file(tmp_path, {"table": rows}, name="back.xlsx"))
        page = browser.get(again).text
        assert "Bring 2 records in" in page
        browser.post(f"{again}/confirm", controls(page))
        work_off()
        customer = named(Customer, "乙二贸易")
        assert (customer.remarks, count(Customer)) == ("没有名字", 2)


class TestRoles:
    def test_a_rep_gives_no_names_to_others(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称,负责人\n甲一工厂,小程\n"))
        page = browser.get(address).text
        assert 'name="person-小程"' not in page
        browser.post(
            f"{address}/trial", controls(page) | {"person-小程": str(people.supervisor.id)}, status=422
        )

    def test_a_supervisor_gives_names_to_the_own_team_alone(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.supervisor)
        path = csv_file(tmp_path, "客户名称,负责人\n甲一工厂,小程\n")
        address = dropped(browser, path, **as_leader(people.supervisor))
        say(browser, address, 422, **{"person-小程": str(people.outsider.id)})

    def test_a_shape_of_an_import_that_is_not_seen_is_not_found(
        self, tmp_path: Path, people: People, client_as: ClientAs
    ) -> None:
        browser = client_as(people.owner)
        address = dropped(browser, csv_file(tmp_path, "客户名称\n甲一工厂\n"))
        client_as(people.outsider).post(f"{address}/shapes/1/removal", status=404)
        browser.post(f"{address}/shapes/1/removal", status=404)


def test_a_field_of_the_installations_own_can_be_chosen(
    tmp_path: Path, people: People, client_as: ClientAs
) -> None:
    add_field(Subject.CUSTOMER, "付款习惯, 账期")
    browser = client_as(people.owner)
    address = dropped(browser, csv_file(tmp_path, "客户名称,怎么付\n甲一工厂,月结60\n"))
    page = say(browser, address, **{"column-1": "customer.x:付款习惯, 账期"})
    assert last().sheets[0]["columns"][1]["fields"] == ["customer.x:付款习惯, 账期"]
    assert page.count("月结60") == 2


def test_rows_that_name_no_customer_are_given_one(
    people: People, client_as: ClientAs, tmp_path: Path
) -> None:
    browser = client_as(people.supervisor)
    path = csv_file(tmp_path, "机会名称;客户名称;阶段\n一期;甲一工厂;意向\n二期;;意向\n")
    address = dropped(browser, path, **as_leader(people.supervisor))
    assert "客户名称 is empty." in browser.get(address).text
    assert "11010519491231002X" in say(browser, address, 422, customer="11010519491231002X")
    page = say(browser, address, customer="尚未分配")
    assert "is empty." not in page
    assert 'value="尚未分配"' in page

    confirm(browser, address)
    work_off()
    owned = {customer.id: customer.name for customer in everything(Customer)}
    assert {deal.name: owned[deal.customer_id] for deal in everything(Deal)} == {
        "一期": "甲一工厂",
        "二期": "尚未分配",
    }


def test_the_admin_makes_a_field_of_a_column_that_has_none(
    people: People, client_as: ClientAs, tmp_path: Path
) -> None:
    admin = client_as(people.admin)
    path = csv_file(tmp_path, f"机会名称;客户名称;阶段;仓库;{'长' * 70}\n一期;甲一工厂;意向;A3;x\n")
    address = dropped(admin, path, **as_leader(people.admin))
    assert "At most 58 characters." in say(
        admin, address, 422, **{"column-3": "new:deal", "column-4": "new:deal"}
    )
    assert everything(CustomField) == []
    assert "A3" in say(admin, address, **{"column-3": "new:deal"})

    confirm(admin, address)
    work_off()
    (field,) = everything(CustomField)
    assert (field.subject, field.name) == (Subject.DEAL, "仓库")
    assert [value.text for value in everything(CustomValue)] == ["A3"]
    assert "new:deal" not in client_as(people.supervisor).get(address).text


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        (("1,200", "7", ""), FieldKind.NUMBER, ["1200", "7"]),
        (("2026-05-01", "2026/6/2", ""), FieldKind.DATE, ["2026-05-01", "2026-06-02"]),
        (("是", "否", "是"), FieldKind.YES_NO, ["yes", "no", "yes"]),
        (("Gold", "gold", "Tin", "Tin"), FieldKind.CHOICE, ["Gold", "Gold", "Tin", "Tin"]),
    ],
)
def test_a_new_field_is_of_the_kind_that_its_values_look_like(
    people: People,
    client_as: ClientAs,
    tmp_path: Path,
    values: tuple[str, ...],
    kind: FieldKind,
    kept: list[str],
) -> None:
    admin = client_as(people.admin)
    rows = "".join(f"Works {n};{value}\n" for n, value in enumerate(values))
    address = dropped(admin, csv_file(tmp_path, f"客户名称;仓库\n{rows}"), **as_leader(people.admin))
    second = admin.get(address).text.split('name="column-1"')[1]
    offered = re.findall(r'<option value="(new:customer[^"]*)"[^>]*>([^<]*)<', second)
    assert offered[0] == (f"new:customer:{kind}", f"{KIND_NAMES[kind]}, as its values look")
    say(admin, address, 422, **{"column-1": "new:customer:colour"})
    say(admin, address, **{"column-1": offered[0][0]})
    confirm(admin, address)
    work_off()
    (field,) = everything(CustomField)
    assert (field.kind, field.choices) == (kind, ["Gold", "Tin"] if kind is FieldKind.CHOICE else [])
    assert [value.text for value in everything(CustomValue)] == kept


def test_nobody_else_makes_fields(people: People, client_as: ClientAs, tmp_path: Path) -> None:
    supervisor = client_as(people.supervisor)
    address = dropped(
        supervisor, csv_file(tmp_path, "客户名称;仓库\n甲一工厂;A3\n"), **as_leader(people.supervisor)
    )
    assert "new:customer" not in supervisor.get(address).text
    assert "Choose one." in say(supervisor, address, 422, **{"column-1": "new:customer"})
    assert everything(CustomField) == []
