"""A fingerprint tells how the events that a view hears are read, and nothing of other events."""

from __future__ import annotations

import pytest

from mainstem.fingerprint import fingerprint
from tests.mainstem.written import bakery

HEAD = "from mainstem import *\nfrom typing import Literal\n\n"
SUNG = "class Sung(Event):\n    song: str\n    notes: int = 1\n"
SONGS = (
    "class Songs(View):\n    it = last(Sung.song)\n    n = total(Sung.notes)\n    c = count(Sung)\n"
)


def of_event(event: str, view: str = SONGS) -> str:
    with bakery(f"{event}\n\n{view}", world=HEAD) as module:
        return fingerprint(module.Songs)


@pytest.mark.parametrize(
    "event",
    [
        SUNG.replace("song: str", "song: str | None"),
        SUNG.replace("song: str", "song: str = ''"),
        SUNG.replace("song: str", "song: str = was('tune')"),
        SUNG.replace("notes: int = 1", "notes: int = 2"),
        SUNG.replace("notes: int = 1", "notes: int"),
        SUNG.replace("notes: int = 1", "notes: int | None = None"),
        SUNG.replace("notes: int = 1", "notes: int = was('tones', default=1)"),
        SUNG.replace("(Event)", "(Event, was='Hummed')"),
        SUNG.replace("(Event)", "(Event, was=('Hummed', 'Chanted'))"),
        SUNG + "\n\n@upcast(Sung, of=1)\ndef sung_2(data): return data\n",
        SUNG + "\n\n@upcast(Sung, of=1)\ndef sung_2(data): return {**data}\n",
    ],
)
def test_reading_an_event_otherwise_is_another_fingerprint(event: str) -> None:
    every = [SUNG, event]
    assert len({of_event(one) for one in every}) == 2


def test_a_renamed_event_or_field_is_another_although_old_data_is_read() -> None:
    renamed = SUNG.replace("Sung(Event)", "Chanted(Event, was='Sung')")
    assert of_event(renamed, SONGS.replace("Sung", "Chanted")) != of_event(SUNG)
    field = SUNG.replace("song: str", "tune: str = was('song')")
    assert of_event(field, SONGS.replace("Sung.song", "Sung.tune")) != of_event(SUNG)


@pytest.mark.parametrize(
    "event",
    [
        SUNG.replace("notes: int", "loud: bool = False\n    notes: int"),
        SUNG.replace("    song: str\n    notes: int = 1\n", "    notes: int = 1\n    song: str\n"),
        SUNG.replace("song: str", "song: str  # its name"),
        SUNG.replace("    song", '    """A song was sung."""\n\n    song'),
        SUNG.replace("(Event)", "(Event, silent=True)"),
        SUNG.replace("song: str", "song: Literal['la', 'lala']"),
        SUNG + "\n\nclass Hummed(Event):\n    song: str\n",
        SUNG + "\n\nclass Loud(State):\n    notes = total(Sung.notes)\n",
        SUNG + "    def long(self) -> bool:\n        return self.notes > 9\n",
    ],
)
def test_what_no_fold_reads_is_not_in_it(event: str) -> None:
    assert of_event(event) == of_event(SUNG)


STEPS = """
import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

LIMIT = 3
LOUD = frozenset({"organ", "tutti", "forte"})
WORDS = {"la": 1, "lala": (2, None)}
BREATH = timedelta(seconds=4)
LA = re.compile("la")


class Part(StrEnum):
    HIGH = "high"
    LOW = "low"


class Sung(Event):
    song: str


def helped(value: int) -> int:
    return value + LIMIT


@lru_cache
def cached(text: str) -> int:
    return len(LA.findall(text))


def step(value: int, happened: Happened, more: timedelta = BREATH) -> int:
    if happened.by in LOUD:
        value += 1
        value = helped(value)
    return value + WORDS["la"] + cached(Part.LOW) + more.seconds


class Songs(View):
    it = fold(0, {Sung: step})
"""


def of_steps(before: str = "", after: str = "") -> str:
    assert before in STEPS
    with bakery(STEPS.replace(before, after, 1) if before else STEPS, world=HEAD) as module:
        return fingerprint(module.Songs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("value += 1", "value += 2"),
        ("        value = helped(value)", "    value = helped(value)"),  # no longer in the `if`
        ("LIMIT = 3", "LIMIT = 4"),
        ('"forte"}', '"loud"}'),
        ('"la": 1', '"la": 3'),
        ("(2, None)", "(2, 0)"),
        ("timedelta(seconds=4)", "timedelta(seconds=5)"),
        ('re.compile("la")', 're.compile("la", re.I)'),
        ('LOW = "low"', 'LOW = "deep"'),
        ("return value + LIMIT", "return value - LIMIT"),
        ("return len(LA", "return 2 * len(LA"),
        ("fold(0, {", "fold(1, {"),
        ("song: str", "song: str\n    notes: int = 0"),  # a step may read any field
    ],
)
def test_what_a_step_says_or_names_is_in_it(before: str, after: str) -> None:
    assert of_steps(before, after) != of_steps()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("value += 1", "value += 1  # because"),
        ("        value += 1", "        # because\n\n        value += 1"),
        ("def step", "# what it does\n\n\ndef step"),
        ("LIMIT = 3", "OTHER = 7\nLIMIT = 3"),
        ("LIMIT = 3", "LIMIT = 2 + 1"),
        ('"organ", "tutti", "forte"', '"tutti", "forte", "organ"'),
        ("class Songs", "def unused() -> int:\n    return 3\n\n\nclass Songs"),
    ],
)
def test_comments_and_what_a_step_does_not_name_are_not(before: str, after: str) -> None:
    assert of_steps(before, after) == of_steps()
