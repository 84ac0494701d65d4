"""Stories of rebuilding: traffic, kills, promotions and returns in any order, each told by a seed.

Whatever happens in between, in the end every generation shows what its events amount to, every
effect was caused once, and nothing that was read was older than what was read before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cli.demo.proving import caused
from domains.tickets import Comment, Prioritize, Submit, Watch
from local import rebuilding
from local.generations import Generations
from local.promoting import Promoting
from local.rebuilding import Rebuilding
from mainstem.folding import rows_of
from mainstem.ports import Generation, Stage, Trouble
from mainstem.protocol import loading
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready
from replay.diff import diff
from tests.protocol.plant import Plant, plant

pytestmark = pytest.mark.slow

SEEDS = range(10)
TRIED = range(60)  # until one notices
TURNS = 25
TICKET, VISITOR = "tickets.Ticket", "clicks.Visitor"
INTENTS = "SELECT id, version FROM intents WHERE domain = ?"


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Story:
    """One folder, and what a seed does to it."""

    works: Plant
    chance: Random
    sink: str
    told: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    facts: int = 0

    def live(self, turns: int = TURNS) -> None:
        # Asked more often than consumed: what matters is what is on its way.
        moves = [self.ask] * 4 + [self.build] * 2 + [self.promote] * 2
        moves += [self.consume, self.build_and_die, self.back, self.forget, self.restart, self.look]
        for _ in range(turns):
            move = self.chance.choice(moves)
            self.told.append(move.__name__)
            move()
        self.end()

    def ask(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            id = f"t{self.chance.randrange(6)}"
            self.works.ask("tickets", Submit(title=f"It burns {id}"), id)
            self.works.ask("tickets", Comment(text="this is bad"), id, by="bob")
            if self.chance.random() < 0.3:
                self.works.ask("tickets", Prioritize(priority="high"), id)
            if self.chance.random() < 0.5:
                address = "https://example.org/hook"
                self.works.ask("tickets", Watch(address=address), id)
        who = [f"v{self.chance.randrange(4)}" for _ in range(3)]
        self.facts += len(who)
        self.works.facts(*((one, "Viewed", {"page": "/", "ms": self.facts}) for one in who))

    def consume(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.works.engine.consume()
        self.works.engine.index()

    def build(self) -> None:
        with suppress(rebuilding.Busy):
            self._rebuilding(lambda _: self._meanwhile()).start()

    def build_and_die(self) -> None:
        left = self.chance.randrange(6)

        def passed(_: object) -> None:
            nonlocal left
            left -= 1
            self._meanwhile()
            if left < 0:
                raise Killed

        with suppress(Killed):
            self._rebuilding(passed).start()

    def promote(self) -> None:
        with suppress(Unready):
            Promoting(self._rebuilding()).promote()
            if self.chance.random() < 0.5:
                self.forget()
        self.look()

    def back(self) -> None:
        with suppress(Unready):
            Promoting(self._rebuilding()).rollback()
        self.look()

    def forget(self) -> None:
        """What was read before goes, with whatever it would still have said."""
        for one in self._generations():
            if one.stage is Stage.KEPT:
                Promoting(self._rebuilding()).drop(one.number)

    def restart(self) -> None:
        self.works._engine = None  # the next one settles, and comes up
        self.works.settle()
        self.look()

    def look(self) -> None:
        """Nobody who reads now sees less than before."""
        for one in drive(self.works.ports.rows.all(self._read(), ("", "", ""), 1_000)):
            assert one.version >= self.seen.get(one.aggregate.id, 0), self.told
            self.seen[one.aggregate.id] = one.version
        there = {one.aggregate.id for one in self._rows()}
        assert there >= self.seen.keys(), self.told

    def end(self) -> None:
        """All that is left to do is done."""
        self.works.engine.catch_up()
        self.works.engine.consume()
        self.works.engine.catch_up()
        assert self.works.parked(self.sink) == []
        assert self._amounts() == [], self.told
        for one in self._generations():
            if one.stage is not Stage.BUILDING:
                found = diff(self._into.sink, self.works.ports.rows, self._read(), one)
                assert (found.clean, found.on_their_way) == (True, 0), self.told
        assert self._effects() == [], self.told

    def _amounts(self) -> list[Any]:
        """What the rows show that their events don't amount to, or the other way round."""
        if not self._into.sink.domain.decided:
            many = sum(one.version for one in self._rows())
            return [] if many == self.facts else [f"{many} of {self.facts} facts"]
        expected = rows_of(self._into.sink.state, self._into.sink.domain,
                           self.works.history("tickets"))  # fmt: skip
        shown = self.works.shown(self.sink)
        return [one for one in (*expected, *shown) if one not in expected or one not in shown]

    def _effects(self) -> list[Any]:
        """Each that follows from an event is written, once."""
        sink = self._into.sink
        wanted = Counter(
            (one.id, one.version)
            for _, reaction in sink.reactions
            for one, many in caused(sink.domain, reaction, self.works.history(sink.domain.name))
            for _ in range(many)
        )
        rows = self.works.ports.folder.views.rows(INTENTS, sink.domain.name)
        return sorted((wanted - Counter(rows)) + (Counter(rows) - wanted))

    def _meanwhile(self) -> None:
        if self.chance.random() < 0.4:
            self.ask()
        if self.chance.random() < 0.2:
            self.consume()

    @property
    def _into(self) -> Any:
        return self.works.into(self.sink)

    def _rebuilding(self, told: Callable[[Any], None] = lambda _: None) -> Rebuilding:
        return Rebuilding(self.works.ports, self._into.sink, told)

    def _generations(self) -> Any:
        return drive(self.works.ports.generations.of(self.sink))

    def _read(self) -> Any:
        return next(one for one in self._generations() if one.stage is Stage.CURRENT)

    def _rows(self) -> Any:
        return drive(self.works.ports.rows.all(self._read(), ("", "", ""), 1_000))


@contextmanager
def story(place: Path, seed: int, sink: str) -> Iterator[Story]:
    with plant(place / f"{seed}", "tickets", "clicks") as works:
        works.settle()
        yield Story(works, Random(seed), sink)


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "EVENTS_A_PART", 5)
    monkeypatch.setattr(rebuilding, "AGGREGATES_A_WRITE", 1)
    monkeypatch.setattr(rebuilding, "PAUSE_S", 0.0)


@pytest.mark.parametrize("sink", [TICKET, VISITOR])
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_it_ends_well(tmp_path: Path, seed: int, sink: str) -> None:
    with story(tmp_path, seed, sink) as one:
        one.live()


def _switched_too_early(patch: pytest.MonkeyPatch) -> None:
    """Without coming to where the rows are that are read."""
    patch.setattr(Promoting, "_level", lambda *_: None)
    patch.setattr(Rebuilding, "come_up", lambda *_: None)
    patch.setattr(Promoting, "_refuse_behind", lambda *_: None)


def _further_than_what_is_read(patch: pytest.MonkeyPatch) -> None:
    """As far as the archive goes, whatever the rows show that are read."""
    patch.setattr(
        rebuilding, "load", lambda into, journal, _, some: loading.load(into, journal, None, some)
    )


def _from_the_end_of_the_feed(patch: pytest.MonkeyPatch) -> None:
    """What is on its way to the rows that are read never comes to the new ones."""

    def cut(self: Rebuilding, new: Generation) -> None:
        self.ports.checkpoints.begin(new, self.ports.feed.ends())

    patch.setattr(Promoting, "_level", lambda *_: None)
    patch.setattr(Rebuilding, "_cut", cut)


def _without_lanes(patch: pytest.MonkeyPatch) -> None:
    """Nobody knows which facts were counted."""
    patch.setattr(rebuilding, "copied", lambda *_: None)


def _what_is_kept_stands_still(patch: pytest.MonkeyPatch) -> None:
    """Nobody writes a generation any more that was read before."""
    every = Generations.every

    def read(self: Generations) -> tuple[Generation, ...]:
        return tuple(one for one in every(self) if one.stage is not Stage.KEPT)

    patch.setattr(Generations, "every", read)


MUTANTS: Mapping[Callable[[pytest.MonkeyPatch], None], str] = {
    _switched_too_early: TICKET, _further_than_what_is_read: TICKET,
    _from_the_end_of_the_feed: TICKET, _without_lanes: VISITOR,
    _what_is_kept_stands_still: TICKET,
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__.strip("_"))
def test_what_is_left_out_is_missed(
    tmp_path: Path, mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    for seed in TRIED:
        try:
            with story(tmp_path, seed, MUTANTS[mutant]) as one:
                one.live()
        except (AssertionError, Trouble):
            return
    pytest.fail("no story notices")
