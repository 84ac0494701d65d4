"""One folder with everything that runs on it, driven step by step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from edge.caller import Caller
from local.adapters import adapters
from local.engine import Engine, engine
from mainstem import Command, State
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain, discover
from mainstem.envelope import Envelope, decode, encode
from mainstem.folding import rows_of
from mainstem.ports import Bundle, Parked, Record, Stage
from mainstem.protocol.commit import Committed
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from producers.asking import Asking
from producers.ingest import Ingest

ROOT = Path(__file__).parents[2]
KEY = b"a key for one-time codes, in tests"
NOON_US = 1_800_000_000_000_000


def fact(domain: str, id: str, type: str, at: int, by: str, data: Mapping[str, Any]) -> Fact:
    """What somebody says happened."""
    line = encode(
        Envelope(
            tenant="main", domain=domain, id=id, version=1, type=type, schema=1, at=at, by=by,
            data=dict(data),
        )
    )  # fmt: skip
    return Fact(Aggregate("main", domain, id), line)


@cache
def domains() -> Mapping[str, Domain]:
    return discover(ROOT / "domains")


class Plant:
    """`only` names domains, so that a test settles few sinks."""

    def __init__(self, path: Path, found: Mapping[str, Domain]) -> None:
        self.ports = adapters(path)
        self.domains = found
        self.asking = Asking(self.ports.journal, self.ports.feed, self.ports.clock, KEY)
        self.ingest = Ingest(self.ports.feed, self.ports.clock)
        self._engine: Engine | None = None

    def settle(self) -> None:
        """Every sink has a current generation from here on."""
        assert self.engine.intos

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = engine(self.ports, self.domains)
        return self._engine

    def ask(
        self, domain: str, command: Command[Any], id: str | None = None, *, by: str = "ann",
        key: str | None = None, digest: str = "", roles: frozenset[str] = frozenset(),
    ) -> Committed:  # fmt: skip
        once = None if key is None else (key, digest)
        return self.asking.ask(self.domains[domain], command, Caller(by, roles), id=id, once=once)

    def facts(
        self, *facts: tuple[str, str, Mapping[str, Any]], domain: str = "clicks"
    ) -> Sequence[bool]:
        """(visitor, type, data) of clicks, one after the other."""
        sent = self.ingest.send(
            [
                fact(domain, id, type, NOON_US + n, "shop", data)
                for n, (id, type, data) in enumerate(facts)
            ]
        )
        return [one is not None for one in sent]

    def into(self, sink: str) -> Into:
        """Where the rows are that are read; what is kept goes on beside them."""
        found = [into for into in self.engine.intos if into.sink.name == sink]
        return max(found, key=lambda into: into.generation.stage is Stage.CURRENT)

    def row(self, sink: str, id: str, key: str = "") -> State | None:
        """The row as the current generation has it."""
        into = self.into(sink)
        head = drive(self.ports.rows.read(into.generation, self.aggregate(sink, id), (key,)))
        cells = head.rows.get(key)
        if cells is None:
            return None
        return into.sink.state(id=id, key=key, cells=msgspec.json.decode(cells))

    def version(self, sink: str, id: str) -> int:
        generation = self.into(sink).generation
        return drive(self.ports.rows.read(generation, self.aggregate(sink, id), ())).version

    def parked(self, sink: str) -> list[Parked]:
        return self.engine.parked(self.into(sink))

    def aggregate(self, sink: str, id: str) -> Aggregate:
        return Aggregate("main", sink.partition(".")[0], id)

    def records(self, domain: str, id: str) -> tuple[Record, ...]:
        return drive(self.ports.journal.records(Aggregate("main", domain, id), 0, 10_000))

    def history(self, domain: str) -> list[Envelope]:
        """Every event of a domain, as it is journalled."""
        heads = drive(self.ports.journal.touched("", 100_000))
        return [
            decode(line)
            for head in heads
            if head.aggregate.domain == domain
            for record in self.records(domain, head.aggregate.id)
            for line in record.events
        ]

    def put(self, aggregate: Aggregate, data: bytes) -> None:
        """Bytes onto the feed, past everything that would refuse them."""
        assert drive(self.ports.feed.put([Bundle(aggregate.key, data)])) == (True,)

    def fed(self) -> list[bytes]:
        """Every record of the feed, shard by shard."""
        shards = drive(self.ports.feed.shards())
        return [
            one.data
            for shard in shards
            for one in drive(self.ports.feed.read(shard.name, 0, 100_000)).records
        ]

    def shown(self, sink: str) -> list[Any]:
        """Every row of a sink, as people see it, in order."""
        into = self.into(sink)
        machine, keyed = into.sink.state.__machine__, bool(into.sink.state.__keys__)
        found = []
        for one in drive(self.ports.rows.all(into.generation, ("", "", ""), 100_000)):
            names = {"tenant": one.aggregate.tenant, "id": one.aggregate.id}
            names |= {"key": one.key} if keyed else {}
            found.append(machine.public(machine.finish(msgspec.json.decode(one.cells), **names)))
        return found

    def expected(self, sink: str) -> list[Any]:
        """The rows that the journal amounts to, folded by nothing that wrote the others."""
        into = self.into(sink)
        return rows_of(into.sink.state, into.sink.domain, self.history(into.sink.domain.name))

    def close(self) -> None:
        self.ports.close()


@contextmanager
def plant(path: Path, *only: str, found: Mapping[str, Domain] | None = None) -> Iterator[Plant]:
    known = domains() if found is None else found
    made = Plant(path, {name: known[name] for name in only or known})
    try:
        yield made
    finally:
        made.close()


def key() -> str:
    return uuid.uuid4().hex
