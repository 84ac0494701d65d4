"""The language and the domains are pure: no clock, chance, files, network or concurrency."""

import ast

import pytest

from tests.house import tree
from tests.house.purity import OUTSIDE, PURE, let_in

# (file, what it lets in): each with its reason, and gone as soon as it isn't needed.
EXCEPTIONS = {
    ("mainstem/discovery.py", "pathlib"),  # a domain is a file, and somebody must find it
    ("mainstem/_diagnosis.py", "pathlib"),  # and read it once more when it is wrong
    # Chance of the simulator's follows from a seed.
    ("mainstem/sim/drawn.py", "random"),
    ("mainstem/sim/faults.py", "random"),
    ("mainstem/sim/scheduler.py", "random"),
    ("mainstem/sim/standard.py", "random"),
    ("mainstem/sim/world.py", "random"),
}


def test_what_lies_outside_stays_outside() -> None:
    wrong = [
        f"{name}:{line} lets in {OUTSIDE[what]}: {what}"
        for name in tree.python_files()
        if tree.room(name) in PURE
        for line, what in let_in(tree.python(name))
        if (name, what) not in EXCEPTIONS
    ]
    assert not wrong, "\n".join(wrong)


def test_an_exception_that_nobody_needs_is_gone() -> None:
    needed = {
        (name, what)
        for name in tree.python_files()
        if tree.room(name) in PURE
        for _, what in let_in(tree.python(name))
    }
    assert needed >= EXCEPTIONS


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import asyncio", "asyncio"),
        ("import os.path as p", "os"),
        ("from time import monotonic", "time"),
        ("import datetime as d\nd.datetime.now(d.UTC)", "datetime.datetime.now"),
        ("from datetime import date\nborn = date.today", "datetime.date.today"),
        ("import uuid\nuuid.uuid4()", "uuid.uuid4"),
        ("from uuid import uuid4 as fresh", "uuid.uuid4"),
        ("from urllib import request", "urllib.request"),
        ("open('diary')", "open"),
        ("__import__('socket')", "socket"),
    ],
)
def test_a_door_is_found_under_any_name(source: str, what: str) -> None:
    assert what in {found for _, found in let_in(ast.parse(source))}


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\nat = datetime(2026, 1, 31, tzinfo=UTC)",
        "from uuid import UUID",
        "from urllib.parse import quote",
        "import timeit_of_our_own",
        "shop.open()",
        "class Timer:\n    now = 1\n    later = Timer.now",
    ],
)
def test_what_only_looks_like_a_door_is_fine(source: str) -> None:
    assert not list(let_in(ast.parse(source)))
