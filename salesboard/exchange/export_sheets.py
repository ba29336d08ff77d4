"""The four sheets that teams keep, in their own shape: titles, heads, order, words and totals as they know them.

They are in Chinese whoever asks, and an import knows each of them, so that out and in again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.deals.models import Deal
from salesboard.exchange.export_lists import all_of
from salesboard.exchange.export_pages import (
    customers_named,
    day_in,
    lines_of,
    main_contacts,
    moving_talks,
    people_called,
    phone_line,
)
from salesboard.exchange.export_progress import performance_table, progress_table
from salesboard.exchange.export_tables import Line, OutTable, columns_of
from salesboard.exchange.export_talks import process_table
from salesboard.exchange.export_words import LEVELS, METHODS, stage_word
from salesboard.exchange.fields import Kind
from salesboard.followups.models import FollowUp

WORKBOOK = "客户管理数据库"
CUSTOMERS = "客户基本信息"
CUSTOMER_HEADS = (
    "客户编号 客户名称* 所属行业 联系人 联系人职位 联系方式 邮箱 客户来源 "
    "所属区域 首次接触日期:day 客户等级 创建人"
)
PERFORMANCE, PROGRESS, PROCESS = "销售客户管理绩效表", "客户进度管理表", "销售过程跟踪记录表"


@dataclass(frozen=True)
class OwnSheet:
    """One of the team's own files or a sheet of one: what its rows are about, and how its tables are made."""

    name: str
    counted: tuple[Kind, ...]
    tables: tuple[Callable[[ZoneInfo], OutTable], ...]


@dataclass
class _Sums:
    """What stands in the last line, counted while the rows go by."""

    count: int = 0
    amount: Decimal = field(default_factory=Decimal)


def customers_table(_zone: ZoneInfo) -> OutTable:
    """客户基本信息: one row for each customer, with whoever was known there first."""
    columns = columns_of(CUSTOMER_HEADS)
    people, sums = people_called(), _Sums()

    def tell(page: Sequence[Customer]) -> list[Line]:
        sums.count += len(page)
        contacts = main_contacts(customer.id for customer in page)
        return [_customer_line(customer, contacts.get(customer.id), people) for customer in page]

    def foot() -> Line:
        return ["合计", f"{sums.count}家", *[None] * (len(columns) - 2)]

    rows = lines_of(all_of(Kind.CUSTOMERS), Customer, tell)
    return OutTable(CUSTOMERS, columns, rows, title=WORKBOOK, foot=foot)


def _customer_line(customer: Customer, contact: Any, people: dict[int | None, str]) -> Line:
    return [
        customer.number,
        customer.name,
        customer.industry,
        *((contact.name, contact.title, phone_line(contact), contact.email) if contact else (None,) * 4),
        customer.source,
        customer.region,
        customer.first_contact_date,
        LEVELS[Level(customer.level)],
        people[customer.created_by_id] or people[customer.owner_id],
    ]


def talks_table(zone: ZoneInfo) -> OutTable:
    """客户跟进记录: one row for each talk."""
    columns = columns_of(
        "跟进编号 客户编号 客户名称 跟进日期:day 跟进人 跟进方式 跟进内容 客户反馈 下一步计划 状态是否变更"
    )
    people = people_called()

    def tell(page: Sequence[FollowUp]) -> list[Line]:
        customers = customers_named(talk.customer_id for talk in page)
        moved = moving_talks(talk.id for talk in page)
        return [
            [
                talk.number,
                customers[talk.customer_id].number,
                customers[talk.customer_id].name,
                day_in(zone, talk.occurred_at),
                people[talk.author_id],
                METHODS[talk.method],
                talk.content,
                talk.feedback,
                talk.next_step,
                "是" if talk.id in moved else "否",
            ]
            for talk in page
        ]

    return OutTable("客户跟进记录", columns, lines_of(all_of(Kind.FOLLOWUPS), FollowUp, tell))


def deals_table(_zone: ZoneInfo) -> OutTable:
    """销售机会: one row for each deal, and the sum of what they are worth."""
    columns = columns_of(
        "机会编号 客户编号 客户名称 机会名称 当前阶段 预估金额（元）:amount 成交概率(%):share 预计成交日期:day 负责人"
    )
    people, sums = people_called(), _Sums()

    def tell(page: Sequence[Deal]) -> list[Line]:
        customers = customers_named(deal.customer_id for deal in page)
        sums.amount += sum((deal.amount for deal in page if deal.amount), Decimal(0))
        return [
            [
                deal.number,
                customers[deal.customer_id].number,
                customers[deal.customer_id].name,
                deal.name,
                stage_word(deal.stage, deal.outcome),
                deal.amount,
                deal.probability,
                deal.expected_close,
                people[deal.owner_id],
            ]
            for deal in page
        ]

    def foot() -> Line:
        return ["合计", None, None, None, None, sums.amount, None, None, None]

    return OutTable("销售机会", columns, lines_of(all_of(Kind.DEALS), Deal, tell), foot=foot)


_WORKBOOK_TABLES = (customers_table, talks_table, deals_table)
OWN_SHEETS = {
    sheet.name: sheet
    for sheet in (
        OwnSheet(PERFORMANCE, (Kind.CUSTOMERS,), (performance_table,)),
        OwnSheet(PROGRESS, (Kind.CUSTOMERS,), (progress_table,)),
        OwnSheet(PROCESS, (Kind.FOLLOWUPS,), (process_table,)),
        OwnSheet(WORKBOOK, (Kind.CUSTOMERS, Kind.FOLLOWUPS, Kind.DEALS), _WORKBOOK_TABLES),
        OwnSheet(CUSTOMERS, (Kind.CUSTOMERS,), (customers_table,)),
        OwnSheet("客户跟进记录", (Kind.FOLLOWUPS,), (talks_table,)),
        OwnSheet("销售机会", (Kind.DEALS,), (deals_table,)),
    )
}
"""Each by the name of its file, and those of the workbook by the names of its sheets too."""
