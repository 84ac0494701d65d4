"""What a snapshot rests on: told by few files, however many steps there were."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from archive.rest import CONSUMED, HEADS, consumed, rests, save, tiers
from archive.sweeping import SNAPSHOTS_MAX
from tests.archive.shelves import DAY_US, NOON_US, Archive, sold
from tests.archive.test_compact import domain

STEPS = 20


@pytest.mark.parametrize("seed", range(5))
def test_each_file_has_twice_the_rows_of_the_one_behind_it(tmp_path: Path, seed: int) -> None:
    chance, files, many = Random(seed), list[tuple[Path, int]](), 0
    for nth in range(100):
        rows = chance.choice([1, 1, 5, 40])
        stay, taken_in = tiers([path for path, _ in files], rows)
        held = dict(files)
        assert [*stay, *taken_in] == list(held)
        new = rows + sum(held[one] for one in taken_in)
        save(tmp_path / f"{nth}", pa.table({"n": [0] * new}))
        files, many = [*((one, held[one]) for one in stay), (tmp_path / f"{nth}", new)], many + rows
        sizes = [size for _, size in files]
        assert sum(sizes) == many
        assert all(one >= 2 * behind for one, behind in pairwise(sizes))


@pytest.mark.slow
def test_many_steps_leave_few_files_that_tell_of_all(tmp_path: Path) -> None:
    shop = Archive(tmp_path / "archive", {"shop": domain(tmp_path)})
    for nth in range(STEPS):
        some = [[sold(f"{nth}", 1, nth)], [sold("often", nth + 1, nth)]]
        shop.keep(*shop.commits(*some, at=NOON_US + nth * DAY_US))
        shop.compact()
    with shop.table("shop") as table:
        found = rests(shop.path, table)
        assert len(consumed(shop.path, table)) == STEPS
        assert len(table.snapshots()) <= 2 * SNAPSHOTS_MAX + 1
    assert max(len(found[CONSUMED]), len(found[HEADS])) <= STEPS.bit_length()
    assert shop.verify("shop")[1:] == (2 * STEPS, STEPS + 1, STEPS, ())
