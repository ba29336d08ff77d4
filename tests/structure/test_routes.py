"""Every route says who may use it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from salesboard.access import declared_roles


def test_every_route_declares_its_access(app: Flask) -> None:
    undeclared = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        try:
            declared_roles(app.view_functions[rule.endpoint])
        except LookupError:
            undeclared.append(rule.endpoint)
    assert undeclared == []


def test_every_template_compiles(app: Flask) -> None:
    names = app.jinja_env.list_templates(extensions=["html", "txt"])
    assert len(names) > 5
    for name in names:
        app.jinja_env.get_template(name)


def test_every_address_in_a_template_exists(app: Flask) -> None:
    """`url_for` with a literal name must find its route."""
    import re

    known = set(app.view_functions)
    missing = {}
    for path in Path(app.template_folder or "").rglob("*.html"):
        named = set(re.findall(r"url_for\(\s*['\"]([\w.]+)['\"]", path.read_text("utf-8")))
        if named - known:
            missing[path.name] = sorted(named - known)
    assert missing == {}
