"""The week's spot checks are drawn by the worker, once, for each supervisor."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.customers.checks import SpotCheck
from salesboard.database import db, writing
from salesboard.installation import installation
from tests.standing import People, make_customer


def test_each_supervisor_gets_the_weeks_customers_once(app: Flask, people: People) -> None:
    for n in range(7):
        make_customer(people.owner, f"Works {n}")
    for _time in range(2):
        with writing():
            work_id = outbox.promise("weekly_checks", int(f"{installation().today:%Y%m%d}"), now=clock.now())
        perform(work_id)
    with acting_as_system("a test looks"):
        supervisors = db.session.scalars(select(SpotCheck.supervisor_id)).all()
    assert supervisors == [people.supervisor.id] * 5
