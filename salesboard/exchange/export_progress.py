"""销售客户管理绩效表 and 客户进度管理表: a row for each deal with its last talk, and one for a
customer without any deal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from salesboard.customers.models import Contact, Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.exchange.export_lists import all_of
from salesboard.exchange.export_pages import day_in, lines_of, main_contacts, phone_line
from salesboard.exchange.export_tables import Line, OutTable, columns_of
from salesboard.exchange.export_words import completion, stage_word
from salesboard.exchange.fields import Kind
from salesboard.followups.models import FollowUp

PERFORMANCE_HEADS = (
    "客户名称 行业分类 联系方式 上次联系时间:day 本次联系时间:day 主要讨论内容 "
    "销售阶段 销售目标:amount 完成情况 备注"
)
PROGRESS_HEADS = "客户名称 销售阶段 跟进日期:day 客户反馈 销售机会"


@dataclass(frozen=True)
class Standing:
    """How far one is with a customer in one deal: the last talk, and the one before it."""

    customer: Customer
    contact: Contact | None
    deal: Deal | None
    talks: tuple[FollowUp, ...]

    @property
    def last_talk(self) -> FollowUp | None:
        return self.talks[0] if self.talks else None

    def talked_on(self, zone: ZoneInfo) -> date | None:
        return day_in(zone, self.talks[0].occurred_at) if self.talks else None

    def talked_before_on(self, zone: ZoneInfo) -> date | None:
        """The day of the talk before the last, else of the first contact."""
        if len(self.talks) > 1:
            return day_in(zone, self.talks[1].occurred_at)
        first, last = self.customer.first_contact_date, self.talked_on(zone)
        return first if first and last and first <= last else None


def performance_table(zone: ZoneInfo) -> OutTable:
    """销售客户管理绩效表."""
    columns = columns_of(PERFORMANCE_HEADS)

    def tell(page: Sequence[Customer]) -> list[Line]:
        return [_performance_line(standing, zone) for standing in _standings(page)]

    return OutTable("销售客户管理绩效表", columns, lines_of(all_of(Kind.CUSTOMERS), Customer, tell))


def progress_table(zone: ZoneInfo) -> OutTable:
    """客户进度管理表."""
    columns = columns_of(PROGRESS_HEADS)

    def tell(page: Sequence[Customer]) -> list[Line]:
        return [_progress_line(standing, zone) for standing in _standings(page)]

    return OutTable("客户进度管理表", columns, lines_of(all_of(Kind.CUSTOMERS), Customer, tell))


def _performance_line(standing: Standing, zone: ZoneInfo) -> Line:
    customer, contact, deal, talk = standing.customer, standing.contact, standing.deal, standing.last_talk
    return [
        customer.name,
        customer.industry,
        (contact.email or phone_line(contact)) if contact else None,
        standing.talked_before_on(zone),
        standing.talked_on(zone),
        talk.content if talk else None,
        stage_word(deal.stage, deal.outcome) if deal else None,
        deal.amount if deal else None,
        completion(deal.stage, deal.outcome) if deal else None,
        customer.remarks,
    ]


def _progress_line(standing: Standing, zone: ZoneInfo) -> Line:
    deal, talk = standing.deal, standing.last_talk
    return [
        standing.customer.name,
        stage_word(deal.stage, deal.outcome) if deal else None,
        standing.talked_on(zone),
        talk.feedback if talk else None,
        deal.name if deal else None,
    ]


def _standings(page: Sequence[Customer]) -> Iterator[Standing]:
    """Each deal of these customers in the order of its number; a customer without one stands alone."""
    ids = [customer.id for customer in page]
    contacts = main_contacts(ids)
    deals: dict[int, list[Deal]] = {}
    for deal in db.session.scalars(select(Deal).where(Deal.customer_id.in_(ids)).order_by(Deal.id)):
        deals.setdefault(deal.customer_id, []).append(deal)
    about_deals = _last_two(FollowUp.deal_id, [deal.id for some in deals.values() for deal in some])
    alone = _last_two(FollowUp.customer_id, [customer_id for customer_id in ids if customer_id not in deals])
    for customer in page:
        contact = contacts.get(customer.id)
        for deal in deals.get(customer.id, ()):
            yield Standing(customer, contact, deal, about_deals.get(deal.id, ()))
        if customer.id not in deals:
            yield Standing(customer, contact, None, alone.get(customer.id, ()))


def _last_two(column: Any, ids: Sequence[int]) -> dict[int, tuple[FollowUp, ...]]:
    """The last talk and the one before it, for each id that `column` may hold."""
    order = FollowUp.occurred_at.desc(), FollowUp.id.desc()
    talks: Select[Any] = all_of(Kind.FOLLOWUPS).where(column.in_(ids))
    rank = func.row_number().over(partition_by=column, order_by=order)
    ranked = talks.with_only_columns(FollowUp.id, rank.label("rank")).subquery()
    latest = select(FollowUp).join(ranked, ranked.c.id == FollowUp.id).where(ranked.c.rank <= 2)
    found: dict[int, tuple[FollowUp, ...]] = {}
    for talk in db.session.scalars(latest.order_by(*order)):
        key = getattr(talk, column.key)
        found[key] = (*found.get(key, ()), talk)
    return found
