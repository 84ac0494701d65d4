"""Parameters: known, once, and by their rules."""

from __future__ import annotations

import pytest

from edge.parameters import Parameters
from edge.problems import Problem


def refused(query: str) -> str:
    """The name that was refused."""
    with pytest.raises(Problem) as no:
        parameters = Parameters(query)
        parameters.whole("limit", 1, 100, 50)
        parameters.take("index")
        parameters.refuse_others("index, limit")
    assert no.value.status == 400
    return no.value.flaws[0].at


def test_what_was_given_is_taken() -> None:
    parameters = Parameters("index=by%20status&limit=7&empty=")
    assert parameters.take("index") == "by status"
    assert parameters.whole("limit", 1, 100, 50) == 7
    assert parameters.take("empty") == ""
    assert parameters.take("absent") is None
    parameters.refuse_others()


def test_what_was_not_given_has_its_default() -> None:
    assert Parameters("").whole("limit", 1, 100, 50) == 50


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=1.0", "limit"),
        ("limit=1e1", "limit"),
        ("limit=%2B1", "limit"),
        ("limit=%D9%A1", "limit"),  # a digit, in Arabic
        ("limit=%C2%B2", "limit"),  # a digit, superscript
        ("limit=" + "9" * 5_000, "limit"),
        ("limit=1&limit=1", "limit"),
        ("milk=1", "milk"),
        ("limit=1&sugar=2", "sugar"),
        ("=1", ""),
        ("index=%00", "index"),
        ("index=%FF", "query"),
        ("&".join(f"p{n}=1" for n in range(65)), "query"),
        ("%F0%9F%8D%B5=1", "🍵"),
    ],
)
def test_what_is_wrong_is_named(query: str, name: str) -> None:
    assert refused(query) == name


def test_an_unknown_one_is_told_which_there_are() -> None:
    with pytest.raises(Problem, match="there are: index, limit"):
        Parameters("milk=1").refuse_others("index, limit")
