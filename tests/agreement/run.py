"""`python -m tests.agreement.run --examples 50000`: many examples, on all cores, with progress."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.agreement import compare, resume

CHUNK = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    asked = parser.parse_args()
    started, failed = time.monotonic(), 0
    for done, wrong in _all(range(asked.first, asked.first + asked.examples)):
        if wrong:
            failed += 1
            sys.stdout.write(f"{wrong}\n\n")
        if done % 1_000 == 0 or done == asked.examples:
            rate = done / (time.monotonic() - started)
            sys.stderr.write(f"{done:,} of {asked.examples:,}, {rate:.0f}/s, {failed} differ\n")
    sys.stdout.write(f"{asked.examples - failed:,} of {asked.examples:,} examples agree\n")
    return 1 if failed else 0


def checked(seed: int) -> str:
    return "\n\n".join(filter(None, (compare.checked(seed), resume.checked(seed))))


def _all(seeds: range) -> Iterator[tuple[int, str]]:
    with ProcessPoolExecutor() as workers:
        yield from enumerate(workers.map(checked, seeds, chunksize=CHUNK), 1)


if __name__ == "__main__":
    raise SystemExit(main())
