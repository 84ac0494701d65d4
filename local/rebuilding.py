"""Rebuilding on one machine: a generation from the archive, beside the one that is read.

Each step is done or not done, and whoever comes next goes on there. The new rows are folded as far
as the archive goes, then brought by the feed to where the rows are that are read.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from archive.compact import Compactor, Taken
from archive.duck import connection
from archive.places import day_of
from archive.table import Catalog, reading_of
from local.adapters import Adapters
from local.archiving import ARCHIVE, Archiver, positions
from local.consumer import Consumer
from local.hands import Batch, Hands
from local.lanes import copied, lanes_of
from local.locks import REBUILDING, WORK, held, holder
from local.settle import current
from mainstem._refusal import Unfit
from mainstem.ports import Generation, Stage, Unavailable
from mainstem.ports.parks import Position
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.folded import Dirty, Prepared
from mainstem.protocol.loading import Loaded, load, silent, wait_alike, waiting, waits_too
from mainstem.protocol.rebuild import PAUSED, Part, Standing, Step, begin, standing, turn
from mainstem.protocol.refold import REFOLDED
from mainstem.protocol.search import follow
from mainstem.sink import Sink
from replay.cut import Cut
from replay.declared import DECLARED, told
from replay.engines import DUCKDB, SPARK, engine_of
from replay.made import forget
from replay.pinned import NAME, Pinned, let_go, newest, pin
from replay.preparing import Preparing
from replay.spark import Unfoldable
from replay.submit import submit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as DuckDB

EVENTS_A_PART = 1_000_000  # in memory at a time
AGGREGATES_A_WRITE = 300  # whoever else writes has a turn in between
PAUSE_S = 0.001
PATIENCE_S, POLL_S = 60.0, 0.05
Told = Callable[[Standing], None]
T = TypeVar("T")


class Paused(Unavailable):
    """Somebody has asked it to stop here."""


class Busy(Unavailable):
    """Another process rebuilds this view just now."""


def patiently(work: Callable[[], T]) -> T:
    """What the archive's tables are needed for, after whoever is just at them. Raises Taken."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except Taken:
            if time.monotonic() > until:
                raise
            time.sleep(POLL_S)


@dataclass(frozen=True)
class Rebuilding:
    """One view's, on one folder."""

    ports: Adapters
    sink: Sink
    told: Told = lambda _: None
    asked: str = ""  # the engine that somebody asks for

    @property
    def archive(self) -> Path:
        """Where it lies."""
        return self.ports.folder.path / ARCHIVE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else rebuilds this view. Raises Busy."""
        with held(self.ports.folder.path, self._lock) as mine:
            if mine is None:
                about = holder(self.ports.folder.path, self._lock) or {}
                process = about.get("process", "?")
                raise Busy(f"{self.sink.name}: process {process} is rebuilding it")
            yield

    def building(self) -> Generation | None:
        """The one that is in the making, by the code at hand."""
        every = self.generations()
        mine = (g for g in every if g.stage is Stage.BUILDING and g.fingerprint == self._print)
        return next((g for g in mine if self.stands(g) is not None), None)

    def generations(self) -> Sequence[Generation]:
        """All there are of the view, oldest first."""
        return drive(self.ports.generations.of(self.sink.name))

    def kept(self, *, mine: bool = False) -> Generation | None:
        """The newest that was read before; of those that the code at hand has folded."""
        kept = [
            one
            for one in self.generations()
            if one.stage is Stage.KEPT and (not mine or one.fingerprint == self._print)
        ]
        return max(kept, key=lambda one: (one.since, one.number), default=None)

    def pause(self, generation: Generation) -> None:
        """Whoever builds it stops within moments."""
        drive(self.ports.generations.note(generation, PAUSED, "yes"))

    def worked_on(self) -> bool:
        """Whether somebody is at it now."""
        return holder(self.ports.folder.path, self._lock) is not None

    def stands(self, generation: Generation) -> Standing | None:
        """How far it is; None where it is no rebuild."""
        return drive(standing(self.ports.generations, generation))

    def start(self) -> Generation:
        """Builds it, or goes on with what was begun. Raises Busy, Paused, Corrupt, Unavailable."""
        with self.alone(), connection(self.archive, f"rebuild-{self.sink.name}") as duck:
            new = self._gone_on_with() or self._begun()
            drive(self.ports.generations.note(new, PAUSED, ""))
            steps: dict[Step, Callable[[Generation, Standing], None]] = {
                Step.PINNING: self._pin,
                Step.FOLDING: partial(self._or_by_duckdb, duck),
                Step.CATCHING_UP: self._catch_up,
            }
            while (at := self._standing(new)).step is not Step.READY:
                self.told(at)
                steps[at.step](new, at)
            self.come_up(new)
            self.told(self._standing(new))
            return new

    def come_up(self, new: Generation) -> None:
        """By the feed, to where the rows are that are read; and its words with them."""
        old = current(self.ports, self.sink)
        into = self.into(new)
        consumer = Consumer(self.ports, [silent(into)], upto=self._upto(old))
        while self._stepped(consumer, into, old):
            pass
        while self.sink.searches and self._indexed(new):
            pass

    def _stepped(self, consumer: Consumer, into: Into, old: Generation | None) -> int:
        """What waits in the rows that are read waits here too: what it causes is theirs to say."""
        with self.ports.folder.views.together():
            if old is not None and old.number != into.generation.number:
                drive(wait_alike(silent(into), self.ports.journal, old))
            return consumer.step()

    def _indexed(self, new: Generation) -> int:
        ports = self.ports
        steps = follow(self.sink, new, ports.generations, ports.rows, ports.search)
        return drive(steps)

    def let_go(self, generation: Generation) -> None:
        """The snapshot that it was folded from may be swept away, and what Spark made of it."""
        forget(self.archive, generation)
        sink = self.sink
        patiently(lambda: let_go(self.archive, sink.domain, sink.state, generation.number))

    def into(self, generation: Generation) -> Into:
        """Where it is written."""
        ports = self.ports
        return Into(self.sink, generation, ports.rows, ports.parks, ports.clock)

    @property
    def _lock(self) -> str:
        return REBUILDING.format(self.sink.name)

    @property
    def _print(self) -> str:
        return self.sink.fingerprint

    def _standing(self, new: Generation) -> Standing:
        found = self.stands(new)
        if found is None:
            raise self._gone(new)
        return found

    def _gone(self, new: Generation) -> Unavailable:
        return Unavailable(f"{self.sink.name}: generation {new.number} was dropped meanwhile")

    def _upto(self, old: Generation | None) -> Mapping[str, int]:
        """Never further than the rows that are read: what they cause is theirs to cause."""
        return self.ports.feed.ends() if old is None else self.ports.checkpoints.positions(old)

    def engine(self) -> str:
        """Who would fold it. Raises Unfit where the one that is asked for can't."""
        return engine_of(self.sink.state, self._newest().bytes, self.asked)

    def _newest(self) -> Pinned:
        catalog = Catalog(self.archive)
        try:
            return newest(self.archive, self.sink.domain, catalog)
        finally:
            catalog.close()

    def _gone_on_with(self) -> Generation | None:
        """With the engine that it was begun with, as long as its events are read as they were."""
        found = self.building()
        if found is not None and self._read_otherwise(found):
            drive(self.ports.generations.drop(found))
            drive(self.ports.search.forget(found))
            self.let_go(found)
            return None
        if found is not None and self.asked not in ("", by := self._standing(found).engine):
            raise Unfit(
                f"{self.sink.name}: {by} folds generation {found.number}; drop it first, or go on "
                "without --engine"
            )
        return found

    def _read_otherwise(self, found: Generation) -> bool:
        """An event that its view does not hear may have changed: its files lack what that has."""
        at = self._standing(found)
        return at.step is Step.FOLDING and at.reading != reading_of(self.sink.domain)

    def _begun(self) -> Generation:
        """A new one. What was begun to be folded from the journal is given up: it is no rebuild."""
        generations = self.ports.generations
        if (engine := self.engine()) == SPARK:
            submit()  # says what to install
        now = drive(self.ports.clock.now())
        new = drive(generations.start(self.sink.name, self._print, now))
        if drive(generations.noted(new, REFOLDED)):
            if holder(self.ports.folder.path, WORK) is not None:
                raise Busy(f"{self.sink.name}: `mainstem up` is folding it from the journal")
            drive(generations.drop(new))
            new = drive(generations.start(self.sink.name, self._print, now))
        drive(generations.note(new, DECLARED, told(self.sink.state)))
        drive(begin(generations, new, engine))
        return new

    def _pin(self, new: Generation, at: Standing) -> None:
        """Everything that is on the feed by now, in one snapshot that stays."""
        self._cut(new)
        Archiver(self.ports).catch_up()
        there = positions(self.archive)
        self._compact()
        decided = self.sink.domain.decided
        if decided and current(self.ports, self.sink) is None:
            self.ports.checkpoints.begin(new, there)
        name = NAME.format(new.number)
        pinned = patiently(lambda: pin(self.archive, self.sink.domain, name, self._live))
        if not decided:
            Cut(lanes_of(self.ports.folder.views, new)).prove(pinned)
        self._turn(new, at, _pinned(pinned, at.engine or engine_of(self.sink.state)))

    def _live(self) -> set[str]:
        """Of other views as well: they are folded from the same table."""
        every = self.ports.generations.every()
        return {NAME.format(g.number) for g in every if g.stage is Stage.BUILDING}

    def _cut(self, new: Generation) -> None:
        """Where the feed goes on later: lanes and positions of the rows that are read, as one."""
        old = current(self.ports, self.sink)
        if old is not None:
            with self.ports.folder.views.together(durable=True):
                self.ports.folder.views.write(lambda db: copied(db, old, new))
                self.ports.checkpoints.copy(old, new)

    def _compact(self) -> None:
        """All that is archived, into the table."""
        today = day_of(drive(self.ports.clock.now()))
        domains = {self.sink.domain.name: self.sink.domain}
        patiently(lambda: deque(Compactor(self.archive, domains).run(today), maxlen=0))

    def _fold(self, duck: DuckDB, new: Generation, at: Standing) -> None:
        """All parts that are left, each loaded a little at a time as it is prepared."""
        made = Preparing(self.archive, self.ports.journal, self.sink, new, at)
        if at.left and at.engine == SPARK:
            made.sparked(duck, self._cut_of(new), lambda: self._refuse_paused(new))
        cut = partial(self._cut_of, new)
        hands = Hands(made, self.ports.folder.path, cut, AGGREGATES_A_WRITE)
        with closing(hands.parts(duck)) as batches:
            at = self._loaded(new, at, batches)
        patiently(lambda: made.commit(duck))
        self._turn(new, at, _next(at, Step.CATCHING_UP))

    def _loaded(self, new: Generation, at: Standing, batches: Iterable[Batch]) -> Standing:
        """How far it is once all of these are written."""
        began, done = time.monotonic() - at.seconds, defaultdict[int, Loaded](Loaded)
        for one in batches:
            self._refuse_paused(new)
            done[one.part] += self._load(new, [*one.prepared, *one.dirty])
            seconds = time.monotonic() - began
            if one.last:
                was, at = at, at.ended(one.part, done.pop(one.part), seconds)
                self._turn(new, was, at)
            so_far = sum(done.values(), at.done)
            self.told(_next(at, at.step, done=so_far, seconds=seconds))
            time.sleep(PAUSE_S)
        return at

    def _or_by_duckdb(self, duck: DuckDB, new: Generation, at: Standing) -> None:
        """One that can't be folded waits, and the others do not: DuckDB finds out which it is."""
        try:
            self._fold(duck, new, at)
        except Unfoldable:
            self._turn(new, at, _next(at, at.step, engine=DUCKDB))

    def _refuse_paused(self, new: Generation) -> None:
        if drive(self.ports.generations.noted(new, PAUSED)):
            raise Paused(f"{self.sink.name}: paused; `mainstem rebuild resume` goes on")

    def _load(self, new: Generation, some: Iterable[Prepared | Dirty]) -> Loaded:
        with self.ports.folder.views.together():
            if new.number not in {one.number for one in self.generations()}:
                raise self._gone(new)  # or its rows would be nobody's
            old = current(self.ports, self.sink)
            return drive(load(silent(self.into(new)), self.ports.journal, old, some))

    def _cut_of(self, new: Generation, part: Part | None = None) -> Cut | None:
        """How far facts count. Facts that wait in the rows that are read have caused nothing yet.

        Those of the part wait here from this moment on: while those before them are folded,
        somebody may repair the rows that are read, and then nobody else would have them.
        """
        if self.sink.domain.decided:
            return None
        parked = dict[tuple[str, str], Position]()
        with self.ports.folder.views.together():
            old = current(self.ports, self.sink)
            if old is not None:
                for one in drive(waiting(self.ports.parks, old)):
                    if part is not None and not part.holds(one.aggregate):
                        continue
                    drive(waits_too(self.into(new), old, one.aggregate))
                    head = drive(self.ports.rows.read(old, one.aggregate, ()))
                    parked[one.aggregate.tenant, one.aggregate.id] = head.applied
            return Cut(lanes_of(self.ports.folder.views, new), parked)

    def _catch_up(self, new: Generation, at: Standing) -> None:
        self.let_go(new)
        self.come_up(new)
        self._turn(new, at, _next(at, Step.READY))

    def _turn(self, new: Generation, was: Standing, to: Standing) -> None:
        with self.ports.folder.views.together(durable=True):
            drive(turn(self.ports.generations, new, was, to))


def _pinned(pinned: Pinned, engine: str) -> Standing:
    parts = tuple(pinned.parts(EVENTS_A_PART))
    files, heads = (
        tuple(str(path.relative_to(pinned.archive)) for path in some)
        for some in (pinned.files, pinned.heads)
    )
    return Standing(
        step=Step.FOLDING, engine=engine, reading=reading_of(pinned.domain), files=files,
        heads=heads, parts=parts,
        events=sum(one.events for one in parts), aggregates=sum(one.aggregates for one in parts),
    )  # fmt: skip


def _next(at: Standing, step: Step, **more: object) -> Standing:
    return replace(at, step=step, **more)
