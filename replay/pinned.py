"""Pinned: one snapshot of a domain's table, which stays as it is while a view is folded from it.

A name of its own keeps it, and the files it needs, from being swept away. It is folded in parts,
each as large as memory allows however large the archive is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive import heads
from archive.columns import schema_of
from archive.compact import Compactor
from archive.duck import connection, parquet
from archive.rest import HEADS, rests
from archive.rows import PINNED, forget
from archive.table import Catalog, files_of, path_of
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.ports import Corrupt
from mainstem.protocol.rebuild import Part
from replay.parts import Whose, within

if TYPE_CHECKING:
    import duckdb
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

NAME = PINNED
PARTS = """
WITH heads AS ({heads}), sized AS (
    SELECT CAST(ceil(total / ceil(total / {events})) AS BIGINT) AS size
    FROM (SELECT sum("count") AS total FROM heads)
), placed AS (
    SELECT tenant, id, "count",
        CAST(sum("count") OVER (ORDER BY tenant, id) - "count" AS BIGINT) // size AS nth
    FROM heads, sized
)
SELECT min(tenant), max(tenant), max_by(id, (tenant, id)), CAST(sum("count") AS BIGINT), count(*)
FROM placed GROUP BY nth ORDER BY nth
"""


@dataclass(frozen=True)
class Pinned:
    """The files of a snapshot, and how far each aggregate is in it."""

    archive: Path
    domain: Domain
    files: tuple[Path, ...]
    heads: tuple[Path, ...]

    @property
    def bytes(self) -> int:
        """All there are."""
        return sum(path.stat().st_size for path in self.files)

    def show(
        self, duck: duckdb.DuckDBPyConnection, part: Part,
        alone: Collection[Whose] | None = None,
    ) -> None:  # fmt: skip
        """Its events, or those of these aggregates, to this connection, as `part`."""
        columns = ", ".join(f'"{one}"' for one in schema_of(self.domain).names)
        text = f"SELECT {columns} FROM {parquet(self.files)} WHERE {within(part, alone)}"
        duck.execute(f"CREATE OR REPLACE VIEW part AS {text}")

    def parts(self, events: int) -> list[Part]:
        """As large as each other, and about so many events at most; no aggregate is divided."""
        if not self.heads:
            return []
        every = heads.together(self.domain, f"FROM {parquet(self.heads)}")
        with connection(self.archive, f"parts-{self.domain.name}") as duck:
            found = duck.sql(PARTS.format(heads=every, events=events)).fetchall()
        return list(_behind_each_other(found))


def _behind_each_other(found: list[tuple[str, str, str, int, int]]) -> Iterator[Part]:
    after = ("", "")
    for first, tenant, id, events, aggregates in found:
        if first != after[0]:
            after = (first, "")  # before all that it has
        yield Part(after, (tenant, id), events, aggregates)
        after = (tenant, id)


def pin(
    archive: Path, domain: Domain, name: str, live: Callable[[], Collection[str]] = tuple
) -> Pinned:
    """The newest snapshot, kept under this name until it is let go; other names are `live`.

    Those are asked for once nobody else can pin: who had a turn before is among them.
    """
    with Compactor(archive, {}).working() as catalog:
        table = catalog.of(domain)
        snapshot = None if table is None else table.current_snapshot()
        if table is not None and snapshot is not None and not _keeps(table, name, snapshot):
            table.manage_snapshots().create_tag(snapshot.snapshot_id, name).commit()
        if table is not None:
            _let_go_of_others(table, {name, *live()})
        return newest(archive, domain, catalog)


def _keeps(table: Table, name: str, snapshot: Snapshot) -> bool:
    """A rebuild that was ended before it noted what it had pinned may have named another one."""
    kept = table.refs().get(name)
    return kept is not None and kept.snapshot_id == snapshot.snapshot_id


def _let_go_of_others(table: Table, live: Collection[str]) -> None:
    """What a rebuild has left behind that was given up in the middle."""
    for one in list(table.refs()):
        if one.startswith(NAME.format("")) and one not in live:
            table.manage_snapshots().remove_tag(one).commit()


def newest(archive: Path, domain: Domain, catalog: Catalog) -> Pinned:
    """What it holds just now, which nothing keeps."""
    table = catalog.of(domain)
    if table is None:
        return Pinned(archive, domain, (), ())
    files = [path_of(archive, one) for some in files_of(table).values() for one in some]
    return Pinned(archive, domain, tuple(files), tuple(rests(archive, table)[HEADS]))


def let_go(archive: Path, domain: Domain, view: type[State], generation: int) -> None:
    """What nobody folds from any more may be swept away; rows that are no table's are gone."""
    name = NAME.format(generation)
    with Compactor(archive, {}).working() as catalog:
        forget(archive, catalog, view, generation)
        table = catalog.table(domain.name)
        if table is not None and name in table.refs():
            table.manage_snapshots().remove_tag(name).commit()


def refuse_gone(pinned: Pinned) -> None:
    """Raises Corrupt where a file of it is missing."""
    for path in (*pinned.files, *pinned.heads):
        if not path.is_file():
            raise Corrupt(f"{path}: is gone; drop this rebuild, and start it anew")
