"""Ways: all that may become of a task's next call, with the faults that each takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mainstem.ports import Unavailable, Unknown
from mainstem.sim.exhaustive.histories import AWAY, Bug, Histories, Program
from mainstem.sim.exhaustive.numbers import Numbers
from mainstem.sim.exhaustive.shelf import VIEWS, Shelf


class Way(NamedTuple):
    """How a task goes on from a history, on a store."""

    cost: int  # faults
    store: int
    history: int  # or its home, once it has ended
    told: int  # how it ended, where somebody hears it
    upto: int  # how far a batch is done with
    late: int  # a call that may still land
    said: str = ""  # the call, and what became of it


class Ways:
    """Each is worked out once for a history and a store, whatever else is the case."""

    def __init__(self, shelf: Shelf, histories: Histories, *, nobody_parks: bool) -> None:
        self._nobody_parks, self._no = nobody_parks, shelf.result(False)
        self.shelf, self.histories = shelf, histories
        self.told = Numbers[tuple[Program, Any]]()
        self._refused = shelf.result(Unavailable("not now"))
        self._unknown = shelf.result(Unknown("nobody knows"))
        self._found: dict[tuple[int, int], tuple[Way, ...]] = {}

    def of(self, history: int, store: int) -> tuple[Way, ...]:
        """The cheapest first: that is without a fault."""
        found = self._found.get((history, store))
        if found is None:
            every = sorted(self._every(history, store), key=lambda way: way.cost)
            idle = Way(0, store, history, AWAY, 0, AWAY)
            # A fault that changes nothing leads to nothing that may not happen anyway.
            useful = tuple(way for way in every if not way.cost or way[1:-1] != idle[1:-1])
            found = self._found[history, store] = useful
        return found

    def _every(self, history: int, store: int) -> Iterator[Way]:
        call, home = self.histories.calls[history], self.histories.homes[history]
        writes = self.shelf.calls.values[call].writes
        for cost, result, after in self.shelf.answers(call, store):
            way = self._led(cost, after, history, result)
            yield way
            if way.upto and not cost:
                yield Way(1, after, home, AWAY, 0, AWAY, f"{way.said}, and it dies")
        refused = self._led(1, store, history, self._refused)
        unknown = self._led(1, store, history, self._unknown)._replace(late=call)
        if writes:
            yield unknown
        if not writes or refused.history != unknown.history:
            yield refused  # otherwise it is as if what is late never lands
        # Dead before it was done; or what it wrote lands, at once or later.
        dies = Way(1, store, home, AWAY, 0, call if writes else AWAY)
        yield dies._replace(said=f"{self._said(call)}: no answer, it dies")

    def _led(self, cost: int, store: int, history: int, result: int) -> Way:
        """With this result it goes on, or has ended and is at home."""
        after = self.histories.after(history, result)
        said = f"{self._said(self.histories.calls[history])} → {self._result(result)}"
        call = self.histories.calls[after]
        if call != AWAY:
            if self._sure(call, store):
                return self._led(cost, store, after, self._no)
            return Way(cost, store, after, AWAY, 0, AWAY, said)
        end, program = self.histories.ends[after], self.histories.programs[after]
        hears = program.tells or isinstance(end, Bug)
        told = self.told.of((program, end), (program.name, repr(end))) if hears else AWAY
        upto = end if isinstance(end, int) else 0
        return Way(cost, store, self.histories.homes[after], told, upto, AWAY, said)

    def _sure(self, call: int, store: int) -> bool:
        """Whether nobody will ever change the answer: nothing is parked where nothing is lost."""
        if self.shelf.calls.values[call].name != "parks.waits" or not self._nobody_parks:
            return False
        return not self.shelf.store(VIEWS, store).parks

    def _said(self, call: int) -> str:
        one = self.shelf.calls.values[call]
        return f"{one.name}{_short(one.args)}"

    def _result(self, result: int) -> str:
        return _short(self.shelf.results.values[result])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:120]} … {text[-60:]}"
