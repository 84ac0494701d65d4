"""`next`: a word for a place, and nothing else is one."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.problems import Problem
from mainstem._kind import MOMENT, REAL, TEXT, WHOLE, Kind
from mainstem.ports import Place
from queries.cursor import STEP_BYTES, Bookmarks

LIST = 'pots.Pot by_tea ["green"]'
MARKS = Bookmarks(b"an old oak table, seats for nine", LIST)
OTHERS = Bookmarks(MARKS.key, "pots.Pot by_tea []")
ORDERS: list[tuple[Kind | None, Any]] = [
    (None, None), (TEXT, "tea"), (WHOLE, 7), (WHOLE, 2**63 - 1), (MOMENT, -(2**53)), (REAL, 0.5),
    (REAL, 7),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "order"), ORDERS)
@given(id=st.text().filter(lambda text: text.isprintable()), key=st.text(max_size=9))
def test_a_place_comes_back(kind: Kind | None, order: Any, id: str, key: str) -> None:
    place = Place(order, id, key)
    assert MARKS.row_place(MARKS.after_row(place), kind) == place


@given(place=st.text(max_size=200))
def test_a_hit_comes_back(place: str) -> None:
    assert MARKS.hit_place(MARKS.after_hit(place)) == place


def test_a_word_is_fit_for_an_address() -> None:
    word = MARKS.after_row(Place("??>>", "お茶", ""))
    assert word.replace("-", "").replace("_", "").isalnum()
    assert word.isascii()


def test_a_word_tells_nothing_of_its_place_but_roughly_how_long_it_is() -> None:
    short, longer = (MARKS.after_row(Place("tea", id, "")) for id in ("a", "a" * 9))
    assert len(short) == len(longer)
    assert len(longer) < len(MARKS.after_row(Place("tea", "a" * (9 + STEP_BYTES), "")))
    assert b"tea" not in urlsafe_b64decode(short + "==")


@pytest.mark.parametrize(
    ("kind", "order"),
    [(None, 7), (TEXT, 7), (TEXT, None), (WHOLE, "7"), (WHOLE, True), (WHOLE, 2**63), (WHOLE, 0.5),
     (MOMENT, "now"), (REAL, "7"), (REAL, False), (WHOLE, -(2**63) - 1)],
)  # fmt: skip
def test_a_place_in_another_order_is_none(kind: Kind | None, order: Any) -> None:
    with pytest.raises(Problem, match="400"):
        MARKS.row_place(MARKS.after_row(Place(order, "a", "")), kind)


def test_a_word_of_another_list_is_none() -> None:
    with pytest.raises(Problem, match="400"):
        MARKS.row_place(OTHERS.after_row(Place(None, "a", "")), None)
    with pytest.raises(Problem, match="400"):
        MARKS.hit_place(MARKS.after_row(Place(None, "a", "")))


@given(
    st.text(max_size=99)
    | st.text("ABCabc019-_", max_size=99)
    | st.recursive(st.none() | st.integers() | st.just(LIST), st.lists).map(str)
)
@pytest.mark.slow
def test_any_other_word_is_refused(word: str) -> None:
    for read in (lambda: MARKS.row_place(word, WHOLE), lambda: MARKS.hit_place(word)):
        with pytest.raises(Problem, match="400"):
            read()


@pytest.mark.parametrize("word", ["W" * 8_192, "W1tb" * 2_000, "A" * 100_000, "AAAA====", "é"])
def test_a_long_or_odd_word_is_refused(word: str) -> None:
    with pytest.raises(Problem, match="400"):
        MARKS.hit_place(word)
