"""How quickly a file comes in: 8 800 deals from one CSV through the command."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from bench import tables
from bench.server import salesboard

DEALS = 8_800


def rows() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="salesboard-bench-") as folder:
        data_dir, path = Path(folder), Path(folder) / "deals.csv"
        tables.write_csv(path, tables.deals(DEALS))
        salesboard(data_dir, "db", "upgrade")
        began = time.monotonic()
        counts = json.loads(salesboard(data_dir, "import", str(path), "--owners", "create", "--json"))
        seconds = time.monotonic() - began
    return [f"| {counts['deals']['created']} deals of {DEALS}, from one CSV: s | {seconds:.1f} |"]
