"""`python -m tests.sim.sqlite_lives --lives 10000`: lives over SQLite, on all cores."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from traceback import format_exception

from local.folder import Folder
from mainstem.sim.behind import Behind
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from mainstem.sim.telling import Line
from mainstem.sim.world import World, in_memory
from tests.sim.ending import Ending, differing, ending
from tests.sim.sqlite_behind import folder, on

CHUNK = 50
STEPS_SHOWN = 40
Stores = Callable[[World], Behind]


def plain(place: Folder, seed: int) -> str:
    """Over the adapters; "" where nothing is wrong."""
    return _wrong(seed, on(place))


def posting(place: Folder, seed: int) -> str:
    """The same, with commands asked as one machine does it."""
    return _wrong(seed, on(place, posting=True))


def alike(place: Folder, seed: int) -> str:
    """The same life over stores in memory, with nothing weak about either."""
    try:
        names = differing(ended(seed, in_memory), ended(seed, on(place)))
    except Exception as error:  # noqa: BLE001  whatever it is, it is wrong
        return f"seed {seed}: with nothing weak: {error!r}"
    return f"seed {seed}: in memory and over SQLite, {', '.join(names)} differ" if names else ""


WAYS = {one.__name__: one for one in (plain, posting, alike)}


def wrong(way: str, seeds: range) -> list[str]:
    """What is wrong with these, one folder for all of them."""
    with folder() as place:
        return [found for seed in seeds if (found := WAYS[way](place, seed))]


def ended(seed: int, stores: Stores) -> Ending:
    """How it ends over these stores, as strong as can be."""
    life = Life(seed, Standard(), Counter(), partial(_strong, stores))
    life.run()
    return ending(life)


def _strong(stores: Stores, world: World) -> Behind:
    world.faults.weak = 0.0
    return stores(world)


def _wrong(seed: int, stores: Stores) -> str:
    try:
        Life(seed, Standard(), Counter(), stores).run()
    except Exception as error:  # noqa: BLE001  whatever it is, it is wrong
        return f"seed {seed}: {''.join(format_exception(error))}{_told(seed, stores)}"
    return ""


def _told(seed: int, stores: Stores) -> str:
    """The same once more: its last steps."""
    life = Life(seed, Standard(), Counter(), stores)
    lines: list[Line] = []
    life.world.scheduler.lines = lines
    try:
        life.run()
    except Exception:  # noqa: BLE001  as before
        return "\n".join(map(str, lines[-STEPS_SHOWN:]))
    return "told again, nothing was wrong with it"


def main() -> int:
    asked = _asked()
    started, broken = time.monotonic(), 0
    for done, found in _all(asked.way, asked.first, asked.lives):
        broken += len(found)
        sys.stdout.write("".join(f"{one}\n\n" for one in found))
        rate = done / (time.monotonic() - started)
        sys.stderr.write(f"\r{done:,} of {asked.lives:,}, {rate:.0f}/s, {broken} broken ")
    sys.stderr.write("\n")
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=1_000, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--way", choices=WAYS, default="posting")
    return parser.parse_args()


def _all(way: str, first: int, lives: int) -> Iterator[tuple[int, list[str]]]:
    """Chunk by chunk: how many are done, and what was wrong with the latest."""
    end = first + lives
    chunks = [range(n, min(n + CHUNK, end)) for n in range(first, end, CHUNK)]
    with ProcessPoolExecutor() as workers:
        found = workers.map(partial(wrong, way), chunks)
        yield from ((c.stop - first, one) for c, one in zip(chunks, found, strict=True))


if __name__ == "__main__":
    raise SystemExit(main())
