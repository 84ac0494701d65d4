"""Whole is who has each event from the first to the newest, once; and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstem import Event, View
from mainstem import count as counted
from replay.proof import WHOLE, ends, proved, what_is_wrong

VERSIONS_MAX = 7
FAR = 2**40


class Rung(Event):
    pass


class Bell(View):
    rung = counted(Rung)


def whole(histories: Sequence[Sequence[int]]) -> set[int]:
    """Which of these are said to be, by either statement."""
    rows = [(str(nth), version) for nth, some in enumerate(histories) for version in some]
    events = pa.table({
        "tenant": ["main"] * len(rows), "id": [id for id, _ in rows],
        "version": pa.array([version for _, version in rows], pa.int64()),
        "at": pa.array([0] * len(rows), pa.int64()),
        "by": ["ann"] * len(rows), "type": ["Rung"] * len(rows),
    })  # fmt: skip
    with duckdb.connect() as duck:
        duck.register("rung", events)
        found = [
            _whole(duck, proved(Bell, "rung"), WHOLE),
            _whole(duck, proved(Bell, "rung", "main"), WHOLE),
            _whole(duck, ends("rung", decided=True), "whole"),
        ]
    assert found[0] == found[1] == found[2]
    return found[0]


def _whole(duck: duckdb.DuckDBPyConnection, text: str, said: str) -> set[int]:
    rows = duck.execute(f"SELECT id, {said} FROM ({text})").fetchall()
    return {int(id) for id, is_whole in rows if is_whole}


def test_of_all_short_histories_those_are_whole_that_have_each_event_once() -> None:
    every = [
        some
        for many in range(1, VERSIONS_MAX + 1)
        for some in combinations_with_replacement(range(1, VERSIONS_MAX + 1), many)
    ]
    expected = {n for n, some in enumerate(every) if [*some] == [*range(1, len(some) + 1)]}
    assert whole(every) == expected
    assert len(expected) == VERSIONS_MAX


@pytest.mark.slow
@given(st.lists(st.integers(1, 60), min_size=1, max_size=80), st.integers(1, 60))
def test_no_other_history_is_whole_however_long(versions: list[int], upto: int) -> None:
    exact = [*range(1, upto + 1)]
    expected = {0} if sorted(versions) == [*range(1, len(versions) + 1)] else set()
    assert whole([versions, exact, exact[::-1]]) == {*expected, 1, 2}


@pytest.mark.parametrize("wrong", [[0, 1], [-1, 2], [1, 2, FAR], [FAR, FAR + 1], [2, 3], [0]])
def test_numbers_that_no_event_should_have_prove_nothing(wrong: list[int]) -> None:
    assert whole([wrong]) == set()


@pytest.mark.parametrize("stood", [[(1, 5), (2, 0), (2, 1)], [(2, 1), (2, 0), (1, 5)]])
def test_facts_end_where_the_newest_stood_and_not_where_a_longer_bundle_did(
    stood: Sequence[tuple[int, int]],
) -> None:
    facts = pa.table({
        "tenant": ["main"] * 3, "id": ["bell"] * 3, "version": [1, 2, 3],
        "sequence": [f"{sequence:020}" for sequence, _ in stood],
        "index": [index for _, index in stood],
    })  # fmt: skip
    with duckdb.connect() as duck:
        duck.register("rung", facts)
        for decided, expected in ((False, (2, 1)), (True, (0, 0))):
            text = ends("rung", decided=decided)
            found = duck.execute(f'SELECT sequence, "index" FROM ({text})').fetchall()
            assert [(int(sequence), index) for sequence, index in found] == [expected]


@pytest.mark.parametrize(
    ("many", "what"),
    [(2, "there are holes"), (3, "some are there twice"), (4, "some are there twice")],
)
def test_what_is_wrong_is_said_in_words(many: int, what: str) -> None:
    assert what_is_wrong(many, 3) == f"has {many} events up to version 3: {what}"
