"""Cut: how far facts count, lane by lane: as far as the rows had come that are taken the place of.

A lane says how many bundles it has done with, and the sum of their sequences. Where the archive has
as many, up to there, and they sum up to the same, it has all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from archive import heads
from archive.duck import connection, parquet
from mainstem.aggregate import Aggregate
from mainstem.bundle import lane_of
from mainstem.discovery import Domain
from mainstem.ports import Corrupt, Lane
from mainstem.ports.parks import Position
from replay.pinned import Pinned

if TYPE_CHECKING:
    import duckdb

COUNTED = """SELECT part.* FROM part JOIN lanes USING (tenant, id)
    WHERE (CAST("sequence" AS BIGINT), "index") <= (lanes.upto, lanes.last)"""
INDEX_MAX = 2**31 - 1
WHOSE_A_BATCH = 10_000
# Names that begin with two underscores are no event's.
LANES = pa.schema(
    [("tenant", pa.string()), ("id", pa.string()), ("__upto", pa.int64()), ("__last", pa.int64())]
)
Whose = tuple[str, str]  # tenant and id
HELD = """SELECT lanes.lane, count(DISTINCT "sequence"), sum(DISTINCT CAST("sequence" AS HUGEINT))
    FROM counted JOIN lanes USING (tenant, id) GROUP BY lanes.lane"""


@dataclass(frozen=True)
class Cut:
    """Every lane, as it was at one moment."""

    lanes: Mapping[str, Lane]
    parked: Mapping[Whose, Position] = field(default_factory=dict)

    def applied(self, duck: duckdb.DuckDBPyConnection, domain: Domain) -> str:
        """The facts of `part` that count, as a table of this name."""
        self._show(duck, domain)
        duck.execute(f"CREATE TABLE counted AS {COUNTED}")
        return "counted"

    def _show(self, duck: duckdb.DuckDBPyConnection, domain: Domain) -> None:
        """Up to where those of each aggregate of `part` count, as `lanes`."""
        whose = duck.sql("SELECT DISTINCT tenant, id FROM part").to_arrow_table().to_pylist()
        lanes = [lane_of(Aggregate(one["tenant"], domain.name, one["id"])) for one in whose]
        ends = [
            self._end((one["tenant"], one["id"]), lane)
            for one, lane in zip(whose, lanes, strict=True)
        ]
        table = {
            "tenant": pa.array([one["tenant"] for one in whose], pa.string()),
            "id": pa.array([one["id"] for one in whose], pa.string()),
            "lane": pa.array(lanes, pa.string()),
            "upto": pa.array([sequence for sequence, _ in ends], pa.int64()),
            "last": pa.array([index for _, index in ends], pa.int64()),
        }
        duck.register("lanes", pa.table(table))

    def written(self, pinned: Pinned, path: Path) -> None:
        """Up to where the facts of each aggregate count, for Spark; none of those that wait."""
        domain = pinned.domain
        every = heads.together(domain, f"FROM {parquet(pinned.heads)}")
        with (
            connection(pinned.archive, f"lanes-{domain.name}") as duck,
            pq.ParquetWriter(path, LANES) as file,
        ):
            reader = duck.sql(f"SELECT tenant, id FROM ({every})").to_arrow_reader(WHOSE_A_BATCH)
            for batch in reader:
                file.write_table(self._ends(domain, batch.to_pylist()))

    def _ends(self, domain: Domain, some: Sequence[Mapping[str, str]]) -> pa.Table:
        rows = []
        for one in some:
            whose = (one["tenant"], one["id"])
            if whose not in self.parked:
                end = self._end(whose, lane_of(Aggregate(whose[0], domain.name, whose[1])))
                rows.append(dict(zip(LANES.names, (*whose, *end), strict=True)))
        return pa.Table.from_pylist(rows, schema=LANES)

    def _end(self, whose: Whose, lane: str) -> Position:
        """As far as its lane; what waits was not applied, and comes with what waits."""
        end = (self.lanes[lane].sequence if lane in self.lanes else 0, INDEX_MAX)
        return min(end, self.parked.get(whose, end))

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
