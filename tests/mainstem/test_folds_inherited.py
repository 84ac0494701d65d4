"""Views share folds by inheritance, and keep to themselves what begins with an underscore."""

from __future__ import annotations

from mainstem import (
    Event,
    State,
    View,
    anyone,
    count,
    index,
    keyed,
    last,
    readers,
    search,
    size,
    unique,
)
from mainstem._mark import Index, Readers, Search, Unique
from mainstem.testing import given
from tests.mainstem.evaluated import row


class Told(Event):
    tale: str
    teller: str


class Heard(Event):
    listener: str


class Listener(State, key=Heard.listener):
    _times = count(Heard)
    often = _times > 1


class Tale(State):
    tale = last(Told.tale, default="")
    _tellings = count(Told)
    one_tale = unique(tale)

    def short(self) -> bool:
        return len(self.tale) < 4


class Teller(State):
    teller = last(Told.teller)


class Book(Tale, Teller, View):
    old = Tale._tellings > 1
    line = last(Told.tale)
    readers_of = readers(anyone)
    by_teller = index(Teller.teller, order=Tale.tale)
    words = search(Tale.tale)


class Shelf(Book):
    _listeners = keyed(Listener)
    crowd = size(_listeners)
    shared = keyed(Listener)


told = Told(tale="Fox", teller="ann")
heard = Heard(listener="bob")


def test_columns_of_bases_come_first_in_their_order() -> None:
    assert list(Book.__columns__) == ["tale", "_tellings", "teller", "old", "line"]
    assert list(Shelf.__columns__)[5:] == ["_listeners", "crowd", "shared"]
    assert list(Tale.__columns__) == ["tale", "_tellings"]


def test_a_column_of_a_base_may_be_computed_with() -> None:
    assert row(Book, told)["old"] is False
    assert row(Book, told, told)["old"] is True


def test_marks_are_inherited_and_bases_keep_their_own() -> None:
    assert list(Tale.__marks__) == ["one_tale"]
    assert Book.__marks__ == {
        "one_tale": Unique("one_tale", ("tale",)),
        "readers_of": Readers("readers_of", Book.__marks__["readers_of"].who),  # type: ignore[union-attr]
        "by_teller": Index("by_teller", ("teller",), "tale", newest_first=False),
        "words": Search("words", ("tale",)),
    }
    assert Shelf.__marks__ == Book.__marks__


def test_methods_are_inherited() -> None:
    assert given(told).seen(Shelf).short()
    assert not given(Told(tale="The fox", teller="ann")).seen(Shelf).short()


def test_private_columns_are_computed_and_not_shown() -> None:
    found = row(Shelf, told, heard, heard)
    assert found.keys() == {"tale", "teller", "old", "line", "crowd", "shared"}
    assert found["shared"]["bob"].keys() == {"version", "changed_at", "often"}
    assert (found["crowd"], found["shared"]["bob"]["often"]) == (1, True)


def test_a_decision_sees_private_columns_which_no_reader_does() -> None:
    shelf = given(told, told, heard).seen(Shelf)
    assert (shelf._tellings, list(shelf._listeners)) == (2, ["bob"])
    assert {"_tellings", "_listeners"} <= shelf.row().keys()
    assert not {"_tellings", "_listeners"} & Shelf.__machine__.public(shelf.row()).keys()


def test_a_views_name_is_its_own_however_much_it_shares() -> None:
    assert row(Book, told) == {k: v for k, v in row(Shelf, told).items() if k in row(Book, told)}
