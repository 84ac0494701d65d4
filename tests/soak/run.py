"""`python -m tests.soak.run --kills 200`: load, kills, silence, and then the checker's findings."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import SystemRandom
from statistics import median

from tests.soak.checker import figures, findings
from tests.soak.soak import Plan, Soak, Story

FINDINGS_SHOWN_MAX = 50


def main() -> int:
    asked = _asked()
    place = asked.folder or Path(tempfile.mkdtemp(prefix="mainstem-soak-"))
    plan = Plan(place, asked.kills, asked.seed, asked.minutes, asked.control)
    sys.stderr.write(f"seed {plan.seed}, in {place}\n")
    started = time.monotonic()
    story = Soak(plan, _progress).run()
    sys.stderr.write("\nchecking\n")
    found = [*story.amiss, *map(str, findings(plan.folder, plan.ledgers))]
    _say(plan, story, figures(plan.folder, plan.ledgers), time.monotonic() - started)
    return _verdict(found, place, kept=asked.folder is not None)


def _progress(text: str) -> None:
    sys.stderr.write(f"\r{text}")
    sys.stderr.flush()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, metavar="N")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no longer than this")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), metavar="S")
    parser.add_argument("--folder", type=Path, help="a new one, which is kept")
    parser.add_argument("--control", action="store_true", help="with one defence switched off")
    asked = parser.parse_args()
    if asked.folder is not None and asked.folder.exists():
        parser.error(f"--folder: {asked.folder} is there already")
    return asked


def _say(plan: Plan, story: Story, figures: Mapping[str, int], took_s: float) -> None:
    ready = sorted(story.ready_s)
    rows: dict[str, object] = {
        "seed": plan.seed,
        "defence": "off (the control)" if plan.broken else "on",
        "minutes": f"{took_s / 60:.1f}",
        "kills with -9 of `up`": sum(story.kills.values()),
        **{f"  {when}": n for when, n in sorted(story.kills.items())},
        "kills with -9 of who asks": story.askers_killed,
        "starts until healthy, seconds": f"median {median(ready):.1f}, longest {ready[-1]:.1f}",
        "drained after, seconds": f"{story.drain_s:.1f}",
        "stopped by SIGTERM after, seconds": f"{story.stop_s:.1f}",
        **figures,
    }
    for name, value in rows.items():
        said = f"{value:,}" if isinstance(value, int) and name != "seed" else str(value)
        sys.stdout.write(f"{name:<36} {said:>24}\n")


def _verdict(found: list[str], place: Path, *, kept: bool) -> int:
    for one in found[:FINDINGS_SHOWN_MAX]:
        sys.stdout.write(f"FOUND {one}\n")
    sys.stdout.write(f"{len(found):,} findings\n" if found else "nothing was lost\n")
    if not found and not kept:
        shutil.rmtree(place)
    elif found:
        sys.stdout.write(f"kept in {place}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
