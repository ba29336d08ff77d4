"""The kill loop as a measurement: what people were told against what is in the database."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.faults.test_kills import kill_and_compare


def rows(moves: int = 2_000) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="salesboard-bench-") as folder:
        outcome, found = kill_and_compare(Path(folder), moves=moves)
    kills = ", ".join(f"{name} {count}" for name, count in sorted(outcome.kills.items()))
    return [
        f"| moves acknowledged in {outcome.seconds:.0f} s | {len(outcome.acknowledged)} |",
        f"| killed with -9 | {kills} |",
        f"| broken off and sent again under the same key | {len(outcome.unanswered)} |",
        f"| lost, doubled, without note | {found.lost}, {found.doubled}, {found.without_note} |",
    ]
