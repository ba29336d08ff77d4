"""Text that a spreadsheet would take for a formula, made plain in a CSV, and given back when it comes in again. Pure.

A CSV cannot say that a cell is text: whatever begins with a sign of calculation is run. Such a text gets an apostrophe
in front; one that has apostrophes there already gets one more, so that taking one off always gives the text back.
"""

from __future__ import annotations

import re

_SIGNS = "=+\\-@＝＋－＠"
_RUN = re.compile(rf"'*(?:[\t\r\n]|\s*[{_SIGNS}])")
_ESCAPED = re.compile(rf"'+(?:[\t\r\n]|\s*[{_SIGNS}])")


def escaped(text: str) -> str:
    """The text as a CSV may hold it."""
    return f"'{text}" if _RUN.match(text) else text


def unescaped(text: str) -> str:
    """The text that `escaped` was given; any other is left as it is."""
    return text[1:] if _ESCAPED.match(text) else text
