"""Turns invented stories into rows that keep every rule the verbs keep, ready to be inserted by the thousand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Table

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.clock import WorkingCalendar
from salesboard.customers.models import Contact, Customer
from salesboard.customers.needs import CustomerNeed
from salesboard.customers.rules import (
    Attitude,
    Channel,
    ContactRole,
    CustomerStatus,
    Level,
    Priority,
    pinyin_keys,
)
from salesboard.customers.sharing import deal_collaborators
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import LostReason, Outcome, Stage, customer_status, worth
from salesboard.deals.stages import StageSetting
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Punctuality
from salesboard.ops.invented_answers import Answers
from salesboard.ops.invention import Story, Storyteller, company_names, words

LEVELS = {Level.KEY: 25, Level.NORMAL: 55, Level.POTENTIAL: 20}
DEALS_OF_A_CUSTOMER = {1: 72, 2: 20, 3: 6, 0: 2}
SMALLEST_AMOUNT, LARGEST_AMOUNT = 40_000, 3_000_000
POSITION_STEP = 1024.0

TakeNumbers = Callable[[str, date, int], list[str]]
Row = dict[str, Any]


@dataclass
class Company:
    """An invented customer: its row, whom one talks to, and its deals."""

    row: Row
    people: list[Row]
    needs: list[str]
    stories: list[tuple[str, Story]] = field(default_factory=list)


class InventedRows:
    """The rows of every table, with their ids. The tables must be empty."""

    def __init__(
        self,
        rng: Random,
        now: datetime,
        zone: str,
        calendar: WorkingCalendar,
        settings: dict[Stage, StageSetting],
    ) -> None:
        self._rng = rng
        self._zone, self._today = zone, clock.local_date(now, zone)
        self._settings = settings
        self._limits = {stage: setting.limits for stage, setting in settings.items()}
        self._answers = Answers(rng)
        self._punctuality = Punctuality(calendar, zone)
        self._teller = Storyteller(rng, self._today, zone, calendar)
        self.customers: list[Row] = []
        self.needs: list[Row] = []
        self.contacts: list[Row] = []
        self.deals: list[Row] = []
        self.placements: list[Row] = []
        self.followups: list[Row] = []
        self.shared: list[Row] = []

    def invent(self, deals: int, reps: Sequence[User], collaborator: User, take_numbers: TakeNumbers) -> None:
        """Fills the lists with so many deals of customers that belong to `reps`."""
        companies = self._companies(deals, reps)
        self._keep(companies, collaborator)
        for rows, letter, born in (
            (self.customers, "C", "created_at"),
            (self.deals, "O", "created_at"),
            (self.followups, "F", "recorded_at"),
        ):
            self._number(rows, letter, born, take_numbers)

    def tables(self) -> list[tuple[Table, list[Row]]]:
        """Each table with its rows, in an order that foreign keys allow."""
        of_models = (
            (Customer, self.customers),
            (CustomerNeed, self.needs),
            (Contact, self.contacts),
            (Deal, self.deals),
            (FollowUp, self.followups),
            (Placement, self.placements),
        )
        return [*((model.__table__, rows) for model, rows in of_models), (deal_collaborators, self.shared)]  # type: ignore[list-item]

    def _companies(self, deals: int, reps: Sequence[User]) -> list[Company]:
        rng, names = self._rng, company_names(self._rng)
        companies: list[Company] = []
        while deals:
            name, trade = next(names)
            company = self._company(name, trade, rng.choice(reps))
            wanted = min(deals, rng.choices(list(DEALS_OF_A_CUSTOMER), list(DEALS_OF_A_CUSTOMER.values()))[0])
            for project in rng.sample(words()["projects"], wanted):
                who = company.people[0]["name"]
                pain, source = rng.choice(words()["pains"]), company.row["source"]
                company.stories.append((project, self._teller.tell(self._limits, who, source, pain, project)))
            self._date(company)
            companies.append(company)
            deals -= wanted
        return sorted(companies, key=lambda company: company.row["created_at"])

    def _company(self, name: str, trade: str, owner: User) -> Company:
        rng, texts = self._rng, words()
        industry, main_business = texts["trades"][trade]
        employees = int(rng.lognormvariate(5, 0.9)) + 8
        known = Customer()
        known.rename(name)
        row = {
            "name": known.name,
            "name_key": known.name_key,
            "search_text": known.search_text,
            "sort_name": known.sort_name,
            "industry": industry,
            "main_business": main_business,
            "employees": employees,
            "annual_revenue": Decimal(employees * rng.randint(30, 90) * 10_000),
            "region": rng.choice(texts["regions"]),
            "source": rng.choice(texts["sources"]),
            "level": rng.choices(list(LEVELS), list(LEVELS.values()))[0],
            "owner_id": owner.id,
            "created_by_id": owner.id,
            "remarks": rng.choice(texts["remarks"]) if rng.random() < 0.4 else None,
        }
        mail_host = pinyin_keys(name)[0][:40]
        needs = rng.sample(texts["pains"], rng.randint(1, 3))
        return Company(row, [self._person(mail_host, role) for role in self._roles()], needs)

    def _roles(self) -> Iterable[ContactRole]:
        return self._rng.sample(list(ContactRole), self._rng.choices([1, 2, 3], [50, 35, 15])[0])

    def _person(self, mail_host: str, role: ContactRole) -> Row:
        rng, texts = self._rng, words()
        name = rng.choice(texts["surnames"]) + rng.choice(texts["given_names"])
        of_person = Random(f"{name} {mail_host}")  # of its own, so that the rest is invented as it always was
        # No mobile number begins with 100, and nobody can own a name that ends in .example.
        return {
            "name": name,
            "title": rng.choice(texts["titles"][role]),
            "phone": f"100{rng.randrange(10**8):08d}",
            "email": f"{pinyin_keys(name)[0]}@{mail_host}.example" if rng.random() < 0.6 else None,
            "wechat": f"wx_{pinyin_keys(name)[1]}{rng.randrange(1000)}" if rng.random() < 0.5 else None,
            "role": role,
            "preferred_channel": of_person.choice([*Channel, None]),
            "attitude": of_person.choice(list(Attitude)),
        }

    def _date(self, company: Company) -> None:
        """A customer is known a little before its first deal begins, and changed with its last note."""
        begins = [story.stays[0].entered_at for _, story in company.stories]
        ends = [story.talks()[-1].recorded_at for _, story in company.stories]
        lead = timedelta(days=self._rng.randint(0, 20), minutes=self._rng.randint(5, 90))
        created_at = min(begins, default=clock.noon(self._today - timedelta(days=30), self._zone)) - lead
        statuses = [(story.last.stage, story.last.outcome) for _, story in company.stories]
        company.row |= {
            "created_at": created_at,
            "updated_at": max(ends, default=created_at),
            "first_contact_date": clock.local_date(created_at, self._zone),
            "status": customer_status(statuses) if statuses else CustomerStatus.POTENTIAL,
            "version": 1,
        }

    def _keep(self, companies: list[Company], collaborator: User) -> None:
        """Gives ids in the order in which things happened."""
        told = []
        for customer_id, company in enumerate(companies, 1):
            self.customers.append({"id": customer_id, **company.row})
            of_customer = {"customer_id": customer_id}
            for place, (text, priority) in enumerate(zip(company.needs, Priority, strict=False)):
                self.needs.append({**of_customer, "position": place, "text": text, "priority": priority})
            self._keep_people(customer_id, company)
            told += [(customer_id, company, project, story) for project, story in company.stories]
        told.sort(key=lambda each: each[3].stays[0].entered_at)
        for deal_id, (customer_id, company, project, story) in enumerate(told, 1):
            self.deals.append({"id": deal_id, **self._deal(company, customer_id, project, story)})
            self._keep_history(deal_id, customer_id, company, story)
            if story.last.stage.reaches(Stage.PROPOSAL) and self._rng.random() < 0.08:
                self.shared.append(
                    {"deal_id": deal_id, "user_id": collaborator.id, "customer_id": customer_id}
                )
        self._order_by_time()
        self._position()

    def _keep_people(self, customer_id: int, company: Company) -> None:
        """Whoever decides comes first, and the others report to them."""
        people = sorted(company.people, key=lambda each: each["role"] is not ContactRole.DECISION_MAKER)
        first_id = len(self.contacts) + 1
        has_boss = people[0]["role"] is ContactRole.DECISION_MAKER
        for contact_id, person in enumerate(people, first_id):
            boss_id = first_id if has_boss and contact_id != first_id else None
            at = {"customer_id": customer_id, "created_at": company.row["created_at"]}
            self.contacts.append({"id": contact_id, **person, **at, "reports_to_id": boss_id})

    def _deal(self, company: Company, customer_id: int, project: str, story: Story) -> Row:
        rng, first, last = self._rng, story.stays[0], story.last
        waiting, owner_id = story.talks()[-1], company.row["owner_id"]
        amount = Decimal(round(min(rng.lognormvariate(12.9, 0.8) + SMALLEST_AMOUNT, LARGEST_AMOUNT), -3))
        known = Deal()
        known.rename(project, Customer(search_text=company.row["search_text"]))
        signing = self._signing(amount, story)
        return {
            "name": known.name,
            "search_text": known.search_text,
            "customer_id": customer_id,
            "owner_id": owner_id,
            "stage": last.stage,
            "outcome": last.outcome,
            "entered_at": last.entered_at,
            "entered_on": last.entered_on,
            "amount": amount,
            "budget": round(amount * rng.choice((8, 9, 10, 12)) / 10, -3) if rng.random() < 0.6 else None,
            "probability": self._settings[last.stage].probability,
            "expected_close": self._expected_close(story),
            "first_goal": rng.choice(words()["goals"]) if rng.random() < 0.5 else None,
            "next_step": waiting.step if last.outcome is Outcome.OPEN else "",
            "next_due": waiting.due if last.outcome is Outcome.OPEN else None,
            "next_method": waiting.step_method if last.outcome is Outcome.OPEN else None,
            **signing,
            "worth": worth(last.stage, amount, signing["contract_amount"]),
            **self._closing(story),
            "created_on": first.entered_on,
            "created_at": first.entered_at,
            "updated_at": waiting.recorded_at,
            "updated_by_id": owner_id,
            "version": len(story.stays) + len(story.between),
        }

    def _expected_close(self, story: Story) -> date | None:
        """Still to come for an open deal; what is over is expected no more."""
        days = self._rng.randint(5, 150)
        is_over = story.last.stage.is_signed or story.last.outcome is Outcome.LOST
        return None if is_over else self._today + timedelta(days=days)

    def _signing(self, amount: Decimal, story: Story) -> Row:
        won = next((stay for stay in story.stays if stay.stage is Stage.WON), None)
        if won is None:
            return dict.fromkeys(("contract_number", "contract_amount", "signed_on", "payment_terms"))
        return {
            "contract_number": f"HT{won.entered_on:%Y%m%d}-{self._rng.randint(1, 99):02d}",
            "contract_amount": round(amount * self._rng.randint(85, 100) / 100, -2),
            "signed_on": won.entered_on,
            "payment_terms": self._rng.choice(words()["payment_terms"]),
        }

    def _closing(self, story: Story) -> Row:
        if story.reason is None:
            return dict.fromkeys(("lost_reason", "lost_words", "competitor", "closed_on"))
        beaten = story.reason is LostReason.COMPETITOR
        return {
            "lost_reason": story.reason,
            "lost_words": words()["lessons"][story.reason],
            "competitor": self._rng.choice(words()["rivals"]) if beaten else None,
            "closed_on": story.last.entered_on,
        }

    def _keep_history(self, deal_id: int, customer_id: int, company: Company, story: Story) -> None:
        owner_id = company.row["owner_id"]
        stay_of = {id(stay.note): stay for stay in story.stays}
        for version, talk in enumerate(story.talks(), 1):
            followup = {
                "kind": talk.kind,
                "customer_id": customer_id,
                "deal_id": deal_id,
                "author_id": owner_id,
                "occurred_at": talk.occurred_at,
                "recorded_at": talk.recorded_at,
                "is_on_time": self._punctuality.is_on_time(talk.occurred_at, talk.recorded_at)
                if talk.kind is FollowUpKind.TALK
                else None,
                "method": talk.method,
                "participants": self._rng.choice(company.people)["name"],
                "content": talk.content,
                "feedback": talk.feedback,
                "agreed": talk.agreed,
                "next_step": talk.step,
                "next_due": talk.due,
                "next_method": talk.step_method,
            }
            self.followups.append(followup)
            stay = stay_of.get(id(talk))
            if stay is not None:
                self.placements.append(
                    {
                        "deal_id": deal_id,
                        "kind": stay.kind,
                        "from_stage": stay.from_stage,
                        "stage": stay.stage,
                        "outcome": stay.outcome,
                        "entered_at": stay.entered_at,
                        "left_at": stay.left_at,
                        "recorded_at": stay.entered_at,
                        "by_id": owner_id,
                        "answers": self._answers.given(
                            stay.kind, stay.stage, story.reason, company.people[0]["name"], stay.entered_on
                        ),
                        "before": {},
                        "version_after": version,
                        "followup": followup,
                    }
                )

    def _order_by_time(self) -> None:
        for rows in (self.followups, self.placements):
            rows.sort(key=lambda row: row["recorded_at"])
            for row_id, row in enumerate(rows, 1):
                row["id"] = row_id
        for row in self.placements:
            row["followup_id"] = row.pop("followup")["id"]

    def _position(self) -> None:
        """In every column the latest comer stands on top."""
        height: Counter[Stage] = Counter()
        for row in sorted(self.deals, key=lambda row: row["entered_at"]):
            height[row["stage"]] += 1
            row["position"] = height[row["stage"]] * POSITION_STEP

    def _number(self, rows: list[Row], letter: str, born: str, take_numbers: TakeNumbers) -> None:
        by_day: dict[date, list[Row]] = defaultdict(list)
        for row in rows:
            by_day[clock.local_date(row[born], self._zone)].append(row)
        for day, born_then in by_day.items():
            for row, number in zip(born_then, take_numbers(letter, day, len(born_then)), strict=True):
                row["number"] = number
