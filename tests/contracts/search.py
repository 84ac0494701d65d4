"""What every adapter of Search keeps to: words are words, scopes apart, old never replaces new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from mainstem._refusal import Unfit
from mainstem.ports import Document, Hit, Search
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, crowd

Opening = Callable[[], AbstractContextManager[Search]]

HOSTILE = [
    '"', '""', "'", "*", "**", "NEAR(", "NEAR(a b, 2)", "AND", "OR", "NOT", "text:", "text : fire",
    "-", "^", "^fire", "{text}", "(", ")", "+", "a + b", "\\", "%", "_", "?1", ";", "--", "/*",
    "\x00", "fire\x00", "\ud800", "fire \ud800", "🔥", "🧑‍🚒", "fire 🔥", "…", "\u202e", "\u0301",
    "½", "\u0378", "\ue000", "x" * 100_000, "a " * 50_000, "a-" * 50_000, '"' * 1_000,
]  # fmt: skip


class SearchContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def search(self, opening: Opening) -> Iterator[Search]:
        with opening() as opened:
            yield opened

    def test_at_first_nothing_is_found(self, search: Search) -> None:
        assert _found(search, "fire") == []

    def test_what_was_put_is_found_by_its_words(self, opening: Opening) -> None:
        with opening() as search:
            _put(search, burns="The kitchen burns", floods="The cellar floods")
        with opening() as again:
            assert _found(again, "kitchen") == ["burns"]
            assert _found(again, "cellar") == ["floods"]
            assert sorted(_found(again, "the")) == ["burns", "floods"]

    def test_all_of_the_words_are_there_in_any_order(self, search: Search) -> None:
        _put(search, burns="The kitchen burns", floods="The kitchen floods")
        assert _found(search, "burns kitchen") == ["burns"]
        assert _found(search, "kitchen garage") == []

    def test_the_last_word_may_be_only_begun_and_no_other(self, search: Search) -> None:
        _put(search, burns="The kitchen burns")
        for words in ("kit", "burns kit", "k", "kitchen", "The ki"):
            assert _found(search, words) == ["burns"], words
        for words in ("kit burns", "itchen", "kitchens"):
            assert _found(search, words) == [], words

    @pytest.mark.parametrize(
        "words", ["CAFÉ", "cafe", "Cafe\u0301", "straße", "ПОЖАР", "πυρ", "火事", "42", "v2.0"]
    )
    def test_case_accents_and_scripts_are_no_obstacle(self, search: Search, words: str) -> None:
        _put(search, one="café Straße пожар Πυρ 火事です 42 v2.0")
        assert _found(search, words) == ["one"]

    def test_words_joined_by_signs_are_found_as_they_are_joined(self, search: Search) -> None:
        _put(search, joined="the wi-fi of ann@example.org", apart="wi is not fi, nor example ann")
        assert _found(search, "wi-fi") == ["joined"]
        assert _found(search, "ann@example.org") == ["joined"]
        assert _found(search, "ann@exam") == ["joined"]

    @pytest.mark.parametrize("words", ["", " ", "\n\t", "…", "🔥", "\x00", '"', "* - +"])
    def test_where_there_is_no_word_nothing_is_found(self, search: Search, words: str) -> None:
        _put(search, burns="🔥 … the kitchen burns *")
        assert _found(search, words) == []

    @pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words)[:20])
    def test_words_are_words_whatever_they_look_like(self, search: Search, words: str) -> None:
        _put(search, other="the kitchen sink")
        assert _found(search, words) == []
        _put_one(search, _document("other", 2, "still here"))
        assert _found(search, "still") == ["other"]

    def test_words_of_a_query_language_are_looked_for(self, search: Search) -> None:
        _put(search, ask="cats AND dogs", near="NEAR (the sea)", note="text: fire", plain="cats")
        assert _found(search, "AND") == ["ask"]
        assert _found(search, "cats AND") == ["ask"]
        assert _found(search, "NEAR(") == ["near"]
        assert _found(search, "text:") == ["note"]
        assert _found(search, "cats OR dogs") == []
        assert _found(search, "ca*s") == []

    def test_the_better_match_comes_first(self, search: Search) -> None:
        filler = " and a long story about other things, told at length"
        _put(search, aside=f"fire{filler * 5}", short="fire fire fire", middle=f"fire{filler}")
        assert _found(search, "fire") == ["short", "middle", "aside"]

    def test_equal_matches_stand_in_the_order_of_ids_and_keys(self, search: Search) -> None:
        for id, key in (("b", ""), ("a-1", ""), ("a", "k2"), ("é", ""), ("a", "k1")):
            _put_one(search, _document(id, 1, "fire", key=key))
        hits = drive(search.find(TICKETS, "main", "words", "fire", "", 9))
        order = [("a", "k1"), ("a", "k2"), ("a-1", ""), ("b", ""), ("é", "")]
        assert [(one.id, one.key) for one in hits] == order

    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_pages_put_together_are_all_hits_in_order(self, search: Search, limit: int) -> None:
        documents = {f"t{n:02}": " ".join(["fire"] * (n % 4 + 1)) + " x" * n for n in range(20)}
        _put(search, **documents)
        whole = drive(search.find(TICKETS, "main", "words", "fire", "", 100))
        assert {one.id for one in whole} == documents.keys()
        assert _pages(search, limit) == list(whole)

    def test_a_page_goes_on_where_it_ended_whatever_was_put_meanwhile(self, search: Search) -> None:
        """Weights of words move with every document."""
        _put(search, **{f"t{n}": "fire" for n in range(6)})
        first = drive(search.find(TICKETS, "main", "words", "fire", "", 3))
        _put(search, **{f"z{n}": "water under the bridge" for n in range(50)})
        rest = drive(search.find(TICKETS, "main", "words", "fire", first[-1].place, 9))
        assert [one.id for one in (*first, *rest)] == [f"t{n}" for n in range(6)]

    def test_a_page_goes_on_where_the_last_hit_is_gone(self, search: Search) -> None:
        _put(search, **{f"t{n}": "fire" for n in range(4)})
        first = drive(search.find(TICKETS, "main", "words", "fire", "", 2))
        _put_one(search, _document("t1", 2, None))
        rest = drive(search.find(TICKETS, "main", "words", "fire", first[-1].place, 9))
        assert {"t2", "t3"} >= {one.id for one in rest}

    @pytest.mark.parametrize(
        "after", ["x", "{}", "[]", "[1]", '["a","b","c"]', '[1.0,"a",2]', '[1.0,"\\ud800",""]']
    )
    def test_a_place_that_is_none_is_refused(self, search: Search, after: str) -> None:
        _put(search, burns="fire")
        with pytest.raises(Unfit, match="after"):
            drive(search.find(TICKETS, "main", "words", "fire", after, 9))

    def test_tenants_marks_and_generations_are_apart(self, search: Search) -> None:
        _put_one(search, _document("a", 1, "fire"))
        _put_one(search, _document("b", 1, "fire", tenant="other"))
        _put_one(search, _document("c", 1, "fire", mark="people"))
        _put_one(search, _document("d", 1, "fire"), REBUILT)
        scopes = [(TICKETS, "main", "words"), (TICKETS, "other", "words")]
        scopes += [(TICKETS, "main", "people"), (REBUILT, "main", "words")]
        scopes += [(REBUILT, "other", "words"), (REBUILT, "main", "people")]
        found = [drive(search.find(*scope, "fire", "", 9)) for scope in scopes]
        assert [[one.id for one in hits] for hits in found] == [["a"], ["b"], ["c"], ["d"], [], []]

    def test_a_newer_version_replaces_an_older_one(self, search: Search) -> None:
        _put_one(search, _document("a", 1, "fire"))
        _put_one(search, _document("a", 3, "water"))
        assert (_found(search, "fire"), _found(search, "water")) == ([], ["a"])

    @pytest.mark.parametrize("version", [1, 3])
    def test_an_older_or_equal_version_changes_nothing(self, search: Search, version: int) -> None:
        _put_one(search, _document("a", 3, "water"))
        _put_one(search, _document("a", version, "fire"))
        assert (_found(search, "fire"), _found(search, "water")) == ([], ["a"])

    def test_in_one_put_the_highest_version_stays(self, search: Search) -> None:
        versions = [_document("a", 2, "two"), _document("a", 3, "three"), _document("a", 1, "one")]
        drive(search.put(TICKETS, versions))
        assert [_found(search, words) for words in ("one", "two", "three")] == [[], [], ["a"]]

    def test_what_is_gone_is_not_found_and_does_not_come_back(self, opening: Opening) -> None:
        with opening() as search:
            _put_one(search, _document("a", 2, None))
            _put_one(search, _document("b", 1, "fire"))
            _put_one(search, _document("b", 2, None))
        with opening() as search:
            for id in ("a", "b"):
                _put_one(search, _document(id, 1, "fire"))
            assert _found(search, "fire") == []
            _put_one(search, _document("b", 3, "fire"))
            assert _found(search, "fire") == ["b"]

    def test_a_mark_that_a_document_has_no_more_finds_it_no_more(self, search: Search) -> None:
        _put_one(search, Document("main", "a", "", 1, {"words": "fire", "people": "ann"}))
        assert _found(search, "ann", mark="people") == ["a"]
        _put_one(search, _document("a", 2, "fire"))
        assert _found(search, "ann", mark="people") == []
        assert _found(search, "fire") == ["a"]

    def test_any_text_can_be_put(self, search: Search) -> None:
        texts: Mapping[str, str] = {"a": "", "b": "🔥", "c": '"fire" AND (*', "d": "x " * 50_000}
        _put(search, **texts)
        assert _found(search, "fire") == ["c"]

    @pytest.mark.slow
    def test_put_by_several_at_once_the_newest_stays(self, opening: Opening) -> None:
        crowd(put_versions, opening, processes=4)
        with opening() as search:
            assert _found(search, "version") == ["a"]
            assert _found(search, "v43") == ["a"]


def put_versions(opening: Opening, number: int) -> None:
    """Versions 1 to 43 in all; every process puts each fourth, the highest of its own first."""
    with opening() as search:
        for version in range(43 - number, 0, -4):
            _put_one(search, _document("a", version, f"version v{version}"))


def _document(
    id: str,
    version: int,
    text: str | None,
    *,
    key: str = "",
    tenant: str = "main",
    mark: str = "words",
) -> Document:
    return Document(tenant, id, key, version, None if text is None else {mark: text})


def _put(search: Search, **texts: str) -> None:
    documents = [_document(id, 1, text) for id, text in texts.items()]
    drive(search.put(TICKETS, documents))


def _put_one(search: Search, document: Document, generation: Any = TICKETS) -> None:
    drive(search.put(generation, [document]))


def _found(search: Search, words: str, mark: str = "words") -> list[str]:
    return [one.id for one in drive(search.find(TICKETS, "main", mark, words, "", 100))]


def _pages(search: Search, limit: int) -> list[Hit]:
    found: list[Hit] = []
    while True:
        after = found[-1].place if found else ""
        page = drive(search.find(TICKETS, "main", "words", "fire", after, limit))
        if not page:
            return found
        assert len(page) <= limit
        assert page[0] not in found
        found += page
