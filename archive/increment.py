"""An increment: the events of raw objects, each once, proven against what was compacted before.

What comes again must be the same; what is the same is left out. Facts get their numbers here: one
more than their aggregate has, in the order of the feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archive import heads
from archive.columns import DAY, identity_of, more_of, schema_of
from archive.duck import batches, parquet, quoted, rows_of
from archive.heads import PLACE
from archive.places import RAW, day_of
from mainstem._refusal import Unfit
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.ports import Corrupt
from mainstem.protocol.lanes import FORGET_AFTER_US
from mainstem.sql import from_raw, names_of

if TYPE_CHECKING:
    import duckdb

ROWS_A_BATCH = 10_000
REQUIRED = ("tenant", "id", "version", "type", "schema", "at", "by", "data", "sequence", "arrived")
WHEN = "CAST(make_timestamp(arrived) AS DATE)"


class Conflict(Corrupt):
    """Two events with one identity that are not the same: nothing is consumed."""


@dataclass
class Increment:
    """A table `new` on a connection of its own."""

    duck: duckdb.DuckDBPyConnection
    domain: Domain
    archive: Path
    counted: str = "new"  # the table of all that is new, whichever file it goes to

    def read(self, names: Sequence[str]) -> None:
        """The events that these raw objects hold of the domain."""
        files = [self.archive / RAW / name for name in names]
        self.duck.execute(f"CREATE OR REPLACE TEMP VIEW raw AS FROM {parquet(files)}")
        self._refuse_empty(files)
        self._refuse_unknown()
        columns = ", ".join(f'"{one}"' for one in schema_of(self.domain).names[1:])
        if any(event.__shape__.upcasts for event in self.domain.events.values()):
            self._read_by_code()
        else:
            more = dict.fromkeys((*more_of(self.domain), "arrived"))
            select = from_raw(self.domain, "raw", list(more))
            self._make("new", f"SELECT {WHEN} AS {DAY}, {columns} FROM ({select})")

    def prove(self, before: Sequence[Path], compacted: Sequence[tuple[str, Path]]) -> None:
        """Each event once; `compacted` are files and their days. Raises Conflict."""
        theirs = f"FROM {parquet(before)} SEMI JOIN new USING (tenant, id)"
        self._make("heads", heads.together(self.domain, theirs if before else heads.NONE))
        identity = identity_of(self.domain)
        self._make("twice", f"SELECT {identity} FROM new GROUP BY ALL HAVING count(*) > 1")
        if self._many("FROM twice"):
            self._refuse_different(f"FROM new WHERE ({identity}) IN (FROM twice)")
            first = DAY if self.domain.decided else PLACE  # as consumers have it
            order = f"row_number() OVER (PARTITION BY {identity} ORDER BY {first})"
            again = f"SELECT rowid FROM new WHERE ({identity}) IN (FROM twice) QUALIFY {order} > 1"
            self.duck.execute(f"DELETE FROM new WHERE rowid IN ({again})")
        for again, days in self._may_be_known():
            self._leave_out(again, [path for day, path in compacted if day >= days])

    def late(self) -> list[tuple[str, str]]:
        """Whose facts came behind later ones, so that those get other numbers: (tenant, id)."""
        if self.domain.decided:
            return []
        found = self.duck.execute(f"""SELECT DISTINCT tenant, id FROM new JOIN heads
            USING (tenant, id) WHERE {PLACE} <= heads.place""")
        return found.fetchall()

    def number(self) -> None:
        """Facts, in the order of the feed, from where their aggregate is."""
        if not self.domain.decided:
            self._make(
                "new",
                f"""SELECT new.* REPLACE (coalesce(heads."count", 0)
                + row_number() OVER (PARTITION BY tenant, id ORDER BY {PLACE}) AS "version")
                FROM new LEFT JOIN heads USING (tenant, id)""",
            )

    def renumber(self, late: Sequence[tuple[str, str]], compacted: Sequence[Path]) -> list[str]:
        """All facts of these, numbered anew; the days that hold some of them already."""
        rows_of(self.duck, self.domain, compacted, "there")
        self.duck.register("late_rows", pa.table({"tenant": [t for t, _ in late],
                                                  "id": [i for _, i in late]}))  # fmt: skip
        self._make("late", "FROM late_rows")
        every = """(FROM new SEMI JOIN late USING (tenant, id)) UNION ALL BY NAME
            (FROM there SEMI JOIN late USING (tenant, id))"""
        number = f"row_number() OVER (PARTITION BY tenant, id ORDER BY {PLACE})"
        self._make("anew", f'SELECT * REPLACE ({number} AS "version") FROM ({every})')
        found = self.duck.execute(f"""SELECT DISTINCT CAST({DAY} AS VARCHAR) FROM there
            SEMI JOIN late USING (tenant, id) ORDER BY 1""").fetchall()
        days = [day for (day,) in found]
        self._make(
            "rest",
            f"""(FROM new ANTI JOIN late USING (tenant, id)) UNION ALL BY NAME
            (FROM anew WHERE CAST({DAY} AS VARCHAR) NOT IN ({_texts(days)}))""",
        )
        self._make("counted", "FROM new")
        self._make("new", "FROM rest")
        self.counted = "counted"
        return days

    def renumbered(self, day: str, compacted: Sequence[Path]) -> str:
        """The rows of one of these days, which lie in these files."""
        rows_of(self.duck, self.domain, compacted, "of_day")
        return f"""(FROM of_day ANTI JOIN late USING (tenant, id)) UNION ALL BY NAME
            (FROM anew WHERE {DAY} = DATE '{day}')"""

    def days(self) -> list[str]:
        """On which its events arrived."""
        found = self.duck.execute(f"SELECT DISTINCT CAST({DAY} AS VARCHAR) FROM new ORDER BY 1")
        return [day for (day,) in found.fetchall()]

    def of_day(self, day: str) -> Iterator[pa.RecordBatch]:
        """Its events of one day, as they are written."""
        return self.sorted(f"FROM new WHERE {DAY} = DATE '{day}'")

    def sorted(self, rows: str) -> Iterator[pa.RecordBatch]:
        """Rows as they are written: an aggregate's events side by side."""
        schema = schema_of(self.domain)
        columns = ", ".join(f'"{name}"' for name in schema.names)
        select = f'SELECT {columns} FROM ({rows}) ORDER BY tenant, id, "version"'
        for batch in batches(self.duck.sql(select), ROWS_A_BATCH):
            yield batch.cast(schema)

    def heads(self, before: Sequence[Path]) -> pa.RecordBatchReader:
        """What these events add to how far each aggregate is, and what those files say of it."""
        said = heads.added(self.domain, self.counted, DAY)
        if before:
            said = f"{said} UNION ALL FROM {parquet(before)}"
        rows = f"FROM ({heads.together(self.domain, said)}) ORDER BY tenant, id"
        return self.duck.sql(rows).to_arrow_reader(ROWS_A_BATCH)

    def aggregates(self) -> int:
        """How many have events here."""
        return self._many(f"FROM (SELECT DISTINCT tenant, id FROM {self.counted})")

    def _may_be_known(self) -> Iterator[tuple[str, str]]:
        """What may have been compacted before, and since which day it may have been."""
        if self.domain.decided:
            old = 'heads."version" >= new."version"'
        else:
            old = f"heads.place >= {PLACE}"
            oldest = self._one("SELECT min(arrived) FROM new")
            if oldest is not None:  # a bundle that was sent again has another place
                yield "SELECT tenant, id FROM new", day_of(oldest - FORGET_AFTER_US)
        yield f"SELECT tenant, id FROM new JOIN heads USING (tenant, id) WHERE {old}", ""

    def _leave_out(self, whose: str, compacted: Sequence[Path]) -> None:
        """What is there already, and is the same."""
        self._make("whose", f"SELECT DISTINCT * FROM ({whose})")
        if not compacted or not self._many("FROM whose"):
            return
        columns = ", ".join(f'"{one}"' for one in self._told())
        rows_of(self.duck, self.domain, compacted, "there")
        identity = identity_of(self.domain)
        self._make(
            "known",
            f"""SELECT * FROM (FROM there SEMI JOIN whose USING (tenant, id))
            WHERE ({identity}) IN (SELECT {identity} FROM new)""",
        )
        if not self._many("FROM known"):
            return
        both = f"""(SELECT {columns} FROM new WHERE ({identity}) IN (SELECT {identity} FROM known))
            UNION ALL (SELECT {columns} FROM known)"""
        self._refuse_different(f"FROM ({both})")
        known = f"SELECT {identity} FROM known"
        self.duck.execute(f"DELETE FROM new WHERE ({identity}) IN ({known})")

    def _told(self) -> list[str]:
        """Columns of what an event says, and by which it is known."""
        known = ("tenant", "id", "version") if self.domain.decided else (
            "tenant", "id", "producer", "n", "index", "sequence"
        )  # fmt: skip
        says = ("type", "at", "by", "command", "cause", "correlation")
        return [*known, *says, *names_of(self.domain)]

    def _refuse_different(self, rows: str) -> None:
        """Several of one identity say the same."""
        identity = identity_of(self.domain)
        says = self._told()[3 if self.domain.decided else 6 :]
        said = ", ".join(f'"{name}"' for name in says)
        different = self.duck.execute(f"""SELECT any_value(tenant), any_value(id),
            list(DISTINCT CAST(row({said}) AS VARCHAR)) AS ways FROM ({rows})
            GROUP BY {identity} HAVING len(ways) > 1 LIMIT 1""").fetchone()
        if different is not None:
            tenant, id, ways = different
            raise Conflict(
                f"{tenant}/{self.domain.name}/{id}: two events with one identity differ; nothing "
                f"was compacted: {ways[0]} and {ways[1]}"
            )

    def _refuse_empty(self, files: Sequence[Path]) -> None:
        """What every event has; and data is JSON. Raises Corrupt, naming the object."""
        empty = " OR ".join(f'"{name}" IS NULL' for name in REQUIRED)
        found = self.duck.execute(
            f"""SELECT filename, id FROM {parquet(files, filename="true")} WHERE domain = $domain
            AND ({empty} OR NOT json_valid(data)) LIMIT 1""",
            {"domain": self.domain.name},
        ).fetchone()
        if found is not None:
            name, id = found
            raise Corrupt(f"{name}: an event of {id} lacks something, or its data is no JSON")

    def _refuse_unknown(self) -> None:
        known = ", ".join(f"'{name}'" for name in self.domain.by_type)
        found = self.duck.execute(
            f"""SELECT DISTINCT "type" FROM raw WHERE domain = $domain AND "type" NOT IN ({known})
            ORDER BY 1""",
            {"domain": self.domain.name},
        ).fetchall()
        if found:
            types = ", ".join(one for (one,) in found)
            raise Unfit(
                f"{self.domain.name}: raw holds {types}, which the domain file at hand does not "
                "know; nothing was compacted: it takes the newest code"
            )

    def _read_by_code(self) -> None:
        """Where upcasts are code, each event is read by it."""
        schema = schema_of(self.domain)
        empty = schema.empty_table()
        self.duck.register("empty", empty)
        self._make("new", "FROM empty")
        found = self.duck.sql(f"FROM raw WHERE domain = '{self.domain.name}'").to_arrow_table()
        for batch in found.to_batches(ROWS_A_BATCH):
            rows = [self._by_code(row) for row in batch.to_pylist()]
            self.duck.register("these", pa.Table.from_pylist(rows, schema=schema))
            self.duck.execute("INSERT INTO new FROM these")

    def _by_code(self, row: dict[str, Any]) -> dict[str, Any]:
        import json

        names = Envelope.__struct_fields__
        envelope = Envelope(**{name: row[name] for name in names if name != "data"},
                            data=json.loads(row["data"]))  # fmt: skip
        type, record = self.domain.record(envelope)
        day = date.fromisoformat(day_of(row["arrived"]))
        return {**row, **record, "type": type, DAY: day, "version": row["version"]}

    def _make(self, table: str, select: str) -> None:
        self.duck.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")

    @property
    def many(self) -> int:
        """How many events there are."""
        return self._many("FROM new")

    def _one(self, select: str) -> Any:
        found = self.duck.execute(select).fetchall()
        return found[0][0] if found else None

    def _many(self, rows: str) -> int:
        return int(self._one(f"SELECT count(*) {rows}"))


def _texts(some: Sequence[str]) -> str:
    return ", ".join(map(quoted, some))
