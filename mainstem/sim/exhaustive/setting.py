"""The setting of a scope: stores as they are to begin with, and whoever is there or may begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from mainstem.aggregate import Aggregate
from mainstem.ports import Arrived, Generation, Stage
from mainstem.ports.journal import slot_of
from mainstem.protocol.drive import drive
from mainstem.sim import stores
from mainstem.sim.call import Call
from mainstem.sim.exhaustive import cast
from mainstem.sim.exhaustive.histories import AGAIN, AWAY, Histories, Program, Steps
from mainstem.sim.exhaustive.scope import Scope
from mainstem.sim.exhaustive.shelf import BEFORE_VIEWS, FEED, IDLE, JOURNAL, VIEWS, Shelf

EVERY = 10_000


class Beginner(NamedTuple):
    """Somebody who may begin so many times."""

    root: int
    times: int
    replaces: int = AWAY  # which other one, that must have begun
    follows: int = AWAY  # one that says the same: which of them is first makes no difference


class Helpers(NamedTuple):
    """Whoever tidies up: tasks before their first call."""

    sweeper: int
    auditor: int
    repairer: int


class Setting:
    """All that there is before anything happens."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.shelf = Shelf(scope.weak, scope.faults)
        self.histories = Histories(self.shelf)
        self.stores = self._stores()
        self.aggregates = self._aggregates()
        self.slots = sorted({slot_of(one) for one in self.aggregates if scope.wishes})
        self.idle = self.histories.home("consumer", IDLE)
        self.calm = Helpers(*[root for root, _ in self._helpers(AWAY)])
        self.tasks = self._tasks()
        self.beginners = tuple(self._beginners())

    def batch(self, records: tuple[Arrived, ...], home: int) -> int:
        """A consumer before its first call."""
        make = partial(cast.consumed, self.into, records)
        return self.histories.begin(Program("consumer", make, home), (home, records))

    def records(self, feed: int) -> tuple[Arrived, ...]:
        """All that is on the feed, in order; it has one shard, numbered from 1."""
        store = self.shelf.store(FEED, feed)
        (shard,) = store.known()
        found: tuple[Arrived, ...] = drive(store.read(shard.name, 0, EVERY)).records
        return found

    def _stores(self) -> tuple[int, int, int]:
        """Generation promoted, and what was asked before published and shown."""
        chance = self.shelf.choices
        journal, views = stores.Journal(chance), stores.Views()
        feed = stores.Feed(lambda: cast.LONG_AGO_US, 1, chance)
        self.into = _promoted(self.scope, views)
        ports = {name: port(views) for name, port in BEFORE_VIEWS.items()}
        ports |= {"journal": journal, "feed": feed}
        for wish in self.scope.history:
            _run(cast.asked(wish), ports)
        (shard,) = feed.known()
        records = drive(feed.read(shard.name, 0, EVERY)).records
        if records and self.scope.shown:
            _run(cast.consumed(self.into, records), ports)
        pairs = ((JOURNAL, journal), (FEED, feed), (VIEWS, views))
        first, second, third = (self.shelf.put(place, store) for place, store in pairs)
        return first, second, third

    def _aggregates(self) -> Sequence[Aggregate]:
        """Whoever anything can happen to."""
        asked = [cast.aggregate_of(one) for one in (*self.scope.history, *self.scope.wishes)]
        domain = self.into.sink.domain.name
        said = [
            Aggregate(cast.TENANT, domain, id)
            for process in self.scope.processes
            for sending in process.sendings
            for _, id in sending.facts
        ]
        return tuple(dict.fromkeys((*asked, *said)))

    def _helpers(self, home: int) -> Iterator[tuple[int, int]]:
        """Before their first calls, and how many of them there are."""
        scope, into = self.scope, self.into
        helpers = {
            "sweeper": (partial(cast.swept, self.slots), scope.sweepers),
            "auditor": (partial(cast.audited, into), scope.auditors),
            "repairer": (partial(cast.mended, into), scope.repairers),
        }
        for name, (make, count) in helpers.items():
            yield self.histories.begin(Program(name, make, home), (name, home)), count

    def _tasks(self) -> tuple[int, ...]:
        """Whoever begins again whenever he has ended."""
        helpers = [root for root, count in self._helpers(AGAIN) for _ in range(count)]
        return tuple(sorted([*helpers, *[self.idle] * self.scope.consumers]))

    def _beginners(self) -> Iterator[Beginner]:
        domain = self.into.sink.domain.name
        for number, wish in enumerate(self.scope.wishes):
            before = self.scope.wishes[number - 1] if number else None
            same = before is not None and before._replace(number=wish.number) == wish
            program = Program(wish.name, partial(cast.asked, wish), tells=True)
            root = self.histories.begin(program, wish)
            yield Beginner(root, wish.tries, follows=number - 1 if same else AWAY)
        first = len(self.scope.wishes)
        for process in self.scope.processes:
            make = partial(cast.sent, process, domain)
            root = self.histories.begin(Program(process.host, make, tells=True), process)
            replaces = first + process.replaces if process.replaces >= 0 else AWAY
            yield Beginner(root, 1, replaces)


def _promoted(scope: Scope, views: stores.Views) -> Any:
    generations, sink = stores.Generations(views), cast.sink_of(scope.sink)
    new: Generation = drive(generations.start(sink.name, sink.fingerprint, cast.NOON_US))
    drive(generations.promote(new, None, cast.NOON_US))
    return cast.into(scope.sink, new._replace(stage=Stage.CURRENT))


def _run(steps: Steps, ports: dict[str, Any]) -> None:
    """To its end, without a fault."""
    try:
        call: Call = steps.send(None)
        while True:
            call = steps.send(drive(getattr(ports[call.port], call.method)(*call.args)))
    except StopIteration:
        return
