"""How long things last, what is kept of a secret, and whose tries count together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salesboard.accounts.rules import (
    IDLE_LASTS,
    KEPT_LASTS,
    UNKEPT_LASTS,
    address_group,
    link_token,
    normal_email,
    sign_in_expiry,
    token_digest,
)

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def test_a_sign_in_that_is_not_kept_ends_after_a_day_however_often_it_is_used() -> None:
    assert sign_in_expiry(NOON, NOON + timedelta(hours=20), is_kept=False) == NOON + UNKEPT_LASTS


def test_a_kept_one_lives_on_while_it_is_used_but_never_beyond_its_days() -> None:
    assert sign_in_expiry(NOON, NOON, is_kept=True) == NOON + IDLE_LASTS
    week_later = NOON + timedelta(days=6)
    assert sign_in_expiry(NOON, week_later, is_kept=True) == week_later + IDLE_LASTS
    assert sign_in_expiry(NOON, NOON + timedelta(days=29), is_kept=True) == NOON + KEPT_LASTS


def test_a_links_secret_needs_both_the_row_and_the_key() -> None:
    token = link_token("nonce", "key")
    assert token == link_token("nonce", "key")
    assert token not in (link_token("other", "key"), link_token("nonce", "other"))
    assert len(token) >= 43


def test_the_digest_is_not_the_secret() -> None:
    assert token_digest("secret") != "secret"
    assert token_digest("\ud800") == token_digest("\ud800")


@pytest.mark.parametrize("typed", ["Ann@Example.CN", "  ann@example.cn ", "ａｎｎ@example.cn"])
def test_an_address_has_one_spelling(typed: str) -> None:
    assert normal_email(typed) == "ann@example.cn"


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_tries_from_one_network_count_together(address: str, group: str) -> None:
    assert address_group(address) == group
