"""Spark's environment is made from a lock like the others, of its own group alone."""

from __future__ import annotations

import re

from tests.house.test_repository import PROJECT, requirements

LOCK = "locks/spark.txt"


def test_the_lock_pins_and_hashes_every_package() -> None:
    entries = requirements(LOCK).values()
    assert all("==" in one and "--hash=sha256:" in one for one in entries)


def test_the_lock_holds_what_the_group_asks_for() -> None:
    asked = PROJECT["dependency-groups"]["spark"]
    assert {re.split(r"[<>=]", one)[0] for one in asked} <= requirements(LOCK).keys()
