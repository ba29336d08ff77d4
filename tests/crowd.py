"""A crowd of invented deals, put straight into the tables: for what must hold however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import insert

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import CustomerStatus, Level, name_key, pinyin_keys
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import DEFAULT_PROBABILITY, LostReason, Method, Outcome, Stage
from salesboard.installation import installation

NAMES = (
    "纸鹤包装",
    "月台冷链",
    "三叶虫仪表",
    "Paper Crane Ltd",
    "不周山泵业",
    "100% 果汁",
    "snake_case 软件",
)
WARES = ("能耗监测一期", "温控改造", "Line two", "校准实验室")


def gather(owners: Sequence[User], count: int, seed: int = 1, **facts: Any) -> list[dict[str, Any]]:
    """`count` deals of all stages, ages, plans and amounts, spread over `owners`; the rows as they were written."""
    chance, now, today = Random(seed), clock.now(), installation().today
    customers = [_customer(number, chance, owners, now) for number in range(1, max(2, count // 3))]
    deals = [_deal(number, chance, owners, customers, today) for number in range(1, count + 1)]
    for deal in deals:
        deal.update(created_on=deal["entered_on"], created_at=now, updated_at=now, entered_at=now, **facts)
    with writing():
        db.session.execute(insert(Customer.__table__), customers)
        db.session.execute(insert(Deal.__table__), deals)
    levels = {customer["id"]: customer["level"] for customer in customers}
    return [{**deal, "level": levels[deal["customer_id"]]} for deal in deals]


def _customer(number: int, chance: Random, owners: Sequence[User], now: Any) -> dict[str, Any]:
    name = f"{chance.choice(NAMES)} {number}"
    return {
        "id": number,
        "number": f"C20260101{number:03d}",
        "name": name,
        "name_key": name_key(name),
        "search_text": " ".join((name.lower(), *pinyin_keys(name))),
        "status": CustomerStatus.POTENTIAL,
        "level": chance.choice(list(Level)),
        "owner_id": chance.choice(owners).id,
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }


def _deal(
    number: int, chance: Random, owners: Sequence[User], customers: list[dict[str, Any]], today: date
) -> dict[str, Any]:
    stage, customer, name = chance.choice(list(Stage)), chance.choice(customers), chance.choice(WARES)
    lost = not stage.is_signed and chance.random() < 0.2
    entered = today - timedelta(days=chance.randrange(150))
    due = None if lost or chance.random() < 0.3 else today + timedelta(days=chance.randint(-4, 4))
    amount = chance.choice((None, Decimal(0), Decimal(chance.randrange(1, 9)) * 10_000, Decimal("12345.67")))
    signed = (amount or Decimal(0)) if stage.is_signed else None
    return {
        "id": number,
        "number": f"O20260101{number:03d}",
        "name": name,
        "search_text": " ".join((name.lower(), *pinyin_keys(name), customer["search_text"])),
        "customer_id": customer["id"],
        "owner_id": chance.choice(owners).id,
        "stage": stage,
        "outcome": Outcome.LOST if lost else Outcome.OPEN,
        "entered_on": entered,
        "position": float(chance.randrange(40)),
        "amount": amount,
        "worth": signed if signed is not None else amount or Decimal(0),
        "probability": chance.choice((DEFAULT_PROBABILITY[stage], 33)),
        "next_step": "Call" if due else "",
        "next_due": due,
        "next_method": Method.PHONE if due else None,
        "contract_amount": signed,
        "signed_on": entered if stage.is_signed else None,
        "lost_reason": LostReason.PRICE if lost else None,
        "closed_on": entered if lost else None,
        "version": 1,
    }
