"""Every expected type error is there, and no other."""

import pytest

from tests.house.tree import text
from tests.typing.checkers import CHECKERS, Error, compare, expected, without_echoes

FILE = "tests/typing/expected_errors.py"


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_checkers_say_what_the_file_expects(checker: str) -> None:
    expectation = list(expected(checker, text(FILE)))
    assert expectation, f"{FILE} expects nothing of {checker}"
    surprises = compare(expectation, CHECKERS[checker](FILE))
    assert not surprises, "\n".join(surprises)


def test_a_comment_speaks_of_its_line_or_of_the_one_below() -> None:
    source = "a  # expect: mypy=misc\n# expect: mypy=arg-type,misc pyright=reportCallIssue\nb"
    assert list(expected("mypy", source)) == [
        Error(1, "misc"),
        Error(3, "arg-type"),
        Error(3, "misc"),
    ]
    assert list(expected("pyright", source)) == [Error(3, "reportCallIssue")]


def test_a_misspelt_expectation_is_no_expectation() -> None:
    with pytest.raises(AssertionError, match="line 1: 'mypi=misc'"):
        list(expected("mypy", "a  # expect: mypi=misc"))


def test_a_vanished_error_and_a_new_one_are_surprises() -> None:
    vanished, moved, new = Error(1, "misc"), Error(2, "misc"), Error(3, "misc")
    assert not compare([vanished, moved], [moved, vanished])
    assert compare([vanished, moved], [moved, new]) == [
        "line 1: misc (expected, not found)",
        "line 3: misc (found, not expected)",
    ]


def test_an_unknown_type_counts_only_where_nothing_else_is_wrong() -> None:
    error, echo, lonely = (
        Error(1, "reportCallIssue"),
        Error(1, "reportUnknownX"),
        Error(2, "reportUnknownX"),
    )
    assert without_echoes([error, echo, lonely]) == [error, lonely]


def test_an_error_expected_twice_comes_twice() -> None:
    once = Error(1, "misc")
    assert compare([once, once], [once]) == ["line 1: misc (expected, not found)"]
