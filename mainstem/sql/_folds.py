"""Folds as SQL aggregates over the events of one row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mainstem._refusal import Unsupported
from mainstem._spec import Source, Spec
from mainstem.sql._dialect import Dialect, where
from mainstem.sql._read import Reading, column, is_type
from mainstem.sql._scalar import Scalars, constant

VERSION = "version"


class Folds:
    """Turns specs into aggregates. `reading` knows how each event's fields are read."""

    def __init__(self, dialect: Dialect, reading: Reading) -> None:
        self.dialect, self.reading = dialect, reading

    def aggregate(self, spec: Spec) -> exp.Expr:
        if spec.op == "python":
            raise Unsupported("is a fold() in Python, which no SQL says")
        made: exp.Expr = getattr(self, f"_{spec.op}")(spec)
        return made

    def _last(self, spec: Spec) -> exp.Expr:
        nulls, holds = any(s.value.kind.optional for s in spec.sources), self._any(spec)
        value = self.heard_value(spec.sources) if nulls else self._value(spec)
        found = self.dialect.by_version(value, column(VERSION), holds, newest=True, nulls=nulls)
        if not nulls or spec.default is None:
            return self._or_default(spec, found)
        default = constant(self.dialect, spec.default, spec.kind)
        unheard = exp.EQ(this=where(_count(), holds.copy()), expression=exp.Literal.number(0))
        return exp.Case().when(unheard, default).else_(found)

    def _first(self, spec: Spec) -> exp.Expr:
        value, version = self._value(spec), column(VERSION)
        found = self.dialect.by_version(value, version, _some(value), newest=False, nulls=False)
        return self._or_default(spec, found)

    def _latest(self, spec: Spec) -> exp.Expr:
        value, holds = self.heard_value(spec.sources), self._any(spec)
        return self._or_empty(spec, self.dialect.newest(value, column(VERSION), holds, spec.n))

    def _count(self, spec: Spec) -> exp.Expr:
        return where(_count(), self._any(spec))

    def _total(self, spec: Spec) -> exp.Expr:
        return self._or_default(spec, self.dialect.total(self._value(spec)))

    def _lowest(self, spec: Spec) -> exp.Expr:
        return self._or_default(spec, exp.Min(this=self._value(spec)))

    def _highest(self, spec: Spec) -> exp.Expr:
        return self._or_default(spec, exp.Max(this=self._value(spec)))

    def _distinct(self, spec: Spec) -> exp.Expr:
        value = self._value(spec)
        return self._or_empty(spec, self.dialect.members(value, _some(value)))

    def _or_default(self, spec: Spec, found: exp.Expr) -> exp.Expr:
        if spec.default is None:
            return found
        default = constant(self.dialect, spec.default, spec.kind)
        return exp.Coalesce(this=found, expressions=[default])

    def _or_empty(self, spec: Spec, found: exp.Expr) -> exp.Expr:
        return exp.Coalesce(this=found, expressions=[self.dialect.array([], spec.kind)])

    def _any(self, spec: Spec) -> exp.Expr:
        """Whether an event is heard by this fold."""
        plain = [s.event.__shape__.type for s in spec.sources if s.where is None]
        tests = [is_type(plain)] if plain else []
        tests += [self._heard(source) for source in spec.sources if source.where is not None]
        return exp.paren(exp.or_(*tests)) if len(tests) > 1 else tests[0]

    def _heard(self, source: Source) -> exp.Expr:
        test = is_type([source.event.__shape__.type])
        if source.where is None:
            return test
        scalars = self._scalars(source)
        return exp.paren(exp.and_(test, scalars._holds(source.where)))

    def _value(self, spec: Spec) -> exp.Expr:
        """What the event contributes; NULL for events that are not heard."""
        events = [source.event for source in spec.sources if source.where is None]
        field = self._field(spec.sources)
        if field is not None and self.reading.alone(field.name, events):
            return field
        return self._by_type(spec.sources)

    def heard_value(self, sources: Sequence[Source]) -> exp.Expr:
        """What the event contributes; anything for events that are not heard."""
        return self._field(sources) or self._by_type(sources)

    def _field(self, sources: Sequence[Source]) -> exp.Column | None:
        """The column that all of these events carry, if it is one and nothing is computed from it.

        It spares a test of every event's type, which takes as long as the fold itself.
        """
        found, *others = [self._scalars(source).sql(source.value) for source in sources]
        return found if isinstance(found, exp.Column) and all(o == found for o in others) else None

    def _by_type(self, sources: Sequence[Source]) -> exp.Expr:
        branches = exp.Case()
        for source in sources:
            branches = branches.when(self._heard(source), self._scalars(source).sql(source.value))
        return branches

    def _scalars(self, source: Source) -> Scalars:
        return Scalars(self.dialect, lambda name: self.reading.field(source.event, name))


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star())


def _some(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=exp.paren(value.copy()), expression=exp.Null()))
