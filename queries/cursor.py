"""`next`: where a page ended, as one word that only means something to the list it came from."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from edge.problems import Problem, invalid
from mainstem._compute import BIGINT_MAX, BIGINT_MIN
from mainstem._kind import STORED_AS, Kind, Sort
from mainstem.ports import Place

CURSOR_CHARACTERS_MAX = 8_192
PLACE_CHARACTERS_MAX = 1_024
_encode = msgspec.json.Encoder().encode


def after_row(list: str, place: Place) -> str:
    """The word for a place in a list."""
    return _word([list, *place])


def after_hit(list: str, place: str) -> str:
    """The word for a place among what was found."""
    return _word([list, place])


def row_place(word: str, list: str, order: Kind | None) -> Place:
    """The place that a word names in this list. Raises a Problem for any other word."""
    match _read(word):
        case [str(of), order_value, str(id), str(key)] if of == list and _orders(
            order, order_value
        ):
            return Place(order_value, id, key)
    raise foreign()


def hit_place(word: str, list: str) -> str:
    """The place that a word names among what was found."""
    match _read(word):
        case [str(of), str(place)] if of == list and len(place) <= PLACE_CHARACTERS_MAX:
            return place
    raise foreign()


def _word(said: Any) -> str:
    return base64.urlsafe_b64encode(_encode(said)).rstrip(b"=").decode()


def _read(word: str) -> Any:
    if len(word) > CURSOR_CHARACTERS_MAX or not word.isascii():
        raise foreign()
    try:
        padded = word + "=" * (-len(word) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        return msgspec.json.decode(raw)
    except (binascii.Error, ValueError, RecursionError):
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
