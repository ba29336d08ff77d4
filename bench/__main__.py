"""Runs every measurement and prints the tables of docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import time

from bench import (
    browser,
    customers,
    floors,
    importing,
    kills,
    moves,
    refusing,
    reports,
    rotation,
    sign_in,
    whole_way,
)
from bench.server import Installation, installation
from bench.timing import repeated

SIZES = (100, 1_000, 5_000, 20_000)
SEEN_IN_CHROMIUM = (1_000, 20_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of deals")
    chosen = parser.parse_args()
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
    )
    print("| deals | board ms median / p95 | floor ms | × floor | KB | SELECTs | next page ms | web MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    further: list[str] = []
    for size in chosen.sizes:
        with installation(size) as here:
            print(board_row(here), flush=True)
            further += [*move_rows(here), *reports.rows(here)]
            if size in SEEN_IN_CHROMIUM:
                further.append(sight_row(here))
    print("\n| deals | measured | |\n| ---: | --- | ---: |")
    print("\n".join(further))
    print("\n| import | |\n| --- | ---: |")
    print("\n".join([*importing.rows(), *refusing.rows()]))
    for told in (whole_way, customers):
        print(f"\n{told.HEAD}")
        for row in told.rows():
            print(row, flush=True)
    print("\n| rotation of the keys | |\n| --- | ---: |")
    for row in rotation.rows():
        print(row, flush=True)
    print("\n| sign-in | |\n| --- | ---: |")
    print("\n".join(sign_in.rows()))
    print("\n| kill loop | |\n| --- | ---: |")
    print("\n".join(kills.rows()))


def board_row(here: Installation) -> str:
    """The board's first answer against a constant page of the same size from the same server."""
    client = here.client()
    status, page = client.get("/")
    assert status == 200
    board = repeated(lambda: client.get("/"), 100)
    floor = floors.constant_page(client, len(page))
    reads = moves.statements_of(here, "/").reads
    more = next_page_address(page.decode())
    following = str(repeated(lambda: client.get(more, HX_Request="true"), 50)) if more else "–"
    return (
        f"| {here.deals} | {board} | {floor.median:.1f} | {board.median / floor.median:.1f} | {len(page) / 1024:.0f} "
        f"| {reads} | {following} | {here.memory_mb():.0f} |"
    )


def next_page_address(page: str) -> str | None:
    """Where the first column's next cards are, if there are more."""
    marker = 'class="more-cards"'
    if marker not in page:
        return None
    before, after = page.split(marker, 1)
    tag = before.rpartition("<")[2] + after.partition(">")[0]
    return tag.partition('href="')[2].partition('"')[0].replace("&amp;", "&")


def move_rows(here: Installation) -> list[str]:
    alone = moves.one_person(here)
    together = moves.eight_people(here)
    statements = alone.statements
    return [
        f"| {here.deals} | a move, one person: ms median / p95 | {alone.move} |",
        f"| {here.deals} | its statements: reads + writes | {statements.reads} + {statements.writes} |",
        f"| {here.deals} | a bare transaction of as many: ms | {alone.bare} |",
        f"| {here.deals} | the same through the application's engine: ms | {alone.engine} |",
        f"| {here.deals} | one small fragment: ms | {alone.fragment} |",
        f"| {here.deals} | move ÷ (3 × bare transaction + one fragment) | {alone.ratio_to(alone.bare):.1f} |",
        f"| {here.deals} | move ÷ (3 × through the engine + one fragment) | {alone.ratio_to(alone.engine):.1f} |",
        f"| {here.deals} | {together.people} people moving: ms, moves/s, errors "
        f"| {together.spread}, {together.per_second:.0f}, {together.errors} |",
    ]


def sight_row(here: Installation) -> str:
    sight = browser.first_sight(here.client())
    return (
        f"| {here.deals} | Chromium, cold: first card painted ms, KB over the wire, requests "
        f"| {sight.first_card_ms:.0f}, {sight.kilobytes:.0f}, {sight.requests} |"
    )


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"\nmeasured in {time.monotonic() - began:.0f} s; figures are one run's, ±30 % on a shared machine")
