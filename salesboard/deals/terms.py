"""What is written down when a deal ends: the terms of a signing, the closing of a lost one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from salesboard.deals.rules import LostReason


@dataclass(frozen=True, kw_only=True)
class SigningTerms:
    """The contract of a won deal."""

    contract_amount: Decimal
    signed_on: date
    contract_number: str | None = None
    payment_terms: str | None = None


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Why a deal was lost, in words, and to whom."""

    reason: LostReason
    words: str | None = None
    competitor: str | None = None
