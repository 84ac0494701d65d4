"""Reading a folder: with the rules of its views for --as, without them for whoever owns it."""

from __future__ import annotations

import msgspec

from cli.engaged import Engaged
from cli.session import NotNow, Refusal
from edge.caller import Caller
from local.adapters import Adapters
from mainstem import Missing
from mainstem._mark import Index, Search
from mainstem.aggregate import Aggregate
from mainstem.ports import Place
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries.reader import OPERATOR, Behind, Page, Reader, Seen

OWNER = Caller("owner", frozenset((OPERATOR,)))


class Everything(Reader):
    """Whoever owns the folder reads all that a view shows: no rule keeps a row back."""

    async def row(
        self, sink: Sink, caller: Caller, id: str, key: str = "", version: int = 0
    ) -> Seen:
        """One row. Raises Missing, Behind or Building."""
        aggregate = Aggregate(caller.tenant, sink.domain.name, id)
        _, head = await self._read(sink, aggregate, key, version)
        if head.version < version:
            raise Behind(head.version)
        if key not in head.rows:
            raise Missing(f"no such {sink.state.__name__.lower()}")
        return _seen(sink, id, key, head.version, head.rows[key])

    async def listed(
        self, sink: Sink, index: Index, caller: Caller, values: str, after: Place | None, limit: int
    ) -> Page:
        """A page of a list, in its order."""
        generation = await self._current(sink)
        found = await self.rows.list(
            generation, caller.tenant, index.name, values, after, limit + 1, index.newest_first
        )
        rows = [_seen(sink, r.aggregate.id, r.key, r.version, r.cells) for r in found[:limit]]
        return Page(tuple(rows), found[limit - 1].place if len(found) > limit else None)

    async def found(
        self, sink: Sink, mark: Search, caller: Caller, words: str, after: str, limit: int
    ) -> Page:
        """A page of what has all of these words, best first."""
        generation = await self._current(sink)
        hits = await self.search.find(generation, caller.tenant, mark.name, words, after, limit + 1)
        rows = [await self._hit(sink, generation, caller, one.id, one.key) for one in hits[:limit]]
        place = hits[limit - 1].place if len(hits) > limit else None
        return Page(tuple(one for one in rows if one is not None), place)


def reader(ports: Adapters, caller: Caller | None) -> tuple[Reader, Caller]:
    """Who reads for this caller; None is the folder's owner."""
    kind, reads_for = (Everything, OWNER) if caller is None else (Reader, caller)
    parts = (ports.rows, ports.generations, ports.search, ports.journal, ports.clock)
    return kind(*parts, kept=True), reads_for


Which = tuple[str, str, int]  # id, key and the version asked for


def seen_now(here: Engaged, sink: Sink, which: Which, asker: Caller | None) -> Seen:
    """The row with all that was committed by now; a message where it isn't all."""
    aggregate = Aggregate("main", sink.domain.name, which[0])
    here.come_to(sink, aggregate)
    try:
        seen = _read(here, sink, which, asker)
    except Missing as no:
        why = here.what_waits(sink, aggregate)
        raise Refusal(f"{no.reason}; {why}" if why else no.reason) from None
    if why := here.what_waits(sink, aggregate):
        here.session.note(f"{aggregate} is shown as of version {seen.version}; {why}")
    return seen


def _read(here: Engaged, sink: Sink, which: Which, asker: Caller | None) -> Seen:
    who, reads_for = reader(here.ports, asker)
    try:
        return drive(who.row(sink, reads_for, *which))
    except Behind as behind:
        raise NotNow(f"it is at version {behind.version} only; run it again") from None


def _seen(sink: Sink, id: str, key: str, version: int, cells: bytes) -> Seen:
    row = sink.state(id=id, key=key, cells=msgspec.json.decode(cells))
    return Seen(id, key, version, row, len(cells))
