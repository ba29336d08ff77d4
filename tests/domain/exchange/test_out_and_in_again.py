"""What goes out comes in again: nothing is created, nothing is changed, and the teams' own sheets are as they were."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from salesboard.exchange.columns import match_book
from salesboard.exchange.export_sheets import OWN_SHEETS
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import Import, OnDuplicate
from salesboard.exchange.options import Options
from salesboard.exchange.reading import open_book
from salesboard.exchange.records import RowRecords
from salesboard.exchange.rows import read_rows
from tests.domain.exchange.bringing import brought, tried
from tests.domain.exchange.going_out import taken_out
from tests.rules.exchange.making import GIVEN, SAMPLES, needs_given
from tests.standing import People

OWN = ("客户管理数据库.xlsx", "销售客户管理绩效表.xlsx", "客户进度管理表.csv", "销售过程跟踪记录表.xlsx")
DOUBLES = {"samples": {OWN[0]: 1}, "given": {OWN[0]: 4}}
"""How many customers stand in a file a second time: those come out once."""


def touched(found: Import) -> dict[str, dict[str, int]]:
    """What an import would make, change or refuse."""
    told = {
        kind: {name: counts[name] for name in ("created", "updated", "rejected") if counts[name]}
        for kind, counts in found.counts.items()
    }
    return {kind: counts for kind, counts in told.items() if counts}


def said(path: Path) -> Counter[str]:
    """What the rows of a file say, in whatever words and forms."""
    matched = match_book(open_book(path), Options())
    rows = [row for sheet in matched.sheets for row in read_rows(sheet) if isinstance(row, RowRecords)]
    return Counter(repr((row.customer, row.contact, row.deal, row.followup)) for row in rows)


def prove_round_trip(file: Path, doubles: int, folder: Path, people: People) -> None:
    brought(file, by=people.admin)

    before, after = said(file), said(taken_out(folder, file.stem))
    assert after - before == Counter()
    assert (before - after).total() == doubles
    for what in (*OWN_SHEETS, *Kind):
        again = tried(taken_out(folder, what), by=people.admin, on_duplicate=OnDuplicate.UPDATE)
        assert touched(again) == {}, what


@pytest.mark.parametrize("name", OWN)
def test_each_of_the_four_files_comes_out_as_it_came_in(people: People, tmp_path: Path, name: str) -> None:
    prove_round_trip(SAMPLES / "sheets" / name, DOUBLES["samples"].get(name, 0), tmp_path, people)


@needs_given
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", OWN)
def test_so_do_the_files_of_a_real_team(people: People, tmp_path: Path, name: str) -> None:
    prove_round_trip(GIVEN / "sheets" / name, DOUBLES["given"].get(name, 0), tmp_path, people)


def test_all_four_files_together_change_nothing_when_they_come_again(people: People, tmp_path: Path) -> None:
    for name in OWN:
        brought(SAMPLES / "sheets" / name, by=people.admin)

    for what in (*OWN_SHEETS, *Kind):
        for form in ("xlsx", "csv", "csv-gb18030"):
            if form == "xlsx" or what != "客户管理数据库":
                again = tried(taken_out(tmp_path, what, form=form), by=people.admin, on_duplicate="update")
                assert touched(again) == {}, (what, form)
