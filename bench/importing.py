"""How quickly a file comes in: 8 800 deals from one CSV through the command."""

from __future__ import annotations

import csv
import itertools
import json
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.server import salesboard

DEALS = 8_800
STAGES = ("线索", "意向", "方案", "谈判", "成交", "流失")


def rows() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="salesboard-bench-") as folder:
        data_dir, path = Path(folder), Path(folder) / "deals.csv"
        write_deals(path, DEALS)
        salesboard(data_dir, "db", "upgrade")
        began = time.monotonic()
        counts = json.loads(salesboard(data_dir, "import", str(path), "--owners", "create", "--json"))
        seconds = time.monotonic() - began
    return [f"| {counts['deals']['created']} deals of {DEALS}, from one CSV: s | {seconds:.1f} |"]


def write_deals(path: Path, count: int) -> None:
    """A file as a team would export it, with invented names."""
    heads = ("机会名称", "客户名称", "当前阶段", "预估金额（元）", "负责人", "首次接触日期", "流失原因")
    first = date(2025, 1, 6)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for n, stage in zip(range(count), itertools.cycle(STAGES), strict=False):
            day = first + timedelta(days=n % 300)
            reason = "价格" if stage == "流失" else ""
            writer.writerow(
                (
                    f"{n} 号采购项目",
                    f"纸鹤{n // 4}号包装有限公司",
                    stage,
                    10_000 + n,
                    f"销售{n % 12}",
                    day,
                    reason,
                )
            )
