"""What Trino is made of is pinned and hashed, jar by jar, like every other environment."""

from __future__ import annotations

import re

from tests.house import tree
from tests.trino.fetch import PARTS, version


def test_the_lock_has_a_hash_of_each_jar() -> None:
    lines = tree.text("locks/trino.txt").splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+\.jar", line) for line in lines)


def test_the_lock_is_of_the_version_that_is_asked_for() -> None:
    named = {line.split("  ")[1] for line in tree.text("locks/trino.txt").splitlines()}
    assert {f"{place}/{part}-{version()}.jar" for part, place in PARTS.items()} <= named
