"""Titles of charts: each says what the chart shows, as a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext as _

from salesboard.deals.rules import Stage
from salesboard.formats import percent
from salesboard.insight.charts import Arc, Bar, FunnelBar, Span, Trend
from salesboard.insight.periods import Period
from salesboard.insight.wording import days_text, money_text, period_name, stage_name


def of_funnel(stages: Sequence[FunnelBar]) -> str:
    leads, won = stages[0].n, stages[-1].n
    if not any(stage.n for stage in stages):
        return _("No deal entered a stage")
    if not won:
        return _("No deal came as far as %(stage)s", stage=stage_name(stages[-1].stage))
    if leads <= won:
        return _("As many deals were won as leads came")
    return _("One deal won for every %(leads)s leads", leads=f"{leads / won:.1f}".removesuffix(".0"))


def of_trend(trend: Trend) -> str:
    if not trend.total:
        return _("Nothing was signed")
    if not trend.total_before:
        return _("%(amount)s signed, nothing before", amount=money_text(trend.total))
    change = (trend.total - trend.total_before) / trend.total_before
    amount, share = money_text(trend.total), percent(abs(change))
    if round(change * 100) == 0:
        return _("%(amount)s signed, as much as before", amount=amount)
    if change >= 2:
        times = f"{trend.total / trend.total_before:.1f}".removesuffix(".0")
        return _("%(amount)s signed, %(times)s times as much as before", amount=amount, times=times)
    if change > 0:
        return _("%(amount)s signed, %(share)s more than before", amount=amount, share=share)
    return _("%(amount)s signed, %(share)s less than before", amount=amount, share=share)


def of_people(people: Sequence[Bar]) -> str:
    if not people:
        return _("Nobody signed a deal")
    whole = sum(person.value for person in people)
    return _(
        "%(name)s signed most: %(share)s of all",
        name=people[0].label,
        share=percent(people[0].value / whole),
    )


def of_spans(spans: Sequence[Span]) -> str:
    if not spans:
        return _("No stay to measure")
    longest = max(spans, key=lambda span: span.median)
    stage, days = stage_name(longest.stage), days_text(longest.median)
    if longest.is_past_warning:
        return _("Longest in %(stage)s: a median of %(days)s, past the warning", stage=stage, days=days)
    return _("Longest in %(stage)s: a median of %(days)s", stage=stage, days=days)


def of_warned(stages: Sequence[Bar]) -> str:
    if not stages:
        return _("No deal is past its warning")
    if len(stages) > 1 and stages[1].value == stages[0].value:
        return _("Deals are stuck in several stages alike")
    return _("Most deals are stuck in %(stage)s", stage=stages[0].label)


def of_industries(industries: Sequence[Arc]) -> str:
    if not industries or industries[0].key is None:
        return _("Industries of the signed deals")
    return _("Most signings came from %(industry)s", industry=industries[0].label)


def of_months(months: Sequence[tuple[Period, Decimal]]) -> str:
    if not any(amount for _month, amount in months):
        return _("Nothing was signed in twelve months")
    best, most = max(months, key=lambda each: each[1])
    return _(
        "Most was signed in %(month)s: %(amount)s", month=period_name(best), amount=money_text(float(most))
    )


def of_ages(stages: Sequence[tuple[Stage, int, int]]) -> str:
    stuck = [each for each in stages if each[2]]
    if not stuck:
        return _("No deal is past its warning")
    stage, count, warned = max(stuck, key=lambda each: (each[2] / each[1], each[2]))
    return _(
        "Most are stuck in %(stage)s: %(warned)s of %(count)s",
        stage=stage_name(stage),
        warned=warned,
        count=count,
    )


def of_persons(people: Sequence[tuple[str, Decimal]]) -> str:
    whole = sum((amount for _name, amount in people), Decimal(0))
    if not whole:
        return _("Nobody has signed a deal this month")
    name, most = max(people, key=lambda each: each[1])
    return _("%(name)s signed most: %(share)s of all", name=name, share=percent(most / whole))


def of_levels(levels: Sequence[Bar]) -> str:
    if not levels:
        return _("No customer was to be followed up")
    if len(levels) == 1:
        return _("%(share)s of the weeks kept", share=percent(levels[0].value))
    lowest = levels[-1]
    return _("Least often in time: %(level)s, %(share)s", level=lowest.label, share=percent(lowest.value))


def of_lost(reasons: Sequence[Bar]) -> str:
    if not reasons:
        return _("No deal was lost")
    return _("Most were lost for: %(reason)s", reason=reasons[0].label)
