"""Whoever changes the protocol so that it loses something is noticed within a number of lives."""

from __future__ import annotations

import pytest

from tests.sim.mutants import MUTANTS
from tests.sim.mutation import Mutant, lived_alone

LIVES_MAX = 4_000


def test_nobody_notices_the_protocol_as_it_is() -> None:
    assert lived_alone(None, range(50)).why == ""


def test_every_mutant_fits_the_code() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert mutant.source() != mutant.file.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_noticed(mutant: Mutant) -> None:
    found = lived_alone(mutant, range(LIVES_MAX))
    assert found.lives, f"{mutant.name}: nobody noticed in {LIVES_MAX} lives"
