"""COMMIT: load, look for the command's own record, decide, write IF ABSENT; lost, then again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from mainstem._command import Asked, Command
from mainstem._decide import COMMIT_BYTES_MAX, decided
from mainstem._event import Event
from mainstem._kind import micros
from mainstem._refusal import Unfit
from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import Envelope, encode
from mainstem.fingerprint import printed
from mainstem.ports import (
    Claims,
    Clock,
    Contended,
    Feed,
    Journal,
    Loaded,
    Once,
    Record,
    Trouble,
    Unknown,
    Verdict,
)
from mainstem.protocol.answers import granted, heard, refused
from mainstem.protocol.publish import publish
from mainstem.protocol.standing import Standing, states_for

DECIDE_MAX = 5
UNPUBLISHED_RECORDS_MAX = 256
RECORDS_PER_SNAPSHOT = 16
PAUSE_S = 0.002


class Busy(Trouble):
    """Its events aren't leaving for the feed; accepting more would only make it worse."""


class Taken(Refused):
    """Another aggregate holds what this one would claim."""


class Different(Refused):
    """The same key came with another request."""


@dataclass(frozen=True)
class Order:
    """A command as it arrived, with everything that a decision may depend on."""

    domain: Domain
    command: Command[Any]
    asked: Asked
    once: Once | None = None
    correlation: str | None = None
    cause: str | None = None

    @property
    def aggregate(self) -> Aggregate:
        """Whom it concerns."""
        return Aggregate(self.asked.tenant, self.domain.name, self.asked.aggregate)

    @cached_property
    def number(self) -> str:
        """The command's own id, as its record and its events carry it."""
        return str(self.asked.command)


class Committed(NamedTuple):
    """What came of it. `again`: it was decided before, and this is the answer it got then."""

    aggregate: Aggregate
    version: int
    answer: Any
    happened: bool
    again: bool = False
    created: bool = False
    at: int = 0  # when it was decided: the same however often it is asked


class Outcome(NamedTuple):
    """How COMMIT ended: with a record that holds the answer, or without, for nothing happened."""

    record: Record | None
    version: int
    answer: Any = None
    again: bool = False
    posted: bool = False  # it is on the feed already


class Draft(NamedTuple):
    """What a decision comes to: a record that is to be written, unless nothing happened."""

    record: Record | None
    answer: Any
    events: tuple[Envelope, ...] = ()


async def ask(journal: Journal, feed: Feed, clock: Clock, order: Order) -> Committed:
    """COMMIT, then PUBLISH as well as it goes: what is committed is answered."""
    return await answered(journal, feed, order, await commit(journal, clock, order))


async def answered(journal: Journal, feed: Feed, order: Order, done: Outcome) -> Committed:
    """The answer to what was committed, once that was published as well as it goes."""
    if done.record is None:
        return Committed(order.aggregate, done.version, done.answer, False)
    if not (done.again or done.posted):
        with suppress(Trouble):  # it is committed; the sweeper publishes it
            await publish(journal, feed, order.aggregate)
    return _answered(done.record, done.again)


async def commit(journal: Journal, clock: Clock, order: Order) -> Outcome:
    """Decides it once, however often it is asked. Refused where the answer is no."""
    states = states_for(order.domain, type(order.command).__state__)
    wanted = {state.__name__: printed(state) for state in states}
    trouble: Trouble | None = None
    for attempt in range(DECIDE_MAX + 1):
        if attempt:
            await _pause(clock, order, attempt)
        loaded = await journal.load(order.aggregate, order.number, wanted)
        if (before := await _before(journal, order, loaded)) is not None:
            return Outcome(before, before.last, again=True)
        if attempt == DECIDE_MAX:
            break  # often enough: this was a last look for the command's own record
        standing = Standing(order.domain, states, order.aggregate).take(loaded)
        if len(loaded.tail) >= RECORDS_PER_SNAPSHOT:
            await _keep(journal, standing)
        record, answer, events = _decide(order, standing, loaded)
        if record is None:
            return Outcome(None, standing.version, answer)
        claims = _claims(standing, events)
        try:
            verdict = await journal.commit(record, claims, order.once)
        except Unknown as error:
            trouble = error  # load again: our command's record is there, or it is not
            continue
        if verdict is Verdict.TAKEN:
            raise _taken(claims)
        if verdict is not Verdict.LOST:
            return Outcome(record, record.last, posted=verdict is Verdict.POSTED)
    raise trouble or Contended(f"{order.aggregate}: others were faster, {DECIDE_MAX} times")


def _decide(order: Order, standing: Standing, loaded: Loaded) -> Draft:
    """What is to be written, and the answer. Raises Refused, or Busy."""
    if loaded.unpublished >= UNPUBLISHED_RECORDS_MAX:
        raise Busy(f"{order.aggregate}: {loaded.unpublished} records wait to be published")
    state = standing.state(type(order.command).__state__)
    try:
        decision = decided(order.command, state, order.asked)
    except Refused as no:
        if no.records is None:
            raise
        told = (_told(order, standing.version + 1, no.records),)
        return Draft(_record(order, told, refused(no)), None, told)
    if not decision.events:
        return Draft(None, decision.answer)
    numbered = enumerate(decision.events, standing.version + 1)
    events = tuple([_told(order, version, event) for version, event in numbered])
    return Draft(_record(order, events, granted(decision.answer)), decision.answer, events)


def _told(order: Order, version: int, event: Event) -> Envelope:
    asked, shape = order.asked, event.__shape__
    return Envelope(
        tenant=asked.tenant, domain=order.domain.name, id=asked.aggregate, version=version,
        type=shape.type, schema=shape.schema, at=micros(asked.at), by=asked.by,
        data=shape.store(event), command=order.number, cause=order.cause,
        correlation=order.correlation,
    )  # fmt: skip


def _record(order: Order, events: tuple[Envelope, ...], answer: bytes) -> Record:
    try:
        lines = tuple(map(encode, events))
    except Unfit as no:
        raise Refused(f"it would not fit: {no}") from None
    size = sum(map(len, lines))
    if size > COMMIT_BYTES_MAX:
        raise Refused(f"too much at once: {size} bytes, {COMMIT_BYTES_MAX} at most")
    first = events[0]
    return Record(order.aggregate, first.version, lines, order.number, first.at, answer)


def _claims(standing: Standing, events: tuple[Envelope, ...]) -> Claims:
    """What changes hands with these. Refused where nothing could be decided after them."""
    before = standing.claims()
    try:
        standing.hear(events)
        after = standing.claims()
        standing.finish()
    except Unfit as no:
        raise Refused(f"it would not fit: {no}") from None
    return Claims(after - before, before - after)


def _taken(claims: Claims) -> Taken:
    marks = sorted({claim.mark.partition(".")[2] for claim in claims.taken})
    return Taken(f"somebody else has this already: {', '.join(marks)}")


async def _before(journal: Journal, order: Order, loaded: Loaded) -> Record | None:
    """The record that this request was decided with before. Raises Different.

    The key is looked for after the load: a record of another request with this key that came in
    between would pass for this one's own.
    """
    kept = None if order.once is None else await journal.kept(order.once)
    if kept is None or order.once is None:
        return loaded.answered
    if kept.digest != order.once.digest:
        raise Different("this idempotency key came with another request before")
    return kept.record


async def _keep(journal: Journal, standing: Standing) -> None:
    """A snapshot of what was loaded, which is committed for certain. It is only a cache."""
    with suppress(Trouble):  # the next commit tries again
        for state, snapshot in standing.snapshots().items():
            await journal.keep(standing.aggregate, state, snapshot)


async def _pause(clock: Clock, order: Order, attempt: int) -> None:
    """Losers wait for a moment of their own length, so that they don't meet again."""
    share = (order.asked.command.int >> (8 * attempt) & 255) / 255
    await clock.sleep(PAUSE_S * 2**attempt * share)


def _answered(record: Record, again: bool) -> Committed:
    """The answer as it stands beside the record, or its refusal."""
    answer = heard(record.answer)
    created = record.first == 1
    return Committed(record.aggregate, record.last, answer, True, again, created, record.at)
