"""Search in memory keeps the contract, is copied and compared, and may be late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from mainstem.ports import Document, Generation
from mainstem.ports import Search as Port
from mainstem.protocol.drive import drive
from mainstem.sim.stores.search import LATE_DOCUMENTS_MAX, Search
from tests.contracts.search import SearchContract
from tests.contracts.shelf import REBUILT, TICKETS
from tests.sim.certain import Certain
from tests.sim.served import Ports, Served, served


def opened(port: Ports) -> Port:
    return cast("Port", port("search"))


@pytest.fixture
def opening() -> Iterator[Served]:
    with served({"search": Search()}, opened) as opening:
        yield opening


class TestSearch(SearchContract):
    pass


def document(id: str, version: int, text: str | None) -> Document:
    return Document("main", id, "", version, None if text is None else {"words": text})


def put(search: Search, *documents: Document, generation: Generation = TICKETS) -> None:
    drive(search.put(generation, documents))


def found(search: Search, words: str) -> list[str]:
    return [one.id for one in drive(search.find(TICKETS, "main", "words", words, "", 100))]


BURNS, FLOODS = document("burns", 1, "it burns"), document("floods", 1, "it floods")


def test_a_copy_goes_its_own_way() -> None:
    search = Search(Certain())
    put(search, BURNS)
    copy = search.copy()
    assert copy.key() == search.key()
    put(copy, document("burns", 2, None), FLOODS)
    assert (found(search, "it"), found(copy, "it")) == (["burns"], ["floods"])
    assert copy.key() != search.key()


def test_a_key_tells_documents_apart_by_all_they_say() -> None:
    told = [
        document("a", 1, "fire"),
        document("a", 2, "fire"),
        document("a", 1, "water"),
        document("a", 1, None),
        document("b", 1, "fire"),
        Document("main", "a", "", 1, {}),
        Document("main", "a", "", 1, {"people": "fire"}),
        Document("main", "a", "k", 1, {"words": "fire"}),
        Document("other", "a", "", 1, {"words": "fire"}),
    ]
    keys = set()
    for generation in (TICKETS, REBUILT):
        for one in told:
            search = Search()
            put(search, one, generation=generation)
            keys.add(search.key())
    assert len(keys | {Search().key()}) == 2 * len(told) + 1


def test_a_key_is_the_same_whatever_came_first_once_it_is_long_ago() -> None:
    one, other = Search(Certain()), Search(Certain())
    put(one, BURNS, FLOODS)
    put(other, FLOODS, BURNS)
    assert one.key() != other.key()  # which of them may still be missed is not the same
    for search in (one, other):
        put(search, *[document(f"t{n}", 1, "fire") for n in range(LATE_DOCUMENTS_MAX)])
    assert one.key() == other.key()


def test_where_nothing_is_late_a_key_is_the_same_at_once() -> None:
    one, other = Search(), Search()
    put(one, BURNS, FLOODS)
    put(other, FLOODS)
    put(other, BURNS)
    assert one.key() == other.key()
    assert one.all(TICKETS) == other.all(TICKETS)


def test_a_key_does_not_mind_in_which_order_marks_are_said() -> None:
    one, other = Search(), Search()
    put(one, Document("main", "a", "", 1, {"words": "fire", "people": "ann"}))
    put(other, Document("main", "a", "", 1, {"people": "ann", "words": "fire"}))
    assert one.key() == other.key()


def test_all_documents_of_a_generation_are_there_to_be_checked() -> None:
    search, gone = Search(), document("floods", 2, None)
    put(search, BURNS, FLOODS, gone)
    put(search, document("other", 1, "fire"), generation=REBUILT)
    assert search.all(TICKETS) == (BURNS, gone)


def test_what_is_changed_after_it_was_put_changes_nothing_there() -> None:
    search, words = Search(), {"words": "fire"}
    put(search, Document("main", "a", "", 1, words))
    words["words"] = "water"
    assert found(search, "fire") == ["a"]


@pytest.mark.parametrize(("late", "seen"), [(1, ["a", "b"]), (2, ["a"]), (3, ["a", "gone"])])
def test_the_latest_documents_may_not_be_seen_yet(late: int, seen: list[str]) -> None:
    chance = Certain(index=late - 1)
    search = Search(chance)
    put(search, document("a", 1, "fire"), document("gone", 1, "fire"))
    put(search, document("gone", 2, None))
    put(search, document("b", 1, "fire"), document("c", 1, "fire"))
    assert found(search, "fire") == ["a", "b", "c"]
    chance.happening.add("search late")
    assert found(search, "fire") == seen
    assert found(search.copy(), "fire") == seen
    assert len(search.all(TICKETS)) == 4
    chance.happening.clear()
    assert found(search, "fire") == ["a", "b", "c"]


def test_what_was_replaced_twice_is_seen_as_it_was_before_both() -> None:
    chance = Certain("search late", index=-1)
    search = Search(chance)
    put(search, document("a", 1, "fire"))
    assert found(search, "fire") == []
    for version in range(2, LATE_DOCUMENTS_MAX + 2):
        put(search, document("a", version, f"v{version}"))
    assert found(search, "fire") == ["a"]
    put(search, document("a", 99, "water"))
    assert (found(search, "fire"), found(search, "v2")) == ([], ["a"])


def test_what_was_put_in_vain_makes_nothing_late() -> None:
    chance = Certain("search late")
    search = Search(chance)
    put(search, document("a", 2, "fire"), document("b", 1, "water"))
    put(search, document("a", 1, "smoke"))
    assert (found(search, "fire"), found(search, "water")) == (["a"], [])


@pytest.mark.parametrize("place", ["-1.0/x/a", "-1.0/9/a", "-1.0/-1/a", "-1/1/a", "-1.0/01/a"])
def test_only_what_a_hit_said_is_a_place(place: str) -> None:
    with pytest.raises(ValueError, match="after: no place"):
        drive(Search().find(TICKETS, "main", "words", "fire", place, 9))


def test_places_of_any_ids_and_keys_lead_on() -> None:
    search = Search()
    names = [("a", ""), ("a", "/"), ("a/1", "k"), ("a/1/", ""), ("é\0", "🔥")]
    put(search, *[Document("main", id, key, 1, {"words": "fire"}) for id, key in names])
    after, seen = "", []
    while hits := drive(search.find(TICKETS, "main", "words", "fire", after, 1)):
        after = hits[0].place
        seen.append(hits[0][:2])
    assert seen == sorted(names)
