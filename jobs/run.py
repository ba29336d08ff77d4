"""How promised work is done: claim the row, call what its kind stands for, finish. The only entry for a worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from rq.timeouts import JobTimeoutException

from jobs.checks import draw_checks
from jobs.exports import clear_exports, give_up_export, make_export
from jobs.files import clear_files
from jobs.imports import bring_import_in, clear_uploads, give_up_import, take_import_back, try_import_out
from jobs.mail import send_access_link
from jobs.reminders import ask_for_access_review, propose_housekeeping, sweep_morning
from jobs.reports import give_up_report, make_report, request_period_reports, request_weekly_reports
from jobs.signs_of_life import Deadline, Heartbeat
from jobs.tasks import keep_tasks
from salesboard import audit, clock, outbox
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.notify.deliveries import WORK
from salesboard.outbox import Claim, LeaseLost, Work, WorkState

READING_A_FILE = timedelta(seconds=75)
"""A file at its limits is opened, or closed, without a sign of life in between."""

STOPPED_EACH_TIME = "whoever tried was stopped each time before the end"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What a kind of work stands for.

    `act` does it and may finish the claim itself, together with its effects; else it must be safe to do twice.
    `give_up` tells the subject, in the transaction that declares the work dead. `deadline` is the longest time
    without a sign of life (`Claim.writing`).
    """

    act: Callable[[Claim], None]
    give_up: Callable[[int, str], None] | None = None
    deadline: timedelta = timedelta(seconds=45)


JOBS = {
    "morning_sweep": Job(sweep_morning),
    "weekly_reports": Job(request_weekly_reports),
    "period_reports": Job(request_period_reports),
    "weekly_checks": Job(draw_checks),
    "monthly_housekeeping": Job(propose_housekeeping),
    "quarterly_access": Job(ask_for_access_review),
    "report": Job(make_report, give_up=give_up_report),
    "access_link_mail": Job(send_access_link),
    "import_plan": Job(try_import_out, give_up=give_up_import, deadline=READING_A_FILE),
    "import_apply": Job(bring_import_in, give_up=give_up_import, deadline=READING_A_FILE),
    "import_undo": Job(take_import_back, give_up=give_up_import),
    "keep_tasks": Job(keep_tasks),
    "clear_uploads": Job(clear_uploads),
    "clear_files": Job(clear_files),
    "export": Job(make_export, give_up=give_up_export, deadline=READING_A_FILE),
    "clear_exports": Job(clear_exports),
}
"""The allow-list: nothing else is ever run, whatever Redis or the database ask for."""


def perform(work_id: int) -> None:
    """Does the work if it is due and nobody else has it, else leaves quietly.

    What fails is tried again after a growing wait; what is refused, or has failed too often, is dead. A deadline that
    passed is also told to the caller (JobTimeoutException). Needs an application context and the main thread.
    """
    if type(work_id) is not int:
        raise Refused(f"not the id of any work: {work_id!r}")
    work = db.session.get(Work, work_id, populate_existing=True)
    if work is None or work.kind == WORK or work.state not in (WorkState.READY, WorkState.LEASED):
        return  # deliveries are the sender's
    job = JOBS.get(work.kind)
    with writing():
        claim = outbox.claim(work_id)
    if claim is None:
        return
    if job is None:
        settle(claim, None, "nobody here knows how to do this kind of work", for_good=True)
    elif claim.attempts > outbox.TRIES:
        settle(claim, job, STOPPED_EACH_TIME, for_good=True)
    else:
        _try(claim, job)


def _try(claim: Claim, job: Job) -> None:
    try:
        with (
            acting_as_system(f"{claim.kind}, work {claim.work_id}"),
            Heartbeat(claim, job.deadline) as heartbeat,
            Deadline(job.deadline) as deadline,
        ):

            def begin_anew() -> None:
                deadline.start()
                heartbeat.start()

            claim.when_renewed = begin_anew
            job.act(claim)
            if not claim.is_finished:
                with claim.finishing():
                    pass
    except LeaseLost as error:
        logger.warning("%s: left to whoever has it now", error)
    except JobTimeoutException:
        settle(claim, job, f"took longer than {job.deadline.total_seconds():.0f} seconds")
        raise
    except Refused as error:
        settle(claim, job, str(error), for_good=True)
    except Exception as error:
        logger.exception("%s, work %s: try %s failed", claim.kind, claim.work_id, claim.attempts)
        settle(claim, job, f"{type(error).__name__}: {error}")


def settle(claim: Claim, job: Job | None, error: str, *, for_good: bool = False) -> None:
    """Puts the work back, or buries it with a line for the admin and word to its subject."""
    db.session.rollback()
    try:
        with acting_as_system("work that failed is put back"), writing():
            if not for_good and claim.attempts < outbox.TRIES:
                claim.put_back(error)
                return
            claim.give_up(error)
            if job is not None and job.give_up is not None:
                job.give_up(claim.subject_id, error)
            label = f"work {claim.work_id}"
            audit.record("work.given_up", label, actor_id=None, at=clock.now(), kind=claim.kind, error=error)
    except LeaseLost as lost:
        logger.warning("%s: its failure does not count", lost)
