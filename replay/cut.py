"""Cut: how far facts count, lane by lane: as far as the rows had come that are taken the place of.

A lane says how many bundles it has done with, and the sum of their sequences. Where the archive has
as many, up to there, and they sum up to the same, it has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive import heads
from archive.duck import batches, connection, parquet
from mainstem.aggregate import Aggregate
from mainstem.bundle import lane_of
from mainstem.discovery import Domain
from mainstem.ports import Corrupt, Lane
from mainstem.ports.parks import Position
from replay.parts import Whose
from replay.pinned import Pinned

if TYPE_CHECKING:
    import duckdb

COUNTED = """SELECT part.* FROM part JOIN lanes USING (tenant, id)
    WHERE (CAST("sequence" AS BIGINT), "index") <= (lanes.__upto, lanes.__last)"""
INDEX_MAX = 2**31 - 1
WHOSE_A_BATCH = 10_000
# Names that begin with two underscores are no event's.
LANES = pa.schema(
    [
        ("tenant", pa.string()), ("id", pa.string()), ("__lane", pa.string()),
        ("__upto", pa.int64()), ("__last", pa.int64()),
    ]
)  # fmt: skip
HELD = """SELECT lanes.__lane, count(DISTINCT "sequence"),
        sum(DISTINCT CAST("sequence" AS HUGEINT))
    FROM counted JOIN lanes USING (tenant, id) GROUP BY lanes.__lane"""


@dataclass(frozen=True)
class Cut:
    """Every lane, as it was at one moment."""

    lanes: Mapping[str, Lane]
    parked: Mapping[Whose, Position] = field(default_factory=dict)

    def applied(self, duck: duckdb.DuckDBPyConnection, domain: Domain) -> str:
        """The facts of `part` that count, as a table of this name."""
        duck.execute("DROP TABLE IF EXISTS counted")  # those of the part before: there is no room
        self._show(duck, domain)
        duck.execute(f"CREATE TABLE counted AS {COUNTED}")
        return "counted"

    def _show(self, duck: duckdb.DuckDBPyConnection, domain: Domain) -> None:
        """Up to where those of each aggregate of `part` count, as `lanes`."""
        duck.register("nobody", LANES.empty_table())
        duck.execute("CREATE OR REPLACE TABLE lanes AS FROM nobody")
        for some in self._ends(duck, domain, "SELECT DISTINCT tenant, id FROM part"):
            duck.register("a_few", some)
            duck.execute("INSERT INTO lanes FROM a_few")

    def written(self, pinned: Pinned, path: Path) -> None:
        """Up to where the facts of each aggregate count, for Spark."""
        domain = pinned.domain
        every = heads.together(domain, f"FROM {parquet(pinned.heads)}")
        with (
            connection(pinned.archive, f"lanes-{domain.name}") as duck,
            pq.ParquetWriter(path, LANES) as file,
        ):
            for some in self._ends(duck, domain, f"SELECT tenant, id FROM ({every})"):
                file.write_table(some)

    def _ends(
        self, duck: duckdb.DuckDBPyConnection, domain: Domain, every: str
    ) -> Iterator[pa.Table]:
        """A few aggregates at a time: there may be more of them than memory has room for."""
        # A cursor of its own: a connection has one answer at a time.
        for batch in batches(duck.cursor().sql(every), WHOSE_A_BATCH):
            rows = [self._row(domain, one["tenant"], one["id"]) for one in batch.to_pylist()]
            yield pa.Table.from_pylist(rows, schema=LANES)

    def _row(self, domain: Domain, tenant: str, id: str) -> dict[str, Any]:
        lane = lane_of(Aggregate(tenant, domain.name, id))
        return dict(zip(LANES.names, (tenant, id, lane, *self._end(tenant, id, lane)), strict=True))

    def _end(self, tenant: str, id: str, lane: str) -> Position:
        """As far as its lane; what waits was not applied, and comes with what waits."""
        end = (self.lanes[lane].sequence if lane in self.lanes else 0, INDEX_MAX)
        return min(end, self.parked.get((tenant, id), end))

    def prove(self, pinned: Pinned) -> None:
        """Raises Corrupt where the archive lacks bundles that the rows had applied."""
        held: dict[str, tuple[int, int]] = {}
        if pinned.files:
            with connection(pinned.archive, f"prove-{pinned.domain.name}") as duck:
                duck.execute(f"CREATE VIEW part AS FROM {parquet(pinned.files)}")
                self._show(duck, pinned.domain)
                duck.execute(f"CREATE VIEW counted AS {COUNTED}")  # all there are: nothing is kept
                rows = duck.sql(HELD).fetchall()
            held = {lane: (many, int(total)) for lane, many, total in rows}
        for name, lane in self.lanes.items():
            if held.get(name, (0, 0)) != (lane.bundles, lane.total):
                found, _ = held.get(name, (0, 0))
                raise Corrupt(
                    f"{name}: the archive has {found} bundles of facts, and {lane.bundles} were "
                    "applied; `mainstem archive verify` says more"
                )
