"""The cast: the protocol's own coroutines, and what each of them is about in a scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from mainstem._command import Asked
from mainstem._kind import EPOCH
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain, domain_of
from mainstem.envelope import Envelope, encode
from mainstem.ports import Arrived, Generation, Once, Trouble
from mainstem.protocol.audit import audit
from mainstem.protocol.commit import Committed, Order, ask
from mainstem.protocol.consume import Into, consume
from mainstem.protocol.ingest import Fact, Producer, send
from mainstem.protocol.lanes import consume_lanes
from mainstem.protocol.received import of_domain, receive
from mainstem.protocol.repair import repair
from mainstem.protocol.sweep import sweep_slot
from mainstem.sim.exhaustive.scope import Process, Wish
from mainstem.sim.exhaustive.watched import FEED, GENERATIONS, JOURNAL, PARKS, ROWS
from mainstem.sink import sinks_of

TENANT = "main"
NOON_US = 1_800_000_000_000_000
LONG_AGO_US = NOON_US - 600_000_000  # whatever happened is old enough for sweeper and auditor
PARKED_MAX = 20
HAND = "ann"


class Still:
    """A clock that doesn't move, so that states don't differ by the time."""

    async def now(self) -> int:
        """Always noon."""
        return NOON_US

    async def sleep(self, seconds: float) -> None:
        """Over at once: whoever sleeps isn't let go on before others want it to be."""


CLOCK = Still()


@cache
def known() -> Mapping[str, Domain]:
    """The domains that scopes are about."""
    modules = (import_module(f"mainstem.sim.{name}") for name in ("dots", "jars", "sips"))
    return {domain.name: domain for domain in map(domain_of, modules)}


def into(sink: str, generation: Generation) -> Into:
    """What consumers write into."""
    return Into(sink_of(sink), generation, ROWS, PARKS, CLOCK)


@cache
def sink_of(name: str) -> Any:
    """Its reactions fire for everything."""
    (sink,) = (one for one in sinks_of(known()) if one.name == name)
    return replace(sink, since=dict.fromkeys((name for name, _ in sink.reactions), 0))


def aggregate_of(wish: Wish) -> Aggregate:
    """Whom it concerns."""
    return Aggregate(TENANT, wish.domain, wish.id)


def number_of(wish: Wish) -> UUID:
    """The command's own id."""
    return UUID(int=wish.number)


async def asked(wish: Wish) -> Committed:
    """COMMIT and PUBLISH."""
    at = EPOCH + timedelta(microseconds=LONG_AGO_US)
    who = Asked(at, HAND, frozenset(), TENANT, wish.id, number_of(wish), b"")
    once = Once(TENANT, wish.key, wish.digest) if wish.key else None
    order = Order(known()[wish.domain], wish.body, who, once)
    return await ask(JOURNAL, FEED, CLOCK, order)


async def swept(slots: Sequence[int]) -> None:
    """SWEEP, where there can be anything."""
    for slot in slots:
        await sweep_slot(JOURNAL, FEED, slot, NOON_US)


async def consumed(into: Into, records: Sequence[Arrived]) -> int:
    """CONSUME: how far the batch is done with."""
    domain = into.sink.domain
    own = of_domain(await receive(into.parks, CLOCK, records, (domain.name,)), domain)
    failed = await (consume if domain.decided else consume_lanes)(into, own) if own else None
    return records[-1].sequence if failed is None else failed - 1


async def audited(into: Into) -> None:
    """AUDIT: what was committed, beside what is shown."""
    await audit(into, GENERATIONS, JOURNAL)


async def mended(into: Into) -> None:
    """REPAIR, whatever waits."""
    for parked in await into.parks.waiting(into.generation, "", PARKED_MAX):
        try:
            await repair(into, JOURNAL, parked.aggregate)
        except Trouble:
            continue


async def sent(process: Process, domain: str) -> tuple[bytes, ...]:
    """INGEST: the facts that were acknowledged. After one that was not, the process stops."""
    there: list[bytes] = []
    for name, said in process.sendings:
        producer = Producer(name)
        for nth, id in said:
            fact = fact_of(process.host, domain, nth, id)
            if not all(await send(FEED, CLOCK, producer, [fact])):
                return tuple(there)
            there.append(fact.line)
    return tuple(there)


@cache
def fact_of(host: str, domain: str, nth: int, id: str) -> Fact:
    """One fact as it travels."""
    data: dict[str, Any] = {"source": host, "nth": nth, "amount": nth}
    envelope = Envelope(
        tenant=TENANT, domain=domain, id=id, version=1, type="Sipped", schema=1, at=LONG_AGO_US,
        by=host, data=data,
    )  # fmt: skip
    return Fact(Aggregate(TENANT, domain, id), encode(envelope))
