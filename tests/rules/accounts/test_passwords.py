"""Which passwords are taken."""

from __future__ import annotations

import pytest

from salesboard.accounts.passwords import (
    LONGEST_PASSWORD,
    PasswordProblem,
    hash_password,
    password_matches,
    password_problem,
)


def problem(password: str) -> PasswordProblem | None:
    return password_problem(password, email="jianwei.lu@example.cn", name="Jianwei Lu")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "Xk29-fjw8-qpz1",
        "纸鹤飞过月台然后去看海了吗",
        "sunshine-2019-boat",
        "a" * 3 + "bcdefghij1Z",
    ],
)
def test_long_and_unrelated_words_are_taken(password: str) -> None:
    assert problem(password) is None


@pytest.mark.parametrize("password", ["", "elevenchars", "十一个汉字不够长的口令"])
def test_eleven_characters_are_too_few(password: str) -> None:
    assert problem(password) is PasswordProblem.TOO_SHORT


def test_length_is_bounded_above_so_that_hashing_is() -> None:
    assert problem("plum tree " * 25 + "sunset") is None
    assert problem("plum tree " * 25 + "sunset!") is PasswordProblem.TOO_LONG
    assert len("plum tree " * 25 + "sunset") == LONGEST_PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2026!!",
        "passwordpassword",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "qwer1234asdf",
        "woaini5201314",
        "Woaini520woaini",
        "5201314520131",
        "123456789012",
        "13800138000138",
        "zhangwei1990",
        "salesboard2026",
        "abcabcabcabc",
        "aaaaaaaaaaaa",
        "一一一一一一一一一一一一",
        "ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    assert problem(password) is PasswordProblem.COMMON


@pytest.mark.parametrize(
    "password", ["jianwei.lu@example.cn", "Jianwei.Lu2026", "jianweijianwei", "JIANWEI LU!!"]
)
def test_ones_own_name_or_address_is_refused(password: str) -> None:
    assert problem(password) is PasswordProblem.PERSONAL


def test_a_password_matches_however_the_keyboard_spells_it() -> None:
    stored = hash_password("caf\u00e9 au lait matin")
    assert password_matches(stored, "cafe\u0301 au lait matin")
    assert not password_matches(stored, "cafe au lait matin")


def test_where_there_is_no_hash_the_answer_is_no() -> None:
    assert not password_matches(None, "anything at all here")
    assert not password_matches("not a hash", "anything at all here")
