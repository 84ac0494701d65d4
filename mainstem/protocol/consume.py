"""CONSUME, decided: events into rows. One aggregate's failure stops that aggregate only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mainstem.aggregate import Aggregate
from mainstem.ports import Clock, Contended, Generation, Head, Parked, Parks, Rows, Trouble
from mainstem.ports.parks import Position
from mainstem.protocol.change import Stopped, changed, keys_of
from mainstem.protocol.received import Happening, Received
from mainstem.sink import Sink

CONFLICTS_MAX = 5
BEHIND = "waits behind what is parked"


class Stale(Trouble):
    """The code at hand folds otherwise than the rows were folded, so it must not write there."""


@dataclass(frozen=True)
class Into:
    """A generation of a sink, and where its rows and parks are."""

    sink: Sink
    generation: Generation
    rows: Rows
    parks: Parks
    clock: Clock

    def __post_init__(self) -> None:
        """R5: state is written only by code with the same fold fingerprint."""
        if self.generation.fingerprint != self.sink.fingerprint:
            raise Stale(f"{self.sink.name}: its rows were folded by other code")

    async def wait(self, aggregate: Aggregate, high: int, why: str, *, poison: bool) -> None:
        """R3: it waits, alone, and is repaired; never skipped, and nobody waits for it."""
        await self._park(aggregate, high, why, poison, {})

    async def keep(
        self, aggregate: Aggregate, facts: Sequence[Happening], why: str, *, poison: bool
    ) -> None:
        """The same for facts, which nobody else keeps where they can be found one by one."""
        await self._park(aggregate, 0, why, poison, {one.position: one.line for one in facts})

    async def _park(
        self,
        aggregate: Aggregate,
        high: int,
        why: str,
        poison: bool,
        facts: Mapping[Position, bytes],
    ) -> None:
        number, now = self.generation.number, await self.clock.now()
        parked = Parked(self.sink.name, number, aggregate, high, why, poison, now, 0, facts)
        await self.parks.park(self.generation, parked)


async def consume(into: Into, batch: Iterable[Received]) -> int | None:
    """The lowest sequence that failed, to be delivered again from there; None: all is done."""
    found: dict[Aggregate, list[Happening]] = {}
    for received in batch:
        for one in received.happenings:
            found.setdefault(one.aggregate, []).append(one)
    failed = []
    for aggregate, run in found.items():
        try:
            await advance(into, aggregate, run)
        except Trouble:
            failed.append(run[0].position[0])
    return min(failed, default=None)


async def advance(into: Into, aggregate: Aggregate, run: Sequence[Happening]) -> None:
    """Everything of this run that follows on; the rest is parked. Raises Trouble."""
    keys = keys_of(into.sink, run)
    for _ in range(CONFLICTS_MAX):
        head = await into.rows.read(into.generation, aggregate, keys)
        fresh = [one for one in run if one.version > head.version]
        if not fresh:
            break  # duplicates
        if await into.parks.waits(into.generation, aggregate):
            await into.wait(aggregate, max(one.version for one in fresh), BEHIND, poison=False)
            break
        new, stopped = changed(into.sink, head, follows_on(head, fresh))
        if new is not None and not await into.rows.write(into.generation, aggregate, new):
            continue  # another invocation was here: read again
        done = head.version if new is None else new.version
        run = [one for one in fresh if one.version > done]
        if not run:
            break
        if stopped is not None or all(one.version > done + 1 for one in run):
            await _park_rest(into, aggregate, run, done, stopped)
            break
        # otherwise its row would be too large for all of them at once: in smaller steps
    else:
        raise Contended(f"{aggregate}: others wrote its row {CONFLICTS_MAX} times")


async def _park_rest(
    into: Into, aggregate: Aggregate, rest: list[Happening], done: int, stopped: Stopped | None
) -> None:
    versions = [one.version for one in rest]
    why = f"version {done + 1} is missing before {min(versions)}"
    if stopped is not None:
        why = f"version {stopped.version}: {stopped.why}"
    await into.wait(aggregate, max(versions), why, poison=stopped is not None)


def follows_on(head: Head, fresh: Iterable[Happening]) -> list[Happening]:
    """The run that follows on without a hole, each version once."""
    by_version = {one.version: one for one in fresh}
    run, next = [], head.version + 1
    while next in by_version:
        run.append(by_version[next])
        next += 1
    return run
