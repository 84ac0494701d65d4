"""Clients: people with wishes, who ask again until they are answered, sometimes twice at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from mainstem._command import Asked, Command
from mainstem._kind import EPOCH
from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Contended, Once, Unknown
from mainstem.protocol.commit import Committed, Order, ask
from mainstem.sim.world import PORTS, TENANT, Broken, World

PATIENCE_US_MAX = 25_000_000
TRIES_MAX = 6
FIELDS_CHARACTERS_MAX = 60
ASKED_US_MAX = 40_000_000
KEY = b"what one-time codes are made with"
ASKED = Asked(key=KEY)


@dataclass
class Wish:
    """One command, and every answer that came to it."""

    number: int
    domain: Domain
    id: str
    by: str
    body: Command[Any]
    keyed: bool  # with an Idempotency-Key, so that it may be asked again
    asked: Asked = ASKED  # with which roles, and under which number if it has one
    soonest: int = 0  # between when and when it is asked first
    latest: int = ASKED_US_MAX
    answers: list[Committed | Refused] = field(default_factory=list)
    forged: list[Command[Any]] = field(default_factory=list)  # other requests with its key
    others: list[Committed | Refused] = field(default_factory=list)  # to another request
    tries: int = 0
    under_way: int = 0

    @cached_property
    def command(self) -> UUID:
        """The same however often it is asked."""
        return self.asked.command if self.asked.command.int else UUID(int=self.number + 1)

    @cached_property
    def digest(self) -> str:
        """The same for the same request, whichever code it is made of."""
        return type(self.body).__name__ + repr(self.body)

    @cached_property
    def _told(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.body.__repr_args__())
        said = fields if len(fields) <= FIELDS_CHARACTERS_MAX else "…"
        return f"{self.by or 'nobody'}'s {self.number}: {type(self.body).__name__}({said})"

    def __str__(self) -> str:
        return self._told


class Client:
    """Asks for one wish."""

    def __init__(self, world: World, wish: Wish, other: Wish | None = None) -> None:
        self.world, self.wish, self.clock = world, wish, world.clock()
        said = other or wish  # another one: the same key for another request
        self.domain, self.body, self.digest = said.domain, said.body, said.digest
        if other is not None:
            wish.forged.append(other.body)

    def ask(self) -> None:
        """Once more."""
        wish = self.wish
        if wish.under_way:
            self.world.faults.tally["asked twice at once", "shown"] += 1
        wish.tries, wish.under_way = wish.tries + 1, wish.under_way + 1
        self.world.scheduler.spawn(wish, self._asked(), self._answered, self._failed)

    async def _asked(self) -> Committed | Refused:
        order = self._order(await self.clock.now())
        try:
            return await ask(PORTS.journal, PORTS.feed, self.clock, order)
        except Refused as no:
            return no

    def _order(self, now: int) -> Order:
        wish = self.wish
        key = f"{wish.by}/{wish.number}"
        once = Once(TENANT, key, self.digest) if wish.keyed else None
        at = EPOCH + timedelta(microseconds=now)
        roles, secret = wish.asked.roles, wish.asked.key
        asked = Asked(at, wish.by, roles, TENANT, wish.id, wish.command, secret)
        order = Order(self.domain, self.body, asked, once)
        self.world.asked_of[order.aggregate] = None
        return order

    def _answered(self, answer: Committed | Refused) -> None:
        self.wish.under_way -= 1
        self.world.scheduler.told(self.wish, "is answered", answer)
        self.world.faults.tally[type(self.body).__name__, _outcome(answer)] += 1
        if self.digest == self.wish.digest:
            self.wish.answers.append(answer)
        else:
            self.wish.others.append(answer)

    def _failed(self, trouble: BaseException | None) -> None:
        self.wish.under_way -= 1
        if trouble is not None:
            self.world.scheduler.told(self.wish, "is told of trouble", trouble)
        self._check(trouble)
        if self.wish.keyed and not self.wish.answers and self.wish.tries < TRIES_MAX:
            wait = int(self.world.random.random() * PATIENCE_US_MAX)
            self.world.scheduler.after(wait, self.ask)

    def _check(self, trouble: BaseException | None) -> None:
        """Nobody is told that nothing is known of what is there, and was just looked for."""
        wish, world = self.wish, self.world
        if isinstance(trouble, Contended | Unknown) and not world.scheduler.faulty:
            aggregate, command = Aggregate(TENANT, wish.domain.name, wish.id), str(wish.command)
            if world.now("journal", "load", aggregate, command, {}).answered is not None:
                raise Broken(f"{wish} happened, and its client hears {trouble!r}")


def _outcome(answer: Committed | Refused) -> str:
    if isinstance(answer, Refused):
        return "refused"
    return "happened" if answer.happened else "nothing to do"


def happened(world: World, wishes: Iterable[Wish]) -> None:
    """Asks these at once, one after the other and without any fault."""
    on, world.faults.on = world.faults.on, False
    for wish in wishes:
        Client(world, wish).ask()
        while world.scheduler.tasks:
            world.scheduler.step()
    world.faults.on = on
