"""Strings that break programs, each of a kind of its own, and the look for what has come alive out of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from tests.browsing import Page

MARK = "zq"
"""Stands in every hostile string: an element, attribute or address of this name was not ours."""

MARKUP = (
    "<script>zq()</script>",
    '"><script>zq()</script>',
    "'><img src=x onerror=zq()>",
    '"><img src=x onerror="zq()" zq=1>',
    "</textarea></title></option></select><zq-element>",
    '"><a href="javascript:zq()" data-hx-post="/zq">',
    '"><a hx-get="/zq" hx-trigger="load" hx-on:click="zq()">',
    "' onmouseover='zq()' x='",
    '" autofocus onfocus="zq()" hx-trigger="load" hx-get="/zq',
    "<svg/onload=zq()>",
    "<svg><style><img title='</style><zq-element>'>",
    "<!--><zq-element>",
    "]]><zq-element>",
    "<iframe srcdoc='<zq-element>'></iframe>",
    "<base href=//zq.example/>",
    "<form action=//zq.example><input name=zq>",
    "javascript:zq()//",
    "data:text/html,<script>zq()</script>",
    "{{ 7 * 191 }} {% zq %} ${7 * 191} <%= 7 * 191 %>",
    "&lt;script&gt;zq()&lt;/script&gt; &#60;zq&#62;",
    "＜script＞zq()＜/script＞",
    "<zq\x0bonclick=zq()>",
)
"""What becomes markup, or a script's or template's code, where somebody forgot."""

QUESTIONS = (
    "'",
    '"',
    "' OR '1'='1",
    "1; DROP TABLE deals; --",
    "') UNION SELECT password_hash FROM users --",
    "name); DELETE FROM deals",
    "amount DESC, (SELECT 1)",
    "%",
    "_",
    "\\",
    "%' ESCAPE '",
    "1 OR 1=1",
    "0x1F",
    "$1 :name ? %(name)s %s",
    "-1",
    "0",
    "1e400",
    "nan",
    "inf",
    "9" * 40,
    "-" + "9" * 40,
    "٣",
    "1_0",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "1~",
    "~",
    "1~nan",
    "1~1e99999",
    "1~-1e13",
    "1~0001-01-01",
    "1~9999-12-31",
    "99999999999~2026-01-01",
    "[]",
    "null",
    "\ufffd",
    "a" * 3000,
)
"""What is asked of a page to reach the database, or its parser, by another way."""

STRANGE = (
    "\u202eright to left\u202c",
    "zero\u200b\u200d\u2060width",
    "\ufeffa mark before",
    "Z\u0351\u036b\u0343a\u0321\u034el\u0334g\u0336o\u0315",
    "👩‍👩‍👧‍👦 🇨🇳 ❤️ 1️⃣",
    "𠜎𠜱𝒳 astral",
    "ﷺ ligature",
    "e\u0301 é ﬁ Å Å",
    " İstanbul ßẞ ſ",
    "田中さんにあげて 社會科學院 찦차를 타고",
    "الكل في المجمو عة",
    "שָׁלוֹם",
    "ทำไมจึงใช้",
    "\u2028line\u2029paragraph",
    "\x1b[31mred\x1b[0m \x07 \x08 \x7f",
    "\x01\x02\x1f\x80\x9f controls",
    "a\tb",
    "a\x0bb\x0cc",
    "\ufffe\uffff \U0010ffff",
    "\ufffd replaced",
    "NULL None undefined true NaN",
    "%s %d %n %(x)s {0} {x!r} {}",
    "%00 %0d%0aSet-Cookie: zq=1",
    "C:\\CON ..\\..\\ ../../etc/passwd",
    "file:///etc/passwd `id` $(id) | id & id",
    "=1+1 +1 -1 @SUM(1)",
    "=cmd|' /C notepad'!A1",
    "'; DROP TABLE deals; --",
    "') OR 1=1 --",
    "100% _ \\ \\' \\\\",
    "¯\\_(ツ)_/¯",
    "Ω≈ç√∫˜µ≤≥÷",
    "1'000,50 ½ ⅷ ٣",
    "<>?:\"{}|_+ ,./;'[]\\-=",
    "&amp; &nbsp; &#0; &notin;",
    "(╯°□°）╯︵ ┻━┻",
    "$HOME %USERPROFILE% ~root",
    "() { :; }; echo zq",
    "http://a.b/c?d=e&f=g#h",
    "ＦＵＬＬ　ＷＩＤＴＨ",
)
"""What a text may hold, however strange."""

NEVER_KEPT = ("\x00", "before\x00after", "11010519491231002X", "4111 1111 1111 1111")
"""What no database keeps, and what must not be recorded: a resident's and a bank card's number."""

LINE_ENDS = ("one\r\ntwo", "one\rtwo", "one\ntwo", "Subject\r\nBcc: zq@example.com\r\n\r\nbody")

ADDRESSES = frozenset(
    "href src action formaction srcdoc srcset poster data hx-get hx-post hx-put hx-patch hx-delete".split()
)
"""Attributes that lead somewhere."""

ACTIVE = frozenset(
    "hx-vals hx-vars hx-headers hx-trigger hx-target hx-swap hx-select hx-include style".split()
)
"""Attributes that are read as more than words."""


def packed(strings: Iterable[str], room: int) -> list[str]:
    """The strings side by side, as many as fit into `room` characters; a longer one stays alone."""
    packs: list[str] = []
    for string in strings:
        if packs and len(packs[-1]) + 1 + len(string) <= room:
            packs[-1] += " " + string
        else:
            packs.append(string)
    return packs


def come_alive(html: str) -> list[str]:
    """What the marked strings have become in a page besides words: elements, attributes, code, ways out."""
    page, faults = Page(html), []
    for index, (tag, attributes) in enumerate(page.elements):
        if MARK in tag or (tag in ("script", "style") and MARK in page.text_of.get(index, "")):
            faults.append(f"<{tag}> {page.text_of.get(index, '')}")
        faults += [
            f'<{tag} {name}="{value}">' for name, value in attributes.items() if _is_alive(name, value)
        ]
    return faults


def _is_alive(name: str, value: str) -> bool:
    if MARK in name or name.startswith(("on", "hx-on", "data-hx")):
        return True
    if MARK not in value:
        return False
    return name in ACTIVE or (name in ADDRESSES and not _stays_here(value))


def _stays_here(address: str) -> bool:
    """Whether an address is a path on this host, with the string in its query alone, or a way to call or write."""
    if address.startswith(("tel:", "mailto:")):
        return True
    parts = urlsplit(address)
    return address.startswith(("/", "?")) and not parts.netloc and not parts.scheme and MARK not in parts.path


def structure_of(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each element with the names of its attributes: what no text may change."""
    return ((tag, tuple(sorted(attributes))) for tag, attributes in Page(html).elements)
