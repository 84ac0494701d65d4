"""What a state class declares: its columns, keys and marks, each checked where it is written."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from mainstem._column import BUILT_IN, Attribute, Column
from mainstem._event import Event
from mainstem._expr import AT_ONCE, Expr, Name, computed, leaves, resolve
from mainstem._fields import refuse_top
from mainstem._fold import Fold
from mainstem._kind import Sort
from mainstem._mark import Mark, Settled, Unique, settle
from mainstem._refusal import Mistake
from mainstem._spec import event_expr, is_event, spec_of
from mainstem._term import ColumnTerm, OpTerm, Several, Term, name_of

if TYPE_CHECKING:
    from mainstem._state import State

UNIQUE = "unique(…) is claimed by aggregates, not by rows of a key"
COLUMN_NAME = re.compile(r"_?[a-z][a-z0-9_]{0,61}")
MARK_NAME = re.compile(r"[a-z][a-z0-9_]{0,61}")
RESERVED = frozenset({"tenant", "domain", "_id", "_key", "_cells", "_row"})
METHODS = (FunctionType, property, classmethod, staticmethod, type)


def declare(cls: type[State], key: Any, gone: Any) -> None:
    """Settles everything that the class body of a state says, in the order it says it."""
    refuse_top(cls)
    cls.__columns__ = _inherited(cls)
    cls.__marks__ = {n: m for base in cls.__mro__[:0:-1] for n, m in _marks_of(base).items()}
    written = [(name, value) for name, value in vars(cls).items() if not name.startswith("__")]
    for name, value in written:
        if not isinstance(value, Mark):
            _add_column(cls, name, value)
    _refuse_bare(cls)
    _set_keys(cls, key, gone)
    for name, value in written:
        if isinstance(value, Mark):
            cls.__marks__ = {**cls.__marks__, name: _settled(cls, name, value)}


def _inherited(cls: type[State]) -> dict[str, Column]:
    """The columns of all bases; two that differ under one name are refused."""
    found: dict[str, Column] = {}
    for base in cls.__bases__:
        for name, column in getattr(base, "__columns__", {}).items():
            if found.setdefault(name, column).owner is not column.owner:
                raise Mistake(f"{cls.__name__}.{name}: two of its bases declare it differently")
        if getattr(base, "__keys__", {}):
            raise Mistake(f"{cls.__name__}: {base.__name__} has a key; share its columns without")
    for base in cls.__mro__[1:]:
        if not hasattr(base, "__columns__"):
            _refuse_mixed_in(cls, base)
        elif base.__columns__ and base.__module__ != cls.__module__:
            raise Mistake(f"{cls.__name__}: {base.__name__} folds the events of another file")
    return found


def _refuse_mixed_in(cls: type[State], base: type) -> None:
    for name, value in vars(base).items():
        if isinstance(value, (Term, Mark)):
            raise Mistake(
                f"{cls.__name__}.{name}: {base.__name__} is no State, so it would be lost"
            )


def _marks_of(base: type) -> Mapping[str, Settled]:
    marks: Mapping[str, Settled] = vars(base).get("__marks__", {})
    return marks


def _add_column(cls: type[State], name: str, value: object) -> None:
    if isinstance(value, METHODS):
        _refuse_method(cls, name, value)
        return
    where = f"{cls.__name__}.{name}"
    if isinstance(value, bool):
        raise Mistake(f"{where} = {value} is settled already: {AT_ONCE}")
    if not isinstance(value, Term):
        raise Mistake(f"{where} = {value!r}: a State holds folds; a constant goes above the class")
    _refuse_column_name(cls, name)
    try:
        column = _column(cls, name, value)
    except Mistake as wrong:
        raise Mistake(f"{where}: {wrong}") from None
    cls.__columns__ = {**cls.__columns__, name: column}
    setattr(cls, name, Attribute(name))


def _refuse_method(cls: type[State], name: str, value: Any) -> None:
    where = f"{cls.__name__}.{name}"
    if name in cls.__columns__:
        raise Mistake(f"{where}: already a column of a base")
    root = [base for base in cls.__mro__ if hasattr(base, "__columns__")][-1]  # State itself
    if name in BUILT_IN or hasattr(root, name):
        raise Mistake(f"{where}: every state has an attribute of that name; call it otherwise")
    if isinstance(value, (FunctionType, type)) and value.__qualname__ != where:
        raise Mistake(f"{where} = {name_of(value)} is from elsewhere; a fold is called, with (…)")


def _refuse_column_name(cls: type[State], name: str) -> None:
    where = f"{cls.__name__}.{name}"
    if not COLUMN_NAME.fullmatch(name):
        raise Mistake(f"{where}: a column's name is snake_case ASCII, for SQL sees it")
    if name in cls.__columns__:
        raise Mistake(f"{where}: already a column of a base; give it another name")
    if name in RESERVED | BUILT_IN.keys() or any(hasattr(base, name) for base in cls.__bases__):
        raise Mistake(f"{where}: every state has an attribute of that name; call it otherwise")


def _column(cls: type[State], name: str, value: Term) -> Column:
    if isinstance(value, Fold):
        spec = spec_of(value)
        column = Column(name, spec.kind, fold=spec, owner=cls)
        _refuse_strangers(cls, heard_by(column))
        return column
    if isinstance(value, OpTerm):
        expr = computed(value, cls.__leaf__)
    else:
        expr = resolve(value, cls.__leaf__)
    _refuse_constant(expr)
    return Column(name, expr.kind, expr=expr, owner=cls)


def _refuse_constant(expr: Expr) -> None:
    names = {found.name for found in leaves(expr) if isinstance(found, Name)}
    if not names or expr.kind.sort is Sort.NOTHING:
        raise Mistake("never changes; a constant goes above the class")
    if names & {"id", "key"}:
        raise Mistake("looks at id or key, which stand in every row; compute with columns")


def leaf(cls: type[State], term: Term) -> Expr:
    """What a name means in a row of this state."""
    if isinstance(term, (Fold, OpTerm)):
        column = cls.__columns__.get(term.name)
        if not term.name or column is None:
            raise Mistake(
                f"{term!r}: give it a name of its own first; a leading underscore hides it"
            )
        return Name(column.kind, column.name)
    if not isinstance(term, ColumnTerm):
        raise Mistake(f"{name_of(term)} belongs to an event; name a column, or fold it first")
    if not issubclass(cls, term.owner):
        raise Mistake(f"{name_of(term)} is of another state; {cls.__name__} doesn't inherit it")
    column = cls.__columns__.get(term.name) or BUILT_IN[term.name]
    if column.name == "key" and not cls.__keys__:
        raise Mistake(f"{name_of(term)}: only a state with key= has one")
    return Name(column.kind, column.name)


def _refuse_bare(cls: type[State]) -> None:
    for name in inspect.get_annotations(cls):
        if name not in cls.__columns__:
            raise Mistake(f"{cls.__name__}.{name}: says a type but no fold, so it would stay empty")


def _refuse_strangers(cls: type[State], events: list[type[Event]]) -> None:
    """A row belongs to one aggregate, so to one domain, so to one file."""
    for event in events:
        if event.__module__ != cls.__module__:
            raise Mistake(
                f"hears {event.__name__} of {event.__module__}; a state folds its own file's events"
            )


def _set_keys(cls: type[State], key: Any, gone: Any) -> None:
    cls.__keys__, cls.__gone__ = _keys(cls, "key", key), _keys(cls, "gone", gone)
    if cls.__gone__ and not cls.__keys__:
        raise Mistake(f"{cls.__name__}: gone= takes rows away, so key= must make them")
    for event in cls.__gone__:
        if event in cls.__keys__:
            raise Mistake(f"{cls.__name__}: {event.__name__} both makes a row and takes it away")
    if cls.__keys__:
        for column in cls.__columns__.values():
            _refuse_unkeyed(cls, column)
        for mark in cls.__marks__.values():
            if isinstance(mark, Unique):
                raise Mistake(f"{cls.__name__}.{mark.name}: {UNIQUE}")


def _keys(cls: type[State], option: str, given: Any) -> dict[type[Event], Expr]:
    found: dict[type[Event], Expr] = {}
    terms = given if isinstance(given, tuple) else (given,)
    for term in (t for g in terms for t in (g.terms if isinstance(g, Several) else (g,))):
        event, expr = _key(cls, option, term)
        if event in found:
            raise Mistake(f"{cls.__name__}: {option}= names {event.__name__} twice")
        found[event] = expr
    return found


def _key(cls: type[State], option: str, term: object) -> tuple[type[Event], Expr]:
    try:
        if is_event(term) or not isinstance(term, Term):
            raise Mistake(f"{name_of(term)}: say Event.field")
        event, expr = event_expr(term)
        _refuse_strangers(cls, [event])
    except Mistake as wrong:
        raise Mistake(f"{cls.__name__}: {option}= {wrong}") from None
    if expr.kind.sort is not Sort.TEXT or expr.kind.optional:
        raise Mistake(
            f"{cls.__name__}: {option}= {term!r} is {expr.kind}; a key is text and never None: "
            'coalesce(Event.field, "-")'
        )
    return event, expr


def heard_by(column: Column) -> list[type[Event]]:
    """The events that a column's fold hears."""
    if column.fold is None:
        return []
    if column.fold.row is not None:
        return [*column.fold.row.__keys__, *column.fold.row.__gone__]
    return [source.event for source in column.fold.sources] or [*column.fold.steps]


def _refuse_unkeyed(cls: type[State], column: Column) -> None:
    for event in heard_by(column):
        if event not in cls.__keys__:
            raise Mistake(
                f"{cls.__name__}.{column.name} hears {event.__name__}, which has no key here; "
                f"add {event.__name__}.… to key="
            )


def _settled(cls: type[State], name: str, mark: Mark) -> Settled:
    where = f"{cls.__name__}.{name}"
    if name in cls.__columns__ or any(hasattr(base, name) for base in cls.__bases__):
        raise Mistake(f"{where}: that name is taken")
    try:
        if mark.sort in ("index", "search", "readers") and not cls.__published__:
            raise Mistake(f"{mark.sort}(…) on a State, which nobody reads; make it a View")
        if mark.sort == "unique" and cls.__keys__:
            raise Mistake(UNIQUE)
        if not MARK_NAME.fullmatch(name):
            raise Mistake("its name stands in addresses, so it is snake_case ASCII")
        return settle(name, mark, cls.__leaf__)
    except Mistake as wrong:
        raise Mistake(f"{where}: {wrong}") from None
