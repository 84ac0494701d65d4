"""The scopes that are searched, and what each is about."""

from __future__ import annotations

from mainstem.sim import dots, jars
from mainstem.sim.exhaustive.scope import Process, Scope, Sending, Wish

DOTS, CUPS = "dots.Dots", "sips.Cup"
WEAK_FEED = frozenset(("put refused", "put refused but there", "put twice"))
WEAK_INDEX = frozenset(("hint missed", "hint stale", "marked in part"))


def dot(number: int, times: int = 1, tries: int = 1, key: str = "", digest: str = "") -> Wish:
    """Somebody makes dots, always on the same sheet."""
    return Wish(number, "dots", "sheet", dots.Dot(times=times), tries, key, digest)


def on(sheet: str, number: int) -> Wish:
    """The same on another sheet."""
    return dot(number)._replace(id=sheet)


def jar(number: int, id: str, name: str) -> Wish:
    """Somebody opens a jar; no two have one name."""
    return Wish(number, "jars", id, jars.Open(name=name), 2)


def pasts(many: int) -> tuple[Wish, ...]:
    """So many commands of long ago."""
    return tuple(dot(100 + number) for number in range(many))


# Two commands, each asked twice, on one aggregate: by themselves; where a snapshot is taken
# between them; as one request sent twice; as two requests with one key, from which the command's
# number follows; and for one name.
COMMIT = Scope("commit", DOTS, wishes=(dot(1, 2, 2), dot(2, 1, 2)), faults=2)
SNAPSHOT = COMMIT._replace(name="snapshot", history=pasts(15), faults=1)
REQUEST = COMMIT._replace(
    name="request", wishes=(dot(1, 1, 2, "key", "one"), dot(2, 1, 2, "key", "one"))
)
FORGED = COMMIT._replace(
    name="forged", wishes=(dot(1, 1, 2, "key", "one"), dot(1, 2, 2, "key", "other"))
)
CLAIM = Scope("claim", "jars.Jar", wishes=(jar(1, "a", "tea"), jar(2, "b", "tea")), faults=2)

# Two commands step by step, and a sweeper with an index as bad as can be, on a feed as bad.
PUBLISH = Scope(
    "publish", DOTS, wishes=(dot(1), dot(2)), sweepers=1, faults=2, weak=WEAK_FEED | WEAK_INDEX
)

# All of it: two commands, two publishers, a sweeper, two consumers, two faults.
WHOLE = Scope(
    "whole", DOTS, wishes=(dot(1), dot(2)), committing=False, sweepers=1, consumers=2, again=1,
    bundles=3, faults=2,
)  # fmt: skip

# Batches that are given up on leave gaps: parks, repair and the auditor.
MEND = Scope(
    "mend", DOTS, history=pasts(3), shown=False, consumers=1, repairers=1, auditors=1, thrown=1,
    faults=1,
)  # fmt: skip
TWO_SHEETS = MEND._replace(
    name="two sheets", history=(on("one", 1), on("other", 2), on("one", 3)), consumers=2, thrown=0,
    repairers=0, auditors=0, faults=2,
)  # fmt: skip
MEND_TWICE = MEND._replace(name="mend twice", history=pasts(2), consumers=2)

# Two producers on one lane; one of them has a log and begins anew, at any moment.
LANES = Scope(
    "lanes", CUPS, consumers=2, again=1, faults=2, processes=(
        Process("a", (Sending("a-1", ((1, "cup"),)),)),
        Process("a", (Sending("a-1", ((1, "cup"),)), Sending("a-2", ((2, "cup"),))), replaces=0),
        Process("b", (Sending("b-1", ((1, "cup"),)),)),
    ), bundles=4,
)  # fmt: skip
LANES_WEAK = LANES._replace(name="lanes, weak feed", bundles=3, weak=WEAK_FEED)

ALL = (
    COMMIT, SNAPSHOT, REQUEST, FORGED, CLAIM, PUBLISH, WHOLE, MEND, MEND_TWICE, TWO_SHEETS,
    LANES, LANES_WEAK,
)  # fmt: skip
