"""What an operator relies on before any page is opened: pins without hosts, and a guide that names every setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesboard import config

ROOT = config.ROOT
LOCKS = sorted(ROOT.glob("requirements*.txt"))
ASKED_FOR = [
    re.split(r"[\[=]", line)[0]
    for path in sorted(ROOT.glob("requirements*.in"))
    for line in path.read_text("utf-8").splitlines()
    if line and line[0] not in "#-"
]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_library_is_pinned_with_hashes_and_without_a_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    pins = re.findall(r"^[a-z0-9.-]+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)

    assert "://" not in text
    assert len(pins) == len(re.findall(r"^[^\s#]", text, re.MULTILINE)) > 0


@pytest.mark.parametrize("name", ASKED_FOR)
def test_every_library_asked_for_has_its_reason(name: str) -> None:
    assert re.search(rf"\b{re.escape(name)}\b", (ROOT / "docs/dependencies.md").read_text("utf-8"))


def test_the_operating_guide_names_every_setting_and_no_other() -> None:
    source = Path(config.__file__).read_text("utf-8")
    read = {f"SALESBOARD_{name}" for name in re.findall(r'(?:read\.\w+|self\.text)\(\s*"([A-Z_]+)"', source)}
    guide = (ROOT / "docs/operating.md").read_text("utf-8")
    described = set(re.findall(r"^\| `(SALESBOARD_[A-Z_]+)` \|", guide, re.MULTILINE))

    assert described == read
