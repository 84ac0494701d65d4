"""Search on SQLite keeps the contract, and forgets a generation that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from local.asked import CHARACTERS_MAX, WORDS_MAX, asked
from local.finding import DOCUMENTS_MAX, place_of
from local.search import Search
from local.store import Store
from mainstem.ports import Document, Generation
from mainstem.protocol.drive import drive
from tests.contracts.search import Opening, SearchContract
from tests.contracts.shelf import REBUILT, TICKETS
from tests.local import cupboard


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(cupboard.search, cupboard.words(tmp_path))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with cupboard.store(cupboard.words(tmp_path)) as opened:
        yield opened


class TestSearch(SearchContract):
    pass


def test_what_is_asked_is_quoted_word_by_word() -> None:
    assert asked('wi-fi "burns" NEAR(') == '"wi-fi" """burns""" "NEAR(" *'
    assert asked(" … ") == ""


def test_a_question_has_a_length() -> None:
    assert asked("fire " * 100).count("fire") == WORDS_MAX
    assert len(asked("x" * 100_000)) == CHARACTERS_MAX + len('"" *')


def test_documents_of_a_scope_stand_behind_each_other_in_the_index() -> None:
    assert place_of(1, DOCUMENTS_MAX) + 1 < place_of(2, 1) == place_of(2, 2) - 1
    for number in (0, DOCUMENTS_MAX + 1):
        with pytest.raises(AssertionError):
            place_of(1, number)


def test_forgotten_a_generation_finds_nothing_and_the_others_do(store: Store) -> None:
    search = Search(store)
    for generation in (TICKETS, REBUILT):
        _fill(search, generation)
    drive(search.forget(REBUILT))
    drive(search.forget(REBUILT))
    assert _many(search, REBUILT) == 0
    assert _many(search, TICKETS) == 700
    for table in ("documents", "words", "scopes"):
        left = store.row(f"SELECT count(*) FROM {table}")[0]
        assert left == (1 if table == "scopes" else 700)


def test_what_was_forgotten_may_be_put_again(store: Store) -> None:
    search = Search(store)
    _fill(search, TICKETS)
    drive(search.forget(TICKETS))
    drive(search.put(TICKETS, [Document("main", "t1", "", 1, {"words": "fire"})]))
    assert _many(search, TICKETS) == 1


def test_a_scope_is_never_given_twice(store: Store) -> None:
    search = Search(store)
    numbers = []
    for _ in range(2):
        _fill(search, TICKETS)
        numbers += store.rows("SELECT number FROM scopes")
        drive(search.forget(TICKETS))
    assert len(set(numbers)) == 2


def _fill(search: Search, generation: Generation) -> None:
    documents = [Document("main", f"t{n}", "", 1, {"words": "fire"}) for n in range(700)]
    drive(search.put(generation, documents))


def _many(search: Search, generation: Generation) -> int:
    return len(drive(search.find(generation, "main", "words", "fire", "", 10_000)))
