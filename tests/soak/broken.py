"""The control: one defence switched off. Records are marked published before the put (against R2).

A put that then fails, or a process that is killed in between, leaves a record that nobody will ever
publish. A checker that can't find this in a run would find nothing.

`python -m tests.soak.broken …` is `mainstem …` with this fault.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import local.up
from local.adapters import Adapters, adapters
from local.feed import Feed
from local.journal import Journal
from mainstem.aggregate import Aggregate
from mainstem.ports import Acknowledged, Bundle, Record, Unknown

FAILS = 1 / 16


class HastyJournal(Journal):
    """Marks whatever it is asked for as unpublished."""

    async def unpublished(self, aggregate: Aggregate) -> tuple[Record, ...]:
        found = await super().unpublished(aggregate)
        await self.mark(aggregate, tuple(record.first for record in found))
        return found


class FailingFeed(Feed):
    """Some puts never get there, as it is with any network; nor do some that come with a commit."""

    chance = Random()

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        if self.chance.random() < FAILS:
            raise Unknown("it never got there")
        return await super().put(bundles)

    def post(self, db: sqlite3.Connection, bundle: Bundle, at: int) -> bool:
        return self.chance.random() < FAILS or super().post(db, bundle, at)


def hasty(ports: Adapters) -> Adapters:
    """The same folder, without the defence."""
    store = ports.folder.journal
    return replace(ports, journal=HastyJournal(store), feed=FailingFeed(store))


def _adapters(path: Path, *, create: bool = True) -> Adapters:
    return hasty(adapters(path, create=create))


if __name__ == "__main__":
    from cli.main import main

    local.up.adapters = _adapters  # type: ignore[attr-defined]
    main()
