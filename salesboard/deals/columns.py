"""What is kept of a deal: its columns and whom they point to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import Money, UtcDateTime, choice
from salesboard.deals.rules import LostReason, Method, Outcome, Stage
from salesboard.sealed import Sealing, secret_amount


class DealColumns(Sealing):
    """The columns of `Deal`, apart from its verbs.

    `worth` is the contract amount once signed, else the expected amount; `entered_*` say when the present stay began.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(120), index=True)
    name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(1600))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"), default=Outcome.OPEN)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_on: Mapped[date] = mapped_column(Date)
    position: Mapped[float] = mapped_column(Float)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    budget_sealed: Mapped[bytes | None]
    worth: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    probability: Mapped[int]
    expected_close: Mapped[date | None] = mapped_column(Date)
    first_goal: Mapped[str | None] = mapped_column(String(200))
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_due: Mapped[date | None] = mapped_column(Date)
    next_method: Mapped[Method | None] = mapped_column(choice(Method, "next_method"))
    contract_number: Mapped[str | None] = mapped_column(String(80))
    contract_amount: Mapped[Decimal | None] = mapped_column(Money)
    signed_on: Mapped[date | None] = mapped_column(Date)
    payment_terms: Mapped[str | None] = mapped_column(Text)
    lost_reason: Mapped[LostReason | None] = mapped_column(choice(LostReason, "lost_reason"))
    lost_words: Mapped[str | None] = mapped_column(Text)
    competitor: Mapped[str | None] = mapped_column(String(200))
    closed_on: Mapped[date | None] = mapped_column(Date)
    created_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    budget = secret_amount("deals")

    @declared_attr
    @classmethod
    def customer(cls) -> Mapped[Customer]:
        return relationship(Customer)

    @declared_attr
    @classmethod
    def owner(cls) -> Mapped[User]:
        return relationship(User, foreign_keys=[cls.owner_id])

    @declared_attr
    @classmethod
    def updated_by(cls) -> Mapped[User | None]:
        return relationship(User, foreign_keys=[cls.updated_by_id])

    @property
    def label(self) -> str:
        """How the audit log names this deal."""
        return f"deal {self.number}"

    @property
    def is_lost(self) -> bool:
        return self.outcome is Outcome.LOST
