"""SWEEP: publishes what whoever committed it did not. The index is a hint, never the truth."""

from __future__ import annotations

from mainstem.aggregate import Aggregate
from mainstem.ports import Feed, Journal, Trouble
from mainstem.ports.journal import SLOTS
from mainstem.protocol.publish import publish

HINT_AGE_US = 30_000_000
HINTS_PER_SLOT_MAX = 1_000


async def sweep(journal: Journal, feed: Feed, now: int, age: int = HINT_AGE_US) -> int:
    """How many aggregates were published; what fails is hinted at again next time."""
    return sum([await sweep_slot(journal, feed, slot, now - age) for slot in range(SLOTS)])


async def sweep_slot(journal: Journal, feed: Feed, slot: int, before: int) -> int:
    """One slot's share."""
    done = 0
    hinted: dict[Aggregate, list[int]] = {}
    for hint in await journal.hints(slot, before, HINTS_PER_SLOT_MAX):
        hinted.setdefault(hint.aggregate, []).append(hint.first)
    for aggregate, firsts in hinted.items():
        try:
            done += await publish(journal, feed, aggregate, firsts)
        except Trouble:
            continue  # only this aggregate waits
    return done
