"""What a person types into a search field, as a question to the index."""

from __future__ import annotations

# What comes after so many is not looked at: nobody types a longer question.
WORDS_MAX = 32
CHARACTERS_MAX = 1_000


def asked(words: str) -> str:
    """All of the words, the last one perhaps only begun; "" where there is nothing to look for.

    Each is quoted, so none is ever read as an operator, a column or a wildcard.
    """
    readable = "".join(one if one.isprintable() else " " for one in words[:CHARACTERS_MAX])
    found = [one for one in readable.split() if any(map(str.isalnum, one))][:WORDS_MAX]
    quoted = " ".join('"' + one.replace('"', '""') + '"' for one in found)
    return f"{quoted} *" if quoted else ""
