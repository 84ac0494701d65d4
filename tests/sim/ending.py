"""Endings: all that is there once a life has come to rest, whichever stores it was lived over."""

from __future__ import annotations

from typing import Any, NamedTuple

from mainstem.ports import Arrived, Generation, Intent, Quarantined
from mainstem.sim.behind import Behind
from mainstem.sim.checks import at_rest, fed
from mainstem.sim.life import Life


class Ending(NamedTuple):
    """Where chance stands alike, every step before was alike: each draws from it."""

    chance: Any
    steps: int
    now: int
    answers: list[str]  # to each wish
    history: Any  # of each aggregate
    commits: list[Any]  # in their order
    feed: tuple[Arrived, ...]
    generations: list[Any]  # of each sink
    shown: list[Any]  # by each build
    intents: list[Intent]
    quarantined: set[Quarantined]


def ending(life: Life) -> Ending:
    """Without what each kind of store numbers in its own way."""
    world, rest = life.world, at_rest(life)
    sinks = {into.sink.name: None for into in rest.intos}
    return Ending(
        chance=world.random.getstate(),
        steps=world.scheduler.steps,
        now=world.scheduler.now,
        answers=[repr((wish.answers, wish.others)) for wish in life.wishes],  # a no equals none
        history=rest.history,
        commits=list(rest.commits),
        feed=tuple(fed(world)),
        generations=[world.now("generations", "of", sink) for sink in sinks],
        shown=[_shown(world.stores, into.generation) for into in rest.intos],
        intents=world.stores.intents(),
        quarantined=set(world.stores.quarantined()),
    )


def differing(one: Ending, other: Ending) -> list[str]:
    """What is not alike."""
    each = zip(Ending._fields, one, other, strict=True)
    return [name for name, mine, yours in each if mine != yours]


def _shown(stores: Behind, generation: Generation) -> Any:
    versions = stores.versions(generation)
    cells = {one: stores.cells(generation, one) for one in versions}
    waiting, listed = stores.parked(generation), stores.entries(generation)
    return versions, cells, waiting, listed, stores.documents(generation)
