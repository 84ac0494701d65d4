"""Standing: how far a rebuild is, as a note of its generation that is turned conditionally."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from mainstem.aggregate import Aggregate
from mainstem.ports import Contended, Generation, Generations
from mainstem.protocol.loading import Loaded

REBUILD, PAUSED = "rebuild", "paused"  # the names of notes


class Part(NamedTuple):
    """Aggregates in the order of their tenants and ids: behind those of `after`, up to `upto`."""

    after: tuple[str, str]
    upto: tuple[str, str]
    events: int
    aggregates: int

    def holds(self, aggregate: Aggregate) -> bool:
        """Whether it is one of these."""
        return self.after < (aggregate.tenant, aggregate.id) <= self.upto

    @property
    def tenant(self) -> str | None:
        """Whose all of them are; None where they are several tenants'."""
        return self.upto[0] if self.after[0] == self.upto[0] else None


class Step(StrEnum):
    """What is next."""

    PINNING = "pinning"
    FOLDING = "folding"
    CATCHING_UP = "catching up"
    READY = "ready"


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that whoever goes on has to know."""

    step: Step = Step.PINNING
    engine: str = ""
    events: int = 0
    aggregates: int = 0
    reading: str = ""  # by which code the events in its files were read
    files: tuple[str, ...] = ()  # of the archive's folder
    heads: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    part: int = 0  # all before it are loaded
    ahead: tuple[int, ...] = ()  # loaded as well
    done: Loaded = Loaded()
    seconds: float = 0.0

    @property
    def left(self) -> tuple[int, ...]:
        """The parts that are not loaded yet."""
        return tuple(n for n in range(self.part, len(self.parts)) if n not in self.ahead)

    def ended(self, part: int, loaded: Loaded, seconds: float) -> Standing:
        """Once this one is loaded, too."""
        first, ahead = self.part, {*self.ahead, part}
        while first in ahead:
            ahead.remove(first)
            first += 1
        return replace(
            self, part=first, ahead=tuple(sorted(ahead)), done=self.done + loaded, seconds=seconds
        )

    @property
    def share(self) -> float:
        """How much of it is loaded, from 0 to 1."""
        if self.step in (Step.CATCHING_UP, Step.READY):
            return 1.0
        return self.done.events / self.events if self.events else 0.0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Standing).decode


async def standing(generations: Generations, generation: Generation) -> Standing | None:
    """How it stands; None where it is no rebuild."""
    text = await generations.noted(generation, REBUILD)
    return _decode(text) if text else None


async def begin(generations: Generations, generation: Generation, engine: str = "") -> Standing:
    """The first note of one, or how it stands."""
    new = Standing(engine=engine)
    await generations.turn(generation, REBUILD, "", _encode(new).decode())
    return await standing(generations, generation) or new


async def turn(
    generations: Generations, generation: Generation, was: Standing, new: Standing
) -> Standing:
    """From one to the next. Raises Contended: somebody else has turned it."""
    texts = (_encode(was).decode(), _encode(new).decode())
    if not await generations.turn(generation, REBUILD, *texts):
        raise Contended(f"{generation.sink}: somebody else is rebuilding it")
    return new
