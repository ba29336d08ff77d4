"""Parts are killed in turn while people move deals: what was acknowledged is there, once, with its note."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from salesboard.deals.rules import Stage
from tests.faults.killing import KillLoop, Outcome, database_of
from tests.faults.person import Person
from tests.faults.standing_still import how_things_stand
from tests.running import Running
from tests.waiting import wait_until

EMAIL, PASSWORD = "mover@example.com", "a mover's long password"
MOVES, PEOPLE, DEALS = 600, 8, 160
"""`make bench` runs the same with 2 000 moves."""

PAUSE = 1.2
"""Seconds between two kills, so that the web part lives a while in each round: it takes two to stand again."""

DRAINED_WITHIN = 180
"""Seconds after the last kill: a lease, the parts' restart, and the work itself on a machine that is busy."""


@dataclass(frozen=True)
class Found:
    """What the database holds after the kills, against what people were told."""

    lost: int
    doubled: int
    without_note: int
    verified: str
    undone_work: int
    reports: int
    reminders_doubled: int


def test_nothing_acknowledged_is_lost_or_doubled_when_parts_are_killed(tmp_path: Path) -> None:
    outcome, found = kill_and_compare(tmp_path, moves=MOVES)
    assert len(outcome.acknowledged) == MOVES
    assert outcome.refused == {}
    assert min(outcome.kills.values()) >= 1
    assert set(outcome.kills) == {"web", "worker", "ticker", "redis"}
    assert (found.lost, found.doubled, found.without_note) == (0, 0, 0)
    assert found.reports == 1
    assert found.reminders_doubled == 0
    assert found.undone_work == 0


def kill_and_compare(data_dir: Path, *, moves: int) -> tuple[Outcome, Found]:
    """Runs the loop in a fresh installation and compares; also a report and the sweeps run meanwhile."""
    _salesboard(data_dir, "db", "upgrade")
    _salesboard(data_dir, "demo", "--deals", str(DEALS), "--seed", "7")
    person = ("user", "create", EMAIL, "--name", "Mover", "--role", "admin", "--password-stdin")
    _salesboard(data_dir, *person, stdin=PASSWORD)
    running = Running(data_dir, "serve")
    try:
        running.wait_until_ready()
        deals = _open_deals(data_dir)
        _request_report(running.port)
        outcome = KillLoop(running, deals, moves=moves, people=PEOPLE, pause=PAUSE).run(EMAIL, PASSWORD)
        wait_until(
            lambda: _count(data_dir, _UNDONE_WORK) == 0,
            within=DRAINED_WITHIN,
            what=lambda: how_things_stand(running),
        )
    finally:
        running.end()
    return outcome, _compare(data_dir, outcome)


_UNDONE_WORK = (
    "SELECT count(*) FROM outbox WHERE state IN ('ready', 'leased') AND due_at <= CURRENT_TIMESTAMP"
)


def _compare(data_dir: Path, outcome: Outcome) -> Found:
    engine = create_engine(f"sqlite:///{database_of(data_dir)}")
    with engine.connect() as connection:
        notes = connection.execute(
            text(
                "SELECT followups.content, deals.number FROM placements JOIN followups ON followups.id = followup_id"
                " JOIN deals ON deals.id = placements.deal_id WHERE followups.content LIKE 'move %'"
            )
        ).all()
    written = [(row.content, row.number) for row in notes]
    return Found(
        lost=len(set(outcome.acknowledged.items()) - set(written)),
        doubled=len(written) - len(set(written)),
        without_note=_count(
            data_dir,
            "SELECT count(*) FROM placements LEFT JOIN followups ON followups.id = followup_id"
            " WHERE followups.id IS NULL",
        ),
        verified=_salesboard(data_dir, "verify"),
        undone_work=_count(data_dir, "SELECT count(*) FROM outbox WHERE state <> 'done'"),
        reports=_count(
            data_dir, "SELECT count(*) FROM reports WHERE state = 'done' AND requested_by_id IS NOT NULL"
        ),
        reminders_doubled=_count(
            data_dir,
            "SELECT count(*) FROM (SELECT 1 FROM reminders"
            " GROUP BY person_id, kind, deal_id, report_id, day HAVING count(*) > 1)",
        ),
    )


def _open_deals(data_dir: Path) -> dict[str, Stage]:
    query = "SELECT number, stage FROM deals WHERE outcome = 'open' AND stage NOT IN ('won', 'service') ORDER BY id"
    engine = create_engine(f"sqlite:///{database_of(data_dir)}")
    with engine.connect() as connection:
        return {row.number: Stage(row.stage) for row in connection.execute(text(query))}


def _request_report(port: int) -> None:
    person = Person(port)
    person.sign_in(EMAIL, PASSWORD)
    fields = person.form("/reports", "/reports")
    status = person.send("/reports", fields)
    assert status in (302, 303), status


def _count(data_dir: Path, query: str) -> int:
    engine = create_engine(f"sqlite:///{database_of(data_dir)}")
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def _salesboard(data_dir: Path, *words: str, stdin: str = "") -> str:
    """Runs a command, which must succeed, and gives back what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALESBOARD_")}
    done = subprocess.run(
        [sys.executable, "-m", "salesboard", *words],
        env={**kept, "SALESBOARD_DATA": str(data_dir)},
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout
