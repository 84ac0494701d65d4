"""What lives have found: seeds that broke once, each with the change that brings it back.

A seed's life is another one as soon as the story changes. Then the second test fails, and a new
seed is found by `lived_alone(mutant, range(100_000))` of tests/sim/mutation.py.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest

from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from tests.sim.mutants import MUTANTS, RARE
from tests.sim.mutation import lived_alone


class Found(NamedTuple):
    """A seed, what it found, and the mutant that is as the code was."""

    seed: int
    what: str
    mutant: str


FOUND = (
    Found(
        56,
        "two requests with one key at the same moment: the second one, another request, was given "
        "the first one's answer, since the key was looked for before the load and not after",
        "a key is looked for before the load",
    ),
    Found(
        39_380,
        "who lost five races, the last of them to the same command asked at the same moment, was "
        "told that others were faster, though it had happened",
        "who loses for the last time does not look",
    ),
    Found(
        35_837,
        "where an aggregate waits in what is read, and the archive is behind, a rebuild said that "
        "it waits for a version which it had not come to",
        "what waits is said to before it has come so far",
    ),
)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.mutant)
def test_what_was_found_is_mended(found: Found) -> None:
    Life(found.seed, Standard(), Counter()).run()


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.mutant)
def test_what_was_found_would_be_found_again(found: Found) -> None:
    (mutant,) = (one for one in (*MUTANTS, *RARE) if one.name == found.mutant)
    assert lived_alone(mutant, range(found.seed, found.seed + 1)).lives == 1
