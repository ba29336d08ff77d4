"""What the invented people had to do and did, what was objected and what was written down wrong: as rows, from the
talks that were invented before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from salesboard import clock
from salesboard.clock import WorkingCalendar
from salesboard.deals.rules import OPEN_STAGES, Method, Outcome, Stage
from salesboard.followups import digest_chain as chain
from salesboard.followups.corrections import CORRECTABLE, Correction, as_kept
from salesboard.followups.objections import Objection, ObjectionStep
from salesboard.followups.rules import FollowUpKind, ObjectionState
from salesboard.ops.invented_rows import InventedRows, Row
from salesboard.ops.invention import words
from salesboard.tasks.keeping import CADENCE
from salesboard.tasks.models import Postponement, Task
from salesboard.tasks.rules import (
    REACHED_BEYOND,
    USUAL_CADENCE,
    KeyNode,
    TaskKind,
    TaskState,
    next_contact,
)

HOURS = (time(9, 30), time(10, 30), time(14), time(15, 30), time(16, 30))
PUT_OFF, WITH_NODES, LATE_NODES, OBJECTED, FOLLOWED, CORRECTED = 0.15, 0.4, 0.2, 0.14, 0.7, 0.08
"""How many steps were put off, how many deals have key nodes and of how many one is late, how many talks heard an
objection, how many of these were followed up, and how many agreements were corrected."""


class InventedWork:
    """Tasks, objections and corrections around `rows`, which it changes where something was put off or corrected."""

    def __init__(
        self, rng: Random, rows: InventedRows, today: date, zone: str, calendar: WorkingCalendar
    ) -> None:
        self._rng, self._rows = rng, rows
        self._today, self._zone, self._calendar = today, zone, calendar
        self._stages = {row["followup_id"]: row["stage"] for row in rows.placements}
        self.tasks: list[Row] = []
        self.postponements: list[Row] = []
        self.objections: list[Row] = []
        self.steps: list[Row] = []
        self.corrections: list[Row] = []
        self.links: list[chain.Told] = []

    def invent(self) -> None:
        """Goes through what was talked, deal by deal."""
        talks: dict[int, list[Row]] = defaultdict(list)
        for followup in self._rows.followups:
            talks[followup["deal_id"]].append(followup)
        for deal in self._rows.deals:
            self._do_steps(deal, talks[deal["id"]])
            self._reach_nodes(deal, talks[deal["id"]])
            self._object(deal, talks[deal["id"]])
        self._appoint()
        self.links += [chain.written(row["number"], row) for row in self._rows.followups]
        self.links += [
            chain.followed(chain.LinkKind.OBJECTION, step.pop("number"), step.pop("place"), _facts(step))
            for step in self.steps
        ]
        self._correct()
        for row in self._rows.followups:
            row.pop("objections", None)

    def tables(self) -> list[tuple[Table, list[Row]]]:
        """Each table with its rows, in an order that foreign keys allow; what they are about is there before."""
        return [
            (Task.__table__, self.tasks),  # type: ignore[list-item]
            (Postponement.__table__, self.postponements),  # type: ignore[list-item]
            (Objection.__table__, self.objections),  # type: ignore[list-item]
            (ObjectionStep.__table__, self.steps),  # type: ignore[list-item]
            (Correction.__table__, self.corrections),  # type: ignore[list-item]
        ]

    def _do_steps(self, deal: Row, talks: Sequence[Row]) -> None:
        """Each next step was done by the talk that followed; the last one waits."""
        for talk, following in pairwise(talks):
            if deal["stage"] is Stage.SERVICE and talk["recorded_at"] >= deal["entered_at"]:
                self._get_in_touch(deal, talk, following)
            elif talk["next_step"]:
                self._set(deal, **_step_of(talk), **self._done_by(following), created_at=talk["recorded_at"])
        if deal["next_step"]:
            self._set(deal, **_step_of(talks[-1]), created_at=talks[-1]["recorded_at"])

    def _get_in_touch(self, deal: Row, talk: Row, following: Row) -> None:
        """After the delivery nothing was planned, and the customer's cadence asked for the next talk."""
        talk |= {"next_step": "", "next_due": None, "next_method": None}
        level = self._rows.customers[deal["customer_id"] - 1]["level"]
        talked_on = clock.local_date(talk["occurred_at"], self._zone)
        due = next_contact(talked_on, USUAL_CADENCE[level], self._calendar)
        facts = {"kind": TaskKind.CADENCE, "what": CADENCE, "created_at": talk["recorded_at"], "due_on": due}
        self._set(deal | {"id": None}, **facts, **self._done_by(following))

    def _reach_nodes(self, deal: Row, talks: Sequence[Row]) -> None:
        """What was reached was done by its talk; of what is not yet, the next two are planned."""
        if deal["outcome"] is not Outcome.OPEN or self._rng.random() > WITH_NODES:
            return
        reached_by = dict(self._reached(talks))
        ahead = self._today
        open_ones = 0
        for node in KeyNode:
            facts = {"kind": TaskKind.NODE, "what": node, "node": node, "created_at": deal["created_at"]}
            by = reached_by.get(node)
            if by is not None:
                due = clock.local_date(by["occurred_at"], self._zone) + timedelta(self._rng.randint(-3, 6))
                self._set(deal, **facts, due_on=due, **self._done_by(by))
            elif deal["stage"] in OPEN_STAGES and open_ones < 2:
                ahead = self._calendar.after(ahead, self._rng.randint(2, 14))
                is_late = not open_ones and self._rng.random() < LATE_NODES
                late = self._today - timedelta(days=self._rng.randint(1, 9))
                self._set(deal, **facts, due_on=late if is_late else ahead)
                open_ones += 1

    def _reached(self, talks: Sequence[Row]) -> Iterator[tuple[KeyNode, Row]]:
        for talk in reversed(talks):
            stage = self._stages.get(talk["id"])
            for node, beyond in REACHED_BEYOND.items():
                is_first = node is KeyNode.FIRST_TALK and talk["kind"] is FollowUpKind.TALK
                if is_first or (
                    node is not KeyNode.FIRST_TALK and stage and stage.position > beyond.position
                ):
                    yield node, talk

    def _appoint(self) -> None:
        """What people set themselves: some with an hour today, some on the days ahead."""
        of_owner: dict[int, list[Row]] = defaultdict(list)
        for deal in self._rows.deals:
            if deal["outcome"] is Outcome.OPEN and deal["stage"] in OPEN_STAGES:
                of_owner[deal["owner_id"]].append(deal)
        tomorrow = self._calendar.after(self._today, 1)
        for _owner_id, deals in sorted(of_owner.items()):
            days = [*[self._today] * self._rng.randint(2, 3), tomorrow, self._calendar.after(tomorrow, 2)]
            hours = self._rng.sample(HOURS, len(days) - 2) + self._rng.choices(HOURS, k=2)
            for day, hour in zip(days, hours, strict=True):
                self._appointment(self._rng.choice(deals), day, hour)

    def _appointment(self, deal: Row, day: date, hour: time) -> None:
        told = self._rng.choice(words()["appointments"])
        self._set(
            deal,
            kind=TaskKind.OWN,
            what=told["what"],
            method=Method(told["method"]),
            goal=self._rng.choice(["", *words()["expected_goals"]]),
            due_on=day,
            due_at=datetime.combine(day, hour, ZoneInfo(self._zone)),
            created_at=clock.noon(self._today - timedelta(days=self._rng.randint(1, 4)), self._zone),
        )

    def _set(self, deal: Row, **facts: Any) -> None:
        """A task of the deal's owner, put off once or twice where there was time to."""
        row = {
            "id": len(self.tasks) + 1,
            "state": TaskState.OPEN,
            "customer_id": deal["customer_id"],
            "deal_id": deal["id"],
            "owner_id": deal["owner_id"],
            "created_by_id": deal["owner_id"],
            "updated_by_id": deal["owner_id"],
            "updated_at": facts["created_at"],
            "postponed": 0,
            "version": 1,
            **{name: facts.get(name) for name in ("node", "method", "due_at")},
            **dict.fromkeys(("closed_at", "closed_by_id", "done_on", "followup_id")),
            "goal": "",
            **facts,
        }
        talk = row.pop("talk", None)
        if talk is not None and self._rng.random() < PUT_OFF:
            self._put_off(row, talk)
        self.tasks.append(row)

    def _put_off(self, task: Row, talk: Row) -> None:
        """It was to be done some days earlier, as the note said then."""
        from_on = task["due_on"] - timedelta(days=self._rng.randint(1, 4))
        at = clock.start_of_day(from_on, self._zone) + timedelta(hours=9)
        until = task["closed_at"] or clock.start_of_day(self._today, self._zone)
        if not task["created_at"] < at < until:
            return
        task["postponed"], task["version"] = 1, task["version"] + 1
        task["updated_at"] = max(task["updated_at"], at)
        talk["next_due"] = from_on
        self.postponements.append(
            {
                "task_id": task["id"],
                "from_on": from_on,
                "to_on": task["due_on"],
                "reason": self._rng.choice(words()["delays"]),
                "by_id": task["owner_id"],
                "at": at,
            }
        )

    def _done_by(self, talk: Row) -> Row:
        return {
            "state": TaskState.DONE,
            "closed_at": talk["recorded_at"],
            "closed_by_id": talk["author_id"],
            "done_on": clock.local_date(talk["occurred_at"], self._zone),
            "followup_id": talk["id"],
            "updated_at": talk["recorded_at"],
            "version": 2,
        }

    def _object(self, deal: Row, talks: Sequence[Row]) -> None:
        """Most of what was objected was answered in a later talk, and settled in that or another."""
        stage = Stage.LEAD
        for place, talk in enumerate(talks):
            stage = self._stages.get(talk["id"], stage)
            if talk["kind"] is FollowUpKind.TALK and self._rng.random() < OBJECTED:
                is_followed = deal["outcome"] is Outcome.OPEN and self._rng.random() < FOLLOWED
                later = talks[place + 1 : place + 3] if is_followed else []
                self._objection(talk, self._rng.choice(words()["objections"][stage]), later)

    def _objection(self, talk: Row, text: str, later: Sequence[Row]) -> None:
        row = {
            "id": len(self.objections) + 1,
            "followup_id": talk["id"],
            "position": 1,
            "text": text,
            "told": ObjectionState.RAISED,
            "state": ObjectionState.RAISED,
            "answered_at": None,
            "settled_at": None,
            "version": 1 + len(later),
        }
        talk["objections"] = [[text, ObjectionState.RAISED]]
        self.objections.append(row)
        for following, state in zip(later, (ObjectionState.ANSWERED, ObjectionState.SETTLED), strict=False):
            is_settled = state is ObjectionState.SETTLED
            row |= {"state": state, f"{state}_at": following["recorded_at"]}
            self.steps.append(
                {
                    "objection_id": row["id"],
                    "state": state,
                    "words": self._rng.choice(words()["settlings" if is_settled else "answers"]),
                    "by_id": following["author_id"],
                    "at": following["recorded_at"],
                    "number": talk["number"],
                    "place": 1,
                }
            )

    def _correct(self) -> None:
        """Some notes were corrected the day after: what had been agreed was something else."""
        for row in self._rows.followups:
            row["version"] = 1
            at = row["recorded_at"] + timedelta(hours=20)
            is_over = at < clock.start_of_day(self._today, self._zone)
            if not (row["agreed"] and is_over and self._rng.random() < CORRECTED):
                continue
            before = as_kept({name: row.get(name, "") for name in CORRECTABLE})
            others = [each for each in words()["agreements"] if each != row["agreed"]]
            row["agreed"], row["version"] = self._rng.choice(others), 2
            facts = {
                "version": 1,
                "why": self._rng.choice(words()["second_thoughts"]),
                "by_id": row["author_id"],
                "at": at,
            }
            self.corrections.append({"followup_id": row["id"], "before": before, **facts})
            self.links.append(chain.corrected(row["number"], row, facts))


def _step_of(talk: Row) -> Row:
    facts = {"what": talk["next_step"], "due_on": talk["next_due"], "method": talk["next_method"]}
    return {"kind": TaskKind.STEP, "talk": talk, **facts}


def _facts(step: Row) -> Row:
    return {name: step[name] for name in ("state", "words", "by_id", "at")}
