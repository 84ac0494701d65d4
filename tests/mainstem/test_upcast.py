"""Old data read as it means today: former names, defaults, and upcasts written as code."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

import pytest

from mainstem import Event, Unfit, Unsupported, View, last, total, upcast, was
from mainstem.discovery import domain_of
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.sql import select


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Packed(Event, was=("Wrapped", "Boxed")):
    """Its history: `box` was `crate` and before that `case_`; grams were text, then pounds."""

    box: str = was("crate", "case_")
    grams: int
    size: Size = Size.SMALL
    fragile: bool = False
    sent_at: datetime | None = None
    rate: float = 1.0
    labels: tuple[str, ...] = ()
    rates: tuple[float, ...] = ()
    way: Literal["air", "sea"] = was("route", default="sea")
    note: str | None


@upcast(Packed, of=1)
def packed_2(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "pounds": int(data["pounds"])}


@upcast(Packed, of=2)
def packed_3(data: dict[str, Any]) -> dict[str, Any]:
    data["grams"] = data.pop("pounds") * 454
    return data


class Parcel(View):
    box = last(Packed.box)
    grams = total(Packed.grams)
    way = last(Packed.way)


DOMAIN = domain_of(sys.modules[__name__])
TODAY = Packed.__shape__.schema


def read(schema: int = TODAY, **data: Any) -> dict[str, Any]:
    return Packed.__shape__.read({"box": "b", "grams": 1, **data}, schema)


def test_what_was_stored_today_is_read_as_it_is() -> None:
    data = {
        "box": "b",
        "grams": 5,
        "size": "large",
        "fragile": True,
        "sent_at": 1,
        "rate": 0.5,
        "labels": ["a"],
        "rates": [0.5],
        "way": "air",
        "note": "n",
    }
    assert Packed.__shape__.read(data, TODAY) == data


def test_what_an_older_event_did_not_say_is_its_default() -> None:
    assert read() == {
        "box": "b",
        "grams": 1,
        "size": "small",
        "fragile": False,
        "sent_at": None,
        "rate": 1.0,
        "labels": [],
        "rates": [],
        "way": "sea",
        "note": None,
    }
    assert read(size=None, labels=None, rate=None, way=None) == read()


@pytest.mark.parametrize(
    ("data", "box"),
    [
        ({"box": "b"}, "b"),
        ({"crate": "c"}, "c"),
        ({"case_": "d"}, "d"),
        ({"box": "b", "crate": "c"}, "b"),
        ({"box": None, "crate": "c"}, "c"),
        ({"crate": None, "case_": "d"}, "d"),
        ({"crate": "c", "case_": "d"}, "c"),
    ],
)
def test_a_field_is_read_under_its_newest_name_that_says_something(
    data: dict[str, Any], box: str
) -> None:
    assert Packed.__shape__.read({"grams": 1, **data}, TODAY)["box"] == box


def test_what_no_field_names_is_passed_over() -> None:
    assert read(colour="red") == read()


def test_whole_numbers_are_real_ones_where_a_field_is_real() -> None:
    found = read(rate=2, rates=[1, -0.0])
    assert (type(found["rate"]), found["rates"]) == (float, [1.0, 0.0])
    assert str(found["rates"][1]) == "0.0"


def test_an_event_may_have_had_other_names() -> None:
    assert [DOMAIN.by_type[name] for name in ("Packed", "Wrapped", "Boxed")] == [Packed] * 3
    assert DOMAIN.record(envelope("Boxed", 3, grams=7))[0] == "Packed"
    with pytest.raises(Unfit, match="test_upcast: no event is called Crated"):
        DOMAIN.record(envelope("Crated", 3, grams=7))


def test_upcasts_are_run_from_the_schema_on_in_order() -> None:
    assert Packed.__shape__.schema == 3
    grams = [read(1, pounds="2"), read(2, pounds=2), read(3, grams=908)]
    assert [one["grams"] for one in grams] == [908] * 3


def test_an_upcast_changes_no_envelope() -> None:
    old = envelope("Packed", 2, pounds=2)
    assert DOMAIN.record(old) == DOMAIN.record(old)
    assert old.data == {"box": "b", "pounds": 2}


def test_events_of_all_ages_fold_alike() -> None:
    history = [
        envelope("Boxed", 1, version=1, pounds="1"),
        envelope("Wrapped", 2, version=2, pounds=1),
        envelope("Packed", 3, version=3, grams=92, way="air"),
    ]
    (row,) = rows_of(Parcel, DOMAIN, history)
    assert (row["grams"], row["way"], row["box"]) == (1_000, "air", "b")


def test_an_event_of_any_age_can_be_opened() -> None:
    event = Packed.of({"crate": "c", "pounds": "2", "sent_at": 0, "rates": [1]}, 1)
    assert event == Packed(
        box="c", grams=908, sent_at=datetime(1970, 1, 1, tzinfo=UTC), rates=(1.0,), note=None
    )
    assert event.size is Size.SMALL


@pytest.mark.parametrize("schema", [0, -1, TODAY + 1, 99])
def test_data_from_the_future_is_refused(schema: int) -> None:
    with pytest.raises(Unfit, match=f"Packed: schema {schema} is newer than this code's 3"):
        read(schema)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, r"packed_2 failed: KeyError\('pounds'\)"),
        ({"pounds": "two"}, r"packed_2 failed: ValueError"),
        ({"pounds": None}, r"packed_2 failed: TypeError"),
        ({"pounds": []}, r"packed_2 failed: TypeError"),
    ],
)
def test_an_upcast_that_meets_what_it_did_not_expect_is_unfit(
    data: dict[str, Any], said: str
) -> None:
    with pytest.raises(Unfit, match=f"Packed: {said}"):
        Packed.__shape__.read({"box": "b", **data}, 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"box": None}, "box: missing"),
        ({"box": 3}, "box: 3 is not text"),
        ({"box": ["b"]}, r"box: \['b'\] is not text"),
        ({"box": "x" * 500, "grams": "y" * 500}, r"grams: 'y+… is not whole"),
        ({"grams": None}, "grams: missing"),
        ({"grams": 1.0}, "grams: 1.0 is not whole"),
        ({"grams": True}, "grams: True is not whole"),
        ({"grams": "1"}, "grams: '1' is not whole"),
        ({"grams": 2**53}, "grams: 9007199254740992 is not whole"),
        ({"size": "huge"}, "size: 'huge' is not Size"),
        ({"size": 1}, "size: 1 is not Size"),
        ({"size": []}, r"size: \[\] is not Size"),
        ({"way": "rail"}, "way: 'rail' is not one of air, sea"),
        ({"fragile": 1}, "fragile: 1 is not truth"),
        ({"fragile": "yes"}, "fragile: 'yes' is not truth"),
        ({"sent_at": "2026-01-01"}, "sent_at: '2026-01-01' is not moment or None"),
        ({"sent_at": 1.5}, "sent_at: 1.5 is not moment or None"),
        ({"rate": "1"}, "rate: '1' is not real"),
        ({"rate": True}, "rate: True is not real"),
        ({"labels": "a"}, "labels: 'a' is not list of text"),
        ({"labels": [1]}, r"labels: \[1\] is not list of text"),
        ({"labels": [None]}, r"labels: \[None\] is not list of text"),
        ({"labels": {"a": 1}}, r"labels: \{'a': 1\} is not list of text"),
        ({"rates": [True]}, r"rates: \[True\] is not list of real"),
        ({"route": "rail"}, "way: 'rail' is not one of air, sea"),
        ({"note": {}}, r"note: \{\} is not text or None"),
    ],
)
def test_data_that_does_not_fit_is_named_with_its_field(data: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        read(**data)


class Sealed(Event):
    marks: tuple[str, ...] = ()


@upcast(Sealed, of=1)
def sealed_2(data: dict[str, Any]) -> Any:
    data["marks"].append("wax")  # in place, as somebody might
    return data if data["marks"] != ["wax"] else None


def test_an_upcast_that_gives_no_data_is_unfit() -> None:
    with pytest.raises(Unfit, match="Sealed: sealed_2 gives None, not data"):
        Sealed.__shape__.read({"marks": []}, 1)


def test_an_upcast_works_on_data_of_its_own() -> None:
    old = {"marks": ["lead"]}
    for _ in range(2):
        assert Sealed.__shape__.read(old, 1) == {"marks": ["lead", "wax"]}


def test_sql_over_raw_json_can_not_run_python() -> None:
    assert "grams" in select(Parcel)
    with pytest.raises(Unsupported, match="Packed"):
        select(Parcel, raw=True)


def envelope(type: str, schema: int, version: int = 1, **data: Any) -> Envelope:
    return Envelope(
        tenant="main",
        domain=DOMAIN.name,
        id="a",
        version=version,
        type=type,
        schema=schema,
        at=0,
        by="ann",
        data={"box": "b", **data},
    )
