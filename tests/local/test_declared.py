"""What a view declares is kept as JSON, the same in each process, and a change of it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mainstem import (
    Event,
    Happened,
    State,
    View,
    at,
    count,
    first,
    fold,
    index,
    keyed,
    last,
    not_,
    total,
)  # fmt: skip
from mainstem.discovery import discover
from mainstem.fingerprint import declared
from mainstem.sink import Sink, sinks_of
from replay.declared import changes, columns, told
from tests.cli.desk import DOMAINS


class Cast(Event):
    fly: str
    meters: int = 0


class Landed(Event):
    grams: int


def one_more(before: int, happened: Happened) -> int:
    return before + 1


def two_more(before: int, happened: Happened) -> int:
    return before + 2


class Caught(Event):
    kind: str
    grams: int


class Angler(View):
    casts = count(Cast)
    fly = first(Cast.fly)
    grams = total(Landed.grams)
    since = first(at(Cast))
    lucky = grams > casts
    waded = fold(0, {Cast: one_more})

    best = index(order=grams, newest_first=True)


class Later(View):
    casts = count(Cast, where=(Cast.meters > 9) & (Cast.fly != "worm"))
    fly = last(Cast.fly)
    grams = total(Landed.grams - 20)
    since = first(at(Cast, Landed))
    lucky = not_(grams > casts)
    waded = fold(0, {Cast: two_more})

    best = index(order=grams)


@pytest.mark.parametrize("sink", sinks_of(discover(DOMAINS)), ids=lambda sink: sink.name)
def test_what_is_kept_is_what_a_fingerprint_is_made_of(sink: Sink) -> None:
    assert json.loads(told(sink.state)) == json.loads(json.dumps(declared(sink.state)))
    assert "object at 0x" not in told(sink.state)
    assert changes(told(sink.state), sink.state) == []


def _told(before: type[View], after: type[View]) -> dict[str, Any]:
    return {one.name: str(one) for one in changes(told(before), after)}


def test_a_change_is_told_with_what_is_heard_and_where_it_counts() -> None:
    assert _told(Angler, Later) == {
        "best": "~ best: index order grams, before index order grams, newest first",
        "casts": "~ casts: count of Cast where ('worm' != Cast.fly) & (Cast.meters > 9) (else 0),"
        " before count of Cast (else 0)",
        "fly": "~ fly: last of Cast.fly, before first of Cast.fly",
        "grams": "~ grams: total of Landed.grams - 20 (else 0),"
        " before total of Landed.grams (else 0)",
        "lucky": "~ lucky: not (grams > casts), before grams > casts",
        "since": "~ since: first of Cast.at, Landed.at, before first of Cast.at",
        "waded": "~ waded: python of Cast, said otherwise before",
    }


class Line(State, key=Caught.kind):
    many = count(Caught)
    grams = total(Caught.grams)


class Other(State, key=Caught.kind):
    many = count(Caught, where=Caught.grams > 9)
    latest = last(Caught.grams)


class Catch(View):
    lines = keyed(Line)
    casts = count(Cast)


class Grown(View):
    lines = keyed(Other)
    casts = count(Cast)


def test_of_a_map_it_is_told_what_its_rows_say_otherwise() -> None:
    assert _told(Catch, Grown) == {
        "lines.grams": "- lines.grams: total of Caught.grams (else 0)",
        "lines.latest": "+ lines.latest: last of Caught.grams",
        "lines.many": "~ lines.many: count of Caught where Caught.grams > 9 (else 0),"
        " before count of Caught (else 0)",
    }
    assert columns(changes(told(Catch), Grown), Grown) == {"lines"}


def test_what_a_mark_said_that_is_not_known_any_more_is_left_out() -> None:
    said = json.loads(told(Angler))
    said["marks"]["best"][1]["colour"] = "red"
    (one,) = changes(json.dumps(said), Angler)
    assert str(one) == "~ best: index order grams, newest first, said otherwise before"
