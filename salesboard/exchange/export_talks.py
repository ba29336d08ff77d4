"""销售过程跟踪记录表: a row for each talk, and where the deal stood after it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from salesboard.access import WRITERS
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.exchange.export_lists import all_of
from salesboard.exchange.export_pages import (
    customers_named,
    day_in,
    lines_of,
    main_contacts,
    people_called,
    phone_line,
)
from salesboard.exchange.export_tables import Line, OutTable, columns_of
from salesboard.exchange.export_words import METHODS, stage_word
from salesboard.exchange.fields import Kind
from salesboard.followups.models import FollowUp

HEADS = (
    "客户编号 客户名称 行业 联系人 职位 联系方式 需求痛点 沟通时间:day 沟通方式 参与人员 沟通内容摘要 客户反馈 "
    "跟进阶段（线索/意向/方案/谈判/成交/服务） 下一步行动 负责人"
)


def process_table(zone: ZoneInfo) -> OutTable:
    """销售过程跟踪记录表."""
    columns = columns_of(HEADS)
    people = people_called()
    owning = set(
        db.session.scalars(select(User.id).where(User.role.in_(WRITERS), User.deactivated_at.is_(None)))
    )

    def tell(page: Sequence[FollowUp]) -> list[Line]:
        customers = customers_named(talk.customer_id for talk in page)
        contacts = main_contacts(customers)
        stays = _Stays(page)
        owners = _owners(page)
        lines: list[Line] = []
        for talk in page:
            customer, contact = customers[talk.customer_id], contacts.get(talk.customer_id)
            responsible = talk.author_id if talk.author_id in owning else owners.get(talk.id)
            lines.append(
                [
                    customer.external_id or customer.number,
                    customer.name,
                    customer.industry,
                    *(
                        (contact.name, contact.title, phone_line(contact) or contact.email)
                        if contact
                        else (None,) * 3
                    ),
                    talk.new_needs,
                    day_in(zone, talk.occurred_at),
                    METHODS[talk.method],
                    talk.participants,
                    talk.content,
                    talk.feedback,
                    stays.word_after(talk),
                    talk.next_step,
                    people[responsible],
                ]
            )
        return lines

    return OutTable("销售过程跟踪记录表", columns, lines_of(all_of(Kind.FOLLOWUPS), FollowUp, tell))


class _Stays:
    """Where the deals of some talks stood, and since when."""

    def __init__(self, talks: Sequence[FollowUp]) -> None:
        self._begun_by: dict[int, str] = {}
        self._since: dict[int, list[datetime]] = defaultdict(list)
        self._words: dict[int, list[str]] = defaultdict(list)
        ids = {talk.deal_id for talk in talks} - {None}
        stays = select(Placement.deal_id, Placement.followup_id, Placement.entered_at)
        stays = stays.add_columns(Placement.stage, Placement.outcome)
        told = stays.where(Placement.deal_id.in_(ids), Placement.undone_at.is_(None))
        for stay in db.session.execute(told.order_by(Placement.entered_at, Placement.id)):
            word = stage_word(stay.stage, stay.outcome)
            self._begun_by[stay.followup_id] = word
            self._since[stay.deal_id].append(stay.entered_at)
            self._words[stay.deal_id].append(word)

    def word_after(self, talk: FollowUp) -> str | None:
        """What the talk itself began, else the stay that was under way; before the first one, that one."""
        if talk.id in self._begun_by:
            return self._begun_by[talk.id]
        if talk.deal_id not in self._words:
            return None
        begun = bisect_right(self._since[talk.deal_id], talk.occurred_at)
        return self._words[talk.deal_id][max(0, begun - 1)]


def _owners(talks: Sequence[FollowUp]) -> dict[int, int]:
    """Who looks after what each talk was about: its deal, else its customer."""
    deals, customers = Deal.__table__.c, Customer.__table__.c
    of_deals: dict[Any, int] = _ids_to_owners(deals, {talk.deal_id for talk in talks} - {None})
    of_customers: dict[Any, int] = _ids_to_owners(customers, {talk.customer_id for talk in talks})
    return {talk.id: of_deals.get(talk.deal_id) or of_customers[talk.customer_id] for talk in talks}


def _ids_to_owners(table: Any, ids: set[Any]) -> dict[Any, int]:
    rows = db.session.execute(select(table.id, table.owner_id).where(table.id.in_(ids)))
    return {row.id: row.owner_id for row in rows}
