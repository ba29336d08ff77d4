"""Whether the list of customers takes longer the more there are: the same pages with 200, 2 000 and 20 000 of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import quote

from bench import crowd, moves
from bench.server import Installation, installation, postgresql
from bench.timing import repeated

SIZES = (200, 2_000, 20_000)
DEALS_HERE = 20
TIMES = 40
DATABASES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "SQLite": nullcontext,
    "PostgreSQL": postgresql,
}
PAGES = {
    "first page": "/customers",
    "two signs of a name": f"/customers?q={quote('星松')}",
    "pinyin initials": "/customers?q=xsyyy",
    "whole phone": f"/customers?q={crowd.phone_of(77)}",
    "one letter, that all have": "/customers?q=x",
    "the same, by name from the end": "/customers?q=x&sort=-name",
    "two words of a tenth each": f"/customers?q={quote('松 星')}",
    "two words, by name": f"/customers?q={quote('松 星')}&sort=name",
    "level and region": f"/customers?level=key&region={quote('华东')}",
    "nothing found": "/customers?q=nowhere+to+be+found",
}

HEAD = (
    "| database | customers | page | ms median / p95 | processor ms | SELECTs | KB |\n"
    "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
)


def rows(sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """A row of the table for each page, size and database."""
    for name, database in DATABASES.items():
        for size in sizes:
            with database(), installation(DEALS_HERE) as here:
                crowd.add_customers(here, size)
                for row in _rows(here, size):
                    yield f"| {name} {row}"


def _rows(here: Installation, size: int) -> Iterator[str]:
    client = here.client()
    for name, path in PAGES.items():
        status, page = client.get(path)
        assert status == 200, (path, status)
        before = here.processor_seconds()
        taken = repeated(lambda path=path: client.get(path), TIMES, warm_up=0)  # type: ignore[misc]
        processor = (here.processor_seconds() - before) / TIMES * 1000
        selects = moves.statements_of(here, path).reads
        yield f"| {size} | {name} | {taken} | {processor:.1f} | {selects} | {len(page) / 1024:.0f} |"
