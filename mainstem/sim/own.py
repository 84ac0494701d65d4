"""Own: the story of any one domain, told by its own commands, or by facts where it has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from mainstem._command import Asked
from mainstem._decide import EVENTS_PER_COMMIT_MAX
from mainstem._event import Event
from mainstem._examples import DAWN, any_event, enveloped
from mainstem._kind import micros
from mainstem._refusal import Unfit
from mainstem._walk import Step, walks
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import Envelope, encode
from mainstem.folding import Folding
from mainstem.sim.clients import Wish
from mainstem.sim.drawn import drawn
from mainstem.sim.hosts import LOGGED, Host, Said
from mainstem.sim.own_checks import check_claims, check_intents, check_lists, check_words
from mainstem.sim.plan import Event as Line
from mainstem.sim.plan import Fold, Rest, Rows
from mainstem.sim.world import TENANT, World
from mainstem.sink import Sink

WALKS = 240  # of which the first lives take one to three
LIVES_A_WALK = 4  # after so many there is another one
IDS = ("a", "b", "c")  # of whom commands without an address of their own are asked
COMMANDS_A_WALK = 1_000  # their numbers are apart, so that no two walks ask one command
STEPS_MAX = 8  # of one walk, in one life
IDLE = 0.3  # how many of those steps are taken that came to nothing when they were drawn
FACTS = 240
TRIES_MAX = 20
KEYED = 0.7
WALKED_US = 25_000_000  # a walk takes so long, and its steps overtake one another within
OVERTAKING_US = 12_000_000
BEGUN_US = 6_000_000  # what begins comes first, mostly


class Own:
    """Walks of its commands, drawn as the laws draw them, asked by many at once."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._walks: dict[int, Sequence[Step]] = {}
        self._facts: dict[int, Event] = {}

    @property
    def domains(self) -> Mapping[str, Domain]:
        """The one."""
        return {self.domain.name: self.domain}

    @property
    def begins(self) -> int:
        """When the examples begin, so that what lies before them does so in a life."""
        return micros(DAWN)

    @property
    def commit_events_max(self) -> int:
        """As many as any commit may hold."""
        return EVENTS_PER_COMMIT_MAX

    def older(self, domain: Domain) -> Domain:
        """The same: nobody knows what it was before."""
        return domain

    def before(self, domain: Domain) -> Domain:
        """The same again."""
        return domain

    def wishes(self, world: World) -> list[Wish]:
        """One to three walks, each of another aggregate unless its commands say whose they are."""
        random, found = world.random, list[Wish]()
        for start in range(random.choice((1, 1, 2, 3)) if self.domain.decided else 0):
            # The longer it goes on, the more walks there are: drawing one takes longer than a life.
            walks = (WALKS + world.seed // LIVES_A_WALK) // len(IDS)
            steps = self._walk(start + len(IDS) * random.randrange(walks))
            taken = [one for one in steps if one.asked.aggregate and self._takes(one, world)]
            for place, step in enumerate(taken[:STEPS_MAX]):
                soonest = WALKED_US * place // STEPS_MAX + (BEGUN_US if place else 0)
                wish = _wish(len(found), self.domain, step, random.random() < KEYED)
                wish.soonest, wish.latest = soonest, soonest + OVERTAKING_US
                found.append(wish)
        return found

    def hosts(self, world: World) -> list[Host]:
        """One or two, with facts of the same one or two aggregates."""
        random, found = world.random, list[Host]()
        if self.domain.decided:
            return found
        ids = [Aggregate(TENANT, self.domain.name, id) for id in IDS[: random.randint(1, 2)]]
        for name in [f"host{number}" for number in range(random.randint(1, 2))]:
            to_say = [
                _said(name, nth, random.choice(ids), self._fact(random.randrange(FACTS)))
                for nth in range(random.randint(1, 8))
            ]
            found.append(Host(world, name, to_say, logs=random.random() < LOGGED))
        return found

    def fold(self, sink: Sink) -> Fold:
        """By the language's own folds, from nothing, one event after the other.

        So it is no second opinion on what a fold means: the laws compare folds with SQL. It shares
        nothing with what moves events, stores rows and takes them up again.
        """
        return partial(_folded, sink)

    def check(self, rest: Rest) -> None:
        """Claims, effects, lists and search."""
        check_claims(self.domain, rest.commits)
        check_intents(self.domain, rest)
        for into in rest.intos:
            check_words(rest, into, self.fold(into.sink))
            check_lists(rest, into, self.fold(into.sink))

    def _takes(self, step: Step, world: World) -> bool:
        return bool(step.events) or world.random.random() < IDLE

    def _walk(self, number: int) -> Sequence[Step]:
        """Drawn when it is first asked for."""
        if number not in self._walks:
            id, first = IDS[number % len(IDS)], (number + 1) * COMMANDS_A_WALK
            self._walks[number] = drawn(walks(self.domain, id, first), number)
        return self._walks[number]

    def _fact(self, number: int) -> Event:
        """One that every view can fold: what can't be folded waits for ever, and should."""
        if number not in self._facts:
            tries = (drawn(any_event(self.domain), number + FACTS * n) for n in range(TRIES_MAX))
            fitting = (one for one in tries if _fits(self.domain, one))
            self._facts[number] = next(fitting, None) or drawn(any_event(self.domain), number)
        return self._facts[number]


def _wish(number: int, domain: Domain, step: Step, keyed: bool) -> Wish:
    asked: Asked = step.asked
    return Wish(number, domain, asked.aggregate, step.by, step.command, keyed, asked)


def _said(host: str, nth: int, of: Aggregate, event: Event) -> Said:
    shape = event.__shape__
    return Said(host, nth, of, shape.type, shape.store(event), shape.schema)


def _fits(domain: Domain, event: Event) -> bool:
    try:
        envelope = enveloped(domain, event, IDS[0], 1, micros(DAWN), "host")
        encode(envelope)
        for state in domain.states.values():
            folding = Folding(state)
            folding.advance(*domain.record(envelope))
            folding.finished(id=IDS[0])
    except Unfit:
        return False
    return True


def _folded(sink: Sink, aggregate: Aggregate, events: Iterable[Line]) -> Rows:
    folding = Folding(sink.state)
    for version, event in enumerate(events, 1):  # a fact gets its number where it is applied
        folding.advance(*sink.domain.record(Envelope(**{**event, "version": version})))
    machine = folding.machine
    if not folding.keyed:
        return {"": machine.finish(folding.cells, id=aggregate.id)}
    rows = folding.rows.items()
    return {key: machine.finish(cells, id=aggregate.id, key=key) for key, cells in rows}
