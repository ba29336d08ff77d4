"""What reminders say, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from salesboard.customers.housekeeping_rules import Proposal
from salesboard.customers.wording import PROPOSAL_NAMES
from salesboard.deals.rules import Stage
from salesboard.formats import day, full_money, grouped, moment, stay
from salesboard.insight.periods import Period
from salesboard.insight.wording import period_name
from salesboard.notify.models import Reminder
from salesboard.notify.rules import ReminderKind
from salesboard.notify.turns import DOUBLES
from salesboard.tasks.wording import task_words
from salesboard.web import path_to

_PAGES = {
    ReminderKind.HOUSEKEEPING: "customers.housekeeping",
    ReminderKind.ACCESS_REVIEW: "administration.access_review",
}
GROUP_NAMES = {
    ReminderKind.NUDGE: _l("Your supervisor asks about"),
    ReminderKind.NOTE_OWED: _l("Notes still to be written"),
    ReminderKind.TASK_LATE: _l("Late tasks"),
    ReminderKind.CADENCE_MISSED: _l("Time to get in touch"),
    ReminderKind.STEP_LATE: _l("Late next steps"),
    ReminderKind.STAGE_OVERDUE: _l("Past the limit of their stage"),
    ReminderKind.STEP_MISSING: _l("Without a next step"),
    ReminderKind.STAGE_WARNED: _l("Past the warning of their stage"),
    ReminderKind.PROMISE_DUE: _l("Promised to you"),
    ReminderKind.PAYMENT_DUE: _l("Payments due"),
    ReminderKind.RENEWAL_NEAR: _l("Renewals near"),
    ReminderKind.REPORT_READY: _l("Reports ready"),
    ReminderKind.HOUSEKEEPING: _l("Housekeeping of the month"),
    ReminderKind.ACCESS_REVIEW: _l("Access review of the quarter"),
}
DRAWINGS = {
    ReminderKind.NUDGE: "flag",
    ReminderKind.NOTE_OWED: "pen",
    ReminderKind.TASK_LATE: "clock",
    ReminderKind.CADENCE_MISSED: "repeat",
    ReminderKind.STEP_LATE: "clock",
    ReminderKind.STAGE_OVERDUE: "t-late",
    ReminderKind.STEP_MISSING: "flag",
    ReminderKind.STAGE_WARNED: "t-warn",
    ReminderKind.PROMISE_DUE: "flag",
    ReminderKind.PAYMENT_DUE: "clock",
    ReminderKind.RENEWAL_NEAR: "repeat",
    ReminderKind.REPORT_READY: "report",
    ReminderKind.HOUSEKEEPING: "sliders",
    ReminderKind.ACCESS_REVIEW: "shield",
}
_SIGNS = {
    ReminderKind.TASK_LATE: "is-late",
    ReminderKind.CADENCE_MISSED: "is-late",
    ReminderKind.STEP_LATE: "is-late",
    ReminderKind.STAGE_OVERDUE: "is-late",
    ReminderKind.STAGE_WARNED: "is-warn",
}
_BY_A_DAY = frozenset({ReminderKind.PROMISE_DUE, ReminderKind.PAYMENT_DUE, ReminderKind.RENEWAL_NEAR})


def sign(reminder: Reminder) -> str:
    """The colour of how long or how late; only time has one."""
    if reminder.kind in _BY_A_DAY and date.fromisoformat(reminder.details["due"]) < reminder.day:
        return "is-late"
    return _SIGNS.get(reminder.kind, "")


def stage_said(reminder: Reminder, stage_names: dict[Stage, str]) -> str:
    """In which stage the deal was, where the reminder is about that."""
    if reminder.kind in (ReminderKind.STAGE_WARNED, ReminderKind.STAGE_OVERDUE):
        return _("in %(stage)s", stage=stage_names[Stage(reminder.details["stage"])])
    return ""


def how_late(reminder: Reminder) -> str:
    """How late or how long it was on the reminder's day; nothing where that is no question."""
    if reminder.kind is ReminderKind.NOTE_OWED:
        return moment(datetime.fromisoformat(reminder.details["due_at"]))
    if reminder.kind in (ReminderKind.STEP_LATE, ReminderKind.TASK_LATE, ReminderKind.CADENCE_MISSED):
        days = (reminder.day - date.fromisoformat(reminder.details["due"])).days
        return ngettext("%(num)d day late", "%(num)d days late", days)
    if reminder.kind in _BY_A_DAY:
        return _how_near(date.fromisoformat(reminder.details["due"]), reminder.day)
    if reminder.kind in (ReminderKind.STAGE_WARNED, ReminderKind.STAGE_OVERDUE):
        return stay(reminder.details["days"], reminder.details["days_over"])
    return ""


def _how_near(due: date, told: date) -> str:
    days = (due - told).days
    if days < 0:
        return ngettext("%(num)d day late", "%(num)d days late", -days)
    return ngettext("in %(num)d day", "in %(num)d days", days) if days else _("Today")


def evaluation_name(reminder: Reminder) -> str:
    """Which evaluation a report's reminder is about."""
    period = Period.parse(reminder.details["period"])
    whose = reminder.details["whose"] or _("Everybody")
    return f"{period_name(period)} · {whose}"


def headline(reminder: Reminder) -> str:
    """What it is about, in a few words: a step in its own, a stay by its customer."""
    if reminder.kind in _PAGES:
        return str(GROUP_NAMES[reminder.kind])
    if reminder.task is not None:
        return task_words(reminder.task)
    if reminder.promise is not None:
        return reminder.promise.what
    if reminder.deal is None:
        return evaluation_name(reminder)
    return str(
        reminder.details["step"] if reminder.kind is ReminderKind.STEP_LATE else reminder.deal.customer.name
    )


def about(reminder: Reminder) -> list[str]:
    """What else tells which record it is."""
    if reminder.kind in _PAGES:
        return [page_said(reminder)]
    if reminder.task is not None:
        customer = reminder.task.customer
        return [*filter(None, [customer.name if customer else "", reminder.details.get("by")])]
    if reminder.promise is not None:
        return [reminder.promise.followup.customer.name]
    if reminder.deal is None:
        return []
    name = reminder.deal.name
    if reminder.kind is ReminderKind.PAYMENT_DUE:
        owed = _("%(amount)s awaited", amount=full_money(Decimal(reminder.details["owed"])))
        return [name, *reminder.details["names"], owed]
    if reminder.kind is ReminderKind.RENEWAL_NEAR:
        return [name, day(date.fromisoformat(reminder.details["due"]), "full")]
    return [reminder.deal.customer.name, name] if reminder.kind is ReminderKind.STEP_LATE else [name]


def path(reminder: Reminder) -> str:
    """Where one sees to it."""
    if reminder.kind in _PAGES:
        return path_to(_PAGES[reminder.kind])
    if reminder.task is not None:
        return path_to("tasks.write_note", task_id=reminder.task_id, back=path_to("notify.reminders"))
    if reminder.promise_id is not None:
        return path_to("followups.promise", promise_id=reminder.promise_id, back=path_to("notify.reminders"))
    if reminder.deal is None:
        return path_to("insight.report", report_id=reminder.report_id)
    return path_to("deals.deal", number=reminder.deal.number)


def page_said(reminder: Reminder) -> str:
    """What awaits one on the page."""
    if reminder.kind is ReminderKind.ACCESS_REVIEW:
        return _("Is everybody still here, in the right role and teams?")
    counts = reminder.details.get("counts", {})
    told = [
        _("%(what)s: %(number)s", what=PROPOSAL_NAMES[kind], number=grouped(counts[kind]))
        for kind in Proposal
        if counts.get(kind)
    ]
    if counts.get(DOUBLES):
        told.append(_("%(what)s: %(number)s", what=_("Probable duplicates"), number=grouped(counts[DOUBLES])))
    return _(", ").join(told)
