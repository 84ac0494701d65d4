"""`next`: a word for a place, and nothing else is one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.problems import Problem
from mainstem._kind import MOMENT, REAL, TEXT, WHOLE, Kind
from mainstem.ports import Place
from queries.cursor import after_hit, after_row, hit_place, row_place

LIST = 'pots.Pot by_tea ["green"]'
ORDERS: list[tuple[Kind | None, Any]] = [
    (None, None), (TEXT, "tea"), (WHOLE, 7), (WHOLE, 2**63 - 1), (MOMENT, -(2**53)), (REAL, 0.5),
    (REAL, 7),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "order"), ORDERS)
@given(id=st.text().filter(lambda text: text.isprintable()), key=st.text(max_size=9))
def test_a_place_comes_back(kind: Kind | None, order: Any, id: str, key: str) -> None:
    place = Place(order, id, key)
    assert row_place(after_row(LIST, place), LIST, kind) == place


@given(place=st.text(max_size=200))
def test_a_hit_comes_back(place: str) -> None:
    assert hit_place(after_hit(LIST, place), LIST) == place


def test_a_word_is_fit_for_an_address() -> None:
    word = after_row(LIST, Place("??>>", "お茶", ""))
    assert word.replace("-", "").replace("_", "").isalnum()
    assert word.isascii()


@pytest.mark.parametrize(
    ("kind", "order"),
    [(None, 7), (TEXT, 7), (TEXT, None), (WHOLE, "7"), (WHOLE, True), (WHOLE, 2**63), (WHOLE, 0.5),
     (MOMENT, "now"), (REAL, "7"), (REAL, False), (WHOLE, -(2**63) - 1)],
)  # fmt: skip
def test_a_place_in_another_order_is_none(kind: Kind | None, order: Any) -> None:
    with pytest.raises(Problem, match="400"):
        row_place(after_row(LIST, Place(order, "a", "")), LIST, kind)


def test_a_word_of_another_list_is_none() -> None:
    with pytest.raises(Problem, match="400"):
        row_place(after_row("pots.Pot by_tea []", Place(None, "a", "")), LIST, None)
    with pytest.raises(Problem, match="400"):
        hit_place(after_row(LIST, Place(None, "a", "")), LIST)


@given(
    st.text(max_size=99)
    | st.text("ABCabc019-_", max_size=99)
    | st.recursive(st.none() | st.integers() | st.just(LIST), st.lists).map(str)
)
def test_any_other_word_is_refused(word: str) -> None:
    for read in (lambda: row_place(word, LIST, WHOLE), lambda: hit_place(word, LIST)):
        with pytest.raises(Problem, match="400"):
            read()


@pytest.mark.parametrize("word", ["W" * 8_192, "W1tb" * 2_000, "A" * 100_000, "AAAA====", "é"])
def test_a_long_or_odd_word_is_refused(word: str) -> None:
    with pytest.raises(Problem, match="400"):
        hit_place(word, LIST)
