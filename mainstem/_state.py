"""State: folds that commands decide on. View: folds that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from mainstem._column import BUILT_IN, Attribute, Column
from mainstem._declare import declare, leaf
from mainstem._event import Event, Happened, record_of
from mainstem._expr import Expr
from mainstem._kind import Kind, Sort
from mainstem._machine import Cells, Machine, Row, copied, frozen
from mainstem._mark import Settled
from mainstem._refusal import Mistake
from mainstem._term import Term


class State:
    """A product of folds. `key=` makes it one row per key instead of one per aggregate.

    Start from `Ticket()`, then `ticket.after(history)`; a state never changes.
    """

    __columns__: ClassVar[Mapping[str, Column]] = {}
    __marks__: ClassVar[Mapping[str, Settled]] = {}
    __keys__: ClassVar[Mapping[type[Event], Expr]] = {}
    __gone__: ClassVar[Mapping[type[Event], Expr]] = {}
    __machine__: ClassVar[Machine] = Machine({}, {}, {})
    __published__: ClassVar[bool] = False

    _id: str
    _key: str
    _cells: Cells
    _row: Row | None

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, key: Any = (), gone: Any = ()) -> None: ...
    else:

        def __init_subclass__(cls, *, key: Any = (), gone: Any = (), **unknown: Any) -> None:
            super().__init_subclass__()
            if unknown:
                options = "key= and gone="
                raise Mistake(f"{cls.__name__}: no such option: {', '.join(unknown)}; {options}")
            declare(cls, key, gone)
            cls.__machine__ = Machine(cls.__columns__, cls.__keys__, cls.__gone__)

    @classmethod
    def __leaf__(cls, term: Term) -> Expr:
        """What a name in an expression means in a row of this state."""
        return leaf(cls, term)

    def __init__(self, *, id: str = "", key: str = "", cells: Cells | None = None) -> None:
        _fill(self, id, key, cells or {}, None)

    id: str = Attribute("id")  # type: ignore[assignment]
    key: str = Attribute("key")  # type: ignore[assignment]
    version: int = Attribute("version")  # type: ignore[assignment]
    changed_at: datetime | None = Attribute("changed_at")  # type: ignore[assignment]

    @property
    def exists(self) -> bool:
        """Whether anything has happened to it yet."""
        return self.version > 0

    def after(self, history: Iterable[Happened]) -> Self:
        """The state once these have happened as well; a row of a key hears those of its key."""
        if self._row is not None and self._row["version"] and not self._cells:
            raise TypeError(
                f"{type(self).__name__}: a finished row hears no more; fold its history"
            )
        machine, cells = self.__machine__, copied(self._cells)
        for happened in history:
            type_, record = happened.event.__shape__.type, record_of(happened)
            if not self.__keys__:
                machine.apply(cells, type_, record)
                continue
            rows = {self._key: cells} if cells else {}
            machine.apply_keyed(rows, type_, record)
            cells = rows.get(self._key, {})
        return type(self)(id=self._id, key=self._key, cells=cells)

    @classmethod
    def of_row(cls, row: Row, id: str = "", key: str = "") -> Self:
        """A state over a row that was finished elsewhere."""
        state = cls.__new__(cls)
        _fill(state, row.get("id", id), row.get("key", key), {}, row)
        return state

    def row(self) -> Row:
        """Every column as it is stored, private ones included: a copy, to do with as you like."""
        finished: Row = copied(self._finished())
        return finished

    def _finished(self) -> Row:
        if self._row is None:
            identity = {"id": self._id, "key": self._key} if self.__keys__ else {"id": self._id}
            object.__setattr__(self, "_row", self.__machine__.finish(self._cells, **identity))
        assert self._row is not None
        return self._row

    def shown(self) -> Row:
        """The row as it may be shown: without what a leading underscore keeps back."""
        return self.__machine__.public(self.row())

    def _value(self, name: str) -> Any:
        if name in ("id", "key"):
            return self._id if name == "id" else self._key
        column = self.__columns__.get(name) or BUILT_IN[name]
        return _opened(column.kind, self._finished()[name], self._id)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name}: a state is what its history says")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State) or type(self) is not type(other):
            return NotImplemented
        names = ("id", "key", "version", *self.__columns__)
        return all(self._value(name) == other._value(name) for name in names)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self._value(name)!r}" for name in self.__columns__)
        return f"{type(self).__name__}({shown})"


class View(State):
    """A State that is published: endpoints, lists, search, a SQL view, rebuilds."""

    __published__ = True


def _fill(state: State, id: str, key: str, cells: Cells, row: Row | None) -> None:
    for name, value in (("_id", id), ("_key", key), ("_cells", cells), ("_row", row)):
        object.__setattr__(state, name, value)


def _opened(kind: Kind, stored: Any, id: str) -> Any:
    if kind.sort is Sort.ROWS:
        return MappingProxyType({k: kind.row.of_row(row, id, k) for k, row in stored.items()})
    return frozen(stored) if kind.sort is Sort.PYTHON else kind.open(stored)
