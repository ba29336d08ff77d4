"""What counts and what does not: facts read from a database in which deals took their course."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from salesboard.access import acting_as, acting_as_system
from salesboard.database import writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import LostReason, Stage
from salesboard.insight.facts import Facts, RowSet
from salesboard.insight.metrics import BY_CODE, Figure, Value, figures
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from tests.browsing import counted_selects
from tests.domain.insight.course import Course
from tests.standing import People, make_customer


def facts_of(period: str, scope: Scope | None = None) -> Facts:
    with acting_as_system("a test counts"):
        return Reading.here(scope or Scope(), Period.parse(period)).as_things_stand()


def numbers(period: str, scope: Scope | None = None) -> dict[str, Value]:
    counted = figures(facts_of(period, scope))
    return {code: figure.value if figure else None for code, figure in counted.items()}


def by_stage(period: str, code: str) -> dict[str, dict[str, float | None]]:
    value = BY_CODE[code].figure(facts_of(period))
    assert isinstance(value, Figure)
    assert isinstance(value.value, dict)
    return value.value


def test_an_empty_database_has_no_ratio_and_sums_of_nought(app: Flask, people: People) -> None:
    counted = numbers("2026Q1")

    assert (counted["signed_amount"], counted["signed_deals"], counted["notes_written"]) == (0, 0, 0)
    assert counted["win_rate"] is counted["average_deal"] is counted["cycle_days"] is None
    assert counted["lead_conversion"] is counted["on_time_notes"] is None


class TestClosing:
    @pytest.fixture(autouse=True)
    def _closed(self, people: People) -> None:
        Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000.50")
        Course(people.owner, "2026-01-05").to(Stage.WON, "2026-03-31", contract="2000.25").to(
            Stage.SERVICE, "2026-04-20"
        )
        Course(people.teammate, "2026-01-05").to(Stage.PROPOSAL, "2026-01-10").lose("2026-02-10")
        Course(people.owner, "2026-01-05").to(Stage.WON, "2026-04-01", contract="9000")

    def test_the_quarter(self) -> None:
        counted = numbers("2026Q1")

        assert counted["signed_amount"] == Decimal("3000.75")
        assert counted["signed_deals"] == 2
        assert counted["average_deal"] == Decimal("1500.375")
        assert counted["win_rate"] == pytest.approx(2 / 3)
        assert counted["cycle_days"] == {"mean": 57.5, "median": 57.5, "p90": 79.5}

    def test_the_first_and_the_last_day_belong_to_the_period(self) -> None:
        assert numbers("2026-03-31..2026-03-31")["signed_deals"] == 1
        assert numbers("2026-04-01..2026-04-01")["signed_deals"] == 1
        assert numbers("2026-02-05..2026-03-30")["signed_deals"] == 0

    def test_each_scope_has_its_own(self, people: People) -> None:
        assert numbers("2026Q1", Scope(person=people.owner))["win_rate"] == 1.0
        assert numbers("2026Q1", Scope(person=people.teammate))["win_rate"] == 0.0
        assert numbers("2026Q1", Scope(tuple(people.owner.teams)))["win_rate"] == pytest.approx(2 / 3)
        assert numbers("2026Q1", Scope(tuple(people.outsider.teams)))["win_rate"] is None

    def test_why_a_deal_was_lost_is_among_its_facts(self, people: People) -> None:
        Course(people.owner, "2026-01-05").lose("2026-01-20", LostReason.NO_BUDGET)

        lost = [fact.reason for fact in facts_of("2026Q1")[RowSet.CLOSED] if fact.is_lost]
        assert sorted(map(str, lost)) == ["no_budget", "price"]


def test_a_deal_counts_by_what_it_is_now(app: Flask, people: People) -> None:
    """Won and moved back it is open again; lost and reopened it is not lost."""
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-02", contract="1000").to(
        Stage.PROPOSAL, "2026-02-09"
    )
    Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-10").lose("2026-02-10").reopen("2026-02-20")
    Course(people.owner, "2026-01-05").lose("2026-02-10").reopen("2026-02-20").to(
        Stage.WON, "2026-02-27", contract="500"
    )

    counted = numbers("2026Q1")
    assert (counted["signed_amount"], counted["win_rate"]) == (Decimal("500.00"), 1.0)


def test_what_was_undone_never_counts(app: Flask, people: People) -> None:
    Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-10").undo()
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-02", contract="1000").undo()
    Course(people.owner, "2026-01-05").lose("2026-02-02").undo()

    counted = numbers("2026Q1")
    assert counted["lead_conversion"] == 0.0
    assert counted["signed_deals"] == 0
    assert counted["win_rate"] is None
    assert counted["notes_written"] == 0
    stages = by_stage("2026Q1", "stage_conversion")
    assert (stages["lead"]["n"], stages["lead"]["onward"], stages["intent"]["n"]) == (3, 0.0, 0)


class TestLeadConversion:
    def test_is_of_the_deals_created_in_the_period_whenever_they_went_on(
        self, app: Flask, people: People
    ) -> None:
        Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-05-10")
        Course(people.owner, "2026-03-31")
        Course(people.owner, "2026-01-05").lose("2026-01-20")
        Course(people.owner, "2026-04-01").to(Stage.INTENT, "2026-04-02")

        lead = BY_CODE["lead_conversion"].figure(facts_of("2026Q1"))
        assert lead is not None
        assert (lead.numerator, lead.denominator) == (1, 3)

    def test_one_that_came_back_to_lead_has_reached_intent_all_the_same(
        self, app: Flask, people: People
    ) -> None:
        Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-10").to(Stage.LEAD, "2026-01-20")

        assert numbers("2026Q1")["lead_conversion"] == 1.0


class TestStageConversion:
    def test_follows_each_deal_from_the_stages_it_entered_in_the_period(
        self, app: Flask, people: People
    ) -> None:
        Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-10").to(Stage.PROPOSAL, "2026-04-10")
        Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-12").lose("2026-02-01")
        Course(people.owner, "2025-12-05").to(Stage.INTENT, "2026-01-12")

        stages = by_stage("2026Q1", "stage_conversion")
        assert stages["lead"] == {"onward": 1.0, "lost": 0.5, "onward_n": 2, "lost_n": 1, "n": 2}
        assert stages["intent"]["n"] == 3
        assert stages["intent"]["onward"] == pytest.approx(1 / 3)
        assert stages["intent"]["lost"] == pytest.approx(1 / 3)
        assert stages["proposal"]["n"] == 0

    def test_a_stage_that_was_entered_again_counts_once(self, app: Flask, people: People) -> None:
        Course(people.owner, "2026-01-05").to(Stage.INTENT, "2026-01-10").to(Stage.LEAD, "2026-01-20").to(
            Stage.INTENT, "2026-01-25"
        )

        stages = by_stage("2026Q1", "stage_conversion")
        assert (stages["lead"]["n"], stages["intent"]["n"]) == (1, 1)

    def test_where_it_had_been_before_is_not_going_on(self, app: Flask, people: People) -> None:
        Course(people.owner, "2026-01-05").to(Stage.PROPOSAL, "2026-01-10").to(Stage.INTENT, "2026-04-20")

        assert by_stage("2026Q2", "stage_conversion")["intent"]["onward"] == 0.0


class TestStageDays:
    def test_are_working_days_of_the_stays_that_signed_deals_have_left(
        self, app: Flask, people: People
    ) -> None:
        # 2026-03-02 is a Monday: five working days to the next, three more to Thursday
        Course(people.owner, "2026-03-02").to(Stage.PROPOSAL, "2026-03-09").to(
            Stage.WON, "2026-03-12", contract="1000"
        )
        Course(people.owner, "2026-03-02").to(Stage.PROPOSAL, "2026-03-31")

        stages = by_stage("2026Q1", "stage_days")
        assert stages["lead"] == {"mean": 5.0, "median": 5.0, "p90": 5.0, "n": 1}
        assert stages["proposal"]["mean"] == 3.0
        assert stages["won"]["n"] == 0

    def test_two_stays_in_one_stage_are_added_up(self, app: Flask, people: People) -> None:
        Course(people.owner, "2026-03-02").to(Stage.INTENT, "2026-03-04").to(Stage.LEAD, "2026-03-09").to(
            Stage.WON, "2026-03-10", contract="1000"
        )

        stages = by_stage("2026Q1", "stage_days")
        assert (stages["lead"]["mean"], stages["lead"]["n"]) == (3.0, 1)
        assert stages["intent"]["mean"] == 3.0


class TestWarnedDeals:
    def test_are_those_past_their_stages_warning_as_of_now(self, app: Flask, people: People, freeze) -> None:
        freeze(datetime(2026, 3, 20, 4, tzinfo=UTC))
        Course(people.owner, "2026-03-16")  # 4 working days: in time
        Course(people.owner, "2026-03-13")  # 5: warned
        Course(people.owner, "2026-03-05")  # 11: overdue
        Course(people.owner, "2026-03-02").lose("2026-03-03")

        counted = numbers("2026Q1")
        assert (counted["warned_deals"], counted["overdue_deals"]) == (2, 1)

    def test_of_the_past_nothing_is_known(self, app: Flask, people: People) -> None:
        with acting_as_system("a test counts"):
            past = Reading.here(Scope(), Period.parse("2025")).over_the_period()

        assert figures(past)["warned_deals"] is None


class TestNotes:
    NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)

    def test_count_by_author_and_by_when_the_talk_took_place(self, app: Flask, people: People) -> None:
        course = Course(people.owner, "2026-03-02")
        course.talk(self.NOON, self.NOON + timedelta(hours=24))
        course.talk(self.NOON, self.NOON + timedelta(hours=25), by=people.teammate)
        course.talk(datetime(2026, 2, 28, 4, tzinfo=UTC), self.NOON)

        month = numbers("2026-03")
        assert (month["notes_written"], month["on_time_notes"]) == (2, 0.5)
        assert numbers("2026-03", Scope(person=people.owner))["on_time_notes"] == 1.0
        assert numbers("2026-03", Scope(person=people.teammate))["on_time_notes"] == 0.0

    def test_imported_ones_are_written_but_neither_on_time_nor_late(self, app: Flask, people: People) -> None:
        Course(people.owner, "2026-03-02").talk(self.NOON, self.NOON + timedelta(days=99), imported=True)

        month = numbers("2026-03")
        assert (month["notes_written"], month["on_time_notes"]) == (1, None)

    def test_the_systems_own_records_never_count(self, app: Flask, people: People) -> None:
        Course(people.owner, "2026-03-02")

        assert numbers("2026-03")["notes_written"] == 0

    def test_the_zones_midnight_parts_the_months(self, app: Flask, people: People) -> None:
        midnight = datetime(2026, 3, 31, 16, tzinfo=UTC)
        course = Course(people.owner, "2026-03-02")
        course.talk(midnight - timedelta(seconds=1), midnight)
        course.talk(midnight, midnight)

        assert numbers("2026-03")["notes_written"] == 1
        assert numbers("2026-04")["notes_written"] == 1
        with writing():
            installation().timezone = "America/New_York"
        assert numbers("2026-03")["notes_written"] == 2


def test_facts_are_read_through_the_readers_eyes(app: Flask, people: People) -> None:
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")

    with acting_as(people.outsider.viewer()):
        seen = Reading.here(Scope(), Period.parse("2026Q1")).as_things_stand()
    assert not any(seen.values())


def test_the_number_of_selects_does_not_grow_with_the_people(app: Flask, people: People) -> None:
    def selects() -> int:
        with counted_selects() as statements:
            facts_of("2026Q1")
        return len(statements)

    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")
    few = selects()
    for person in (people.teammate, people.outsider, people.supervisor):
        customer = make_customer(person, name=f"Customer of {person.name}")
        for _n in range(3):
            Course(person, "2026-01-05", customer=customer).to(Stage.WON, "2026-02-04", contract="1000")
    assert selects() == few <= 20


def test_signed_before_it_was_created_says_nothing_about_the_cycle(app: Flask, people: People) -> None:
    course = Course(people.owner, "2026-03-02").to(Stage.WON, "2026-03-04", contract="1000")
    with acting_as_system("a test prepares"), writing():
        deal = Deal.locked(course.deal.number)
        assert deal is not None
        deal.signed_on = deal.created_on - timedelta(days=3)

    counted = numbers("2026Q1")
    assert (counted["signed_deals"], counted["cycle_days"]) == (1, None)
