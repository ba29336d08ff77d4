"""What a move asks, in one sheet: the note, the questions of its target stage, the contract of a signing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from flask_login import current_user

from salesboard import clock
from salesboard.customers.models import Customer
from salesboard.customers.wording import gap_words
from salesboard.deals.assessments import (
    CONTRACT_AMOUNT,
    PROBABILITY,
    QUESTIONS,
    SIGNED_ON,
    Answer,
    answer,
)
from salesboard.deals.forms import Assessment, PlacementForm, SigningForm, known_values
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.deals.shown import known_answers, known_needs
from salesboard.deals.stages import stage_settings
from salesboard.deals.terms import SigningTerms
from salesboard.fields import all_valid
from salesboard.followups.about import About
from salesboard.followups.chains import chain_with
from salesboard.followups.forms import NoteForm
from salesboard.followups.queries import last_participants
from salesboard.installation import installation


@dataclass
class Sheet:
    """A move to `target` as somebody fills it in."""

    deal: Deal
    target: Stage
    note: NoteForm
    move: PlacementForm
    assessment: Assessment
    signing: SigningForm | None

    @classmethod
    def blank(cls, deal: Deal, target: Stage) -> Sheet:
        """A new sheet, filled in with what is known already."""
        questions = QUESTIONS[target]
        values = known_values(questions, known_answers(deal))
        if target is Stage.LEAD and deal.customer.source:
            values.setdefault("source", deal.customer.source)
        if target is Stage.NEGOTIATION:
            # The chain is known today: what was answered long ago about its gaps is not.
            values["decision_gaps"] = "; ".join(gap_words(gap) for gap in chain_with(deal.customer).gaps)
        sent = {
            "stage": target,
            "version": deal.version,
            "probability": stage_settings()[target].probability,
            "above": request.args.get("above", ""),
            "below": request.args.get("below", ""),
        }
        return cls(
            deal,
            target,
            NoteForm(About.of(deal), data=what_is_known_of_the_talk(deal)),
            PlacementForm(data=sent),
            Assessment(questions, values, lambda: known_needs(deal)),
            SigningForm(data=_contract_of(deal)) if _asks_contract(deal, target) else None,
        )

    @classmethod
    def filled(cls, deal: Deal, target: Stage) -> Sheet:
        """The sheet as it was sent; what was left empty stays empty."""
        return cls(
            deal,
            target,
            NoteForm(About.of(deal)),
            PlacementForm(),
            Assessment(QUESTIONS[target], {}, lambda: known_needs(deal)),
            SigningForm() if _asks_contract(deal, target) else None,
        )

    def validate(self) -> bool:
        """Whether all that was sent can be taken."""
        return all_valid(self.note, self.move, self.assessment, self.signing)

    @cached_property
    def known(self) -> dict[str, Answer]:
        """The last answer to every question that was ever asked about the deal."""
        return known_answers(self.deal)

    @property
    def asked(self) -> set[str]:
        """The codes of the questions on this sheet."""
        return {question.code for question in self.assessment.questions}

    @property
    def probability(self) -> int:
        """What was entered, else the stage's own."""
        entered = self.move.probability.data
        return stage_settings()[self.target].probability if entered is None else int(entered)

    @property
    def terms(self) -> SigningTerms | None:
        return self.signing.terms() if self.signing is not None else None

    @property
    def slot(self) -> tuple[str, str]:
        """The cards between which this one was dropped."""
        return self.move.above.data or "", self.move.below.data or ""

    def answers(self) -> list[Answer]:
        """The assessment and the figures that the move sets, as they are kept with it."""
        figures = []
        if self.signing is not None:
            figures = [
                answer("contract_amount", CONTRACT_AMOUNT, self.signing.contract_amount.data),
                answer("signed_on", SIGNED_ON, self.signing.signed_on.data),
            ]
        if self.probability != self.deal.probability:
            change = f"{self.deal.probability}% → {self.probability}%"
            figures.append(answer("probability", PROBABILITY, self.probability, change))
        return [*self.assessment.answers(), *figures]


def what_is_known_of_the_talk(deal: Deal) -> dict[str, Any]:
    """What a new note about the deal begins with: now, who took part last, and a call, unless what was due by today was
    planned another way."""
    is_due = deal.next_due is not None and deal.next_due <= installation().today
    return {
        "occurred_at": clock.now(),
        "method": (deal.next_method if is_due else None) or Method.PHONE,
        "request_key": str(uuid.uuid4()),
        **_who(About.of(deal), last_participants(deal)),
    }


def what_is_known_with(customer: Customer) -> dict[str, Any]:
    """What a new note about no deal in particular begins with: a call, just now."""
    return {
        "occurred_at": clock.now(),
        "method": Method.PHONE,
        "request_key": str(uuid.uuid4()),
        **_who(About.of(customer), ""),
    }


def _who(about: About, last: str) -> dict[str, Any]:
    """Who took part last; where nobody is known, oneself and the first contact, who might have met."""
    if last:
        return about.known_among(last)
    ours = [current_user.id] if current_user.id in about.people else []
    return {"ours": ours, "theirs": list(about.contacts)[:1]}


def _asks_contract(deal: Deal, target: Stage) -> bool:
    """A signing is asked for on winning, and wherever else a signed stage is entered without one."""
    return target is Stage.WON or (target.is_signed and deal.contract_amount is None)


def _contract_of(deal: Deal) -> dict[str, Any]:
    return {
        "contract_amount": deal.contract_amount if deal.contract_amount is not None else deal.amount,
        "signed_on": deal.signed_on or installation().today,
        "contract_number": deal.contract_number,
        "payment_terms": deal.payment_terms,
    }
