"""Verifying: whether the archive has all there was, each once, in files that are as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive.duck import connection, parquet
from archive.heads import together
from archive.places import RAW, raw_names
from archive.rawfiles import digest_of, looked_into
from archive.relations import Shelf
from archive.rest import consumed, consumed_names, heads
from archive.rows import finished
from archive.table import Catalog, files_of, path_of
from mainstem.discovery import Domain
from mainstem.ports import Corrupt

if TYPE_CHECKING:
    from pyiceberg.table import Table

NAMED_MAX = 10  # of one kind


class Finding(NamedTuple):
    """One thing that is wrong, and where."""

    where: str
    what: str


class Verified(NamedTuple):
    """What was looked at, and what was found."""

    domain: str
    events: int
    aggregates: int
    files: int
    findings: tuple[Finding, ...]


def verified(archive: Path, domain: Domain, catalog: Catalog) -> Verified:
    """The table of one domain, the raw objects that it was made of, and the rows of its views."""
    rows = tuple(_rows(archive, domain, catalog))
    found = _events(archive, domain, catalog)
    return found._replace(findings=(*found.findings, *rows))


def _events(archive: Path, domain: Domain, catalog: Catalog) -> Verified:
    table = catalog.table(domain.name)
    if table is None:
        return Verified(domain.name, 0, 0, 0, ())
    files = [path_of(archive, one) for some in files_of(table).values() for one in some]
    findings = [*_files(files), *_raw(archive, table)]
    known, before = [one for one in files if one.is_file()], heads(archive, table)
    if not known or findings:  # what is damaged can't be counted
        return Verified(domain.name, 0, 0, len(files), tuple(findings))
    with connection(archive, f"verify-{domain.name}") as duck:
        duck.execute(_DENSE.format(files=parquet(known)))
        findings += _named(domain, duck.sql(_HOLES).fetchall())
        if before:
            said = together(domain, f"FROM {parquet(before)}")
            different = duck.sql(_HEADS.format(heads=said)).fetchall()
            findings += [
                Finding(f"{tenant}/{domain.name}/{id}", f"has {found} events, and had {wanted}")
                for tenant, id, found, wanted in different
            ]
        events, aggregates = duck.sql("SELECT sum(many), count(*) FROM dense").fetchall()[0]
    return Verified(domain.name, events, aggregates, len(files), tuple(findings))


def unconsumed(archive: Path, domain: Domain, catalog: Catalog) -> list[str]:
    """Raw objects that are not in the table yet."""
    known = consumed_names(archive, catalog.of(domain))
    return [one for one in raw_names(archive) if one not in known]


# A set of numbers from 1 to the highest without a hole has one count and one sum of hashes.
_DENSE = """
CREATE TEMP TABLE dense AS
WITH counted AS (
    SELECT tenant, id, count(*) AS many, max("version") AS high,
        sum(CAST(hash("version") AS HUGEINT)) AS said
    FROM {files} GROUP BY tenant, id
), wanted AS (
    SELECT n, sum(CAST(hash(n) AS HUGEINT)) OVER (ORDER BY n) AS said
    FROM (SELECT unnest(range(1, (SELECT max(high) FROM counted) + 1)) AS n)
)
SELECT counted.*, (many = high AND counted.said = wanted.said) AS whole
FROM counted JOIN wanted ON n = high
"""
_HOLES = "SELECT tenant, id, many, high FROM dense WHERE NOT whole ORDER BY tenant, id LIMIT 10"
_HEADS = """
SELECT tenant, id, coalesce(dense.many, 0), coalesce(heads."count", 0)
FROM dense FULL JOIN ({heads}) AS heads USING (tenant, id)
WHERE dense.many IS DISTINCT FROM heads."count" ORDER BY ALL LIMIT 10
"""
_ENDS = 'SELECT tenant, id, max("version") FROM {events} GROUP BY tenant, id'


def _named(domain: Domain, found: list[tuple[str, str, int, int]]) -> Iterator[Finding]:
    for tenant, id, many, high in found:
        why = "holes" if many < high else "doubles"
        what = f"has {many:,} events up to version {high:,}: there are {why}"
        yield Finding(f"{tenant}/{domain.name}/{id}", what)


def _files(paths: Iterable[Path]) -> Iterator[Finding]:
    """What a table's files are, byte by byte: each is named by what it was."""
    for path in paths:
        if not path.is_file():
            yield Finding(str(path), "is gone, and the table needs it")
        elif digest_of(path) != path.stem:
            yield Finding(str(path), "is not what it was when it was written")


def _rows(archive: Path, domain: Domain, catalog: Catalog) -> Iterator[Finding]:
    for view in domain.views.values():
        found = finished(archive, catalog, view)
        yield from _files(() if found is None else found.files)


def _raw(archive: Path, table: Table) -> Iterator[Finding]:
    """What raw objects are: those that were consumed, byte by byte; the others, whether whole."""
    known = consumed(archive, table)
    for name, file in known.items():
        path = archive / RAW / name
        if not path.is_file():
            yield Finding(str(path), "is gone; raw objects stay for ever")
        elif digest_of(path) != file.digest:
            yield Finding(str(path), "is not what it was when it was compacted")
    for name in raw_names(archive):
        if name not in known:
            try:
                looked_into(archive, name)
            except Corrupt as no:
                yield Finding(*_split(str(no)))


def _split(text: str) -> tuple[str, str]:
    where, _, what = text.partition(": ")
    return where, what


def ends(archive: Path, domain: Domain, catalog: Catalog) -> dict[tuple[str, str], int]:
    """How far each aggregate is in the archive, what is not compacted yet included."""
    with connection(archive, f"ends-{domain.name}") as duck:
        Shelf(duck, archive).events(domain, catalog)
        rows = duck.sql(_ENDS.format(events=f"{domain.name}_events")).fetchall()
    return {(tenant, id): version for tenant, id, version in rows}


def missing(
    domain: str, wanted: Mapping[tuple[str, str], int], there: Mapping[tuple[str, str], int]
) -> Iterator[Finding]:
    """Aggregates that are further elsewhere than in the archive, or were never heard of there."""
    behind = sorted(one for one in wanted if there.get(one, 0) < wanted[one])
    for tenant, id in behind[:NAMED_MAX]:
        has, high = there.get((tenant, id), 0), wanted[tenant, id]
        yield Finding(f"{tenant}/{domain}/{id}", f"ends at version {has:,}, and has {high:,}")
    if len(behind) > NAMED_MAX:
        yield Finding(domain, f"{len(behind) - NAMED_MAX:,} more end too early")
