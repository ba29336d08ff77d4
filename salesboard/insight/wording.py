"""How the numbers, periods, scopes and findings of an evaluation are put into words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.customers.rules import Level
from salesboard.deals.rules import LostReason, Stage
from salesboard.deals.stages import stage_settings
from salesboard.deals.wording import LOST_REASON_NAMES
from salesboard.errors import Refused
from salesboard.formats import day, grouped, money_unit, percent, short_money
from salesboard.insight.facts import Cut, Fact, RowSet
from salesboard.insight.metrics import BY_CODE, SMALL_SAMPLE, Unit
from salesboard.insight.periods import Period, PeriodKind
from salesboard.tasks.rules import KeyNode
from salesboard.tasks.wording import NODE_NAMES

if TYPE_CHECKING:
    from salesboard.insight.models import Report

METRIC_NAMES = {
    "signed_amount": _l("Signed amount"),
    "signed_deals": _l("Signed deals"),
    "average_deal": _l("Average deal"),
    "win_rate": _l("Win rate"),
    "cycle_days": _l("Days from creation to signing"),
    "lead_conversion": _l("Lead conversion"),
    "stage_conversion": _l("Stage conversion"),
    "stage_days": _l("Days in each stage"),
    "warned_deals": _l("Deals past their warning now"),
    "overdue_deals": _l("Deals past their limit now"),
    "notes_written": _l("Follow-ups written"),
    "on_time_notes": _l("On-time notes"),
    "follow_up_rate": _l("Follow-up rate"),
    "tasks_on_time": _l("Tasks done on time"),
    "needs_accuracy": _l("Needs accuracy"),
    "objections_settled": _l("Objections settled"),
    "new_customers": _l("New customers"),
    "new_customer_growth": _l("New-customer growth"),
    "retained_customers": _l("Retained customers"),
    "forecast": _l("Forecast"),
}
DEFINITIONS = {
    "signed_amount": _l("Contract amounts of the deals whose signing date lies in the period."),
    "signed_deals": _l("Deals whose signing date lies in the period."),
    "average_deal": _l("Signed amount ÷ signed deals."),
    "win_rate": _l("Won ÷ (won + lost), of the deals closed in the period."),
    "cycle_days": _l("Days from creation to signing, of the deals signed in the period."),
    "lead_conversion": _l(
        "Of the deals created in the period, those that ever reached intent or beyond ÷ all."
    ),
    "stage_conversion": _l(
        "Of the deals that entered the stage in the period, those that went on to a later stage ÷ all."
    ),
    "stage_days": _l("Working days that the deals signed in the period had spent in each stage."),
    "warned_deals": _l("Open deals past their stage's warning, as of the report's moment."),
    "overdue_deals": _l("Open deals past their stage's limit, as of the report's moment."),
    "notes_written": _l("Follow-ups that took place in the period, by their author."),
    "on_time_notes": _l("Follow-ups written within 24 hours of the talk ÷ all; imported ones are left out."),
    "follow_up_rate": _l(
        "Customers followed up within their level's cadence ÷ active customers, over the weeks of the period."
    ),
    "tasks_on_time": _l("Tasks done by the day they were due ÷ all that were due in the period."),
    "needs_accuracy": _l("Proposals that met the need fully ÷ proposals judged in the period."),
    "objections_settled": _l("Objections settled by now ÷ all that were raised in the period."),
    "new_customers": _l("Customers first spoken with in the period."),
    "new_customer_growth": _l("New customers of the period ÷ those of the period before − 1."),
    "retained_customers": _l(
        "Customers won before, with a follow-up or a new deal in the period ÷ all customers won before."
    ),
    "forecast": _l("Amount × probability of the open deals, by the month in which they are expected."),
}
CUT_NAMES = {
    Cut.OWNER: _l("Owner"),
    Cut.LEVEL: _l("Level"),
    Cut.INDUSTRY: _l("Industry"),
    Cut.REGION: _l("Region"),
    Cut.SOURCE: _l("Source"),
    Cut.STAGE: _l("Stage"),
}
LEVEL_NAMES = {
    Level.KEY: _l("Key"),
    Level.NORMAL: _l("Normal"),
    Level.POTENTIAL: _l("Growth potential"),
}
PART_NAMES = {"hit": _l("Went on"), "lost": _l("Lost")}
DAY_NAMES = {
    RowSet.CLOSED: _l("Closed"),
    RowSet.CREATED: _l("Created"),
    RowSet.ENTERED: _l("Entered"),
    RowSet.STAYS: _l("Signed"),
    RowSet.WARNED: _l("In this stage since"),
    RowSet.NOTES: _l("Talk"),
    RowSet.OBJECTIONS: _l("Talk"),
    RowSet.TASKS: _l("Due"),
    RowSet.RHYTHM: _l("Last talk or entry"),
    RowSet.JUDGED: _l("Judged"),
    RowSet.NEWCOMERS: _l("First contact"),
    RowSet.KEPT: _l("Last signed"),
    RowSet.AHEAD: _l("Expected"),
}
HIT_NAMES = {
    RowSet.CLOSED: (_l("Won"), _l("Lost")),
    RowSet.CREATED: (_l("Went on"), _l("Still a lead")),
    RowSet.ENTERED: (_l("Went on"), _l("Not yet")),
    RowSet.WARNED: (_l("Past the limit"), _l("Past the warning")),
    RowSet.NOTES: (_l("On time"), _l("Later than a day")),
    RowSet.OBJECTIONS: (_l("Settled"), _l("Not settled")),
    RowSet.TASKS: (_l("On time"), _l("Not in time")),
    RowSet.JUDGED: (_l("Fully met"), _l("Not fully met")),
    RowSet.NEWCOMERS: (_l("In the period"), _l("In the one before")),
    RowSet.KEPT: (_l("Kept"), _l("Nothing in the period")),
}
"""What a row that counts is called, and one that does not."""

OF_CUSTOMERS = frozenset({RowSet.RHYTHM, RowSet.NEWCOMERS, RowSet.KEPT})
"""Row sets whose rows are customers; no deal is meant."""

_HALVES = (_l("First half of %(year)s"), _l("Second half of %(year)s"))
_QUARTERS = (
    _l("First quarter of %(year)s"),
    _l("Second quarter of %(year)s"),
    _l("Third quarter of %(year)s"),
    _l("Fourth quarter of %(year)s"),
)


@dataclass(frozen=True)
class ReportNames:
    """What a report is called, all over its pages."""

    period: str
    days: str
    scope: str
    before: str
    wider: str


def names_of(report: Report) -> ReportNames:
    period, scope = report.period, report.scope
    return ReportNames(
        period=period_name(period),
        days=period_days(period),
        scope=scope.label,
        before=before_name(period),
        wider=wider_name(scope.key),
    )


def period_name(period: Period) -> str:
    """The period as people say it: "First quarter of 2026", "Week 20 of 2017", or its two dates."""
    if period.kind is PeriodKind.YEAR:
        return _("Year %(year)s", year=period.year)
    if period.kind is PeriodKind.HALF:
        return str(_HALVES[period.part - 1]) % {"year": period.year}
    if period.kind is PeriodKind.QUARTER:
        return str(_QUARTERS[period.part - 1]) % {"year": period.year}
    if period.kind is PeriodKind.MONTH:
        return str(format_date(period.starts_on, _("MMMM y")))
    if period.kind is PeriodKind.WEEK:
        return _("Week %(week)s of %(year)s", week=period.part, year=period.year)
    return period_days(period)


def period_days(period: Period) -> str:
    """Its first and last day."""
    return _("%(start)s to %(end)s", start=day(period.starts_on, "full"), end=day(period.ends_on, "full"))


def before_name(period: Period) -> str:
    """What the period is compared with, over its column."""
    names = {
        PeriodKind.YEAR: _("Year before"),
        PeriodKind.HALF: _("Half before"),
        PeriodKind.QUARTER: _("Quarter before"),
        PeriodKind.MONTH: _("Month before"),
        PeriodKind.WEEK: _("Week before"),
        PeriodKind.DAYS: _("Days before"),
    }
    return names[period.kind]


def wider_name(scope_key: str) -> str:
    """Whom the scope is compared with, over its column; nobody for everybody."""
    if scope_key.startswith("person:"):
        return _("Team")
    return _("Everybody") if scope_key.startswith("team:") else ""


def stage_name(stage: str) -> str:
    return stage_settings()[Stage(stage)].label


def cut_label(cut: Cut, key: str | None, owner_names: Mapping[str, str]) -> str:
    """What a value of a cut is called."""
    if key is None:
        return _("Not given")
    if cut is Cut.OWNER:
        return owner_names.get(key, key)
    if cut is Cut.LEVEL:
        return str(LEVEL_NAMES[Level(key)])
    return stage_name(key) if cut is Cut.STAGE else key


def month_name(month: str) -> str:
    """An expected month as people say it; "" is none."""
    if not month:
        return _("No expected day")
    try:
        return period_name(Period.parse(month))
    except Refused:
        return month


def month_text(month: str) -> str:
    """A month as short as a chart needs: its year only where one begins."""
    first = Period.parse(month).starts_on
    return str(format_date(first, _("MMM y") if first.month == 1 else "LLL"))


def day_key(each: date) -> str:
    """A single day as a period is written."""
    return Period.between(each, each).key


def reason_name(reason: str) -> str:
    return str(LOST_REASON_NAMES[LostReason(reason)])


def value_text(code: str, value: Any) -> str:
    """A figure's value in few signs; a dash where nothing can be said."""
    unit = BY_CODE[code].unit
    if value is None:
        return "–"
    if unit is Unit.MONEY:
        return money_text(value)
    if unit is Unit.RATIO:
        return percent(value)
    if unit is Unit.DAYS:
        return days_text(value["mean"])
    return f"{value:,}"


def money_text(value: float) -> str:
    amount = Decimal(str(value))
    return f"{short_money(amount)} {money_unit(amount)}".strip()


def days_text(days: float) -> str:
    """Days as people say them: whole ones from ten on."""
    number = round(days) if days >= 10 or days == int(days) else round(days, 1)
    return ngettext("%(number)s day", "%(number)s days", 1 if number == 1 else 2, number=number)


def rows_text(code: str, n: int) -> str:
    """What the number was made of: the link to its rows."""
    row_set, count = BY_CODE[code].rows, grouped(n)
    if row_set is RowSet.NOTES:
        return ngettext("%(count)s follow-up", "%(count)s follow-ups", n, count=count)
    if row_set is RowSet.OBJECTIONS:
        return ngettext("%(count)s objection", "%(count)s objections", n, count=count)
    if row_set is RowSet.TASKS:
        return ngettext("%(count)s task", "%(count)s tasks", n, count=count)
    if row_set in OF_CUSTOMERS:
        return ngettext("%(count)s customer", "%(count)s customers", n, count=count)
    return ngettext("%(count)s deal", "%(count)s deals", n, count=count)


def interval_text(figure: dict[str, Any]) -> str:
    """Where the share of a few rows really lies; nothing where there are enough of them, or none."""
    interval = figure.get("interval")
    if not interval or figure["n"] >= SMALL_SAMPLE:
        return ""
    return _("95%% certain: %(low)s to %(high)s", low=percent(interval[0]), high=percent(interval[1]))


def words_of(row_set: RowSet, row: Fact) -> str:
    """What was objected, or was to be done."""
    if row_set is RowSet.TASKS and row.words is None:
        return _("Get in touch again")
    return str(NODE_NAMES[KeyNode(row.words)]) if row.words in set(KeyNode) else row.words or ""


def outcome_text(row_set: RowSet, row: Fact) -> str:
    """How the row counted; a dash where it is in no ratio."""
    if row_set is RowSet.RHYTHM:
        return _("%(kept)s of %(weeks)s weeks", kept=row.weeks_kept, weeks=row.weeks)
    if row_set is RowSet.AHEAD:
        return percent((row.probability or 0) / 100)
    if row.is_hit is None or row_set not in HIT_NAMES:
        return "–"
    if row_set is RowSet.ENTERED and row.is_lost:
        return _("Went on, lost later") if row.is_hit else str(PART_NAMES["lost"])
    return str(HIT_NAMES[row_set][not row.is_hit])


def change_text(code: str, value: Any, previous: Any) -> tuple[int, str] | None:
    """Which way a figure went since the period before (1 up, -1 down, 0 as it was), and by how much.

    Ratios in points, counts and days in their own units, money in percent; None where either is not known.
    """
    if value is None or previous is None:
        return None
    unit = BY_CODE[code].unit
    if unit is Unit.DAYS:
        value, previous = value["mean"], previous["mean"]
    change = value - previous
    if unit is Unit.RATIO:
        points = round(abs(change) * 100)
        return _direction(change, points), ngettext("%(num)d point", "%(num)d points", points)
    if unit is Unit.MONEY:
        return (_direction(change, change), _growth(value, previous)) if previous else None
    if unit is Unit.DAYS:
        return _direction(change, round(abs(change), 1)), days_text(abs(change))
    return _direction(change, change), f"{abs(change):,}"


def _growth(value: float, previous: float) -> str:
    """By what share an amount grew or shrank; beyond three times the number of times says more."""
    if value >= 3 * previous:
        return "×" + f"{value / previous:.1f}".removesuffix(".0")
    return percent(abs(value - previous) / previous, 1)


def _direction(change: float, shown: float) -> int:
    return 0 if not shown else (1 if change > 0 else -1)


def sentence(finding: dict[str, Any]) -> str:
    """A finding as a sentence; plain text."""
    code, n = finding["code"], finding["n"]
    if code == "slow_stage":
        return _(
            "Deals spent a median of %(days)s working days in %(stage)s; the warning comes after %(warn)s.",
            days=_plain(finding["median"]),
            stage=stage_name(finding["at"]),
            warn=finding["warn_days"],
        )
    if code == "weakest_step":
        return _(
            "Fewest go on from %(stage)s: %(onward)s of %(n)s (%(share)s).",
            stage=stage_name(finding["at"]),
            onward=finding["onward_n"],
            n=n,
            share=percent(finding["onward"]),
        )
    if code in ("win_rate_rose", "win_rate_fell"):
        before, now = percent(finding["previous"]), percent(finding["value"])
        if code == "win_rate_rose":
            return _("The win rate rose from %(before)s to %(now)s.", before=before, now=now)
        return _("The win rate fell from %(before)s to %(now)s.", before=before, now=now)
    if code == "uneven_industry":
        return _(
            "%(industry)s wins %(value)s of its closed deals, all together %(whole)s.",
            industry=finding["key"],
            value=percent(finding["value"]),
            whole=percent(finding["whole"]),
        )
    if code == "overdue_deals":
        return _(
            "%(n)s deals are past their stage's limit, most of them (%(most)s) in %(stage)s.",
            n=n,
            most=finding["in_stage"],
            stage=stage_name(finding["stage"]),
        )
    return _(
        "%(late)s of %(n)s follow-ups were written later than a day after the talk.",
        late=finding["late"],
        n=n,
    )


def _plain(number: float) -> str:
    return f"{number:g}"
