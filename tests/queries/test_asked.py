"""Values of lists, read from text by the kinds of their columns."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from edge.parameters import Parameters
from edge.problems import Problem
from queries.asked import values_of
from tests.queries.shelf import Pot


def asked(index: str, query: str) -> list[Any]:
    return values_of(Pot, Pot.__marks__[index], Parameters(query))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("index", "query", "value"),
    [
        ("by_tea", "tea=Earl%20Grey", "Earl Grey"),
        ("by_tea", "tea=", ""),
        ("by_tea", "tea=null", "null"),
        ("by_cups", "cups=7", 7),
        ("by_cups", "cups=-7", -7),
        ("by_litres", "litres=0.5", 0.5),
        ("by_litres", "litres=1", 1.0),
        ("by_litres", "litres=-0.0", 0.0),
        ("by_until", "until=2026-06-01T16:00:00Z", 1_780_329_600_000_000),
        ("by_until", "until=2026-06-01T18:00:00%2B02:00", 1_780_329_600_000_000),
        ("by_until", "until=1780329600000000", 1_780_329_600_000_000),
        ("by_kind", "kind=green", "green"),
        ("by_guest", "guest=ann", "ann"),
        ("by_full", "full=true", True),
        ("by_full", "full=false", False),
        ("by_member", "teas=green", "green"),
        ("by_key", "guests=green", "green"),
    ],
)
def test_a_value_is_read_as_it_is_stored(index: str, query: str, value: Any) -> None:
    (found,) = asked(index, query)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("index", ["by_until", "by_guest", "by_kind"])
def test_none_is_asked_for_by_leaving_it_out(index: str) -> None:
    assert asked(index, "") == [None]


@pytest.mark.parametrize(
    ("index", "column", "text"),
    [
        ("by_tea", "tea", None),
        ("by_cups", "cups", None),
        ("by_full", "full", None),
        ("by_member", "teas", None),
        ("by_cups", "cups", "7.0"),
        ("by_cups", "cups", "seven"),
        ("by_cups", "cups", ""),
        ("by_cups", "cups", "--7"),
        ("by_cups", "cups", " 7"),
        ("by_cups", "cups", "7_000"),
        ("by_cups", "cups", "٧"),
        ("by_cups", "cups", "9007199254740992"),
        ("by_cups", "cups", "9" * 5_000),
        ("by_litres", "litres", "nan"),
        ("by_litres", "litres", "inf"),
        ("by_litres", "litres", "1e999"),
        ("by_litres", "litres", ""),
        ("by_litres", "litres", "1_0"),
        ("by_until", "until", "soon"),
        ("by_until", "until", "2026-06-01T16:00:00"),
        ("by_until", "until", "2999-06-01T16:00:00Z"),
        ("by_kind", "kind", "white"),
        ("by_full", "full", "yes"),
        ("by_full", "full", "True"),
        ("by_full", "full", "1"),
    ],
)
def test_what_can_not_be_a_value_is_refused_by_its_name(
    index: str, column: str, text: str | None
) -> None:
    with pytest.raises(Problem) as no:
        asked(index, "" if text is None else f"{column}={quote(text)}")
    assert no.value.status == 400
    assert no.value.flaws[0].at == column
