"""One customer under the ways its name is written, and by its sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.customers.rules import name_key, near_keys, pinyin_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青石滩建材有限公司", " 青石滩建材有限公司 "),
        ("青石滩食品集团", "青石 滩食品集团"),
        ("青石滩食品集团", "青石　滩食品集团\u200b"),
        ("青石滩商贸股份有限公司", "青石滩商贸股份有限公司（总部）"),
        ("青石滩商贸有限公司", "青石滩商贸有限公司(集团总部)"),
        ("青石滩商贸有限公司", "青石滩商贸有限责任公司"),
        ("青石滩（杭州）科技有限公司", "青石滩(杭州)科技有限公司"),
        ("ＡＢＣ科技", "abc科技"),
        ("臺灣積體電路製造股份有限公司", "台湾积体电路制造股份有限公司"),
        ("廣州遠山建材有限責任公司", "广州远山建材有限公司"),
        ("深圳市青石滩科技有限公司", "深圳青石滩科技有限公司"),
        ("广东省佛山市青石滩陶瓷厂", "广东佛山青石滩陶瓷厂"),
        ("Acme Co., Ltd.", "ACME Company Limited"),
        ("Acme, Inc.", "Acme Incorporated"),
        ("Acme Corporation", "Acme Corp"),
        ("O'Neill & Sons", "O’Neill & Sons"),
    ],
)
def test_two_spellings_are_one_customer(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青石滩建材有限公司", "青石滩建材集团"),
        ("青石滩建材有限公司", "青石滩建材股份有限公司"),
        ("青石滩建材有限公司", "青石滩商贸有限公司"),
        ("青石滩（杭州）科技有限公司", "青石滩（宁波）科技有限公司"),
        ("青石滩科技有限公司杭州分公司", "青石滩科技有限公司"),
        ("Acme Inc", "Acme Ltd"),
        ("Acme 1", "Acme 2"),
        ("上海青石滩科技有限公司", "杭州青石滩科技有限公司"),
        ("上海超市有限公司", "上海超有限公司"),
    ],
)
def test_two_companies_stay_two(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(min_size=1).filter(str.strip))
def test_every_name_has_a_key_and_the_key_is_its_own(name: str) -> None:
    key = name_key(name)
    assert key or not name.split()
    assert name_key(f"  {name} ") == key


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("比亚迪", ("biyadi", "byd")),
        ("重庆绿地", ("chongqinglvdi", "cqld")),
        ("IT服务", ("itfuwu", "itfw")),
        ("5G科技", ("5gkeji", "5gkj")),
        ("Acme Steel Works", ("acmesteelworks", "asw")),
        ("Area 51", ("area51", "a51")),
        ("...", ("", "")),
    ],
)
def test_a_name_is_found_by_its_sound_and_its_initials(name: str, keys: tuple[str, str]) -> None:
    assert pinyin_keys(name) == keys


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("青石滩建材", "青石滩建材有限公司", True),
        ("青石灘建材", "青石滩建材股份公司", True),
        ("Acme", "ACME Co., Ltd.", True),
        ("青石滩建材有限公司", "青石滩建材集团", False),
        ("青石滩", "青石滩建材有限公司", False),
        ("有限公司", "青石滩有限公司", False),
    ],
)
def test_a_name_without_its_legal_form_is_near_the_full_one(one: str, other: str, is_near: bool) -> None:
    keys = name_key(one), name_key(other)
    assert (keys[1] in near_keys(keys[0])) is is_near
    assert (keys[0] in near_keys(keys[1])) is is_near
