"""CLAIMS: they change hands with the code, for all that happened before it was at work.

Whoever commits makes them, so they are made for all by one code at a time. A generation's note says
whether that is the code that folds it. Nobody decides in between: not before everything is done.

Two rounds: in the first, everybody lets go of what is not wanted any more and takes what is free.
Some were refused what was let go of only later, so then everybody asks once more.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from mainstem._mark import Unique, marks
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.fingerprint import printed
from mainstem.ports import (
    Claim,
    Contended,
    Corrupt,
    Generation,
    Generations,
    Journal,
    Loaded,
)
from mainstem.protocol.standing import Standing
from mainstem.sink import Sink

HEADS_PER_STEP_MAX = 100  # of those that write the journal too, each has a turn in between
CLAIMED = "claimed"  # the note's name


class Clash(NamedTuple):
    """An aggregate that goes without a claim, for another holds it."""

    aggregate: Aggregate
    claim: Claim
    holder: str

    def __str__(self) -> str:
        name = self.claim.mark.partition(".")[2]
        return f"{self.aggregate} goes without {name} {self.claim.values}: {self.holder} holds it"


class Hands(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far claims are on their way to the code of a generation."""

    place: str = ""  # in the journal's own words
    done: int = 0  # aggregates, in this round
    refused: bool = False  # somebody was
    again: bool = False  # the second round
    made: bool = False  # all of them


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Hands).decode


async def hands(generations: Generations, generation: Generation) -> Hands | None:
    """How far they are; None where they are made by other code, as far as anybody knows."""
    text = await generations.noted(generation, CLAIMED)
    return _decode(text) if text else None


async def due(sink: Sink, generation: Generation, generations: Generations) -> bool:
    """Whether they have to change hands before this code decides anything.

    Code that claims nothing lets go of what was claimed by the code before.
    """
    if not sink.domain.decided:
        return False  # nobody commits facts
    at = await hands(generations, generation)
    if at is not None:
        return not at.made
    return bool(marks(sink.state, Unique)) or bool(await _others(generations, generation))


async def taken_up(generations: Generations, generation: Generation) -> Hands:
    """Where to go on. From here on they are nobody else's: who comes back begins anew.

    What the second round has told so far is not known any more, so that begins again.
    """
    for one in await _others(generations, generation):
        was = await generations.noted(one, CLAIMED)
        await generations.turn(one, CLAIMED, was, "")
    text = await generations.noted(generation, CLAIMED)
    at = _decode(text) if text else Hands()
    now = Hands(again=True) if at.again else at
    await _turned(generations, generation, text, now)
    return now


async def handed_on(sink: Sink, journal: Journal, at: Hands) -> tuple[Hands, list[Clash]]:
    """The next aggregates. How far they are then, to be noted once this has reached the disk."""
    touched = await journal.touched(at.place, HEADS_PER_STEP_MAX)
    clashes: list[Clash] = []
    for one in touched:
        if one.aggregate.domain == sink.domain.name:
            clashes += await reclaim(sink, journal, one.aggregate)
    if touched:
        refused, done = at.refused or bool(clashes), at.done + len(touched)
        return replace(at, place=touched[-1].place, done=done, refused=refused), clashes
    if at.refused and not at.again:
        return Hands(again=True), []
    return Hands(made=True), []


async def turned(generations: Generations, generation: Generation, was: Hands, now: Hands) -> None:
    """From one to the next. Raises Contended: somebody else was here."""
    await _turned(generations, generation, _encode(was).decode(), now)


async def _turned(generations: Generations, generation: Generation, was: str, now: Hands) -> None:
    if not await generations.turn(generation, CLAIMED, was, _encode(now).decode()):
        raise Contended(f"{generation.sink}: its claims are changing hands elsewhere")


async def reclaim(sink: Sink, journal: Journal, aggregate: Aggregate) -> list[Clash]:
    """All that an aggregate claims as it stands. What it claims no more, it lets go of."""
    state = sink.state
    while (loaded := await _loaded(sink, journal, aggregate)) is not None:
        standing = Standing(sink.domain, (state,), aggregate)
        try:
            standing.take(loaded)
            claims = standing.claims()
        except (Unfit, Corrupt):
            return []  # it says why where it is parked by now, or to whoever asks it something
        refused = await journal.claim(aggregate, loaded.version, state.__name__, claims)
        if refused is not None:
            return [Clash(aggregate, *one) for one in sorted(refused.items())]
    return []


async def _loaded(sink: Sink, journal: Journal, aggregate: Aggregate) -> Loaded | None:
    """None: it is damaged, so nothing is decided on it, and it keeps what it has."""
    try:
        return await journal.load(aggregate, "", {sink.state.__name__: printed(sink.state)})
    except Corrupt:
        return None


async def _others(generations: Generations, generation: Generation) -> list[Generation]:
    """Those of the same sink whose code has made them, or began to."""
    return [
        one
        for one in await generations.of(generation.sink)
        if one.number != generation.number and await generations.noted(one, CLAIMED)
    ]
