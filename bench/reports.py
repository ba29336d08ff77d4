"""How long an evaluation report takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bench.server import Installation, salesboard


def rows(here: Installation) -> list[str]:
    year = str(datetime.now(UTC).year)
    began = time.monotonic()
    salesboard(here.data_dir, "report", year, "--format", "json")
    seconds = time.monotonic() - began
    return [
        f"| {here.deals} | evaluation report of the year, by the command with its start: s | {seconds:.1f} |"
    ]
