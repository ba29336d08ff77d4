"""Imports point one way: views → forms, queries, models → rules, and down the concepts of the business."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONCEPTS = (
    "accounts",
    "customers",
    "deals",
    "documents",
    "followups",
    "tasks",
    "service",
    "insight",
)
"""From the ground up: each may import those before it."""

FACES = frozenset({"exchange", "notify", "ops", "api"})
"""Concepts that stand above all others: they feed, tell and run what is below."""

GROUND = frozenset(
    {
        "access",
        "addresses",
        "amounts",
        "audit",
        "clock",
        "config",
        "crypto",
        "database",
        "errors",
        "extensions",
        "fields",
        "files",
        "formats",
        "happenings",
        "installation",
        "keeping",
        "lasting",
    }
    | {
        "meter",
        "numbering",
        "outbox",
        "outward",
        "own_files",
        "paging",
        "private_numbers",
        "sealed",
        "search_parts",
        "snapshots",
        "static_files",
        "templating",
        "versioned",
        "web",
    }
)
ROOTS = frozenset({"__init__", "__main__", "blueprints", "cli", "tables"})
"""Modules that tie the application together and may import anything."""

SOURCES = sorted((ROOT / "salesboard").rglob("*.py"))


def runtime_imports(path: Path) -> Iterator[str]:
    """Modules of the application that `path` imports when it runs: at its top or inside functions, not for types."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module in ("salesboard", "jobs") or (ROOT / node.module.replace(".", "/")).is_dir():
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(module: str) -> str:
    """The concept or ground module that a dotted name belongs to."""
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else ""


def own_part(path: Path) -> str:
    return path.relative_to(ROOT / "salesboard").with_suffix("").parts[0]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here = own_part(path)
    if here in ROOTS or here == "migrations":
        return
    for module in runtime_imports(path):
        if module.startswith("jobs"):
            pytest.fail(f"{path.name} imports {module}: jobs import salesboard, never back")
        if not module.startswith("salesboard."):
            continue
        there = part(module)
        if here in GROUND:
            assert there in GROUND or there in ROOTS, f"ground module {here} imports {module}"
        elif path.stem.endswith("views"):
            continue  # views stand above every concept: nobody imports them
        elif here in CONCEPTS and there in CONCEPTS:
            assert CONCEPTS.index(there) <= CONCEPTS.index(here), f"{here} imports {module} from above"
        elif here in CONCEPTS:
            assert there not in FACES - {"notify"}, f"{here} imports {module} from above"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_imports_views(path: Path) -> None:
    if path.stem == "blueprints":
        return
    of_views = [
        module for module in runtime_imports(path) if module.startswith("salesboard") and "views" in module
    ]
    assert not of_views, f"{path} imports {of_views}"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem == "rules"], ids=lambda p: p.parent.name)
def test_rules_are_pure(path: Path) -> None:
    impure = {"flask", "flask_login", "flask_wtf", "sqlalchemy", "redis", "rq", "requests"}
    modules = {module.split(".")[0] for module in runtime_imports(path)}
    assert not modules & impure
    own = {module for module in runtime_imports(path) if module.startswith("salesboard.")}
    allowed = {"salesboard.errors", "salesboard.clock"}
    assert all(module in allowed or ".rules" in module for module in own), own


def test_no_file_holds_two_ideas() -> None:
    """About 300 lines fit in one's head. Those over it, by name and size, are debts."""
    longest = 400
    sizes = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in SOURCES}
    assert {name: size for name, size in sizes.items() if size > longest and "migrations" not in name} == {}


def test_names_say_something() -> None:
    empty_words = {"utils", "helpers", "manager", "service", "data", "info"}
    assert [p for p in SOURCES if p.stem in empty_words] == []
