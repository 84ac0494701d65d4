"""The game: a state in a few numbers, and every state that may follow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mainstem.ports import Verdict
from mainstem.sim.exhaustive.bags import Bags
from mainstem.sim.exhaustive.histories import AWAY
from mainstem.sim.exhaustive.scope import Scope
from mainstem.sim.exhaustive.setting import Beginner, Setting
from mainstem.sim.exhaustive.shelf import FEED, IDLE, JOURNAL
from mainstem.sim.exhaustive.ways import Way, Ways

# Numbers of the journal, the feed and the views; how far the feed is done with; faults that are
# left; numbers of what is left to begin, of the tasks, and of the writes that may still land.
State = tuple[int, int, int, int, int, int, int, int]
CONDITIONAL = frozenset("journal.commit journal.mark rows.write rows.move".split())


class Move(NamedTuple):
    """A state that follows, and why."""

    after: State
    history: int  # whose turn it was; AWAY: that of a late write, or of a batch that is thrown away
    way: Way


class Start(NamedTuple):
    """Somebody who may begin."""

    root: int
    left: int  # what is left to begin then
    tasks: int  # without the process that it takes the place of


class Game:
    """All that may happen in a scope."""

    def __init__(self, scope: Scope) -> None:
        self.setting = setting = Setting(scope)
        self.histories, self.shelf = setting.histories, setting.shelf
        self.ways = Ways(setting.shelf, setting.histories, nobody_parks=not scope.thrown)
        self.left, self.tasks, self.late = (Bags() for _ in range(3))
        self.nothing = self.left.number(())  # left to begin
        self.nobody_late = self.late.number(())
        self._done: dict[int, int] = {}
        self.idle = self.tasks.number(setting.tasks)
        left = self.left.number((*[one.times for one in setting.beginners], scope.thrown, 0))
        done = self.done(setting.stores[FEED]) if scope.shown else 0
        self.start: State = (
            *setting.stores, done, scope.faults, left, self.idle,
            self.nobody_late,
        )  # fmt: skip
        self._batches: dict[tuple[int, int, int], tuple[Way, ...]] = {}
        self._hopes: dict[tuple[int, int, int], int] = {}
        self._starts: dict[tuple[int, int], tuple[Start, ...]] = {}
        self._players: dict[int, tuple[tuple[int, int], ...]] = {}

    def done(self, feed: int) -> int:
        """Where all of the feed is done with."""
        found = self._done.get(feed)
        if found is None:
            found = self._done[feed] = len(self.setting.records(feed))
        return found

    def thrown(self, state: State) -> int:
        """A bit for each record that was given up on."""
        return self.left.bags[state[5]][-1]

    def moves(self, state: State) -> list[Move]:
        """Every way in which anybody goes on."""
        _, feed, views, checkpoint, faults, left, tasks, late = state
        found, most = list[Move](), self.setting.scope.bundles
        for history, place in self.players(tasks):
            if place == IDLE:
                ways = self.batches(feed, views, checkpoint)
            else:
                ways = self.ways.of(history, state[place])
            for way in ways:
                if way[0] > faults:
                    break  # the cheapest come first
                found.append(Move(self.after(state, history, place, way), history, way))
        for start in self.starts(left, tasks):
            found += self._begun(state, start)
        if self.left.bags[left][-2] and checkpoint < self.done(feed):
            found.append(self._thrown(state))
        if late != self.nobody_late:
            found += [self.landing(state, call) for call in sorted(set(self.late.bags[late]))]
        return [one for one in found if one.after[1] == feed or self.done(one.after[1]) <= most]

    def after(self, state: State, history: int, place: int, way: Way) -> State:
        """The state once that has happened."""
        journal, feed, views, checkpoint, faults, left, tasks, late = state
        cost, store, new, _, upto, lands, _ = way
        if place == JOURNAL:
            journal = store
        elif place == FEED:
            feed = store
        else:
            views = store
        if new != history:
            tasks = self.tasks.swapped(tasks, history, new)
        checkpoint = max(checkpoint, upto)
        if lands != AWAY:
            late = self.late.swapped(late, AWAY, lands)
        if late != self.nobody_late:
            late = self.hopeful(late, journal, views)
        return journal, feed, views, checkpoint, faults - cost, left, tasks, late

    def players(self, tasks: int) -> tuple[tuple[int, int], ...]:
        """Whoever may go on, one of several alike, and which store it is about."""
        found = self._players.get(tasks)
        if found is None:
            places = self.histories.places
            alike = dict.fromkeys(self.tasks.bags[tasks])
            found = self._players[tasks] = tuple((one, places[one]) for one in alike)
        return found

    def batches(self, feed: int, views: int, checkpoint: int) -> tuple[Way, ...]:
        """A consumer has some records from anywhere up to what is done with, and reads.

        What was read from the feed before could be read as well now, so these are one step.
        """
        found = self._batches.get((feed, views, checkpoint))
        if found is None:
            ways = sorted(self._first_steps(feed, views, checkpoint), key=lambda way: way.cost)
            found = self._batches[feed, views, checkpoint] = tuple(ways)
        return found

    def hopeful(self, late: int, journal: int, views: int) -> int:
        """Without writes that can't change anything any more: what is there only grows."""
        found = self._hopes.get((late, journal, views))
        if found is None:
            calls = [one for one in self.late.bags[late] if self._may_land(one, journal, views)]
            found = self._hopes[late, journal, views] = self.late.number(tuple(calls))
        return found

    def starts(self, left: int, tasks: int) -> tuple[Start, ...]:
        """Whoever may begin now."""
        if left == self.nothing:
            return ()
        found = self._starts.get((left, tasks))
        if found is None:
            found = self._starts[left, tasks] = tuple(self._every_start(left, tasks))
        return found

    def landing(self, state: State, call: int) -> Move:
        """A write lands of which nobody knew what became."""
        place = self.shelf.place(call)
        store = self.shelf.answers(call, state[place])[0].store
        way = Way(0, store, AWAY, AWAY, 0, AWAY, f"{self.shelf.calls.values[call].name} lands")
        state = (*state[:7], self.late.swapped(state[7], call, AWAY))
        return Move(self.after(state, AWAY, place, way), AWAY, way)

    def _first_steps(self, feed: int, views: int, checkpoint: int) -> Iterator[Way]:
        records, idle = self.setting.records(feed), self.setting.idle
        starts = range(checkpoint + 1)
        for start in starts:
            again = self.setting.scope.again if start < checkpoint else 0
            for end in range(start + 1, len(records) + 1):
                root = self.setting.batch(records[start:end], idle)
                for way in self.ways.of(root, views):
                    if not way.cost or way.history != idle or way.upto:
                        said = f"has {start + 1} to {end}; {way.said}"
                        yield way._replace(cost=way.cost + again, said=said)

    def _may_land(self, call: int, journal: int, views: int) -> bool:
        place = self.shelf.place(call)
        if self.shelf.calls.values[call].name not in CONDITIONAL:
            return True
        store = journal if place == JOURNAL else views
        answer = self.shelf.answers(call, store)[0]
        taken = self.shelf.results.values[answer.result] is Verdict.TAKEN
        return answer.store != store or taken  # a claim may be let go

    def _begun(self, state: State, start: Start) -> Iterator[Move]:
        """Whoever begins makes the first call at once: until then nobody can tell."""
        place = self.histories.places[start.root]
        if not self.setting.scope.committing:
            yield self._committed(state, start)
            return
        base: State = (*state[:5], start.left, start.tasks, state[7])
        for way in self.ways.of(start.root, state[place]):
            if way.cost > state[4]:
                break
            yield Move(self.after(base, AWAY, place, way), start.root, way)

    def _committed(self, state: State, start: Start) -> Move:
        """A command is committed, and what follows is to be published."""
        state = (*state[:5], start.left, start.tasks, state[7])
        leaves, history = AWAY, start.root
        while True:
            place = self.histories.places[history]
            way = self.ways.of(history, state[place])[0]
            state = self.after(state, leaves, place, way)
            leaves = history = way.history
            call = self.histories.calls[history] if history != AWAY else AWAY
            if call == AWAY or self.shelf.calls.values[call].name == "journal.unpublished":
                return Move(state, start.root, way)

    def _every_start(self, left: int, tasks: int) -> Iterator[Start]:
        times = self.left.bags[left]
        for number, one in enumerate(self.setting.beginners):
            if times[number] and self._may_begin(one, times):
                rest = (*times[:number], times[number] - 1, *times[number + 1 :])
                yield Start(one.root, self.left.number(rest), self._without(tasks, one.replaces))

    def _may_begin(self, one: Beginner, times: tuple[int, ...]) -> bool:
        if one.follows != AWAY and times[one.follows] == one.times:
            return False  # the one before says the same, and comes first
        return one.replaces == AWAY or not times[one.replaces]

    def _without(self, tasks: int, beginner: int) -> int:
        """Without the task that began as this one."""
        if beginner == AWAY:
            return tasks
        make = self.histories.programs[self.setting.beginners[beginner].root].make
        for one in self.tasks.bags[tasks]:
            if self.histories.programs[one].make is make:
                tasks = self.tasks.swapped(tasks, one, AWAY)
        return tasks

    def _thrown(self, state: State) -> Move:
        """An event source gives up on a record."""
        journal, feed, views, checkpoint, faults, left, tasks, late = state
        *times, thrown, given_up = self.left.bags[left]
        left = self.left.number((*times, thrown - 1, given_up | 1 << checkpoint + 1))
        after = (journal, feed, views, checkpoint + 1, faults, left, tasks, late)
        return Move(after, AWAY, Way(0, feed, AWAY, AWAY, 0, AWAY, "a batch is given up on"))
