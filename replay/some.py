"""Some: which aggregates of a domain are meant, and their events from the archive, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from archive.duck import connection, quoted
from archive.relations import Shelf, records
from archive.table import Catalog
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Generation, Rows
from mainstem.protocol.drive import drive

SLICES = 1_000_000
KEYS_A_PAGE = 500
CHOSEN = """CREATE TABLE chosen AS SELECT * FROM {events}
    WHERE (tenant, id) IN (SELECT (tenant, id) FROM {events} WHERE {where})"""
Events = list[tuple[str, dict[str, Any]]]


class Which(NamedTuple):
    """In SQL, and in words."""

    where: str
    said: str


def of_id(id: str) -> Which:
    """One of them, of any tenant."""
    return Which(f"id = {quoted(id)}", f"id {id}")


def of_type(domain: Domain, type: str) -> Which:
    """Those to whom this has happened. Raises Unfit."""
    if type not in domain.events:
        raise Unfit(f"{domain.name}: no event is called {type}: {', '.join(domain.events)}")
    return Which(f"type = {quoted(type)}", f"those with {type}")


def since(at_us: int, text: str) -> Which:
    """Those to whom anything has happened since."""
    return Which(f'"at" >= {at_us}', f"those that changed since {text}")


def of_share(share: float) -> Which:
    """About so many, always the same ones."""
    some = round(share * SLICES)
    return Which(f"hash(tenant || '/' || id) % {SLICES} < {some}", f"{share:.2%} of them")


@contextmanager
def chosen(
    archive: Path, domain: Domain, which: Which
) -> Iterator[Iterator[tuple[Aggregate, Events]]]:
    """Each of them, with all of its events in order."""
    with connection(archive, f"some-{domain.name}") as duck:
        catalog = Catalog(archive)
        try:
            Shelf(duck, archive).events(domain, catalog)
        finally:
            catalog.close()
        duck.execute(CHOSEN.format(events=f"{domain.name}_events", where=which.where))
        yield _each(duck, domain)


def _each(duck: duckdb.DuckDBPyConnection, domain: Domain) -> Iterator[tuple[Aggregate, Events]]:
    rows = records(duck, domain, "chosen")
    for (tenant, id), events in groupby(rows, lambda one: one[:2]):
        yield Aggregate(tenant, domain.name, id), [(type, record) for _, _, type, record in events]


def keys_of(rows: Rows, read: Generation, aggregate: Aggregate) -> set[str]:
    """The keys that an aggregate has rows of; an empty one, which is none in a place, may be."""
    found, after = {""}, (aggregate.tenant, aggregate.id, "")
    while page := drive(rows.all(read, after, KEYS_A_PAGE)):
        mine = [one.key for one in page if one.aggregate == aggregate]
        found.update(mine)
        if len(mine) < len(page):
            break
        after = (aggregate.tenant, aggregate.id, page[-1].key)
    return found
