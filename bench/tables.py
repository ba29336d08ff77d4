"""Tables as a team would bring them, with invented names: of any length, as CSV and as a workbook."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

STAGES = ("线索", "意向", "方案", "谈判", "成交", "流失")
LEVELS = ("重点客户", "普通客户", "潜力客户")
INDUSTRIES = ("制造", "医疗器械", "互联网", "建筑工程", "物流", "食品", "教育", "能源")
REGIONS = ("华东", "华南", "华北", "西南", "东北", "西北", "华中")
SYLLABLES = ("远", "山", "川", "云", "河", "星", "松", "鹤", "岚", "禾", "舟", "桥")
NAMES_OF_ONE = len(SYLLABLES)
FIRST_DAY = date(2025, 1, 6)
Table = tuple[tuple[str, ...], Iterator[tuple[object, ...]]]


def deals(count: int) -> Table:
    """A list of deals, four for each customer."""
    heads = ("机会名称", "客户名称", "当前阶段", "预估金额（元）", "负责人", "首次接触日期", "流失原因")
    rows = (
        (
            f"{n} 号采购项目", f"纸鹤{n // 4}号包装有限公司", stage, 10_000 + n, f"销售{n % 12}",
            FIRST_DAY + timedelta(days=n % 300), "价格" if stage == "流失" else "",
        )
        for n, stage in zip(range(count), itertools.cycle(STAGES), strict=False)
    )  # fmt: skip
    return heads, rows


def customers(count: int, *, letters_of_remarks: int = 0) -> Table:
    """A list of customers, each with a contact; long remarks make the file as large as is wished."""
    heads = (
        "客户名称", "所属行业", "联系人", "联系人职位", "联系方式", "邮箱", "客户来源", "所属区域", "首次接触日期",
        "客户等级", "负责人", "需求痛点", "备注",
    )  # fmt: skip
    return heads, itertools.islice(customers_from(0, letters_of_remarks=letters_of_remarks), count)


def customers_from(first: int, *, letters_of_remarks: int = 0) -> Iterator[tuple[object, ...]]:
    """The rows of that list from the one with the number `first` on."""
    return (_customer(n, letters_of_remarks) for n in itertools.count(first))


def _customer(n: int, letters_of_remarks: int) -> tuple[object, ...]:
    signs = [SYLLABLES[n // NAMES_OF_ONE**place % NAMES_OF_ONE] for place in range(5)]
    name = "".join(signs)
    remarks = f"第 {n} 家：展会上认识，先寄样品，再约采购与技术一起看现场。" * (1 + letters_of_remarks // 32)
    return (
        f"{name}精密设备有限公司", INDUSTRIES[n % 8], f"{signs[0]}{signs[1]}{signs[2]}", "采购经理", f"139{n:08d}",
        f"buyer{n}@example.com", "展会", REGIONS[n % 7], FIRST_DAY + timedelta(days=n % 300), LEVELS[n % 3],
        f"销售{n % 12}", "库存周转慢；对账靠人工", remarks[: letters_of_remarks or 32],
    )  # fmt: skip


def write_csv(path: Path, table: Table) -> None:
    heads, rows = table
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(rows)


def write_xlsx(path: Path, table: Table) -> None:
    heads, rows = table
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("客户")
        for number, row in enumerate(itertools.chain([heads], rows)):
            sheet.write_row(number, 0, row)
