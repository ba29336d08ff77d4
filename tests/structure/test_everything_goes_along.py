"""Leaving is easy: each table goes into the archive of everything, or it is said why not."""

from __future__ import annotations

import salesboard.tables  # noqa: F401 - makes the metadata whole
from salesboard.database import Base
from salesboard.exchange.export_archive import LEFT_OUT, TABLES, columns_of
from salesboard.sealed import secrets_of, tables_with_secrets


def test_each_table_goes_along_or_is_left_out_for_a_reason() -> None:
    """A new table is named in one of the two dictionaries of export_archive.py."""
    assert set(Base.metadata.tables) == TABLES.keys() | LEFT_OUT.keys()
    assert not TABLES.keys() & LEFT_OUT.keys()


def test_what_is_left_out_of_a_table_is_there() -> None:
    for name, left_out in TABLES.items():
        assert set(left_out) <= set(Base.metadata.tables[name].columns.keys()), name


def test_what_is_sealed_goes_along_opened_and_no_secret_does() -> None:
    for name in set(tables_with_secrets()) - LEFT_OUT.keys():
        assert {secret.name for secret in secrets_of(name)} <= set(columns_of(name)), name
        assert not any(column.endswith("_sealed") for column in columns_of(name)), name
    secrets = ("password", "token", "secret", "nonce", "key")
    named = {f"{name}.{column}" for name in TABLES for column in columns_of(name)}
    told = {each for each in named if any(word in each.partition(".")[2] for word in secrets)}
    assert told == {"measures.period_key", "reports.period_key", "targets.period_key"}
