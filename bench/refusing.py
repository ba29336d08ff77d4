"""How soon a hostile file is refused at the page, and what it costs of memory (TRUST.md, row 10: 1 s and +100 MB)."""

from __future__ import annotations

import logging
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from flask_migrate import upgrade

from bench.sign_in import one_account
from salesboard import create_app
from salesboard.config import Settings
from tests.web.test_import_pages import HOSTILE, sent

TIMES = 5


def rows() -> list[str]:
    """The slowest and the hungriest of the files, each the median of a few sendings."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        app = create_app(Settings.from_environment({"SALESBOARD_DATA": folder}), WTF_CSRF_ENABLED=False)
        app.logger.setLevel(logging.ERROR)
        with app.app_context():
            upgrade()
            one_account("known@example.com", password="a few unrelated words")
        client = app.test_client()
        client.post("/sign-in", data={"email": "known@example.com", "password": "a few unrelated words"})
        seconds: dict[str, float] = {}
        peaks: dict[str, float] = {}
        for code, made in HOSTILE.items():
            path = made(files)

            def send(path: Path = path) -> str:
                return client.post("/import", data=sent(path)).text

            assert 'id="file-error" role="alert">' in send(), code
            seconds[code] = sorted(_timed(send) for _time in range(TIMES))[TIMES // 2]
            tracemalloc.start()
            send()
            peaks[code] = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
    slowest, hungriest = max(seconds, key=seconds.__getitem__), max(peaks, key=peaks.__getitem__)
    return [
        f"| refused at the page, the slowest of {len(HOSTILE)} files ({slowest.strip()}): s | {seconds[slowest]:.2f} |",
        f"| the hungriest of them ({hungriest.strip()}): MB of Python's memory | {peaks[hungriest]:.0f} |",
    ]


def _timed(send: Callable[[], str]) -> float:
    began = time.perf_counter()
    send()
    return time.perf_counter() - began
