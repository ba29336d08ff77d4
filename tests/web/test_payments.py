"""Payments: planned at winning and later, received in parts, overdue for those who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.installation import installation
from salesboard.service.models import Instalment, Payment
from salesboard.service.queries import due
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def won(people: People) -> Deal:
    return make_deal(people.owner, Stage.WON, amount=Decimal(864_000))


def planned(deal: Deal, by: Any, *lines: tuple[str, int, int]) -> list[Payment]:
    """Instalments by name, days from today and amount."""
    today = installation().today
    wanted = [
        Instalment(None, name, today + timedelta(days=days), Decimal(sum_)) for name, days, sum_ in lines
    ]
    with acting_as_system("a test prepares"), writing():
        Payment.plan(db.session.get_one(Deal, deal.id), wanted, by=by, now=clock.now())
    return of(deal)


def of(deal: Deal) -> list[Payment]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return list(Payment.of(db.session.get_one(Deal, deal.id)))


def lines_sent(*lines: tuple[str, str, str]) -> dict[str, str]:
    names = ("name", "due_on", "amount")
    return {
        f"plan-{n}-{name}": text
        for n, line in enumerate(lines)
        for name, text in zip(names, line, strict=True)
    }


def test_a_plan_is_written_with_the_signing_in_shares_and_outlives_its_undo(
    people: People, client_as: ClientAs
) -> None:
    deal = make_deal(people.owner, Stage.NEGOTIATION, amount=Decimal(864_000))
    browser, today = client_as(people.owner), installation().today.isoformat()
    form = browser.get(f"/deals/{deal.number}/placement?to=won")
    assert "plan-0-amount" in form.get_data(as_text=True)
    note = {
        "stage": "won", "version": deal.version, "occurred_at": f"{today}T08:00", "method": "visit",
        "content": "They signed", "next_step": "Kick-off", "next_due": today, "contract_amount": "864000",
        "signed_on": today, "request_key": "a-key",
    }  # fmt: skip
    bad = lines_sent(("Advance", "", "30%"), ("", "", ""))
    answer = browser.post(f"/deals/{deal.number}/placement", {**note, **bad}, 422)
    assert "Say when it is due." in answer.get_data(as_text=True)
    good = lines_sent(
        ("Advance", today, "30％"), ("Acceptance", "2030-01-31", "50%"), ("", "2031-01-31", "17.28万")
    )
    browser.post(f"/deals/{deal.number}/placement", data={**note, **good})
    assert [payment.amount for payment in of(deal)] == [259_200, 432_000, 172_800]
    page = browser.get(f"/deals/{deal.number}").get_data(as_text=True)
    assert "Acceptance" in page
    assert "The instalments come to" not in page

    placement = page.split('name="placement" value="')[1].split('"')[0]
    browser.post(f"/deals/{deal.number}/undo", data={"placement": placement})
    browser.get(f"/deals/{deal.number}/payments", 404)
    again = browser.get(f"/deals/{deal.number}/placement?to=won").get_data(as_text=True)
    assert 'value="Acceptance"' in again


def test_what_comes_in_is_written_down_in_parts_and_taken_back(
    people: People, client_as: ClientAs, won: Deal
) -> None:
    payment = planned(won, people.owner, ("Acceptance", -6, 432_000))[0]
    browser, today = client_as(people.owner), installation().today
    path = f"/payments/{payment.id}"
    tomorrow = (today + timedelta(days=1)).isoformat()
    for wrong in ({"amount": "0"}, {"amount": "x"}, {"day": tomorrow}, {"day": "1026-01-01"}):
        sent = {"amount": "324000", "day": today.isoformat(), "version": payment.version, **wrong}
        browser.post(path, data=sent, status=422)
    sent = {"amount": "32.4万", "day": today.isoformat(), "version": payment.version}
    browser.post(path, data=sent)
    stale = browser.post(path, data=sent, status=409)
    assert "32.4万" in stale.get_data(as_text=True)
    (kept,) = of(won)
    assert (kept.received, kept.owed) == (324_000, 108_000)
    page = browser.get(f"/deals/{won.number}").get_data(as_text=True)
    assert "6 days overdue" in page

    removal = f"{path}/receipts/{kept.receipts[0].id}/removal"
    browser.post(removal, data={"version": kept.version - 1}, status=409)
    browser.post(removal, data={"version": kept.version})
    assert of(won)[0].received == 0


def test_a_plan_changes_unless_somebody_else_changed_it(
    people: People, client_as: ClientAs, won: Deal
) -> None:
    paid, other = planned(won, people.owner, ("Advance", 0, 300_000), ("Rest", 30, 500_000))
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Payment, paid.id)
        held.receive(Decimal(5), installation().today, by=people.owner, now=clock.now(), expected_version=1)
    browser, version, path = client_as(people.supervisor), won.version, f"/deals/{won.number}/payments"
    page = browser.get(path).get_data(as_text=True)
    assert 'value="Advance"' in page
    without_paid = {"version": version, "plan-0-payment": other.id} | lines_sent(
        ("Rest", "2030-02-01", "500000")
    )
    refused = browser.post(path, data=without_paid, status=422)
    assert "cannot be taken out" in refused.get_data(as_text=True)
    both = {"version": version, "plan-0-payment": paid.id, "plan-1-payment": other.id} | lines_sent(
        ("Advance", "2030-01-01", "300000"), ("Rest", "2030-02-01", "500000")
    )
    browser.post(path, data=both)
    assert [payment.due_on.year for payment in of(won)] == [2030, 2030]
    changed = both | {"plan-1-amount": "1"}
    stale = browser.post(path, data=changed, status=409)
    assert "meanwhile" in stale.get_data(as_text=True)
    assert of(won)[1].amount == 500_000


def test_what_is_awaited_is_listed_by_how_long_it_is_overdue(
    people: People, client_as: ClientAs, won: Deal
) -> None:
    planned(won, people.owner, ("Late", -45, 300), ("Old", -100, 200), ("Coming", 9, 100))
    other = make_deal(people.outsider, Stage.WON, customer=make_customer(people.outsider, "Far Away"))
    planned(other, people.outsider, ("Theirs", -45, 7))
    negotiated = make_deal(
        people.owner, Stage.NEGOTIATION, name="Unsigned", customer=make_customer(people.owner, "B")
    )
    planned(negotiated, people.owner, ("Unsigned instalment", -45, 7))

    browser = client_as(people.owner)
    with counted_selects() as few:
        page = browser.get("/payments").get_data(as_text=True)
    assert all(name in page for name in ("Late", "Old", "Coming"))
    assert "Theirs" not in page
    assert "Unsigned instalment" not in page
    between = browser.get("/payments?overdue=60&owner=me").get_data(as_text=True)
    assert "Late" in between
    assert "Coming" not in between
    assert ">Old<" not in between
    planned(make_deal(people.owner, Stage.WON, customer=won.customer), people.owner, *(("More", -9, 9),) * 20)
    with counted_selects() as many:
        browser.get("/payments")
    assert len(many) == len(few)

    today = installation().today
    with acting_as(people.owner.viewer()):
        coming = due(Deal.owner_id == people.owner.id, today + timedelta(days=9), since=today)
        assert [(each.payment.name, each.owed) for each in coming] == [("Coming", 100)]
