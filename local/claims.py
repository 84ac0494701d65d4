"""Claims on one machine: they change hands before the code that claims decides anything.

Only whoever has the work lock may do it, and then no `mainstem up` of other code is there. Commands
that run beside whoever has it hold DECIDING together; it is had alone while claims change hands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from local.adapters import Adapters
from local.generations import domain_of
from local.locks import DECIDING, held
from mainstem.discovery import Domain
from mainstem.ports import Generation, Unavailable
from mainstem.protocol.claims import CLAIMED, Clash, due, handed_on, taken_up, turned
from mainstem.protocol.drive import drive
from mainstem.sink import Sink, sinks_of
from replay.declared import DECLARED, claims_alike

PATIENCE_S, POLL_S = 30.0, 0.01
Told = Callable[[int], None]  # how many aggregates are done


def carried(ports: Adapters, sink: Sink, old: Generation | None, new: Generation) -> None:
    """Where both claim alike, nothing changes hands: what is made for one is for the other."""
    if old is not None and alike(ports, sink, old):
        made = drive(ports.generations.noted(old, CLAIMED))
        drive(ports.generations.note(new, CLAIMED, made))


def alike(ports: Adapters, sink: Sink, old: Generation) -> bool:
    """Whether the code at hand claims what that of a generation does."""
    return claims_alike(drive(ports.generations.noted(old, DECLARED)), sink.state)


def forgotten(ports: Adapters, domains: Mapping[str, Domain]) -> None:
    """A state that its domain keeps no more claims nothing: where it comes back, it begins anew."""
    known = {sink.name for sink in sinks_of(domains)}
    for one in ports.generations.every():
        made = "" if one.sink in known else drive(ports.generations.noted(one, CLAIMED))
        if made and domain_of(one) in domains:
            drive(ports.generations.turn(one, CLAIMED, made, ""))


def pending(ports: Adapters, sink: Sink, generation: Generation) -> bool:
    """Whether they have yet to change hands."""
    return drive(due(sink, generation, ports.generations))


def handed_over(
    ports: Adapters, sink: Sink, generation: Generation, told: Told = lambda _: None
) -> list[Clash]:
    """All that its code claims is made. Who goes without, for others hold it."""
    if not pending(ports, sink, generation):
        return []
    with _nobody_deciding(ports):
        at, left = drive(taken_up(ports.generations, generation)), list[Clash]()
        while not at.made:
            was = at
            with ports.folder.journal.together(durable=True):
                at, clashes = drive(handed_on(sink, ports.journal, was))
            drive(turned(ports.generations, generation, was, at))
            left += clashes if was.again else ()
            told(at.done)
    return left


@contextmanager
def _nobody_deciding(ports: Adapters) -> Iterator[None]:
    """Alone, once the commands that are just being decided are through."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with held(ports.folder.path, DECIDING) as mine:
            if mine is not None:
                yield
                return
        if time.monotonic() > until:
            raise Unavailable(f"{ports.folder.path}: a command is being decided for too long")
        time.sleep(POLL_S)
