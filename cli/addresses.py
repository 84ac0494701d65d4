"""Addresses as they are typed: DOMAIN/ID, VIEW/ID/KEY."""

from __future__ import annotations

from collections.abc import Mapping

from cli.domains import must_be_one_of
from cli.naming import snake
from cli.session import WrongUsage
from mainstem import View
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import ID_CHARACTERS_MAX
from mainstem.sink import Sink, sinks_of


def parted(where: str) -> tuple[str, str]:
    """The first word, and the id behind it, "" where there is none. An id may hold slashes."""
    name, slash, id = where.partition("/")
    if slash:
        refuse_unnameable("ID", id)
    return name, id


def aggregate_at(where: str) -> Aggregate:
    """The aggregate of DOMAIN/ID."""
    place, id = parted(where)
    if not id:
        raise WrongUsage(f"say which: {place or 'DOMAIN'}/ID")
    tenant, colon, domain = place.partition(":")  # as aggregates of other tenants are told
    return Aggregate(tenant, domain, id) if colon else Aggregate("main", place, id)


def views_of(domains: Mapping[str, Domain]) -> Mapping[str, Sink]:
    """The views there are, by the names that SQL and addresses give them."""
    published = (one for one in sinks_of(domains) if issubclass(one.state, View))
    return {snake(one.state.__name__): one for one in published}


def view_at(domains: Mapping[str, Domain], name: str) -> Sink:
    """The view of this name, spelt as in SQL or as in its file."""
    views = views_of(domains)
    must_be_one_of(snake(name), views, "view")
    return views[snake(name)]


def sink_at(domains: Mapping[str, Domain], name: str) -> Sink:
    """The state of this name that rows are kept of, whether or not it is published."""
    sinks = {snake(one.state.__name__): one for one in sinks_of(domains)}
    sinks |= {one.name: one for one in sinks_of(domains)}
    wanted = name if name in sinks else snake(name)
    must_be_one_of(wanted, sinks, "view")
    return sinks[wanted]


def row_at(sink: Sink, rest: str, key: str | None) -> tuple[str, str]:
    """The id and the key in what follows VIEW/. A keyed view's key comes after the first slash."""
    name = snake(sink.state.__name__)
    if not sink.state.__keys__:
        if key is not None:
            raise WrongUsage(f"{name} has one row for each ID; leave out --key")
        return _given(name, rest), ""
    if key is None:
        rest, _, key = rest.partition("/")
    if not rest or not key:
        raise WrongUsage(f"{name} has a row for each key: say {name}/ID/KEY")
    refuse_unnameable("KEY", key)
    return rest, key


def refuse_unnameable(what: str, text: str) -> None:
    """No id or key is called so, and none ever will be."""
    if not 0 < len(text) <= ID_CHARACTERS_MAX or not text.isprintable():
        raise WrongUsage(f"{what} has from 1 to {ID_CHARACTERS_MAX} characters, all printable")


def _given(name: str, id: str) -> str:
    if not id:
        raise WrongUsage(f"say which: {name}/ID")
    return id
