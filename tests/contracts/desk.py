"""Records to commit, and crowds of threads and processes that commit them at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Claims, Journal, Loaded, Once, Record, Verdict
from mainstem.ports.journal import SLOTS
from mainstem.protocol.drive import drive

T = TypeVar("T")
Opening = Callable[[], AbstractContextManager[Journal]]  # picklable; each time the same journal

NOON = 1_800_000_000_000_000
NO_CLAIMS = Claims()
BURNS = Aggregate("main", "tickets", "it-burns")
SMOKES = Aggregate("main", "tickets", "it-smokes")


class Desk:
    """A subclass brings `opening`."""

    @pytest.fixture
    def journal(self, opening: Opening) -> Iterator[Journal]:
        with opening() as opened:
            yield opened


def record(
    first: int, *events: bytes, command: str = "", of: Aggregate = BURNS, at: int = NOON
) -> Record:
    """One commit; without further words, of one event and by a command of its own."""
    asked = command or f"{of.id}-{first}"
    return Record(of, first, events or (b'{"n":%d}' % first,), asked, at, b'{"answer":"ok"}')


def commit(journal: Journal, *records: Record) -> None:
    """Commits them, one after the other."""
    for one in records:
        assert tried(journal, one) is Verdict.COMMITTED


def tried(
    journal: Journal, one: Record, claims: Claims = NO_CLAIMS, once: Once | None = None
) -> Verdict:
    return drive(journal.commit(one, claims, once))


def claimed(journal: Journal, of: Aggregate, *claims: Claim) -> set[Claim]:
    """Claims all of these after the fact, as its Person; those that are not granted."""
    version = loaded(journal, of).version
    refused = drive(journal.claim(of, version, "Person", frozenset(claims)))
    assert refused is not None, "it had that version"
    return set(refused)


def loaded(journal: Journal, of: Aggregate = BURNS, command: str = "") -> Loaded:
    """The whole history, for no state has a snapshot here."""
    return drive(journal.load(of, command, {"Ticket": "no such fingerprint"}))


def firsts(records: Iterable[Record]) -> list[int]:
    return [one.first for one in records]


def hinted(journal: Journal, before: int = NOON + 1) -> set[tuple[Aggregate, int]]:
    """What the hints of all slots say."""
    found = (drive(journal.hints(slot, before, 1_000)) for slot in range(SLOTS))
    return {(hint.aggregate, hint.first) for hints in found for hint in hints}


def threads(many: int, work: Callable[[int], T]) -> list[T]:
    """What each of several threads says that do this at once, each told its number."""
    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(work, range(many)))


def meet(journal: Journal, number: int, many: int) -> None:
    """Processes start when they can; here they wait until the last one has come."""
    seats = [Aggregate("main", "meeting", str(seat)) for seat in range(many)]
    commit(journal, record(1, of=seats[number]))
    while any(loaded(journal, seat).version == 0 for seat in seats):
        time.sleep(0.001)
