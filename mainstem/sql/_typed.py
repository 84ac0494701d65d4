"""A domain's events as typed columns, read from raw JSON.

Every field has its column, by today's name; former names and defaults are seen to, so that whoever
reads sees one shape, whatever age an event has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from mainstem._event import Event
from mainstem._expr import Name
from mainstem._shape import FieldShape
from mainstem.discovery import Domain
from mainstem.sql._dialect import DIALECTS
from mainstem.sql._read import Reading, alias, column, is_type


def from_raw(domain: Domain, source: str, more: Sequence[str], dialect: str = "duckdb") -> str:
    """The statement that reads this domain's events out of raw, with these columns besides."""
    engine = DIALECTS[dialect]
    reading = Reading(engine, tuple(domain.events.values()), raw=True, more=more)
    fields = [alias(value, name) for name, value in _fields(domain, reading)]
    inner = reading.relation(source, domain.name)
    found = exp.select(*(column(name) for name in reading.envelope), *fields)
    return found.from_(exp.Subquery(this=inner, alias=exp.to_identifier("read"))).sql(dialect)


def names_of(domain: Domain) -> Sequence[str]:
    """The fields of all events, each once, in the order in which they are written there."""
    return list(
        dict.fromkeys(one.name for e in domain.events.values() for one in e.__shape__.fields)
    )


def _fields(domain: Domain, reading: Reading) -> Iterator[tuple[str, exp.Expr]]:
    for name in names_of(domain):
        values = {
            event: reading.field(event, Name(kind=shape.kind, name=name))
            for event, shape in _shapes(domain, name).items()
        }
        odd = {e: value for e, value in values.items() if not isinstance(value, exp.Column)}
        if _left_over(domain, name):
            yield name, _by_type(values, exp.Null())
        else:
            yield name, _by_type(odd, column(name))


def _left_over(domain: Domain, name: str) -> bool:
    """Whether old data of some event has this name, and meant what is called otherwise now."""
    every = (shape for event in domain.events.values() for shape in event.__shape__.fields)
    return any(name in shape.was for shape in every)


def _by_type(odd: Mapping[type[Event], exp.Expr], plain: exp.Expr) -> exp.Expr:
    """One value for events of some types, and this for all others."""
    if not odd:
        return plain
    branches = exp.Case()
    for event, value in odd.items():
        types = [event.__shape__.type, *event.__shape__.was]
        branches = branches.when(is_type(types), value)
    return branches.else_(plain)


def _shapes(domain: Domain, name: str) -> dict[type[Event], FieldShape]:
    return {
        event: shape
        for event in domain.events.values()
        for shape in event.__shape__.fields
        if shape.name == name
    }
