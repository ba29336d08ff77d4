"""An import that was broken off goes on, each row once; one that was stopped leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import CustomerStatus
from salesboard.database import writing
from salesboard.deals.models import Deal, Placement
from salesboard.deals.rules import Stage
from salesboard.exchange import pieces, running
from salesboard.exchange.models import Fate, Import, ImportState, OnDuplicate
from salesboard.exchange.reasons import Reason
from salesboard.exchange.traces import ImportTrace
from salesboard.followups.models import FollowUp
from tests.domain.exchange.bringing import (
    brought,
    confirmed,
    count,
    everything,
    fates,
    faults,
    named,
    table,
    tried,
    undo,
    workbook,
)
from tests.standing import People, make_customer, make_deal

RECORDS = (Customer, Contact, Deal, Placement, FollowUp, User)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "AT_ONCE", 2)


def bring_in(found: Import, transaction: Callable[[], object] = writing) -> None:
    with acting_as_system("a test brings in"):
        running.bring_in(found, transaction=transaction)


def broken_off_again_and_again(found: Import) -> int:
    """Brings in, allowing one step more each time; how often it was broken off."""
    for steps in range(60):
        left = [steps]

        @contextmanager
        def transaction(left: list[int] = left) -> Iterator[None]:
            with writing():
                yield
                left[0] -= 1
                if left[0] < 0:
                    raise ConnectionError

        try:
            bring_in(found, transaction)
        except ConnectionError:
            assert faults() == []
            continue
        return steps
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize("on_duplicate", list(OnDuplicate))
def test_each_row_comes_in_once_however_often_it_is_broken_off(
    tmp_path: Path, people: People, small_steps: None, on_duplicate: OnDuplicate
) -> None:
    make_deal(
        people.owner, Stage.LEAD, customer=make_customer(people.owner, "弹珠轴承有限公司"), name="弹珠产线"
    )
    before = [count(model) for model in RECORDS]
    undo(brought(workbook(tmp_path), by=people.admin, on_duplicate=on_duplicate))
    assert [count(model) for model in RECORDS[:3]] == before[:3]
    at_once = brought(workbook(tmp_path), by=people.admin, on_duplicate=on_duplicate)
    whole = [count(model) for model in RECORDS]
    undo(at_once)

    found = confirmed(tried(workbook(tmp_path), by=people.admin, on_duplicate=on_duplicate))
    assert broken_off_again_and_again(found) > 3

    assert found.state is ImportState.DONE
    assert [count(model) for model in RECORDS[:3]] == whole[:3]
    assert count(User) == whole[-1]
    assert found.counts == at_once.counts
    assert faults() == []
    assert undo(found).kept == []
    assert [count(model) for model in RECORDS[:3]] == before[:3]


def test_a_customer_with_many_deals_comes_in_by_pieces(
    tmp_path: Path, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "AT_ONCE", 20)
    rows = [("One Works", f"Line {n}", "已签约" if n == 20 else "意向", "1万") for n in range(1, 31)]
    found = confirmed(tried(table(tmp_path, "客户名称 机会名称 当前阶段 预估金额", *rows), by=people.owner))
    steps = []

    @contextmanager
    def transaction() -> Iterator[None]:
        with writing():
            yield
        steps.append(count(Deal))

    bring_in(found, transaction)

    assert max(after - before for before, after in pairwise(steps)) == 4
    assert steps[-1] == 30
    assert named(Customer, "One Works").status is CustomerStatus.WON
    assert faults() == []


def test_a_person_may_stop_it_and_nothing_stays(tmp_path: Path, people: People, small_steps: None) -> None:
    staff = count(User)
    found = confirmed(tried(workbook(tmp_path), by=people.admin))
    began = []

    def stop_after_some(done: int, _total: int) -> None:
        began.append(done)
        if len(began) == 2:
            with writing():
                found.ask_for_undo(by=people.admin, now=clock.now(), later=False)

    with acting_as_system("a test brings in"):
        running.bring_in(found, progress=stop_after_some)
        assert (len(began), found.state) == (2, ImportState.UNDOING)
        running.undo(found)

    assert (found.state, found.reason) == (ImportState.FAILED, Reason("stopped"))
    assert [count(model) for model in RECORDS[:5]] == [0] * 5
    assert (count(User), count(ImportTrace)) == (staff, 0)


def test_what_was_confirmed_is_what_comes_in(tmp_path: Path, people: People) -> None:
    """Records that changed so that a row fares otherwise lead to another look at the trial run."""
    path = table(tmp_path, "客户名称 所属行业", ("First Works", "Paper"), ("Second Works", "Print"))
    found = confirmed(tried(path, by=people.owner))
    make_customer(people.owner, "Second Works")

    bring_in(found)

    assert (found.state, found.has_changed) == (ImportState.PLANNED, True)
    assert [fate for _row, fate, _why in fates(found)] == [Fate.CREATE, Fate.SKIP]
    assert [customer.name for customer in everything(Customer)] == ["Second Works"]
    bring_in(confirmed(found))
    assert (found.state, found.has_changed, count(Customer)) == (ImportState.DONE, False, 2)


def test_an_import_under_way_does_not_ask_again(tmp_path: Path, people: People, small_steps: None) -> None:
    """Once rows are in, the rest follows: asking again would leave it half done."""
    path = table(tmp_path, "客户名称 所属行业", *((f"Works {n}", "Paper") for n in range(4)))
    found = confirmed(tried(path, by=people.owner))
    calls = []

    @contextmanager
    def transaction() -> Iterator[None]:
        with writing():
            yield
        calls.append(count(Customer))
        if calls[-1] >= 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        bring_in(found, transaction)
    make_customer(people.owner, "Works 3")
    bring_in(found)

    assert found.state is ImportState.DONE
    assert sorted(customer.name for customer in everything(Customer)) == [f"Works {n}" for n in range(4)]
