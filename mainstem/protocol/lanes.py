"""CONSUME, ingested: lanes of facts, numbered where they are applied, in the feed's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mainstem.aggregate import Aggregate
from mainstem.ports import Contended, Lane, Trouble
from mainstem.protocol.change import changed, keys_of
from mainstem.protocol.consume import BEHIND, CONFLICTS_MAX, Into
from mainstem.protocol.received import Happening, Received

RESEND_AGE_US_MAX = 3_600_000_000
FORGET_AFTER_US = 3 * RESEND_AGE_US_MAX  # in arrival times: by then no resend can come
Facts = dict[Aggregate, list[Happening]]


async def consume_lanes(into: Into, batch: Iterable[Received]) -> int | None:
    """The lowest sequence that failed, to be delivered again from there; None: all is done."""
    lanes: dict[str, list[Received]] = {}
    for received in batch:
        lanes.setdefault(received.arrived.key, []).append(received)
    failed = []
    for lane, records in lanes.items():
        try:
            failed.append(await _consume_lane(into, lane, records))
        except Trouble:
            failed.append(records[0].arrived.sequence)
    return min((one for one in failed if one is not None), default=None)


async def _consume_lane(into: Into, lane: str, records: Sequence[Received]) -> int | None:
    read = await into.rows.lane(into.generation, lane)
    states, facts = _fresh(read, records)
    failed = []
    for aggregate, run in facts.items():
        try:
            await _advance(into, aggregate, run)
        except Trouble:
            failed.append(run[0].position[0])
    lowest = min(failed, default=None)
    # The lane moves after the rows, and never past what failed.
    new = [one for one in states if lowest is None or one.sequence < lowest][-1]
    if new is not read and not await into.rows.move(into.generation, lane, read, evicted(new)):
        stored = await into.rows.lane(into.generation, lane)
        if stored.sequence < new.sequence:
            raise Contended(f"{lane}: another invocation is at work here")
    return lowest


def _fresh(lane: Lane, records: Iterable[Received]) -> tuple[list[Lane], Facts]:
    """The lane after each record, and the facts of those that are new, by aggregate."""
    states = [lane]
    facts: Facts = {}
    for one in records:
        if one.arrived.sequence > states[-1].sequence:
            fresh, after = advanced(states[-1], one)
            states.append(after)
            for happening in one.happenings if fresh else ():
                facts.setdefault(happening.aggregate, []).append(happening)
    return states, facts


def advanced(lane: Lane, record: Received) -> tuple[bool, Lane]:
    """Whether a bundle is new, and the lane after it."""
    header, arrived, producers = record.bundle.header, record.arrived, lane.producers
    high, missing, _ = producers.get(header.producer, (0, (), 0))
    fresh = header.n > high or header.n in missing
    holes = tuple(sorted({*missing, *range(high + 1, header.n)} - {header.n}))
    seen = {**producers, header.producer: (max(header.n, high), holes, arrived.at)}
    sequence = arrived.sequence
    return fresh, Lane(sequence, lane.bundles + fresh, lane.total + sequence * fresh, seen)


def evicted(lane: Lane) -> Lane:
    """Without the producers whose resends are over."""
    newest = max((at for *_, at in lane.producers.values()), default=0)
    kept: Mapping[str, tuple[int, tuple[int, ...], int]] = {
        name: one for name, one in lane.producers.items() if one[2] >= newest - FORGET_AFTER_US
    }
    return lane._replace(producers=kept)


async def _advance(into: Into, aggregate: Aggregate, run: Sequence[Happening]) -> None:
    keys = keys_of(into.sink, run)
    for _ in range(CONFLICTS_MAX):
        head = await into.rows.read(into.generation, aggregate, keys)
        fresh = [one for one in run if one.position > head.applied]
        if not fresh:
            break
        if await into.parks.waits(into.generation, aggregate):
            await into.keep(aggregate, fresh, BEHIND, poison=False)
            break
        new, stopped = changed(into.sink, head, fresh)
        if new is not None and not await into.rows.write(into.generation, aggregate, new):
            continue
        applied = head.applied if new is None else new.applied
        run = [one for one in fresh if one.position > applied]
        if not run:
            break
        if stopped is not None:
            await into.keep(aggregate, run, f"fact {stopped.version}: {stopped.why}", poison=True)
            break
    else:
        raise Contended(f"{aggregate}: others wrote its row {CONFLICTS_MAX} times")
