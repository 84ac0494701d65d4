"""Reading: rows, lists, search and history, for whoever may see them. Coroutines over ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import NamedTuple, TypeVar

import msgspec

from edge.caller import Caller
from mainstem import Forbidden, Missing, anyone, may_read
from mainstem._decide import may
from mainstem._mark import Index, Readers, Search, marks
from mainstem._state import State
from mainstem._who import Who, signed_in
from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, decode
from mainstem.ports import (
    Clock,
    Generation,
    Generations,
    Head,
    Journal,
    Listed,
    Place,
    Rows,
    Stage,
    Unavailable,
)
from mainstem.ports import Search as SearchPort
from mainstem.sink import Sink

WAIT_S_MAX = 2.0  # for a version that is on its way
POLL_S = 0.005
POLL_S_MAX = 0.05
WAITS_MAX = 64  # at once; whoever comes then is told how far it is
ROWS_PER_STEP_MIN = 100  # looked at where a page has gaps: each step may be a search of its own
SCANNED_ROWS_MAX = 1_000  # rows looked at for one page, whoever may read them
PAGE_BYTES_MAX = 4 * 1024 * 1024  # stored; Lambda answers with 6 MB at most
RECORDS_PER_STEP = 10
OPERATOR = "operator"  # raw events hold what views keep back
P = TypeVar("P", Place, str)
# From a place on, so many: each with the place after it, and None for what is gone.
More = Callable[[P | None, int], Awaitable[Sequence[tuple["Seen | None", P]]]]
_decode = msgspec.json.Decoder().decode


class Building(Unavailable):
    """No generation of this view is current for the code at hand."""


class Behind(Exception):
    """The version that was asked for is not there yet, in spite of waiting."""

    def __init__(self, version: int) -> None:
        super().__init__(f"it is at version {version}")
        self.version = version


class Seen(NamedTuple):
    """A row that the caller may read, with the version its aggregate had."""

    id: str
    key: str
    version: int
    row: State
    size: int
    build: int = 0  # the generation it was read from


class Page(NamedTuple):
    """Rows, and where to go on; None at the end."""

    rows: tuple[Seen, ...]
    next: Place | str | None


class History(NamedTuple):
    """Events in order, and the version to go on after; None at the end."""

    events: tuple[Envelope, ...]
    next: int | None


@dataclass(frozen=True)
class Reader:
    """Every question is answered from the current generation, looked up each time."""

    rows: Rows
    generations: Generations
    search: SearchPort
    journal: Journal
    clock: Clock
    wait_s_max: float = WAIT_S_MAX
    waits: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(WAITS_MAX))
    kept: bool = False  # whether what its own code has folded is shown after it was replaced

    async def row(
        self, sink: Sink, caller: Caller, id: str, key: str = "", version: int = 0
    ) -> Seen:
        """One row; with a version, one at least as new, waited for briefly.

        Raises Missing, Forbidden, Behind or Building.
        """
        refuse_nobody(sink, caller)
        aggregate = Aggregate(caller.tenant, sink.domain.name, id)
        generation, head = await self._read(sink, aggregate, key, version)
        cells = head.rows.get(key)
        seen = None if cells is None else _seen(sink, id, key, head.version, cells)
        if seen is not None and not may_read(seen.row, caller.by, caller.roles):
            raise Forbidden(f"{caller.by or 'nobody'} may not read this")
        # Without a row nothing says that they may know how far the others of its aggregate are.
        known = seen is not None or not head.version or _reads_every_row(sink, caller)
        if head.version < version and known:
            raise Behind(head.version)
        if seen is None:
            raise Missing(f"no such {sink.state.__name__.lower()}")
        return seen._replace(build=generation.number)

    async def listed(
        self, sink: Sink, index: Index, caller: Caller, values: str, after: Place | None, limit: int
    ) -> Page:
        """A page of a list: what the caller may read of it, in its order."""
        refuse_nobody(sink, caller)
        generation = await self._current(sink)

        async def more(after: Place | None, many: int) -> tuple[tuple[Seen | None, Place], ...]:
            found = await self.rows.list(
                generation, caller.tenant, index.name, values, after, many, index.newest_first
            )
            return tuple((_listed(sink, one), one.place) for one in found)

        return await _page(more, caller, after, limit)

    async def found(
        self, sink: Sink, mark: Search, caller: Caller, words: str, after: str, limit: int
    ) -> Page:
        """A page of what has all of these words, best first."""
        refuse_nobody(sink, caller)
        generation = await self._current(sink)

        async def more(after: str | None, many: int) -> tuple[tuple[Seen | None, str], ...]:
            hits = await self.search.find(
                generation, caller.tenant, mark.name, words, after or "", many
            )
            rows = [await self._hit(sink, generation, caller, hit.id, hit.key) for hit in hits]
            return tuple(zip(rows, (hit.place for hit in hits), strict=True))

        return await _page(more, caller, after, limit)

    async def history(
        self, aggregate: Aggregate, caller: Caller, after: int, limit: int
    ) -> History:
        """Events as they were stored, for operators alone, in whole records."""
        if OPERATOR not in caller.roles:
            raise Forbidden(f"events are for the role {OPERATOR}")
        events: list[Envelope] = []
        size, upto = 0, after
        while records := await self.journal.records(aggregate, upto, RECORDS_PER_STEP):
            for line in (line for record in records for line in record.events):
                event = decode(line)
                if event.version <= after:
                    continue  # of a record that began before
                if len(events) == limit or size + len(line) > PAGE_BYTES_MAX:
                    return History(tuple(events), events[-1].version)
                events.append(event)
                size += len(line)
            upto = records[-1].last
        if not events and not after:
            raise Missing(f"nothing has happened to {aggregate}")
        return History(tuple(events), None)

    async def _read(
        self, sink: Sink, aggregate: Aggregate, key: str, version: int
    ) -> tuple[Generation, Head]:
        """As it is, or as soon as it is so new, for as many as may wait at once."""
        found = await self._now(sink, aggregate, key)
        if found[1].version >= version or not self.waits.acquire(blocking=False):
            return found
        try:
            return await self._awaited(sink, aggregate, key, version)
        finally:
            self.waits.release()

    async def _awaited(
        self, sink: Sink, aggregate: Aggregate, key: str, version: int
    ) -> tuple[Generation, Head]:
        waited_s, pause_s = 0.0, POLL_S
        while True:
            found = await self._now(sink, aggregate, key)
            if found[1].version >= version or waited_s >= self.wait_s_max:
                return found
            await self.clock.sleep(pause_s)
            waited_s += pause_s
            pause_s = min(2 * pause_s, POLL_S_MAX)  # many may wait: they must not keep us busy

    async def _now(self, sink: Sink, aggregate: Aggregate, key: str) -> tuple[Generation, Head]:
        generation = await self._current(sink)
        return generation, await self.rows.read(generation, aggregate, (key,))

    async def _hit(
        self, sink: Sink, generation: Generation, caller: Caller, id: str, key: str
    ) -> Seen | None:
        """The row behind a hit, as it is now; the index may not know yet that it is gone."""
        aggregate = Aggregate(caller.tenant, sink.domain.name, id)
        head = await self.rows.read(generation, aggregate, (key,))
        cells = head.rows.get(key)
        return None if cells is None else _seen(sink, id, key, head.version, cells)

    async def _current(self, sink: Sink) -> Generation:
        found = await self.generations.of(sink.name)
        mine = {one.stage: one for one in found if one.fingerprint == sink.fingerprint}
        if Stage.CURRENT in mine:
            return mine[Stage.CURRENT]
        if self.kept and Stage.KEPT in mine:
            return mine[Stage.KEPT]
        raise Building(f"{sink.name} is being built")


def refuse_nobody(sink: Sink, caller: Caller) -> None:
    """Who did not sign in learns nothing of a view that is for those who did."""
    rules = marks(sink.state, Readers)
    if not caller.by and not any(anyone in rule.who for rule in rules):
        raise Forbidden("nobody may read this")


def _reads_every_row(sink: Sink, caller: Caller) -> bool:
    """Whether they may read any row of this view, whatever it says."""
    rules = marks(sink.state, Readers)
    who = [one for rule in rules if rule.where is None for one in rule.who]
    always = [one for one in who if isinstance(one, Who)] if rules else [signed_in]
    return may(always, sink.state(), caller.by, caller.roles)


def _seen(sink: Sink, id: str, key: str, version: int, cells: bytes) -> Seen:
    row = sink.state(id=id, key=key, cells=_decode(cells))
    return Seen(id, key, version, row, len(cells))


def _listed(sink: Sink, one: Listed) -> Seen:
    return _seen(sink, one.aggregate.id, one.key, one.version, one.cells)


async def _page(more: More[P], caller: Caller, after: P | None, limit: int) -> Page:
    """Rows that the caller may read, until the page is full or enough was looked at."""
    rows: list[Seen] = []
    size, looked, place = 0, 0, after
    many = limit + 1  # one more than fits says whether there is another page
    while looked < SCANNED_ROWS_MAX:
        some = await more(place, many)
        for seen, where in some:
            if seen is not None and may_read(seen.row, caller.by, caller.roles):
                if len(rows) == limit or (rows and size + seen.size > PAGE_BYTES_MAX):
                    return Page(tuple(rows), place)
                rows.append(seen)
                size += seen.size
            place = where
        looked += len(some)
        if len(some) < many:
            return Page(tuple(rows), None)
        many = max(limit + 1, ROWS_PER_STEP_MIN)
    return Page(tuple(rows), place)
