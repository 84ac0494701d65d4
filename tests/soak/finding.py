"""A finding: which rule was broken, by what, and how."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """Something that must never be."""

    rule: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.about}: {self.text}"
