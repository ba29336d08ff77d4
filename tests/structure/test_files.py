"""What stands in static, templates and the catalogues."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
OWN_STATIC = [
    p for p in (ROOT / "static").rglob("*") if p.suffix in (".css", ".js", ".svg") and "vendor" not in p.parts
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


def test_vendored_files_match_their_checksums() -> None:
    vendor = ROOT / "static" / "vendor"
    kept = dict(
        line.split()[::-1] for line in (vendor / "CHECKSUMS").read_text("ascii").splitlines() if line.strip()
    )
    there = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "CHECKSUMS"
    }
    assert there == {name.removeprefix("./"): digest for name, digest in kept.items()}


@pytest.mark.parametrize("path", [*OWN_STATIC, *TEMPLATES], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_points_outside_the_host(path: Path) -> None:
    text = path.read_text("utf-8")
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", re.sub(r"(?m)^\s*//.*$", "", text)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|javascript:|\bjs:", text)


def source_texts() -> set[str]:
    """Every text that the code marks for translation."""
    found: set[str] = set()
    method_map = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    for folder in ("salesboard", "jobs", "templates"):
        keywords = {"_": None, "gettext": None, "_l": None, "lazy_gettext": None, "ngettext": (1, 2)}
        options = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, method_map, options, keywords):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found - {""}


@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant"])
def test_catalogue_is_complete(locale: str) -> None:
    path = ROOT / "salesboard" / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    translated = {}
    for message in catalogue:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            translated[key] = all(texts) and not message.fuzzy
    texts = source_texts()
    assert len(texts) > 100
    assert sorted(text for text in texts if not translated.get(text)) == []
    assert sorted(set(translated) - texts) == [], "no longer used"


@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant"])
def test_translations_keep_their_placeholders(locale: str) -> None:
    path = ROOT / "salesboard" / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    wrong = [str(message.id) for message in catalogue if message.id and list(message.check())]
    assert wrong == []


def test_compiled_catalogues_are_up_to_date(tmp_path: Path) -> None:
    """The set-up compiles the catalogues; what is served must be what is written."""
    for locale in ("zh_Hans", "zh_Hant"):
        folder = ROOT / "salesboard" / "translations" / locale / "LC_MESSAGES"
        fresh = tmp_path / f"{locale}.mo"
        compiled = [sys.executable, "-m", "babel.messages.frontend", "-q", "compile", "-l", locale]
        subprocess.run([*compiled, "-i", folder / "messages.po", "-o", fresh], check=True)
        with fresh.open("rb") as left, (folder / "messages.mo").open("rb") as right:
            # all but the head, which holds the moment of the compiling
            assert {str(m.id): m.string for m in read_mo(left) if m.id} == {
                str(m.id): m.string for m in read_mo(right) if m.id
            }
