"""Identity cards and bank cards are known by their check digits; what merely looks like one is left alone."""

from __future__ import annotations

import pytest

from salesboard.private_numbers import PrivateNumber, looks_like_home, private_number_in


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "his card: 11010519491231002x.",
        "身份证11010519491231002X号",
        "110105 19491231 002x",
        "110105-19491231-002X",
        "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 x",
        "110105\u300019491231\u3000002X",
    ],
)
def test_a_resident_identity_number_is_found(text: str) -> None:
    assert private_number_in(text) is PrivateNumber.IDENTITY_CARD


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "pay to 6222-0212-3456-7890-128 please", "5555555555554444"]
)
def test_a_bank_card_number_is_found(text: str) -> None:
    assert private_number_in(text) is PrivateNumber.BANK_CARD


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check digit
        "110105 19491231 0021",
        "13800138000 13900139001 138",
        "11010519491331002X",  # no such month
        "4111 1111 1111 1112",  # fails Luhn
        "13800138000",
        "O20261122001 F20261122003",
        "HT-2026-0522-000123",
        "20260522143000123",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert private_number_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "他住在阳光小区3栋2单元501室",
        "家：滨江花园12幢1802室",
        "寄到 5号楼 三单元 402",
        "住陽光小區３號樓５０１室",
        "lives at 12 Oak Street, Apt 4",
        "22 Mill Rd, Flat 3",
        "apt. #12",
    ],
)
def test_a_likely_home_address_is_seen(text: str) -> None:
    assert looks_like_home(text)


@pytest.mark.parametrize(
    "text",
    [
        "会议室 3 楼，周五 14:00 见",
        "产业园 3 号楼，前台登记",
        "3栋厂房都要改造",
        "meeting room 5",
        "adapt 3 units to the unit price",
        "小区物业公司，管 12 个小区",
        "成交 15 单，元月签",
        "",
    ],
)
def test_what_tells_of_work_is_no_home(text: str) -> None:
    assert not looks_like_home(text)
