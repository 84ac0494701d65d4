"""Every feature that the applications asked for has an answer, and what is named is there."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

import pytest

from tests.docs.pages import ROOT, prose, rows, text

PAGE = "docs/applications.md"
FEATURES: dict[str, list[str]] = tomllib.loads(text("tests/docs/features.toml"))
SECTIONS = {
    "Core": "Core",
    "S0": "S0 Rooms",
    "S1": "S1 Chat",
    "S2": "S2 One-time codes and organisations",
    "S3": "S3 Tickets",
    "S4": "S4 Meetups",
}
NAMED = re.compile(r"`([\w./]+(?:::\w+)*)`")
WAITS = ("**runtime**", "**out of scope**")
# What is not here yet. Whatever waits says for which of it.
NOT_HERE = "effects|the clock|operators' tools|the console|GraphQL|uploads|the cloud".split("|")
ANSWERS = {
    feature: answer for title in SECTIONS.values() for feature, _, _, answer in rows(PAGE, title)
}


@cache
def defined(file: str) -> frozenset[str]:
    """Every test of a file, as pytest calls it after the file's name."""
    tree = ast.parse(text(file))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    inside = {
        f"{one.name}::{test.name}"
        for one in tree.body
        if isinstance(one, ast.ClassDef)
        for test in one.body
        if isinstance(test, functions)
    }
    return frozenset(inside | {one.name for one in tree.body if isinstance(one, functions)})


def places(file: str) -> list[str]:
    """The files that a name may stand for: `rooms` has its tests in two."""
    named = [f"tests/{room}/test_{file}.py" for room in ("domains", "applications")]
    return [one for one in ([file] if "/" in file else named) if (ROOT / one).is_file()]


def is_there(named: str) -> bool:
    file, _, test = named.partition("::")
    if not test:
        return (ROOT / file).is_file()
    return sum(test in defined(one) for one in places(file)) == 1


def names(answer: str) -> list[str]:
    """What an answer names: tests and files."""
    found = [one for one in NAMED.findall(answer) if "::" in one or "." in one]
    return found + re.findall(r"`(Makefile|\.ci/run)`", answer)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_feature_is_lost_and_none_is_made_up(section: str) -> None:
    assert FEATURES.keys() == SECTIONS.keys()
    assert [feature for feature, *_ in rows(PAGE, SECTIONS[section])] == FEATURES[section]


@pytest.mark.parametrize("feature", ANSWERS)
def test_a_feature_is_shown_by_what_is_there_or_waits_for_what_is_not(feature: str) -> None:
    named = names(ANSWERS[feature])
    assert named or any(word in ANSWERS[feature] for word in WAITS)
    assert [one for one in named if not is_there(one)] == []


def test_what_waits_says_for_what() -> None:
    waits = [one for answer in ANSWERS.values() for one in answer.split("**runtime**")[1:]]
    assert [one for one in waits if not one.startswith(tuple(f": {it}" for it in NOT_HERE))] == []
    rule = " ".join(prose(PAGE).partition("- **runtime**: ")[2].partition("\n- ")[0].split())
    assert [one for one in NOT_HERE if one not in rule] == []


def test_every_walk_through_an_application_shows_a_feature() -> None:
    named = {one for answer in ANSWERS.values() for one in names(answer)}
    walks = {
        f"{file.stem.removeprefix('test_')}::{test}"
        for file in (ROOT / "tests/applications").glob("test_*.py")
        for test in defined(file.relative_to(ROOT).as_posix())
        if "test_" in test
    }
    assert walks - named == set()


def test_every_conflict_has_an_answer() -> None:
    conflicts = rows(PAGE, "Conflicts that we settled")
    assert len(conflicts) == 4
    assert all(answer for _, answer in conflicts)


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert is_there("tests/docs/test_applications.py::test_every_conflict_has_an_answer")
    assert is_there("tickets::test_a_ticket_is_submitted_once")
    assert not is_there("tickets::test_a_ticket_sells_itself")
    assert not is_there("mainstem/nothing.py")
