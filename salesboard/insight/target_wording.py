"""How targets and what was reached of them are put into words, in the reader's language."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.formats import grouped, money_unit, percent, short_money
from salesboard.insight.attainment import TargetMetric
from salesboard.insight.periods import Period, PeriodKind

METRIC_NAMES = {
    TargetMetric.SIGNED_AMOUNT: _l("Signed amount"),
    TargetMetric.SIGNED_DEALS: _l("Signed deals"),
    TargetMetric.NEW_CUSTOMERS: _l("New customers"),
    TargetMetric.RECEIVED: _l("Received payments"),
    TargetMetric.FOLLOW_UP_RATE: _l("Follow-up rate"),
}
KIND_NAMES = {
    PeriodKind.MONTH: _l("Months"),
    PeriodKind.QUARTER: _l("Quarters"),
    PeriodKind.HALF: _l("Halves"),
    PeriodKind.YEAR: _l("Year"),
}
_PART_HEADS = {
    PeriodKind.QUARTER: (_l("1st quarter"), _l("2nd quarter"), _l("3rd quarter"), _l("4th quarter")),
    PeriodKind.HALF: (_l("1st half"), _l("2nd half")),
}


def head_of(period: Period) -> str:
    """What a period is called within its year."""
    if period.kind is PeriodKind.MONTH:
        return str(format_date(period.starts_on, "MMM"))
    if period.kind is PeriodKind.YEAR:
        return str(period.year)
    return str(_PART_HEADS[period.kind][period.part - 1])


def value_text(metric: TargetMetric, value: Decimal | None) -> str:
    """An amount, count or share in few signs; a dash where nothing can be said."""
    if value is None:
        return "–"
    if metric.is_rate:
        return percent(value)
    if metric.is_money:
        return f"{short_money(value)} {money_unit(value)}".strip()
    return grouped(int(value.quantize(Decimal(1), ROUND_HALF_UP)))


def week_text(metric: TargetMetric, value: Decimal) -> str:
    """What a week has to bring: of counts with one place, for half a deal a week is one in two."""
    if metric.is_money:
        return value_text(metric, value)
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded.normalize():f}"


def days_left_text(days: int) -> str:
    return ngettext("%(num)d working day left", "%(num)d working days left", days)


def needed_text(metric: TargetMetric, per_week: Decimal | None) -> str:
    """What each week from now on has to bring, as a sentence; nothing where that is no question."""
    if per_week is None:
        return ""
    if not per_week:
        return _("reached")
    return _("needs %(value)s a week from now", value=week_text(metric, per_week))
