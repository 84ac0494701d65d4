"""Text that people read: one line of it, or many."""

from __future__ import annotations

import re
from unicodedata import category, normalize

# Cc are control characters, Cs lone surrogates (no UTF-8 can carry them), Zl and Zp line breaks.
_NEVER_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})

# These turn the reading order of whatever is shown beside the line. Joiners and the plain
# direction marks stay allowed: Persian, Hindi and many emoji are misspelt without them.
_TURNS_ITS_NEIGHBOURS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_LOOKS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")

# Patterns stay text, compiled by `re` when first used: an import compiles nothing.
_NOT_PROSE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]"
_LINE_BREAK = r"\r\n|[\r\x85\u2028\u2029]"


def one_line(text: str) -> str:
    """Composes the text, so that two spellings of one accented name are the same name."""
    text = normalize("NFC", text)
    if any(category(c) in _NEVER_IN_A_LINE or c in _TURNS_ITS_NEIGHBOURS for c in text):
        raise ValueError("a line break or a character that steers the terminal or reading order")
    if not any(_is_visible(c) for c in text):
        raise ValueError("nothing to see")
    return text


def prose(text: str) -> str:
    """Makes every line break a newline: a form sends two characters where a script sends one."""
    if re.search(_NOT_PROSE, text):
        raise ValueError("a control character")
    return re.sub(_LINE_BREAK, "\n", text)


def _is_visible(character: str) -> bool:
    return category(character) not in ("Cf", "Zs") and character not in _LOOKS_BLANK
