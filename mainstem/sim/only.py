"""Only: a life with some of what its seed drew left out, so that what is left is easier to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mainstem.sim.life import Life


class Only(NamedTuple):
    """What a life keeps. As it stands here, all of it."""

    wishes: frozenset[int] | None = None  # by number
    hosts: frozenset[str] | None = None  # by name
    steps: int = 1_000_000  # of chaos, at most
    never: frozenset[int] = frozenset()  # which of its faults don't happen, counted from 1
    faults: bool = True
    weaknesses: bool = True
    twice: bool = True  # some ask twice at once, or with a key that was used
    reshards: bool = True
    outages: bool = True
    forgets: bool = True
    torn: bool = True
    thrown: bool = True  # batches that are given up on
    rebuild: bool = True
    old_code: bool = True
    shake: int = 0  # another order of events; 0 is the seed's own


EVERYTHING = Only()


def leave_out(life: Life, only: Only) -> None:
    """Before it is lived. Whatever is left out, this much is drawn as the seed has it."""
    world, faults, hazards = life.world, life.world.faults, life.hazards
    if only.wishes is not None:
        life.wishes = [one for one in life.wishes if one.number in only.wishes]
    if only.hosts is not None:
        life.hosts = [one for one in life.hosts if one.name in only.hosts]
    faults.never = only.never
    faults.may_happen, faults.weak = only.faults, faults.weak if only.weaknesses else 0.0
    hazards.reshards = hazards.reshards if only.reshards else 0
    hazards.outages = hazards.outages if only.outages else 0
    hazards.forgets = hazards.forgets if only.forgets else 0
    for build in () if only.old_code else life.builds:
        build.deploy()
    for delivery in () if only.thrown else life.deliveries:
        delivery.throws = False
    if only.shake:
        world.random.seed(world.seed * 1_000 + only.shake)
