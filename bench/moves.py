"""How quickly deals move: one person, then eight at once."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, select

from bench import floors
from bench.floors import Statements
from bench.server import EMAIL, Client, Installation
from bench.timing import Spread, in_turn
from salesboard import create_app
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.deals.models import Deal
from salesboard.deals.rules import OPEN_STAGES, Outcome, Stage
from salesboard.extensions import db
from tests.browsing import Browser
from tests.filling import form_in

READS = ("SELECT", "WITH")
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Throughput:
    """Moves of several people at once."""

    spread: Spread
    per_second: float
    errors: int
    people: int


class Mover:
    """Moves its deals to and fro between two open stages, as the board's dialog does."""

    def __init__(self, client: Client, deals: list[tuple[str, Stage]]) -> None:
        self._client = client
        self._deals = [list(self._prepare(number, stage)) for number, stage in deals]
        self._turn = 0
        self.seconds: list[float] = []
        self.errors = 0

    def _prepare(self, number: str, stage: Stage) -> tuple[str, Stage, dict[str, str]]:
        path = f"/deals/{number}/placement"
        target = self._other(stage)
        _, page = self._client.get(f"{path}?to={target}")
        due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
        words = {"content": "Spoke about the delivery in May", "next_step": "Call again", "next_due": due}
        return number, stage, {**form_in(page.decode(), path), **words, "method": "phone"}

    @staticmethod
    def _other(stage: Stage) -> Stage:
        return Stage.PROPOSAL if stage is Stage.INTENT else Stage.INTENT

    def move(self) -> None:
        deal = self._deals[self._turn % len(self._deals)]
        self._turn += 1
        number, stage, fields = deal
        fields |= {"stage": str(self._other(stage)), "request_key": uuid.uuid4().hex}
        began = time.perf_counter()
        status, _ = self._client.post(
            f"/deals/{number}/placement", fields, HX_Request="true", HX_Current_URL="http://127.0.0.1/"
        )
        self.seconds.append(time.perf_counter() - began)
        if status != 200:
            self.errors += 1
            return
        deal[1] = self._other(stage)
        fields["version"] = str(int(fields["version"]) + 1)


def open_deals(here: Installation, count: int) -> list[tuple[str, Stage]]:
    """Some open deals, with the stage they are in."""
    with create_app(here.settings()).app_context(), acting_as_system("the bench picks deals"):
        picked = select(Deal.number, Deal.stage).where(
            Deal.outcome == Outcome.OPEN, Deal.stage.in_(OPEN_STAGES)
        )
        rows = db.session.execute(picked.order_by(Deal.id).limit(count)).all()
    return [(row.number, row.stage) for row in rows]


@dataclass(frozen=True)
class BesideFloors:
    """A move of one person, and its floors measured in turn with it."""

    move: Spread
    statements: Statements
    bare: Spread
    engine: Spread
    fragment: Spread

    def ratio_to(self, transaction: Spread) -> float:
        """The move against three such transactions and one fragment."""
        return self.move.median / (3 * transaction.median + self.fragment.median)


def one_person(here: Installation, times: int = 200) -> BesideFloors:
    statements = statements_of_move(here)
    mover = Mover(here.client(), open_deals(here, min(40, here.deals // 3)))
    client, (number, _stage) = here.client(), open_deals(here, 1)[0]
    with (
        floors.bare_transaction(here.data_dir, statements) as bare,
        floors.engine_transaction(here.settings(), statements) as engine,
    ):
        spreads = in_turn(
            mover.move,
            bare,
            engine,
            lambda: client.get(f"/deals/{number}/last-note", HX_Request="true"),
            times=times,
        )
    assert mover.errors == 0, mover.errors
    move, *others = spreads
    return BesideFloors(move, statements, *others)


def eight_people(here: Installation, times: int = 100, people: int = 8) -> Throughput:
    """Eight people, each moving deals of their own, as fast as they are answered."""
    deals = open_deals(here, people * 5)
    movers = [Mover(here.client(), deals[place::people]) for place in range(people)]

    def work(mover: Mover) -> None:
        for _ in range(times):
            mover.move()

    threads = [threading.Thread(target=work, args=(mover,)) for mover in movers]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    seconds = [second for mover in movers for second in mover.seconds]
    return Throughput(
        Spread.of(seconds), len(seconds) / elapsed, sum(mover.errors for mover in movers), people
    )


def statements_of(here: Installation, path: str, fields: dict[str, str] | None = None) -> Statements:
    """How many statements the answer to `path` sends: a GET, or a POST of `fields`."""
    counted = {"reads": 0, "writes": 0}

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        first = statement.split(None, 1)[0].upper()
        counted["reads"] += first in READS
        counted["writes"] += first in WRITES

    app = create_app(here.settings(), WTF_CSRF_ENABLED=False)
    with app.app_context():
        person = db.session.scalars(select(User).where(User.email == EMAIL)).one()
        browser = Browser(app, person)
        browser.client.get(path)
        event.listen(db.engine, "before_cursor_execute", note)
        if fields is None:
            browser.client.get(path)
        else:
            answer = browser.client.post(path, data=fields, headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return Statements(**counted)


def statements_of_move(here: Installation) -> Statements:
    number, stage = open_deals(here, 1)[0]
    mover = Mover(here.client(), [(number, stage)])
    _, _, fields = mover._deals[0]
    target = str(Mover._other(stage))
    return statements_of(here, f"/deals/{number}/placement", {**fields, "stage": target})
