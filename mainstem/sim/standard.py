"""The standard story: jars, which are decided, and sips, which are ingested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

from mainstem._command import Command
from mainstem.discovery import Domain, domain_of
from mainstem.sim import before, by_hand, jars
from mainstem.sim.clients import Wish, happened
from mainstem.sim.hosts import Host, hosts
from mainstem.sim.plan import Fold, Rest
from mainstem.sim.scheduler import NOON_US
from mainstem.sim.standard_checks import (
    NAMES,
    check_claims,
    check_decisions,
    check_effects,
    check_free,
    check_lists,
    check_words,
)  # fmt: skip
from mainstem.sim.world import World
from mainstem.sink import Sink

NEW = frozenset(("Dusted", "Stirred"))  # events of the latest release
HANDS = ("ann", "bob", "eve")
KEYED = 0.7
OLD = 0.02  # how many lives begin with a long history, so that snapshots are taken
LONG = 16
OPENED_US = 8_000_000  # by then, mostly, so that there is something to fill
ASKED_OF_OLD = 0.5  # of commands, while code that folds otherwise is at work
PROBED = 8  # one life in so many is asked for each name in the end
Draw = Callable[[Random], Command[Any]]
OPEN: Draw = lambda random: jars.Open(name=random.choice(NAMES))  # noqa: E731
FILL: Draw = lambda random: jars.Fill(amount=random.randint(1, 9))  # noqa: E731
DUST: Draw = lambda _: jars.Dust()  # noqa: E731
BODIES: tuple[Draw, ...] = (
    OPEN,
    FILL,
    FILL,
    lambda random: jars.Take(amount=random.randint(1, 9)),
    lambda random: jars.Relabel(name=random.choice(NAMES)),
    lambda _: jars.Leave(),
    lambda _: jars.Break(),
    *[DUST] * 4,
)


class Standard:
    """Few jars, few names and few hands, so that they meet."""

    @property
    def domains(self) -> Mapping[str, Domain]:
        """Both of them."""
        return _domains()

    @property
    def begins(self) -> int:
        """Some noon."""
        return NOON_US

    @property
    def commit_events_max(self) -> int:
        """Whoever leaves lets go of what is left."""
        return 2

    def older(self, domain: Domain) -> Domain:
        """Without the events of the latest release."""
        return _older(domain)

    def before(self, domain: Domain) -> Domain:
        """Jars counted otherwise."""
        return before.domain() if domain.name == "jars" else domain

    def wishes(self, world: World) -> list[Wish]:
        """A few for each of a few jars, which are opened first."""
        random, found = world.random, list[Wish]()
        ids = [f"jar{n}" for n in range(random.randint(1, 3))]
        old = random.random() < OLD or world.faults.worst == "journal.keep"
        long = LONG if old else 0
        bodies = (*BODIES, *[DUST] * 9) if world.faults.worst == "parks.tried" else BODIES
        for number in range(long + random.randint(2, 9)):
            opens = number < len(ids)
            draw = OPEN if opens else FILL if number < long else random.choice(bodies)
            body = draw(random)
            id = ids[number] if opens else ids[0] if number < long else random.choice(ids)
            keyed, by = random.random() < KEYED, random.choice(HANDS)
            domain = self.domains["jars"]
            if world.folds_changed and random.random() < ASKED_OF_OLD:
                domain, body = _of_old(body)
            found.append(Wish(number, domain, id, by, body, keyed))
            if opens:
                found[-1].latest = OPENED_US
        happened(world, found[:long])
        return found

    def hosts(self, world: World) -> list[Host]:
        """One or two, with a few cups."""
        return hosts(world)

    def fold(self, sink: Sink) -> Fold:
        """By hand."""
        return _fold(sink)

    def check(self, rest: Rest) -> None:
        """Search, claims and effects."""
        for into in rest.intos:
            check_lists(rest, into)
            if into.sink.searches:
                check_words(rest, into)
        check_effects(rest)
        check_decisions(rest)
        holder = check_claims(rest.commits)
        if rest.world.seed % PROBED == 0:
            check_free(rest.world, holder)
            check_claims(rest.commits)


@cache
def _domains() -> Mapping[str, Domain]:
    modules = (import_module(f"mainstem.sim.{name}") for name in ("jars", "sips"))
    return {domain.name: domain for domain in map(domain_of, modules)}


@cache
def _known(name: str, now: bool) -> Domain:
    domain = _domains()[name] if now else before.domain()
    known = {event: kind for event, kind in domain.events.items() if event not in NEW}
    return replace(domain, events=known)


def _older(domain: Domain) -> Domain:
    return _known(domain.name, domain is _domains()[domain.name])


def _fold(sink: Sink) -> Fold:
    now = sink.state is _domains()[sink.domain.name].states[sink.state.__name__]
    return (by_hand.FOLDS if now else by_hand.BEFORE)[sink.name]


def _of_old(body: Command[Any]) -> tuple[Domain, Command[Any]]:
    """The same command, decided by the release before."""
    domain = before.domain()
    return domain, domain.commands[type(body).__name__](**body.model_dump())
