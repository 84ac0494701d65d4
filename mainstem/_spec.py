"""Specs: what a fold means, settled and checked. Every evaluator reads these, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mainstem._event import Event, EventMeta
from mainstem._expr import AT_ONCE, Const, Expr, Name, constant, ops, resolve, united
from mainstem._fold import Fold
from mainstem._function import takes
from mainstem._kind import (
    MOMENT,
    ORDERED,
    SCALARS,
    TEXT,
    TRUTH,
    WHOLE,
    Kind,
    Sort,
    stored,
)
from mainstem._refusal import Mistake, Unfit
from mainstem._source import refuse_untold
from mainstem._term import (
    ColumnTerm,
    FieldTerm,
    SaysTerm,
    Several,
    StampTerm,
    Term,
    name_of,
)

LATEST_MAX = 100
SAYING = "say Event.field, at(Event), by(Event) or says(value, Event)"


@dataclass(frozen=True)
class Source:
    """What one event type contributes, and under which condition on its own fields."""

    event: type[Event]
    value: Expr
    where: Expr | None = None


@dataclass(frozen=True)
class Spec:
    """A fold: op is last, first, latest, count, total, lowest, highest, distinct, keyed, python."""

    op: str
    kind: Kind
    sources: tuple[Source, ...] = ()
    default: Any = None  # as stored
    n: int = 0
    row: Any = None
    initial: Any = None
    steps: Mapping[type[Event], Callable[..., Any]] = field(default_factory=dict)


def is_event(value: object) -> bool:
    return isinstance(value, EventMeta) and value is not Event


def spec_of(fold: Fold) -> Spec:
    """What this fold means, or a Mistake that says what is wrong with it."""
    if "twice" in fold.options:
        raise Mistake(f"{fold.options['twice']} are the same fold; write it out for each")
    if fold.op == "keyed":
        return _keyed(fold)
    if fold.op == "python":
        return _python(fold)
    sources = _sources(fold)
    return _with_default(fold, sources, _RULES[fold.op](fold, sources))


def event_expr(term: object) -> tuple[type[Event], Expr]:
    """An expression over one event's own fields, and that event."""
    events: list[Any] = []

    def leaf(found: Term) -> Expr:
        events.append(getattr(found, "event", None))
        return _event_leaf(found)

    expr = resolve(term, leaf)
    if not events:
        raise Mistake(f"{name_of(term)} names no event; {SAYING}")
    if any(event is not events[0] for event in events):
        raise Mistake(f"{name_of(term)} looks at several events; one event knows its own fields")
    if any(op.sign == "size" for op in ops(expr)):
        raise Mistake(f"{name_of(term)}: size counts a column, once it is folded")
    return events[0], expr


def _event_leaf(term: Term) -> Expr:
    if isinstance(term, (Fold, ColumnTerm)):
        raise Mistake(f"{name_of(term)} is a column; a fold hears events: {SAYING}")
    if isinstance(term, Several):
        raise Mistake(f"({term!r}) is several values; an operator takes one event's")
    assert isinstance(term, (FieldTerm, StampTerm, SaysTerm))
    if not is_event(term.event):
        raise Mistake(f"{name_of(term)} takes events, not {name_of(term.event)}")
    if isinstance(term, SaysTerm):
        return constant(term.value)
    if isinstance(term, StampTerm):
        return Name(MOMENT if term.name == "at" else TEXT, term.name)
    return Name(_field_kind(term), term.name)


def _field_kind(term: FieldTerm) -> Kind:
    for one in term.event.__shape__.fields:
        if one.name == term.name:
            kind: Kind = one.kind
            return kind
    raise AssertionError(f"{term!r} was named, so it is a field")


def _sources(fold: Fold) -> tuple[Source, ...]:
    flat = [t for s in fold.sources for t in (s.terms if isinstance(s, Several) else (s,))]
    if not flat:
        raise Mistake(f"{fold.op}() hears nothing; {SAYING}")
    pairs = [_heard(fold.op, term) for term in flat]
    for n, (event, _) in enumerate(pairs):
        if any(event is other for other, _ in pairs[:n]):
            raise Mistake(f"hears {event.__name__} twice; one event gives one value to a fold")
    wheres = _wheres(fold.options.get("where"), [event for event, _ in pairs])
    return tuple(Source(event, value, wheres.get(event)) for event, value in pairs)


def _heard(op: str, term: object) -> tuple[type[Event], Expr]:
    if op == "count":
        if not is_event(term):
            raise Mistake(f"count({name_of(term)}): count takes events, as in count(Submitted)")
        return term, Const(TRUTH, True)  # type: ignore[return-value]
    if isinstance(term, type):
        raise Mistake(f"{op}({name_of(term)}): say which of its fields; {SAYING}")
    if not isinstance(term, Term):
        raise Mistake(f"{op}({name_of(term)}): {SAYING}")
    return event_expr(term)


def _wheres(where: Any, events: list[type[Event]]) -> dict[type[Event], Expr]:
    """A condition for each event heard. Leaving one out would be read either way, so it is not."""
    if where is None:
        return {}
    found: dict[type[Event], Expr | None] = {}
    for condition in where if isinstance(where, tuple) else (where,):
        event, expr = (condition, None) if is_event(condition) else _condition(condition)
        if event in found:
            raise Mistake(f"where= speaks of {event.__name__} twice; join them with &")
        found[event] = expr
    for event in found:
        if event not in events:
            raise Mistake(f"where= speaks of {event.__name__}, which this fold doesn't hear")
    for event in events:
        if event not in found:
            raise Mistake(
                f"where= says nothing of {event.__name__}; give a tuple with a condition for each "
                f"event, or {event.__name__} itself to hear all of it"
            )
    return {event: expr for event, expr in found.items() if expr is not None}


def _condition(term: object) -> tuple[type[Event], Expr]:
    if isinstance(term, bool):
        raise Mistake(f"where={term} is settled already: {AT_ONCE}")
    if not isinstance(term, Term):
        raise Mistake(f"where={name_of(term)}: a condition on an event's own fields")
    event, expr = event_expr(term)
    if expr.kind.sort is not Sort.TRUTH:
        raise Mistake(f"where={name_of(term)} is {expr.kind}, not a condition")
    return event, expr


def _united(fold: Fold, sources: tuple[Source, ...]) -> Kind:
    try:
        return united([source.value.kind for source in sources])
    except Unfit as no:
        raise Mistake(f"{fold.op}(…) {no}; a column holds one kind") from None


def _carried(fold: Fold, sources: tuple[Source, ...]) -> Spec:
    kind = _united(fold, sources)
    if kind.sort not in SCALARS | {Sort.LIST} or Sort.NOTHING in kind.bare:
        raise Mistake(f"{fold.op}(…) of {kind}: there is nothing to carry")
    return Spec("last" if fold.op == "flag" else fold.op, kind, sources)


def _latest(fold: Fold, sources: tuple[Source, ...]) -> Spec:
    kind, n = _united(fold, sources), fold.options["n"]
    if type(n) is not int or not 1 <= n <= LATEST_MAX:
        raise Mistake(f"latest(…, n={n!r}): n is a whole number from 1 to {LATEST_MAX}")
    if kind.sort not in SCALARS:
        raise Mistake(f"latest(…) of {kind}: a list of lists is not stored")
    return Spec("latest", Kind(Sort.LIST, item=kind), sources, default=[], n=n)


def _count(_: Fold, sources: tuple[Source, ...]) -> Spec:
    return Spec("count", WHOLE, sources, default=0)


def _total(fold: Fold, sources: tuple[Source, ...]) -> Spec:
    kind = _united(fold, sources)
    if kind.sort is not Sort.WHOLE:
        raise Mistake(f"total(…) of {kind}: a sum is of whole numbers, such as cents")
    return Spec("total", WHOLE, sources, default=0)


def _extreme(fold: Fold, sources: tuple[Source, ...]) -> Spec:
    kind = _united(fold, sources)
    if kind.sort not in ORDERED or kind.choices is not None:
        raise Mistake(f"{fold.op}(…) of {kind}: it has no order but its spelling's")
    return Spec(fold.op, kind, sources)


def _distinct(fold: Fold, sources: tuple[Source, ...]) -> Spec:
    kind = _united(fold, sources)
    if kind.sort not in SCALARS - {Sort.REAL}:
        raise Mistake(f"distinct(…) of {kind}: members are text, whole numbers, moments or truth")
    return Spec("distinct", Kind(Sort.SET, item=kind.maybe(False)), sources, default=[])


_RULES: dict[str, Callable[[Fold, tuple[Source, ...]], Spec]] = {
    "last": _carried,
    "flag": _carried,
    "first": _carried,
    "latest": _latest,
    "count": _count,
    "total": _total,
    "lowest": _extreme,
    "highest": _extreme,
    "distinct": _distinct,
}


def _with_default(fold: Fold, sources: tuple[Source, ...], spec: Spec) -> Spec:
    """`default=` is what the column is before anything is heard."""
    if spec.op not in ("last", "first", "lowest", "highest"):
        return spec
    default = constant(fold.options.get("default"))
    if default.value is None:
        return _again(spec, spec.kind.maybe(), None)
    if not default.kind.same(spec.kind) and not _among(default, spec.kind):
        raise Mistake(f"default={default.value!r} is {default.kind}, but it folds {spec.kind}")
    carries_none = spec.op == "last" and any(s.value.kind.optional for s in sources)
    return _again(spec, spec.kind.maybe(carries_none), default.value)


def _again(spec: Spec, kind: Kind, default: Any) -> Spec:
    return Spec(spec.op, kind, spec.sources, default, spec.n)


def _among(default: Const, kind: Kind) -> bool:
    """An empty list beside a list of anything; a plain word beside the choices it is one of."""
    if kind.sort is Sort.LIST and default.value == []:
        return True
    words = kind.words()
    return words is not None and isinstance(kind.choices, tuple) and default.value in words


def _keyed(fold: Fold) -> Spec:
    row = fold.options["row"]
    if not isinstance(row, type) or not getattr(row, "__keys__", None):
        raise Mistake(f"keyed({name_of(row)}): give that State a key=, as in key=Joined.user")
    return Spec("keyed", Kind(Sort.ROWS, row=row), default={}, row=row)


def _python(fold: Fold) -> Spec:
    initial, steps = fold.options["initial"], fold.options["steps"]
    if not isinstance(steps, Mapping) or not steps:
        raise Mistake("fold(…) hears nothing; give it a step for an event")
    for event, step in steps.items():
        if not is_event(event) or not takes(step, 2):
            raise Mistake("fold(…): steps map events to functions of (value, happened)")
        refuse_untold(step)
    return Spec("python", Kind(Sort.PYTHON), initial=plain(initial), steps=dict(steps))


def plain(value: Any) -> Any:
    """A `fold()` value as it is stored: JSON, with tuples as lists. Raises Mistake."""
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) for key in value):
            raise Mistake("fold(…): the keys of a dict are text")
        return {stored(key): plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    try:
        return stored(value)
    except Unfit as no:
        raise Mistake(f"fold(…): {no}") from None
