"""last, first, latest, flag, says, at and by: folds that carry a value on."""

from __future__ import annotations

from datetime import timedelta

from mainstem import Event, View, at, by, first, flag, last, latest, says
from tests.mainstem.evaluated import NOON, row, stored


class Named(Event):
    name: str
    nick: str | None = None


class Renamed(Event):
    name: str


class Crowned(Event):
    jewels: tuple[str, ...] = ()


class Deposed(Event):
    pass


class Cat(View):
    name = last(Named.name, Renamed.name)
    known_as = last(Named.name, Renamed.name, default="Puss")
    nick = last(Named.nick)
    nick_or_not = last(Named.nick, default="none yet")
    born_as = first(Named.name, Renamed.name)
    first_nick = first(Named.nick, default="none yet")
    names = latest(Named.name, Renamed.name, n=2)
    nicks = latest(Named.nick, n=3)
    reigns = flag(on=Crowned, off=(Deposed, Renamed))
    title = last(says("king", Crowned), says("cat", Deposed), default="kitten")
    jewels = last(Crowned.jewels, default=())
    crowned_at = first(at(Crowned))
    touched_at = last(at(Named, Renamed, Crowned, Deposed))
    touched_by = last(by(Named, Renamed), says("the people", Crowned))


def test_before_anything_is_heard_a_column_is_its_default_or_none() -> None:
    assert row(Cat, Deposed()) == {
        "name": None,
        "known_as": "Puss",
        "nick": None,
        "nick_or_not": "none yet",
        "born_as": None,
        "first_nick": "none yet",
        "names": [],
        "nicks": [],
        "reigns": False,
        "title": "cat",
        "jewels": [],
        "crowned_at": None,
        "touched_at": stored(NOON + timedelta(minutes=1)),
        "touched_by": None,
    }


def test_last_is_what_came_last_in_order_of_version() -> None:
    found = row(Cat, Named(name="Tom"), Renamed(name="Tim"), Named(name="Tam"))
    assert (found["name"], found["known_as"], found["born_as"]) == ("Tam", "Tam", "Tom")


def test_last_keeps_none_for_being_nobodys_is_news() -> None:
    found = row(Cat, Named(name="Tom", nick="Tommy"), Named(name="Tom", nick=None))
    assert (found["nick"], found["nick_or_not"]) == (None, None)


def test_first_waits_for_a_value_and_keeps_it() -> None:
    nameless, nicked, again = (Named(name="Tom", nick=nick) for nick in (None, "Tommy", "T"))
    assert row(Cat, nameless)["first_nick"] == "none yet"
    assert row(Cat, nameless, nicked, again)["first_nick"] == "Tommy"


def test_latest_is_newest_first_and_ends() -> None:
    found = row(Cat, Named(name="Tom", nick="T"), Renamed(name="Tim"), Named(name="Tam"))
    assert found["names"] == ["Tam", "Tim"]
    assert found["nicks"] == [None, "T"]


def test_a_flag_is_up_from_on_to_off() -> None:
    assert row(Cat, Crowned())["reigns"] is True
    assert row(Cat, Crowned(), Crowned())["reigns"] is True
    assert row(Cat, Crowned(), Deposed())["reigns"] is False
    assert row(Cat, Crowned(), Renamed(name="Tim"))["reigns"] is False
    assert row(Cat, Deposed(), Crowned())["reigns"] is True


def test_says_is_a_word_that_an_event_stands_for() -> None:
    assert [row(Cat, *h)["title"] for h in ([Named(name="Tom")], [Crowned()])] == ["kitten", "king"]


def test_an_empty_list_is_a_value() -> None:
    assert row(Cat, Crowned(jewels=("ruby", "pearl")))["jewels"] == ["ruby", "pearl"]
    assert row(Cat, Crowned(jewels=("ruby",)), Crowned())["jewels"] == []


def test_at_and_by_are_the_envelopes() -> None:
    found = row(Cat, ("ann", Named(name="Tom"), NOON), ("bob", Renamed(name="Tim"), NOON))
    assert (found["touched_at"], found["touched_by"]) == (stored(NOON), "bob")
    assert row(Cat, ("bob", Crowned()))["touched_by"] == "the people"


def test_order_is_that_of_versions_even_where_clocks_tie_or_step_back() -> None:
    early = NOON - timedelta(days=1)
    tied = row(Cat, ("ann", Named(name="Tom"), NOON), ("ann", Renamed(name="Tim"), NOON))
    back = row(Cat, ("ann", Named(name="Tom"), NOON), ("ann", Renamed(name="Tim"), early))
    assert tied["name"] == back["name"] == "Tim"
    assert back["touched_at"] == stored(early)
