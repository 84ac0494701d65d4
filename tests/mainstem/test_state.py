"""A state is what its history says: it never changes, travels well, and gives nothing away."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from mainstem import Event, Mistake, State, View, at, count, distinct, keyed, last
from mainstem.testing import DAWN, given


class Stamped(Event):
    town: str
    cents: int = 5


class Page(State, key=Stamped.town):
    stamps = count(Stamped)


class Album(View):
    town = last(Stamped.town)
    stamped_at = last(at(Stamped))
    towns = distinct(Stamped.town)
    pages = keyed(Page)
    _stamps = count(Stamped)


class Copy(View):
    town = last(Stamped.town)


rome, oslo = Stamped(town="Rome"), Stamped(town="Oslo")
album = given(rome, oslo).seen(Album)


def test_before_any_event_it_does_not_exist() -> None:
    empty = Album(id="a")
    assert (empty.exists, empty.version, empty.changed_at, empty.id) == (False, 0, None, "a")
    assert (empty.town, empty.towns, dict(empty.pages)) == (None, frozenset(), {})


def test_after_is_another_state() -> None:
    more = album.after(given(rome, oslo, rome).history[2:])
    assert (album.version, more.version) == (2, 3)
    assert (album.pages["Rome"].stamps, more.pages["Rome"].stamps) == (1, 2)
    assert album.towns == more.towns == {"Rome", "Oslo"}
    assert more == given(rome, oslo, rome).seen(Album)


@pytest.mark.parametrize("name", ["town", "_stamps", "version", "id", "pages", "colour", "_cells"])
def test_nothing_of_it_can_be_set_or_deleted(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(album, name, "x")
    with pytest.raises(AttributeError):
        delattr(album, name)


def test_what_it_shows_can_not_be_changed() -> None:
    pages: Any = album.pages
    with pytest.raises(TypeError):
        pages["Rome"] = 3
    with pytest.raises(AttributeError):
        pages["Rome"].stamps = 3
    assert isinstance(album.towns, frozenset)


def test_a_typo_is_an_error() -> None:
    with pytest.raises(AttributeError, match="'Album' object has no attribute 'twon'"):
        album.twon  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        Album(town="Rome")  # type: ignore[call-arg]


def test_it_equals_what_says_the_same() -> None:
    assert album == given(rome, oslo).seen(Album)
    assert album != given(oslo, rome).seen(Album)
    assert album != given(rome, oslo).seen(Copy)
    assert album != "album"
    with pytest.raises(TypeError, match="unhashable"):
        hash(album)


def test_it_is_shown_with_its_columns() -> None:
    shown = repr(given(rome).seen(Copy))
    assert shown == "Copy(town='Rome')"


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_a_copy_is_the_same_state_and_goes_its_own_way(again: Any) -> None:
    other = again(album)
    assert (type(other), other, other.row()) == (Album, album, album.row())
    further = other.after(given(rome, oslo, rome).history[2:])
    assert (further.version, album.version, other.version) == (3, 2, 2)
    with pytest.raises(AttributeError):
        other.town = "x"


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_an_event_travels_too(again: Any) -> None:
    assert again(rome) == rome
    assert {rome, again(rome)} == {rome}
    with pytest.raises(ValidationError, match="frozen"):
        again(rome).town = "Oslo"


def test_its_row_is_json() -> None:
    assert json.loads(json.dumps(album.row())) == album.row()
    assert Album.of_row(json.loads(json.dumps(album.row()))) == album


def test_a_row_of_a_key_hears_the_events_of_its_key() -> None:
    page = Page(id="a", key="Rome").after(given(rome, oslo, rome).history)
    assert (page.stamps, page.version, page.key, page.id) == (2, 3, "Rome", "a")
    assert not Page(id="a", key="Bonn").after(given(rome, oslo).history).exists


def test_rows_inside_know_their_aggregate_and_their_key() -> None:
    pages = [(page.id, page.key, page.version) for page in album.pages.values()]
    assert pages == [("a", "Oslo", 2), ("a", "Rome", 1)]
    assert album.changed_at == DAWN


def test_named_on_its_class_a_column_is_a_term_and_no_value() -> None:
    assert repr(Album.town) == "Album.town"
    with pytest.raises(Mistake, match=r"Album\.town names a value that doesn't exist yet"):
        bool(Album.town)
    assert copy.deepcopy(Album.town).name == "town"  # type: ignore[union-attr]
    assert len({Album.town, Album.town}) == 2, "a term is one place where something was named"
    assert not hasattr(Album.town, "upper")


def test_a_row_that_was_finished_elsewhere_can_not_go_on() -> None:
    with pytest.raises(TypeError, match="Album: a finished row hears no more; fold its history"):
        Album.of_row(album.row()).after(given(oslo).history)
    with pytest.raises(TypeError, match="Page: a finished row hears no more"):
        album.pages["Rome"].after(given(rome).history)
    assert Album.of_row(Album().row()).after(given(rome).history).town == "Rome"


def test_what_was_never_stamped_is_no_page() -> None:
    assert "Bonn" not in album.pages
    assert album.pages.get("Bonn") is None
