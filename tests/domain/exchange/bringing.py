"""A team's workbook in small, and the way in: tried out, confirmed, brought in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import Base, db, writing
from salesboard.exchange import running, uploads
from salesboard.exchange.models import Fate, Import, ImportRow, ImportState, OnDuplicate, Owners
from salesboard.ops.verify import inspect_database
from tests.rules.exchange.making import table_file, xlsx_file

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday midday in Shanghai, when the tests' clock stands."""

CUSTOMERS = """
客户管理数据库
客户编号|客户名称*|所属行业|联系人|联系人职位|联系方式|邮箱|客户来源|所属区域|首次接触日期|客户等级|创建人
C20240429001|纸鹤包装有限公司|制造|白露|采购总监|#13900000001|lu@example.com|展会|华东|@2024-04-29|重点客户|陈景行
C20240520002|弹珠轴承有限公司|制造|谷雨|总经理|电话：13900000002（微信同号）||官网|华南|2024/5/20|普通客户|李佳宁
|纸鹤包装有限公司（总部）|制造|白露|采购总监|13900000001|lu@example.com|展会|华东|2024.4.29|重点客户|陈景行
C20240309003|四季豆食品有限公司|食品|立夏|采购|0571-88880003||转介绍|华北|2024年3月9日|潜力客户|陈景行
||制造|无名||||||||李佳宁
合计|3家
"""
FOLLOWUPS = """
跟进编号|客户编号|客户名称|跟进日期|跟进人|跟进方式|跟进内容|客户反馈|下一步计划|下次跟进日期
F20240502001|C20240429001|纸鹤包装有限公司|2024.05.02|陈景行|线上会议|介绍整体方案|满意|提交报价|2024-05-09
F20240511002|C20240429001|纸鹤包装|2024年5月11日|陈景行|电话|谈了价格||安排评审
F20240312003|C20240309003|四季豆食品有限公司|@2024-03-12|李佳宁|面谈|参观工厂|需内部讨论
"""
DEALS = """
机会编号|客户编号|客户名称|机会名称|当前阶段|预估金额（元）|成交概率(%)|预计成交日期|负责人
O20240429001|C20240429001|纸鹤包装有限公司|纸鹤一期|方案制定|¥220,000|#50|2026/12/28|陈景行
O20240520002|C20240520002|弹珠轴承有限公司|弹珠产线|意向客户|71.5万|20%|@2026-12-18|李佳宁
O20240309003|C20240309003|四季豆食品有限公司|四季豆冷库|已签约|#645000|#1|2024.06.07|陈景行
合计|||||#1580000
"""

Record = TypeVar("Record", bound=Base)


def workbook(folder: Path, name: str = "客户管理数据库.xlsx") -> Path:
    """Three sheets as such teams keep them: a title, totals, a customer twice, a row without a name."""
    texts = {"客户基本信息": CUSTOMERS, "客户跟进记录": FOLLOWUPS, "销售机会": DEALS}
    sheets = {title: [_cells(line) for line in text.strip().split("\n")] for title, text in texts.items()}
    return xlsx_file(folder, sheets, name=name)


def _cells(line: str) -> list[object]:
    """Text, but #13 is a number and @2024-04-29 a date, as spreadsheets keep them; nothing is an empty cell."""
    return [_cell(text) for text in line.split("|")]


def _cell(text: str) -> object:
    if text.startswith("#"):
        return int(text[1:])
    return date.fromisoformat(text[1:]) if text.startswith("@") else text or None


def table(folder: Path, heads: str, *rows: Sequence[object], name: str = "table.csv") -> Path:
    """A CSV with these heads, parted by spaces."""
    return table_file(folder, [heads.split(), *rows], name=name)


def begin(path: Path, **options: Any) -> Import:
    """An import of the file that waits for its trial run."""
    return begin_with(path.name, path.read_bytes(), **options)


def begin_with(
    name: str,
    content: bytes,
    *,
    by: User | None = None,
    on_duplicate: str = OnDuplicate.SKIP,
    owners: str = Owners.CREATE,
    fallback_owner: User | None = None,
    **options: Any,
) -> Import:
    """As `begin`, of a file that lies nowhere."""
    key = uploads.keep(BytesIO(content))
    with writing():
        return Import.begin(
            name,
            key,
            options=options,
            on_duplicate=OnDuplicate(on_duplicate),
            owners=Owners(owners),
            fallback_owner=fallback_owner,
            by=by,
            now=clock.now(),
        )


def tried(path: Path, **options: Any) -> Import:
    """An import after its trial run."""
    return try_out(begin(path, **options))


def try_out(found: Import) -> Import:
    with acting_as_system("a test tries out"):
        running.try_out(found)
    return found


def brought(path: Path, **options: Any) -> Import:
    """An import that is in, as the page's jobs bring it in."""
    found = confirmed(tried(path, **options))
    with acting_as_system("a test brings in"):
        running.bring_in(found)
    assert found.state is ImportState.DONE
    return found


def confirmed(found: Import) -> Import:
    with acting_as_system("a test confirms"), writing():
        found.confirm(by=found.requested_by, now=clock.now(), later=False)
    return found


def undo(found: Import) -> Import:
    with acting_as_system("a test undoes"):
        with writing():
            found.ask_for_undo(by=None, now=clock.now(), later=False)
        running.undo(found)
    return found


def fates(found: Import, kind: str | None = None) -> list[tuple[int, Fate, str]]:
    """Row, fate and reason of what the trial run says, of one kind."""
    rows = select(ImportRow).where(ImportRow.import_id == found.id).order_by(ImportRow.id)
    told = db.session.scalars(rows if kind is None else rows.where(ImportRow.kind == kind))
    return [(row.row, row.fate, row.reason) for row in told]


def reasons(found: Import) -> dict[int, str]:
    """The code of why each rejected row is not taken."""
    rejected = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate == Fate.REJECT)
    return {row.row: (row.why or {})["code"] for row in db.session.scalars(rejected)}


def everything(model: type[Record]) -> list[Record]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        wanted = select(model).order_by(model.id).execution_options(populate_existing=True)  # type: ignore[attr-defined]
        return list(db.session.scalars(wanted))


def count(model: type[Any]) -> int:
    with acting_as_system("a test counts"):
        db.session.rollback()
        return db.session.scalar(select(func.count(model.id))) or 0


def named(model: type[Any], name: str) -> Any:
    with acting_as_system("a test looks"):
        db.session.rollback()
        wanted = select(model).where(model.name == name).execution_options(populate_existing=True)
        return db.session.scalars(wanted).one()


def faults() -> list[str]:
    """What `verify` finds."""
    db.session.rollback()
    return [str(finding) for finding in inspect_database().findings]
