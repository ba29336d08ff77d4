"""Invents what a team's deals went through: stays in stages, talks, next steps. Pure; the same seed tells the same."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import chain, pairwise, product
from random import Random
from typing import Any

from salesboard import clock
from salesboard.clock import WorkingCalendar
from salesboard.deals.rules import (
    OPEN_STAGES,
    STAGES,
    LostReason,
    Method,
    Outcome,
    PlacementKind,
    Stage,
    StageLimits,
)
from salesboard.followups.rules import FollowUpKind

ENDINGS = {
    (Stage.LEAD, Outcome.OPEN): 22,
    (Stage.INTENT, Outcome.OPEN): 18,
    (Stage.PROPOSAL, Outcome.OPEN): 14,
    (Stage.NEGOTIATION, Outcome.OPEN): 8,
    (Stage.WON, Outcome.OPEN): 6,
    (Stage.SERVICE, Outcome.OPEN): 12,
    (Stage.LEAD, Outcome.LOST): 7,
    (Stage.INTENT, Outcome.LOST): 6,
    (Stage.PROPOSAL, Outcome.LOST): 4,
    (Stage.NEGOTIATION, Outcome.LOST): 3,
}
"""Where a hundred deals stand today."""

YEARS_BACK = 4
TALK_METHODS = (
    Method.PHONE, Method.PHONE, Method.VISIT, Method.VISIT, Method.ONLINE, Method.WECHAT, Method.WECHAT, Method.EMAIL,
)  # fmt: skip


@cache
def words() -> dict[str, Any]:
    """The word lists of invented_words.toml."""
    return tomllib.loads(resources.files("salesboard.ops").joinpath("invented_words.toml").read_text("utf-8"))


def company_names(rng: Random) -> Iterator[tuple[str, str]]:
    """Names nobody has, each once, with the trade that the name ends in: 纸鹤包装, later 云溪纸鹤包装."""
    pairs = list(product(words()["images"], words()["trades"]))
    for place in ("", *words()["places"]):
        rng.shuffle(pairs)
        yield from ((f"{place}{image}{trade}", trade) for image, trade in pairs)


@dataclass(slots=True)
class Talk:
    """A note, and what was to come next when it was written."""

    kind: FollowUpKind
    method: Method
    content: str
    occurred_at: datetime
    recorded_at: datetime
    feedback: str = ""
    agreed: str = ""
    step: str = ""
    due: date | None = None
    step_method: Method | None = None


@dataclass(slots=True)
class Stay:
    """A stay in a stage with the note that began it."""

    kind: PlacementKind
    from_stage: Stage | None
    stage: Stage
    outcome: Outcome
    entered_at: datetime
    entered_on: date
    left_at: datetime | None
    note: Talk


@dataclass(slots=True)
class Story:
    """A deal from its first day to today. `between` are the talks that moved nothing."""

    stays: list[Stay]
    between: list[Talk]
    reason: LostReason | None

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    def talks(self) -> list[Talk]:
        """Every note, in the order in which they were written."""
        return sorted(
            chain((stay.note for stay in self.stays), self.between), key=lambda talk: talk.recorded_at
        )


class PastDays:
    """Working days up to yesterday, counted backwards: 0 is the latest."""

    def __init__(self, today: date, zone: str, calendar: WorkingCalendar) -> None:
        every = (today - timedelta(days=n) for n in range(1, 366 * YEARS_BACK))
        self._days = [day for day in every if calendar.is_working(day)]
        self._starts = [clock.start_of_day(day, zone) for day in self._days]

    def __len__(self) -> int:
        return len(self._days)

    def day(self, back: int) -> date:
        return self._days[back]

    def moment(self, back: int, rng: Random) -> datetime:
        """Some moment of that day's office hours."""
        return self._starts[back] + timedelta(minutes=10 * 60 + rng.randrange(470))


class Storyteller:
    """Tells one story after another from one source of chance."""

    def __init__(self, rng: Random, today: date, zone: str, calendar: WorkingCalendar) -> None:
        self._rng = rng
        self._today = today
        self._zone = zone
        self._calendar = calendar
        self._past = PastDays(today, zone, calendar)

    def tell(self, limits: dict[Stage, StageLimits], who: str, source: str, pain: str, project: str) -> Story:
        """One deal's history; `who` is the contact it is about."""
        rng = self._rng
        (stage, outcome) = rng.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        path = self._path(stage, outcome)
        backs = self._days_of(path, limits)
        reason = rng.choice(list(LostReason)) if outcome is Outcome.LOST else None
        filling = {"who": who, "source": source, "pain": pain, "project": project}
        stays: list[Stay] = []
        between: list[Talk] = []
        for place, ((kind, entered, then), back) in enumerate(zip(path, backs, strict=True)):
            at = self._past.moment(back, rng)
            if stays:
                stays[-1].left_at = at
            note = self._note(kind, entered, at, reason, filling)
            came_from = stays[-1].stage if stays else None
            stays.append(Stay(kind, came_from, entered, then, at, self._past.day(back), None, note))
            if then is Outcome.OPEN:
                until = backs[place + 1] if place + 1 < len(backs) else -1
                between += self._talks_between(back, until, filling)
        story = Story(stays, between, reason)
        self._plan(story)
        return story

    def _path(self, stage: Stage, outcome: Outcome) -> list[tuple[PlacementKind, Stage, Outcome]]:
        """Mostly stage by stage; now and then one is left out, gone back to, or lost and taken up again."""
        rng, moved = self._rng, PlacementKind.MOVED
        path = [(PlacementKind.CREATED, Stage.LEAD, Outcome.OPEN)]
        for step in STAGES[1 : stage.position + 1]:
            if step is stage or step is Stage.WON or rng.random() > 0.08:
                path.append((moved, step, Outcome.OPEN))
            if step is Stage.PROPOSAL and path[-1][1] is step and rng.random() < 0.06:
                path += [(moved, Stage.INTENT, Outcome.OPEN), (moved, step, Outcome.OPEN)]
        if outcome is Outcome.LOST:
            path.append((PlacementKind.LOST, stage, outcome))
        elif stage in OPEN_STAGES and rng.random() < 0.03:
            path += [
                (PlacementKind.LOST, stage, Outcome.LOST),
                (PlacementKind.REOPENED, stage, Outcome.OPEN),
            ]
        return path

    def _days_of(
        self, path: list[tuple[PlacementKind, Stage, Outcome]], limits: dict[Stage, StageLimits]
    ) -> list[int]:
        """How many working days back each stay began, oldest first, no two on one day."""
        rng = self._rng
        _, stage, outcome = path[-1]
        back = rng.randrange(220) if outcome is Outcome.LOST else self._age(limits[stage])
        backs = [back]
        for _, stage, outcome in reversed(path[:-1]):
            usual = 20 if outcome is Outcome.LOST else limits[stage].limit_days or 20
            back += 1 + int(rng.triangular(0, 1.3 * usual, 0.4 * usual))
            backs.append(back)
        return [min(back, len(self._past) - 1 - place) for place, back in enumerate(reversed(backs))]

    def _age(self, limits: StageLimits) -> int:
        """Six in ten stays are well within their stage's limits, one in seven is beyond."""
        warn, limit = limits.warn_days or 10, limits.limit_days or 20
        low, high = self._rng.choices(
            [(0, warn - 1), (warn, limit), (limit + 1, limit + limit // 2 + 2)], [62, 24, 14]
        )[0]
        return max(0, self._rng.randint(low, max(low, high)) - self._calendar.is_working(self._today))

    def _note(
        self,
        kind: PlacementKind,
        stage: Stage,
        at: datetime,
        reason: LostReason | None,
        filling: dict[str, str],
    ) -> Talk:
        rng, texts = self._rng, words()
        if kind is PlacementKind.CREATED:
            content = self._text(texts["beginnings"], filling)
            return Talk(FollowUpKind.RECORD, Method.OTHER, content, at, at)
        if kind is PlacementKind.LOST:
            choices = texts["losses"][reason or rng.choice(list(LostReason))]
        elif kind is PlacementKind.REOPENED:
            choices = texts["reopenings"]
        else:
            choices = texts["moves"][stage]
        return self._talk(at, choices, filling)

    def _talks_between(self, since: int, until: int, filling: dict[str, str]) -> list[Talk]:
        days = range(until + 1, since)
        count = min(3, round(len(days) / 7 * self._rng.random() * 2))
        return [
            self._talk(self._past.moment(back, self._rng), words()["talks"], filling)
            for back in self._rng.sample(days, min(count, len(days)))
        ]

    def _talk(self, recorded_at: datetime, choices: list[str], filling: dict[str, str]) -> Talk:
        """Seven of eight notes are written on the day of the talk, the others a day or more later."""
        rng, texts = self._rng, words()
        days_late = 0 if rng.random() < 0.88 else rng.randint(1, 3)
        delay = timedelta(days=days_late, minutes=rng.randint(5, 100))
        return Talk(
            FollowUpKind.TALK,
            rng.choice(TALK_METHODS),
            self._text(choices, filling),
            recorded_at - delay,
            recorded_at,
            feedback=rng.choice(texts["feedbacks"]) if rng.random() < 0.5 else "",
            agreed=rng.choice(texts["agreements"]) if rng.random() < 0.3 else "",
        )

    def _text(self, choices: list[str], filling: dict[str, str]) -> str:
        rng = self._rng
        rival = rng.choice(words()["rivals"])
        return rng.choice(choices).format(**filling, rival=rival, n=rng.randint(6, 60))

    def _plan(self, story: Story) -> None:
        """Each note names the step that came next; the last one the step that the deal waits for."""
        talks = story.talks()
        farewells = {id(stay.note) for stay in story.stays if stay.outcome is Outcome.LOST}
        for talk, following in pairwise(talks):
            if talk.kind is FollowUpKind.TALK and id(talk) not in farewells:
                self._set_step(talk, self._planned_for(talk, following))
        if story.last.outcome is Outcome.OPEN:
            due = self._next_due(story.last.stage)
            if due is not None:
                self._set_step(talks[-1], due)

    def _planned_for(self, talk: Talk, following: Talk) -> date:
        """When the talk that followed had been planned for: one in six comes late, one in ten before its day."""
        done_on = clock.local_date(following.occurred_at, self._zone)
        days_off = self._rng.choices((0, -1, -2, -4, 1, 3), (72, 8, 6, 4, 6, 4))[0]
        return max(done_on + timedelta(days=days_off), clock.local_date(talk.recorded_at, self._zone))

    def _set_step(self, talk: Talk, due: date) -> None:
        talk.step_method = self._rng.choice(TALK_METHODS)
        talk.step = self._rng.choice(words()["steps"][talk.step_method])
        talk.due = due

    def _next_due(self, stage: Stage) -> date | None:
        """None, late, today, or some day ahead; a deal in service waits for nothing more often."""
        none = 50 if stage is Stage.SERVICE else 10
        state = self._rng.choices(["none", "late", "today", "ahead"], [none, 14, 10, 66])[0]
        if state == "none":
            return None
        if state == "late":
            return self._past.day(self._rng.randrange(8))
        return (
            self._today if state == "today" else self._calendar.after(self._today, self._rng.randint(1, 15))
        )
