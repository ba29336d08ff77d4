"""Runs migrations inside the application's own engine."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from salesboard import tables  # noqa: F401 - all tables, whichever views are loaded
from salesboard.database import Money, PackedJson, UtcDateTime, db

config = context.config


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations name plain column types, so that they outlive the code."""
    if kind == "type" and isinstance(item, Money):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, PackedJson):
        return "sa.LargeBinary()"
    return False


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            compare_server_default=True,
            user_module_prefix="sa.",
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
