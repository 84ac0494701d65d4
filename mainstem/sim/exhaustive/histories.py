"""Histories: a task is what it runs and the results it was given; nothing else is in it.

A coroutine can't be copied. It is made anew and told the same results again, once for each history
that was not met before; from then on a step of it is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, NamedTuple

from mainstem._refused import Refused
from mainstem.ports import Trouble
from mainstem.sim.call import Call
from mainstem.sim.exhaustive.shelf import PLACES, Shelf

Steps = Coroutine[Any, Any, Any]
AWAY = -1  # no call, no home, no history
AGAIN = -2  # its home is its own beginning


class Bug(NamedTuple):
    """It ended in a way that no task may end."""

    why: str


class Program(NamedTuple):
    """What a task runs. When it ends it goes home, to whatever waits for its next turn."""

    name: str
    make: Callable[[], Steps]
    home: int = AWAY
    tells: bool = False  # somebody hears how it ends


class Histories:
    """All that were met, by number: which call each waits for, or how it ended."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.programs: list[Program] = []
        self.calls: list[int] = []  # AWAY: it has ended, or it is a home
        self.places: list[int] = []  # of the store that the call is about
        self.homes: list[int] = []
        self.ends: list[Any] = []
        self._results: list[tuple[int, ...]] = []
        self._begun: dict[Hashable, int] = {}
        self._after: dict[tuple[int, int], int] = {}

    def home(self, name: str, place: int) -> int:
        """Where tasks wait until they may begin."""
        return self._add(Program(name, _never, AGAIN), (), AWAY, place, None)

    def begin(self, program: Program, key: Hashable) -> int:
        """Before its first call. Programs are the same where their keys are."""
        found = self._begun.get(key)
        if found is None:
            found = self._begun[key] = self._run(program, ())
        return found

    def after(self, history: int, result: int) -> int:
        """With one more result."""
        found = self._after.get((history, result))
        if found is None:
            results = (*self._results[history], result)
            program = self.programs[history]._replace(home=self.homes[history])
            found = self._after[history, result] = self._run(program, results)
        return found

    def _run(self, program: Program, results: tuple[int, ...]) -> int:
        call, end = _led(program.make(), [self._shelf.results.values[one] for one in results])
        if call is None:
            return self._add(program, results, AWAY, AWAY, end)
        return self._add(program, results, self._shelf.call(call), PLACES[call.port], None)

    def _add(
        self, program: Program, results: tuple[int, ...], call: int, place: int, end: Any
    ) -> int:
        self.programs.append(program)
        self._results.append(results)
        self.calls.append(call)
        self.places.append(place)
        self.homes.append(len(self.homes) if program.home == AGAIN else program.home)
        self.ends.append(end)
        return len(self.calls) - 1


async def _never() -> None:
    raise AssertionError("nobody runs a home")


def _led(steps: Steps, results: list[Any]) -> tuple[Call | None, Any]:
    """The call that follows these results, or how it ended."""
    try:
        call: Call = steps.send(None)
        for result in results:
            call = _told(steps, result)
    except StopIteration as end:
        return None, end.value
    except (Trouble, Refused) as no:
        return None, no
    except Exception as wrong:  # noqa: BLE001  whatever it is, it is what the search is for
        return None, Bug(f"{type(wrong).__name__}: {wrong}")
    steps.close()
    return call, None


def _told(steps: Steps, result: Any) -> Call:
    """A trouble is made anew each time, or it would grow by every traceback it was in."""
    trouble = isinstance(result, Trouble)
    call: Call = steps.throw(type(result)(*result.args)) if trouble else steps.send(result)
    return call
