"""The search: every state of a scope, breadth first, so that a story found is a shortest one."""

from __future__ import annotations

from array import array
from typing import NamedTuple

from mainstem._uncollected import uncollected
from mainstem.sim.exhaustive.calm import Calm
from mainstem.sim.exhaustive.decided import Decided
from mainstem.sim.exhaustive.game import Game, Move, State
from mainstem.sim.exhaustive.histories import AWAY
from mainstem.sim.exhaustive.ingested import Ingested
from mainstem.sim.exhaustive.rules import Rules, Wrong
from mainstem.sim.exhaustive.scope import Scope


class Story(NamedTuple):
    """What is wrong, and how it comes to that."""

    why: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{number:3}  {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([*lines, f"  → {self.why}"])


class Explored(NamedTuple):
    """How much there was, whether that was all, and what was wrong with it."""

    scope: str
    states: int
    transitions: int
    depth: int  # the most steps that a state is away from the beginning
    complete: bool
    broken: Story | None

    def __str__(self) -> str:
        how = "all" if self.complete else "not all"
        size = f"{self.states:,} states ({how}), {self.transitions:,} transitions"
        end = "nothing is wrong" if self.broken is None else f"broken:\n{self.broken}"
        return f"{self.scope}: {size}, depth {self.depth}: {end}"


def explore(scope: Scope, limit: int | None = None) -> Explored:
    """Every state of the scope, or about so many."""
    with uncollected():  # states hold no cycles
        return Search(scope).run(limit)


class Search:
    """Where a state came from is kept as two small numbers, and the state itself as a hash."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.game = scope, Game(scope)
        setting = self.game.setting
        decided = setting.into.sink.domain.decided
        self.rules: Rules = Decided(setting) if decided else Ingested(setting)
        self.calm = Calm(self.game, self.rules)
        self.seen = {hash(self.game.start)}
        self.parents, self.turns = array("L", [0]), array("H", [0])
        self.transitions = self.depth = 0

    def run(self, limit: int | None) -> Explored:
        """Level by level."""
        edge, first = [self.game.start], 0
        while edge and (limit is None or len(self.seen) < limit):
            begun = len(self.seen)
            edge, broken = self._level(edge, first)
            if broken is not None:
                return self._explored(broken, complete=False)
            first = begun
            self.depth += bool(edge)
        return self._explored(None, complete=not edge)

    def _level(self, edge: list[State], first: int) -> tuple[list[State], Story | None]:
        """All states one step further on. `first` is the number of the first of these."""
        seen, further, thrown = self.seen, list[State](), self.game.thrown
        for parent, state in enumerate(edge, first):
            moves = self.game.moves(state)
            self.transitions += len(moves)
            for turn, move in enumerate(moves):
                after = move.after
                number = hash(after)
                new = number not in seen
                try:
                    if move.way.told != AWAY:
                        self.calm.hear(move)
                    if new:
                        self.calm.check(after, thrown(after))
                except Wrong as wrong:
                    return further, self._story(parent, move, wrong)
                if new:
                    seen.add(number)
                    self.parents.append(parent)
                    self.turns.append(turn)
                    further.append(after)
        return further, None

    def _explored(self, broken: Story | None, *, complete: bool) -> Explored:
        states = len(self.seen)
        return Explored(self.scope.name, states, self.transitions, self.depth, complete, broken)

    def _story(self, parent: int, last: Move, wrong: Wrong) -> Story:
        """The way to a state by what every state on it came from, and how it ends in calm."""
        turns = list[int]()
        while parent:
            turns.append(self.turns[parent])
            parent = self.parents[parent]
        state, steps = self.game.start, list[str]()
        for turn in reversed(turns):
            move = self.game.moves(state)[turn]
            steps.append(self._told(move))
            state = move.after
        steps.append(self._told(last))
        return Story(str(wrong), (*steps, *[f"in calm: {self._told(one)}" for one in wrong.calm]))

    def _told(self, move: Move) -> str:
        if move.history == AWAY:
            return move.way.said
        return f"{self.game.histories.programs[move.history].name}: {move.way.said}"
