"""Limits: some lives are lived within small ones, so that what is too long for one step happens.

A bundle of five hundred events, a snapshot after sixteen records, steps of hundreds: no life of a
minute comes near. Within small limits every other command does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from mainstem import bundle
from mainstem.protocol import audit, claims, commit, ingest, refold, repair, search

SMALL: tuple[tuple[ModuleType, str, int], ...] = (
    (commit, "RECORDS_PER_SNAPSHOT", 3),
    (ingest, "PUT_RECORDS_MAX", 1),
    (audit, "HEADS_PER_STEP_MAX", 2),
    (refold, "HEADS_PER_STEP_MAX", 2),
    (claims, "HEADS_PER_STEP_MAX", 2),
    (repair, "RECORDS_PER_STEP_MAX", 2),
    (search, "CHANGES_PER_STEP_MAX", 2),
)


@contextmanager
def within(small: bool, commit_events_max: int) -> Iterator[None]:
    """Small ones while the block runs. A bundle holds a commit, however long that is."""
    if not small:
        yield
        return
    limits = ((bundle, "BUNDLE_EVENTS_MAX", commit_events_max), *SMALL)
    before = [getattr(module, name) for module, name, _ in limits]
    for module, name, value in limits:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(limits, before, strict=True):
            setattr(module, name, value)
