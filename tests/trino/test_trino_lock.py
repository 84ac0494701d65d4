"""What Trino is made of is pinned and hashed, jar by jar, like every other environment."""

from __future__ import annotations

import re

import pytest

from tests.house import tree
from tests.trino import fetch
from tests.trino.fetch import PARTS, version


def test_the_lock_has_a_hash_of_each_jar() -> None:
    lines = tree.text("locks/trino.txt").splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+\.jar", line) for line in lines)


def test_the_lock_is_of_the_version_that_is_asked_for() -> None:
    named = {line.split("  ")[1] for line in tree.text("locks/trino.txt").splitlines()}
    assert {f"{place}/{part}-{version()}.jar" for part, place in PARTS.items()} <= named


def test_without_a_java_that_is_new_enough_nothing_is_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetch, "INSTALLED", tree.ROOT / "nowhere")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert fetch.fetched(lock=False) == "Java 24 or newer is missing; name it with JAVA_HOME="
