"""`next`: where a page ended, as one word that only means something to the list it came from."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec

from edge.problems import Problem, invalid
from mainstem._compute import BIGINT_MAX, BIGINT_MIN
from mainstem._kind import STORED_AS, Kind, Sort
from mainstem.ports import Place
from queries.sealed import Broken, opened, sealed

CURSOR_CHARACTERS_MAX = 8_192
PLACE_CHARACTERS_MAX = 1_024
STEP_BYTES = 64  # a word's length tells no more of its place than in such steps
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Bookmarks:
    """The words for the places of one list, sealed with the folder's key.

    A page may end at a row that its reader may not see, so no word tells what is in it.
    """

    key: bytes
    list: str

    def after_row(self, place: Place) -> str:
        """The word for a place in a list."""
        return self._word([self.list, *place])

    def after_hit(self, place: str) -> str:
        """The word for a place among what was found."""
        return self._word([self.list, place])

    def row_place(self, word: str, order: Kind | None) -> Place:
        """The place that a word names in this list. Raises a Problem for any other word."""
        match self._read(word):
            case [str(of), value, str(id), str(key)] if of == self.list and _orders(order, value):
                return Place(value, id, key)
        raise foreign()

    def hit_place(self, word: str) -> str:
        """The place that a word names among what was found. Raises a Problem for any other."""
        match self._read(word):
            case [str(of), str(place)] if of == self.list and len(place) <= PLACE_CHARACTERS_MAX:
                return place
        raise foreign()

    def _word(self, said: Any) -> str:
        plain = _encode(said)
        plain = plain.ljust(-(-len(plain) // STEP_BYTES) * STEP_BYTES)
        return base64.urlsafe_b64encode(sealed(self.key, plain)).rstrip(b"=").decode()

    def _read(self, word: str) -> Any:
        if len(word) > CURSOR_CHARACTERS_MAX or not word.isascii():
            raise foreign()
        try:
            padded = word + "=" * (-len(word) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
            return msgspec.json.decode(opened(self.key, raw))
        except (binascii.Error, ValueError, RecursionError, Broken):
            raise foreign() from None


def _orders(kind: Kind | None, value: Any) -> bool:
    """Whether rows of the list are ordered by such a value."""
    if kind is None:
        return value is None
    if type(value) is int and not BIGINT_MIN <= value <= BIGINT_MAX:
        return False
    return type(value) is STORED_AS[kind.sort] or (kind.sort is Sort.REAL and type(value) is int)


def foreign() -> Problem:
    """400: the word is of another list, or of none."""
    return invalid("next", "is the `next` of an earlier page of the same list")
