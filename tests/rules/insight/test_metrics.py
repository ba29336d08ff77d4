"""Each number by an example that one can follow by hand, and what must hold of all of them."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.database import packed, unpacked
from salesboard.insight.facts import Cut, Fact, Facts, RowSet, divided
from salesboard.insight.metrics import BY_CODE, METRICS, Figure, Unit, figures, quantile, spread, wilson
from tests.rules.insight.examples import all_sets, fact


def figure(code: str, *rows: Fact) -> Figure:
    metric = BY_CODE[code]
    found = metric.figure(all_sets(**{metric.rows.value: list(rows)}))
    assert found is not None
    return found


def won(amount: str, days: int | None = 10, **values: Any) -> Fact:
    return fact(amount=Decimal(amount), days=days, is_hit=True, **values)


def lost(**values: Any) -> Fact:
    return fact(amount=Decimal(500), is_hit=False, is_lost=True, stage="proposal", **values)


def test_signed_amount_and_deals_are_of_the_signed_alone() -> None:
    rows = won("100.10"), won("200.20"), lost()

    assert figure("signed_amount", *rows).value == Decimal("300.30")
    assert figure("signed_deals", *rows).value == 2
    assert figure("signed_amount", *rows).n == 2


def test_average_deal() -> None:
    assert figure("average_deal", won("100"), won("201"), lost()).value == Decimal("150.5")


def test_win_rate() -> None:
    rate = figure("win_rate", won("1"), won("1"), won("1"), lost())

    assert (rate.value, rate.numerator, rate.denominator, rate.n) == (0.75, 3, 4, 4)


def test_cycle_days() -> None:
    rows = [won("1", days) for days in (10, 20, 30, 40, 100)]
    cycle = figure("cycle_days", *rows, lost())

    assert cycle.value == {"mean": 40.0, "median": 30.0, "p90": 76.0}
    assert (cycle.numerator, cycle.denominator) == (200, 5)


def test_cycle_days_leave_out_what_was_signed_before_it_was_created() -> None:
    assert figure("cycle_days", won("1", 10), won("1", None)).n == 1


def test_lead_conversion() -> None:
    rows = fact(is_hit=True), fact(is_hit=False), fact(is_hit=False), fact(is_hit=False)

    assert figure("lead_conversion", *rows).value == 0.25


def test_stage_conversion_says_what_went_on_and_what_was_lost() -> None:
    rows = (
        fact(at_stage="intent", is_hit=True),
        fact(at_stage="intent", is_hit=True, is_lost=True),
        fact(at_stage="intent", is_hit=False, is_lost=True),
        fact(at_stage="intent", is_hit=False),
        fact(at_stage="proposal", is_hit=True),
    )
    by_stage = figure("stage_conversion", *rows).value
    assert isinstance(by_stage, dict)

    assert by_stage["intent"] == {"onward": 0.5, "lost": 0.5, "onward_n": 2, "lost_n": 2, "n": 4}
    assert by_stage["proposal"]["onward"] == 1.0
    assert by_stage["lead"] == {"onward": None, "lost": None, "onward_n": 0, "lost_n": 0, "n": 0}
    assert list(by_stage) == ["lead", "intent", "proposal", "negotiation", "won"]


def test_stage_days() -> None:
    rows = [fact(at_stage="lead", days=days) for days in (1, 2, 9)]
    by_stage = figure("stage_days", *rows).value
    assert isinstance(by_stage, dict)

    assert by_stage["lead"] == {"mean": 4.0, "median": 2.0, "p90": 7.6, "n": 3}
    assert by_stage["intent"] == {"mean": None, "median": None, "p90": None, "n": 0}


def test_warned_deals_hold_the_overdue_ones() -> None:
    rows = fact(is_hit=False), fact(is_hit=False), fact(is_hit=True)

    assert figure("warned_deals", *rows).value == 3
    assert figure("overdue_deals", *rows).value == 1


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0), (6, 8, 0.4093, 0.9285), (50, 100, 0.4038, 0.5962)],
)
def test_a_share_lies_in_its_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_narrows_with_more_rows(sample: tuple[int, int]) -> None:
    hits, n = sample
    low, high = wilson(hits, n) or (1, 0)
    narrow = wilson(10 * hits, 10 * n) or (0, 1)

    assert 0 <= low <= hits / n <= high <= 1
    assert narrow[1] - narrow[0] < high - low


def test_nothing_lies_anywhere() -> None:
    assert wilson(0, 0) is None


def test_the_follow_up_rate_counts_weeks_and_says_how_many_customers() -> None:
    rate = figure("follow_up_rate", fact(weeks_kept=3, weeks=4), fact(weeks_kept=0, weeks=1))

    assert (rate.value, rate.numerator, rate.denominator, rate.n) == (0.6, 3, 5, 2)


def test_new_customer_growth_is_over_those_of_the_period_before() -> None:
    rows = [fact(is_hit=True)] * 3 + [fact(is_hit=False)] * 4

    assert figure("new_customers", *rows).value == 3
    assert figure("new_customer_growth", *rows).value == -0.25
    assert figure("new_customer_growth", fact(is_hit=True)).value is None


def test_the_forecast_is_amount_times_probability_to_the_cent() -> None:
    rows = [fact(amount=Decimal("0.05"), probability=50, month="2026-04")] * 3

    assert figure("forecast", *rows, fact(probability=90)).value == {"": 0, "2026-04": Decimal("0.075")}


@pytest.mark.parametrize(
    "code", ["needs_accuracy", "objections_settled", "retained_customers", "tasks_on_time"]
)
def test_shares_of_what_is_judged(code: str) -> None:
    share = figure(code, fact(is_hit=True), fact(is_hit=True), fact(is_hit=False), fact(is_hit=False))

    assert (share.value, share.numerator, share.denominator) == (0.5, 2, 4)


def test_on_time_notes_leave_out_those_of_which_nobody_can_say() -> None:
    rows = fact(is_hit=True), fact(is_hit=True), fact(is_hit=False), fact(is_hit=None)

    assert figure("notes_written", *rows).value == 4
    assert figure("on_time_notes", *rows).value == pytest.approx(2 / 3)
    assert figure("on_time_notes", *rows).n == 3


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.code)
def test_of_nothing_a_ratio_is_nothing_and_a_sum_is_nought(metric: Any) -> None:
    nothing = figure(metric.code)

    if metric.is_total:
        assert nothing.value == 0
    elif metric.unit is Unit.BY_STAGE:
        assert isinstance(nothing.value, dict)
        assert all(part["n"] == 0 for part in nothing.value.values())
    elif metric.unit is Unit.BY_MONTH:
        assert nothing.value == {}
    else:
        assert nothing.value is None
    assert nothing.n == 0


def test_what_was_not_read_is_not_known() -> None:
    past: Facts = {name: [] for name in RowSet if name is not RowSet.WARNED}

    assert figures(past)["warned_deals"] is None
    assert figures(past)["signed_deals"] is not None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([7], Fraction(9, 10), 7), ([1, 2], Fraction(1, 2), 1.5), ([4, 1, 3, 2], Fraction(9, 10), 3.7)],
)
def test_a_quantile_lies_in_proportion_between_its_neighbours(
    values: list[int], share: Fraction, expected: float
) -> None:
    assert quantile(values, share) == pytest.approx(expected)


@given(st.lists(st.integers(0, 4000), min_size=1))
def test_a_spread_keeps_its_order_and_agrees_with_the_books(values: list[int]) -> None:
    found = spread(values)
    assert found is not None

    assert found["mean"] == pytest.approx(mean(values))
    assert found["median"] == pytest.approx(median(values))
    assert min(values) <= found["median"] <= found["p90"] <= max(values)


some_facts = st.lists(
    st.builds(
        fact,
        owner=st.sampled_from(["a@example.com", "b@example.com"]),
        level=st.sampled_from(["key", "normal", "potential"]),
        industry=st.sampled_from(["steel", "food", None]),
        region=st.sampled_from(["East", None]),
        source=st.sampled_from(["fair", "online", None]),
        stage=st.sampled_from(["lead", "won", None]),
        at_stage=st.sampled_from(["lead", "intent", "won"]),
        amount=st.decimals(0, 10**7, places=2) | st.none(),
        days=st.integers(0, 400),
        is_hit=st.sampled_from([True, False, None]),
        is_lost=st.booleans(),
        weeks_kept=st.integers(0, 3),
        weeks=st.integers(4, 6),
        probability=st.integers(0, 100),
        month=st.sampled_from(["2026-04", "2026-05", None]),
    ),
    max_size=12,
)
any_facts = st.builds(all_sets, **{name.value: some_facts for name in RowSet})


@given(any_facts, st.sampled_from(Cut))
def test_every_cut_adds_up_to_the_whole(facts: Facts, cut: Cut) -> None:
    whole = figures(facts)
    parts = [figures(part) for part in divided(facts, cut).values()]

    for code, figure_of_all in whole.items():
        assert figure_of_all is not None
        of_parts = [part[code] for part in parts]
        assert sum(_n(part) for part in of_parts) == figure_of_all.n
        if figure_of_all.numerator is not None:
            assert sum(part.numerator or 0 for part in of_parts if part) == figure_of_all.numerator


@given(any_facts)
def test_as_many_rows_stand_behind_a_number_as_it_says(facts: Facts) -> None:
    for metric in METRICS:
        found = metric.figure(facts)
        assert found is not None
        counted = metric.chosen(facts)
        if metric.code == "stage_conversion":
            assert isinstance(found.value, dict)
            by_stage = {stage: part["n"] for stage, part in found.value.items()}
            assert by_stage == {stage: sum(row.at_stage == stage for row in counted) for stage in by_stage}
        assert found.n == len(counted)


@given(some_facts)
def test_a_fact_survives_being_frozen(rows: list[Fact]) -> None:
    for row in rows:
        assert Fact.read(unpacked(packed([row]))[0]) == row


def test_a_fact_of_an_older_report_is_read_without_what_was_not_kept_then() -> None:
    kept_since = ("customer_number", "words", "weeks_kept", "weeks", "probability", "month")
    older = json.loads(json.dumps(fact(is_hit=True, words="Too dear"), default=str))[: -len(kept_since)]

    assert Fact.read(older) == fact(is_hit=True)


def _n(figure: Figure | None) -> int:
    return figure.n if figure else 0
