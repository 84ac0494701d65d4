"""given(...).when(...).then(...): one sentence per rule of a domain, no storage and no waiting."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from mainstem._command import Asked, Command, fresh_id
from mainstem._decide import Decision, decided, may_read
from mainstem._digits import Digits
from mainstem._effect import Effect
from mainstem._event import Event, Happened
from mainstem._history import rows_after, stamped
from mainstem._kind import stored
from mainstem._listing import entries, place
from mainstem._mark import Index
from mainstem._reaction import Reaction
from mainstem._refused import Refused, TooSoon
from mainstem._state import State
from mainstem._story import told
from mainstem._who import SYSTEM

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
ID = "a"
KEY = b"a key for all tests"
COMMAND_ID = uuid.UUID(int=7)
S = TypeVar("S", bound=State)


def given(*events: Event, at: datetime = DAWN, by: str = "ann", id: str = ID) -> Given:
    """An aggregate to which these have happened; `.given(…)` adds others at another time."""
    return Given(id=id).given(*events, at=at, by=by)


def digits(recipe: Digits, of: type[State], id: str = ID) -> str:
    """The digits that tests' commands prove: those of this aggregate under the tests' key."""
    return recipe.made(KEY, "main", of.__module__.rpartition(".")[2], id)


def fresh(
    of: type[State], purpose: str = "", *, id: str = ID, command_id: uuid.UUID = COMMAND_ID
) -> str:
    """The id that `self.fresh(purpose)` gives a command about this aggregate."""
    return fresh_id(command_id, "main", of.__module__.rpartition(".")[2], id, purpose)


def listed(view: type[S], index: str, *aggregates: Given, **by: object) -> list[S]:
    """The rows of these aggregates that an index lists, in its order: `listed(…, owner="ann")`."""
    mark = view.__marks__[index]
    assert isinstance(mark, Index), f"{view.__name__}.{index} is no index"
    assert set(by) == set(mark.by), f"{view.__name__}.{index} lists by {', '.join(mark.by)}"
    wanted = tuple(stored(by[name]) for name in mark.by)
    rows = [row for given in aggregates for row in given.all(view)]
    found = [row for row in rows if wanted in entries(mark, row.row())]
    return sorted(found, key=lambda row: place(mark, row.row()), reverse=mark.newest_first)


@dataclass(frozen=True)
class Given:
    """An aggregate and what has happened to it."""

    history: tuple[Happened, ...] = ()
    id: str = ID

    def given(self, *events: Event, at: datetime = DAWN, by: str = "ann") -> Given:
        """The same with these as well, at their own time and by whom."""
        for event in events:
            assert isinstance(event, Event), f"given({event!r}): a history holds events"
        more = stamped(events, at=at, by=by, after=len(self.history))
        return replace(self, history=(*self.history, *more))

    def seen(self, state: type[S]) -> S:
        """The state or view as this history leaves it."""
        for event in (happened.event for happened in self.history):
            home, asked = type(event).__module__, state.__module__
            assert home == asked, f"{event!r} is of {home}, but {state.__name__} of {asked}"
        assert not state.__keys__, f"{state.__name__} has a row for each key: say .rows(…)"
        return state(id=self.id).after(self.history)

    def rows(self, view: type[S]) -> Mapping[str, S]:
        """The rows of a view with a key."""
        assert view.__keys__, f"{view.__name__} has no key=, so one row: say .seen(…)"
        return rows_after(view, self.history, self.id)

    def all(self, view: type[S]) -> tuple[S, ...]:
        """Every row of a view, in the order of their keys."""
        return tuple(self.rows(view).values()) if view.__keys__ else (self.seen(view),)

    def readable(
        self, view: type[S], *, by: str = "ann", roles: frozenset[str] | set[str] = frozenset()
    ) -> tuple[S, ...]:
        """The rows of a view that this caller may read, in the order of their keys."""
        return tuple(row for row in self.all(view) if may_read(row, by, roles))

    def when(
        self,
        command: Command[Any],
        *,
        by: str = "ann",
        at: datetime = DAWN,
        roles: frozenset[str] | set[str] = frozenset(),
        command_id: uuid.UUID = COMMAND_ID,
    ) -> Outcome:
        """This is asked, by this caller at this time. Ids from `fresh()` follow command_id."""
        assert not isinstance(roles, str), f"roles={roles!r}: a set of them, as in roles={{...}}"
        assert isinstance(command, Command), f"when({command!r}): say a command, as Rename(…) is"
        asked = Asked(at, by, frozenset(roles), "main", self.id, command_id, KEY)
        meant = command.asked(asked).which()
        id = self.id if meant is None else meant
        return Outcome(replace(self, id=id), command, replace(asked, aggregate=id))

    def clock(self, at: datetime, command: type[Command[Any]]) -> Outcome:
        """The clock reaches `at`: a timer's command fires if it is due by then."""
        column = command.__due__
        assert column is not None, f"{command.__name__} has no at=, so no timer asks it"
        due = getattr(self.seen(command.__state__), column)
        assert due is not None, f"{command.__name__} is not due at all"
        assert due <= at, f"{command.__name__} is due at {due}, not by {at}"
        return self.when(command(), by=SYSTEM, at=at)


@dataclass(frozen=True)
class Outcome:
    """What came of a command. Each check fails with the whole story."""

    before: Given
    command: Command[Any]
    asked: Asked

    def then(self, *expected: Event) -> Outcome:
        """Exactly these events happened; with none, nothing did."""
        happened = self._happened()
        if not isinstance(happened, Decision) or happened.events != expected:
            self._fail([repr(event) for event in expected] or ["nothing"], happened)
        return self

    def answers(self, value: object) -> Outcome:
        """The command was granted, and this is its answer."""
        happened = self._happened()
        if not isinstance(happened, Decision) or happened.answer != value:
            self._fail([f"the answer {value!r}"], happened)
        return self

    def refused(
        self, reason: str, *, records: Event | None = None, until: datetime | None = None
    ) -> None:
        """The answer was no, in these words among others, and recorded only this."""
        assert reason, "refused(…): in which words?"
        happened = self._happened()
        wanted = [f"refused: …{reason}…"]
        wanted += [f"and recorded: {records!r}"] if records is not None else []
        wanted += [f"until: {until}"] if until is not None else []
        if not (
            isinstance(happened, Refused)
            and reason in happened.reason
            and happened.records == records
            and until in (None, getattr(happened, "until", None))
        ):
            self._fail(wanted, happened)

    def does(self, *expected: Effect, of: Reaction[Any, Any] | None = None) -> Outcome:
        """Exactly these effects follow: of one reaction, or of all in the command's own file."""
        happened = self._happened()
        effects = tuple(self._effects(happened, of)) if isinstance(happened, Decision) else None
        if effects != expected:
            self._fail([repr(effect) for effect in expected] or ["no effect"], happened, effects)
        return self

    def seen(self, state: type[S]) -> S:
        """The state or view once what was decided has happened."""
        return self.next().seen(state)

    def next(self) -> Given:
        """The history with what was decided: to go on from."""
        happened = self._happened()
        if isinstance(happened, Decision):
            events = happened.events
        elif happened.records is not None:
            events = (happened.records,)
        else:
            self._fail(["granted"], happened)
            raise AssertionError
        return self.before.given(*events, at=self.asked.at, by=self.asked.by)

    def _happened(self) -> Decision | Refused:
        state = self.before.seen(type(self.command).__state__)
        try:
            return decided(self.command, state, self.asked)
        except Refused as no:
            return no

    def _effects(self, decision: Decision, of: Reaction[Any, Any] | None) -> Iterator[Effect]:
        after = self.next().history
        for n in range(len(self.before.history), len(after)):
            event, history = after[n].event, after[: n + 1]
            for reaction in [of] if of is not None else self._reactions():
                if type(event) in reaction.events:
                    yield from reaction(event, reaction.state_after(history, self.before.id))

    def _reactions(self) -> list[Reaction[Any, Any]]:
        module = vars(sys.modules[type(self.command).__module__])
        return [value for value in module.values() if isinstance(value, Reaction)]

    def _fail(
        self,
        expected: list[str],
        happened: Decision | Refused,
        effects: tuple[Effect, ...] | None = None,
    ) -> None:
        state = self.before.seen(type(self.command).__state__)
        raise AssertionError(
            told(self.before.history, state, self.command, self.asked, expected, happened, effects)
        )


__all__ = ["DAWN", "ID", "KEY", "Given", "Outcome", "TooSoon", "digits", "fresh", "given", "listed"]
