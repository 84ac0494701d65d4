"""Calm: once faults stop, a fair schedule ends soon, with everything where it belongs."""

from __future__ import annotations

from mainstem.protocol.drive import drive
from mainstem.sim.exhaustive.cast import NOON_US
from mainstem.sim.exhaustive.game import Game, Move, State
from mainstem.sim.exhaustive.histories import AWAY, Bug
from mainstem.sim.exhaustive.rules import Rules, Wrong
from mainstem.sim.exhaustive.shelf import JOURNAL, VIEWS

STEPS_MAX = 400
Known = tuple[int, int, int, int]  # the numbers of stores, and how far the feed is done with


class Calm:
    """No faults, nobody new, nothing delivered twice: one after the other goes on to its end."""

    def __init__(self, game: Game, rules: Rules) -> None:
        self.game, self.rules = game, rules
        self._rested: set[int] = set()  # states from which all comes to rest
        self._right: set[tuple[Known, int]] = set()
        self._chores: dict[Known, int] = {}
        self._busy: dict[int, int] = {}
        self._heard: set[tuple[int, int, int]] = set()

    def check(self, state: State, thrown: int) -> None:
        """What always holds; and that all comes to rest. Raises Wrong."""
        known = state[:4]
        if (known, thrown) not in self._right:
            self.right(state, thrown)
            self.rest(self.calmed(state, alive=False), thrown)
        self.rest(self.calmed(state, alive=True), thrown)

    def hear(self, move: Move) -> None:
        """What somebody is told is so. Raises Wrong."""
        journal, feed = move.after[:2]
        heard = (move.way.told, journal, feed)
        if heard not in self._heard:
            program, end = self.game.ways.told.values[move.way.told]
            if isinstance(end, Bug):
                raise Wrong(f"{program.name} ends with {end.why}")
            self.rules.heard(program.name, end, journal, feed)
            self._heard.add(heard)

    def calmed(self, state: State, *, alive: bool) -> State:
        """Whoever is at work goes on; or has died, and nothing that is late ever lands."""
        journal, feed, views, checkpoint, _, _, tasks, late = state
        if not alive:
            tasks, late = self.game.idle, self.game.nobody_late
        return journal, feed, views, checkpoint, 0, self.game.nothing, tasks, late

    def right(self, state: State, thrown: int) -> None:
        """What always holds does. Raises Wrong."""
        known = state[:4]
        if (known, thrown) not in self._right:
            self.rules.always(*known, thrown=thrown)
            self._right.add((known, thrown))

    def rest(self, state: State, thrown: int) -> None:
        """From here on it comes to rest, as far as that was not known. Raises Wrong."""
        if hash(state) in self._rested:
            return
        moves = list[Move]()
        try:
            self._rested.update(self._led(state, thrown, moves))
        except Wrong as wrong:
            wrong.calm = tuple(moves)
            raise

    def _led(self, state: State, thrown: int, moves: list[Move]) -> list[int]:
        """States on the way. The steps are told as they are made, for whoever asks what failed."""
        numbers = list[int]()
        while (number := hash(state)) not in self._rested:
            numbers.append(number)
            if len(numbers) > STEPS_MAX:
                raise Wrong(f"after {STEPS_MAX} steps without a fault there is still to do")
            move = self.next(state)
            if move is None:
                self.rules.at_rest(*state[:3])
                break
            moves.append(move)
            state = move.after
            self.right(state, thrown)
        return numbers

    def next(self, state: State) -> Move | None:
        """The next step of the fair schedule; None: all are at rest."""
        if state[7] != self.game.nobody_late:
            return self.game.landing(state, self.game.late.bags[state[7]][0])
        busy = self._at_work(state[6])
        if busy != AWAY:
            return self._step(state, busy, busy)
        chore = self._chore(state[:4])
        return None if chore == AWAY else self._step(state, AWAY, chore)

    def _step(self, state: State, leaves: int, history: int) -> Move:
        place = self.game.histories.places[history]
        way = self.game.ways.of(history, state[place])[0]
        move = Move(self.game.after(state, leaves, place, way), history, way)
        if way.told != AWAY:
            self.hear(move)
        return move

    def _at_work(self, tasks: int) -> int:
        found = self._busy.get(tasks)
        if found is None:
            homes = self.game.histories.homes
            busy = (one for one in self.game.tasks.bags[tasks] if homes[one] != one)
            found = self._busy[tasks] = next(busy, AWAY)
        return found

    def _chore(self, known: Known) -> int:
        """Whose turn it is when nobody is at work."""
        found = self._chores.get(known)
        if found is None:
            found = self._chores[known] = self._new_chore(*known)
        return found

    def _new_chore(self, journal: int, feed: int, views: int, checkpoint: int) -> int:
        setting = self.game.setting
        if self._hinted(journal):
            return setting.calm.sweeper
        if setting.scope.consumers == 0:
            return AWAY
        if checkpoint < self.game.done(feed):
            return setting.batch(setting.records(feed)[checkpoint:], AWAY)
        if self._behind(journal, views):
            return setting.calm.auditor
        return setting.calm.repairer if self._parks(views) else AWAY

    def _hinted(self, journal: int) -> bool:
        store = self.game.shelf.store(JOURNAL, journal)
        return any(drive(store.hints(slot, NOON_US, 1)) for slot in self.game.setting.slots)

    def _behind(self, journal: int, views: int) -> bool:
        """Whether a sink neither shows what was committed nor knows that it does not."""
        store = self.game.shelf.store(JOURNAL, journal)
        heads = self.game.shelf.store(VIEWS, views).heads(self.game.setting.into.generation)
        parked = self.game.shelf.store(VIEWS, views).parked(self.game.setting.into.generation)
        for one in drive(store.touched("", len(self.game.setting.aggregates))):
            high = parked[one.aggregate].high if one.aggregate in parked else 0
            if max(heads.get(one.aggregate, 0), high) < one.version:
                return True
        return False

    def _parks(self, views: int) -> bool:
        return bool(self.game.shelf.store(VIEWS, views).parks)
