"""Reading events: from typed columns, or from JSON as it was stored, into one relation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from mainstem._event import Event, events_of
from mainstem._expr import Name
from mainstem._kind import Kind
from mainstem._refusal import Unsupported
from mainstem._shape import FieldShape
from mainstem.sql._dialect import Dialect
from mainstem.sql._scalar import constant

ENVELOPE = ("tenant", "id", "version", "at", "by", "type")
EVENTS = "events"


def column(name: str, table: str | None = None) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True), table=_quoted(table))


def _quoted(name: str | None) -> exp.Identifier | None:
    return None if name is None else exp.to_identifier(name, quoted=True)


def table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def alias(expression: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def is_type(types: Sequence[str]) -> exp.Expr:
    if len(types) == 1:
        return exp.EQ(this=column("type"), expression=exp.Literal.string(types[0]))
    return exp.In(this=column("type"), expressions=[exp.Literal.string(type) for type in types])


class Reading:
    """How the fields that a view needs are read, and the relation that reads them."""

    def __init__(
        self, dialect: Dialect, events: Sequence[type[Event]], *, raw: bool,
        more: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.dialect, self.events, self.raw = dialect, tuple(events), raw
        self.envelope = (*ENVELOPE, *more)  # columns that are read as they are
        self.needed: dict[str, Kind] = {}  # columns of the relation, as they are asked for
        self.former: dict[tuple[str, str], tuple[str, Kind]] = {}
        if raw:
            for event in events:
                _refuse_coded(event)

    def field(self, event: type[Event], name: Name) -> exp.Expr:
        """A field of this event, its former names and its default seen to."""
        if name.name in ENVELOPE:
            return column(name.name)
        shape = next(one for one in event.__shape__.fields if one.name == name.name)
        self.needed[shape.name] = shape.kind
        ways = [column(shape.name)]
        if self.raw:
            ways += [column(self._former(event, shape, former)) for former in shape.was]
        if shape.default is not None:
            ways.append(constant(self.dialect, shape.default, shape.kind))
        return exp.Coalesce(this=ways[0], expressions=ways[1:]) if len(ways) > 1 else ways[0]

    def alone(self, name: str, events: Sequence[type[Event]]) -> bool:
        """Whether a column of the relation is NULL for every event but these."""
        if self.raw or name in ENVELOPE:
            return False  # in JSON, an event that the view doesn't know may say anything
        known = [e for e in events_of(self.events[0].__module__) if name in e.model_fields]
        return {*known} == {*events}

    def _former(self, event: type[Event], shape: FieldShape, former: str) -> str:
        name, _ = self.former.setdefault(
            (event.__shape__.type, former), (f"__was_{len(self.former)}", shape.kind)
        )
        return name

    def relation(self, source: str, domain: str) -> exp.Expr:
        """The events with every field that was asked for."""
        if not self.raw:
            names = (*self.envelope, *self.needed)
            return exp.select(*(column(name) for name in names)).from_(table(source), copy=False)
        return self._from_json(source, domain)

    def _from_json(self, source: str, domain: str) -> exp.Expr:
        data = column("data")
        mine = exp.EQ(this=column("domain"), expression=exp.Literal.string(domain))
        parsed = self.dialect.parsed(data, self.needed) if self.needed else None
        envelope = [column(n) if n != "type" else self._type() for n in self.envelope]
        if parsed is None:
            found = [alias(self._needed(n, k), n) for n, k in self.needed.items()]
            query = exp.select(*envelope, *found, *self._formers())
            return query.from_(table(source), copy=False).where(mine, copy=False)
        inner = exp.select(*envelope, alias(parsed, "fields"), *self._formers())
        inner = inner.from_(table(source), copy=False).where(mine, copy=False)
        outer = [column(n) for n in (*self.envelope, *(name for name, _ in self.former.values()))]
        outer += [alias(_dot("fields", name), name) for name in self.needed]
        return exp.select(*outer).from_(inner.subquery(alias="parsed"))

    def _needed(self, name: str, kind: Kind) -> exp.Expr:
        mine = [e for e in self.events if any(one.name == name for one in e.__shape__.fields)]
        return self.dialect.json(_data_of(mine), name, kind)

    def _formers(self) -> Iterator[exp.Expr]:
        for (type, former), (name, kind) in self.former.items():
            mine = [event for event in self.events if event.__shape__.type == type]
            yield alias(self.dialect.json(_data_of(mine), former, kind), name)

    def _type(self) -> exp.Expr:
        """An event's name today."""
        renamed = [(was, e) for e in self.events for was in e.__shape__.was]
        if not renamed:
            return column("type")
        branches = exp.Case(this=column("type"))
        for was, event in renamed:
            branches = branches.when(
                exp.Literal.string(was), exp.Literal.string(event.__shape__.type)
            )
        return alias(branches.else_(column("type")), "type")


def _data_of(events: Sequence[type[Event]]) -> exp.Expr:
    """The data of these events alone: under the same name another may keep another kind."""
    types = [name for event in events for name in (event.__shape__.type, *event.__shape__.was)]
    return exp.Case().when(is_type(types), column("data"))


def _dot(struct: str, name: str) -> exp.Expr:
    return exp.Dot(this=column(struct), expression=exp.to_identifier(name, quoted=True))


def _refuse_coded(event: type[Event]) -> None:
    if event.__shape__.upcasts:
        raise Unsupported(
            f"{event.__name__} has coded upcasts, which run where raw is read: fold typed columns"
        )


def events_heard(view: Any) -> Iterator[type[Event]]:
    """Every event that a state, or a row inside it, hears."""
    yield from view.__keys__
    yield from view.__gone__
    for one in view.__columns__.values():
        if one.fold is not None:
            yield from (source.event for source in one.fold.sources)
            if one.fold.row is not None:
                yield from events_heard(one.fold.row)
