"""What came of the invented deals: payments, satisfaction, complaints; and what their teams had set out to reach: as
rows, from the deals that were invented before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from salesboard.accounts.models import User
from salesboard.deals.rules import Stage
from salesboard.insight.attainment import TargetMetric
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.targets import Target
from salesboard.ops.invented_rows import InventedRows, Row
from salesboard.ops.invention import words
from salesboard.service.complaints import Complaint, ComplaintKind, ComplaintState
from salesboard.service.models import Payment, Receipt
from salesboard.service.satisfaction import Satisfaction

PARTS = ((0, Decimal("0.3")), (45, Decimal("0.5")), (120, Decimal("0.2")))
"""Of each contract: how many days after signing what share is due."""
PAID, IN_PARTS, SCORED, COMPLAINED = 0.8, 0.1, 0.7, 0.25
"""How many instalments that are due were paid, and how many of them in part; of how many delivered deals somebody told
a score, and a complaint."""
NOON = time(12)


class InventedResults:
    """Payments, scores, complaints and targets around `rows`."""

    def __init__(self, rng: Random, rows: InventedRows, today: date, zone: str, now: datetime) -> None:
        self._rng, self._rows, self._today, self._now = rng, rows, today, now
        self._zone = ZoneInfo(zone)
        self.payments: list[Row] = []
        self.receipts: list[Row] = []
        self.satisfactions: list[Row] = []
        self.complaints: list[Row] = []
        self.targets: list[Row] = []

    def invent(self, reps: Sequence[User]) -> None:
        """Goes through what was signed, deal by deal; then sets this year's months of the reps."""
        signed: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for deal in self._rows.deals:
            if deal["signed_on"] is None:
                continue
            self._bill(deal)
            if deal["stage"] is Stage.SERVICE:
                self._ask(deal)
            if deal["signed_on"].year == self._today.year:
                signed[deal["owner_id"]][deal["signed_on"].month] += deal["contract_amount"]
        for rep in reps:
            self._aim(rep, signed[rep.id])

    def tables(self) -> list[tuple[Table, list[Row]]]:
        """Each table with its rows, in an order that foreign keys allow."""
        return [
            (Payment.__table__, self.payments),  # type: ignore[list-item]
            (Receipt.__table__, self.receipts),  # type: ignore[list-item]
            (Satisfaction.__table__, self.satisfactions),  # type: ignore[list-item]
            (Complaint.__table__, self.complaints),  # type: ignore[list-item]
            (Target.__table__, self.targets),  # type: ignore[list-item]
        ]

    def _bill(self, deal: Row) -> None:
        left, owner = deal["contract_amount"], deal["owner_id"]
        told = self._told(deal["signed_on"], owner)
        for name, (days, share) in zip(words()["instalments"], PARTS, strict=True):
            is_last = share == PARTS[-1][1]
            amount = left if is_last else (deal["contract_amount"] * share).quantize(Decimal(1))
            left -= amount
            due = deal["signed_on"] + timedelta(days)
            payment = {"id": len(self.payments) + 1, "deal_id": deal["id"], "name": name, "due_on": due}
            self.payments.append(payment | {"amount": amount} | told)
            self._receive(payment["id"], due, amount, owner)

    def _receive(self, payment_id: int, due: date, amount: Decimal, owner: int) -> None:
        paid_on = due + timedelta(self._rng.randint(-2, 20))
        is_paid, in_part = self._rng.random() < PAID, self._rng.random() < IN_PARTS
        if not is_paid or paid_on > self._today:
            return
        part = (amount / 2).quantize(Decimal(1)) if in_part else amount
        facts = {"payment_id": payment_id, "day": paid_on, "amount": part, "by_id": owner}
        self.receipts.append({"id": len(self.receipts) + 1, **facts, "at": self._noon(paid_on)})

    def _ask(self, deal: Row) -> None:
        day = min(deal["entered_on"] + timedelta(self._rng.randint(5, 40)), self._today)
        owner = deal["owner_id"]
        if self._rng.random() < SCORED:
            score = self._rng.choices((2, 3, 4, 5), (1, 2, 5, 4))[0]
            facts = {"deal_id": deal["id"], "delivery": self._rng.choice(words()["deliveries"]), "day": day}
            facts |= {
                "score": score,
                "words": words()["verdicts"][score - 2],
                "at": self._noon(day),
                "by_id": owner,
            }
            self.satisfactions.append(
                {"id": len(self.satisfactions) + 1, **facts, **self._changed(day, owner)}
            )
        if self._rng.random() < COMPLAINED:
            self._complain(deal, day, owner)

    def _complain(self, deal: Row, day: date, owner: int) -> None:
        opened = self._noon(day)
        answered, settled = opened + timedelta(hours=20), opened + timedelta(days=self._rng.randint(2, 9))
        state = ComplaintState.SETTLED if settled < self._now else ComplaintState.OPEN
        is_over = state is ComplaintState.SETTLED
        facts = {
            "customer_id": deal["customer_id"],
            "deal_id": deal["id"],
            "kind": self._rng.choice(list(ComplaintKind)),
            "state": state,
            "words": self._rng.choice(words()["complaints"]),
            "answer": words()["complaint_answer"] if is_over else "",
            "owner_id": owner,
            "opened_at": opened,
            "answered_at": answered if is_over else None,
            "settled_at": settled if is_over else None,
            "recorded_at": opened,
            "recorded_by_id": owner,
        }
        self.complaints.append({"id": len(self.complaints) + 1, **facts, **self._changed(day, owner)})

    def _aim(self, rep: User, signed: dict[int, Decimal]) -> None:
        """Somewhat more than what a month of the year brought on average, in round figures."""
        months = [Period.of(PeriodKind.MONTH, self._today.year, part) for part in range(1, 13)]
        usual = sum(signed.values(), Decimal(0)) / self._today.month
        aim = max(Decimal(100_000), (usual * Decimal("1.15")).quantize(Decimal("1E4")).quantize(Decimal(1)))
        for month in months:
            facts = {"metric": TargetMetric.SIGNED_AMOUNT, "year": month.year, "period_key": month.key}
            set_ = {"value": aim, "set_at": self._now, "set_by_id": None}
            whose = {"team_id": None, "person_id": rep.id}
            self.targets.append({"id": len(self.targets) + 1, **facts, **whose, **set_})

    def _told(self, day: date, owner: int) -> Row:
        return {"created_at": self._noon(day), "created_by_id": owner} | self._changed(day, owner)

    def _changed(self, day: date, owner: int) -> Row:
        return {"updated_at": self._noon(day), "updated_by_id": owner, "version": 1}

    def _noon(self, day: date) -> datetime:
        return min(datetime.combine(day, NOON, self._zone), self._now)
