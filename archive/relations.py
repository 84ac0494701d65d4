"""Relations: what an analyst can ask of: a domain's events, and every view computed from them.

`<domain>_events` is the table, and behind it what was archived since: nothing is missing between
the two, and nothing is there twice. `<view>_rows` is what the last rebuild has finished, where
there was one: nothing is computed for it, and nothing that came since is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.columns import envelope_of, folded_by_code, schema_of
from archive.duck import batches, parquet, quoted, rows_of
from archive.increment import Increment
from archive.places import raw_names
from archive.rawfiles import looked_into
from archive.rest import consumed_names, heads
from archive.rows import Finished, Folded, finished, same_folds
from archive.table import Catalog, files_of, path_of
from mainstem._column import Column
from mainstem._event import Event
from mainstem._expr import Expr, Name, leaves
from mainstem._kind import Sort
from mainstem._refusal import Unsupported
from mainstem._state import State
from mainstem.discovery import Domain, rows_name, sql_name
from mainstem.folding import Folding
from mainstem.sql import select

if TYPE_CHECKING:
    import duckdb

ENVELOPE_SAYS = {
    "tenant": "whose it is", "id": "of which aggregate",
    "version": "the how-manieth event of its aggregate",
    "at": "when it happened, in microseconds since 1970",
    "by": "who did it", "type": "what happened", "schema": "as which schema it was stored",
    "command": "the command that made it", "cause": "what caused that",
    "correlation": "the request it goes back to",
    "arrived": "when it came to the feed, in microseconds since 1970",
    "sequence": "where it stood on the feed", "index": "where it stood in its bundle",
    "producer": "the process that sent it", "n": "which of its bundles",
}  # fmt: skip
ROW_SAYS = {
    "tenant": "whose it is", "id": "of which aggregate", "key": "which of its rows",
    "version": "how many events its aggregate had",
    "changed_at": "when it last changed, in microseconds since 1970",
}  # fmt: skip
GONE = "of the folds that it was made by"


class Relation(NamedTuple):
    """A name in SQL, and what it is."""

    name: str
    domain: Domain
    view: type[State] | None  # None: the domain's events
    says: str
    rows: Finished | None = None  # that a rebuild has written; None: they are computed


def relations(domains: Mapping[str, Domain]) -> Iterator[Relation]:
    """All there are."""
    for domain in domains.values():
        says = " ".join(domain.doc.split("\n\n")[0].split())
        yield Relation(f"{domain.name}_events", domain, None, says)
        for view in domain.views.values():
            doc = " ".join((view.__doc__ or "").split("\n\n")[0].split())
            yield Relation(sql_name(view), domain, view, doc)


def finished_ones(
    archive: Path, catalog: Catalog, domains: Mapping[str, Domain], names: Collection[str] = ()
) -> Iterator[Relation]:
    """The tables that rebuilds have written; of these names, where some are given."""
    for domain in domains.values():
        for view in domain.views.values():
            if names and rows_name(view) not in names:
                continue
            found = finished(archive, catalog, view)
            if found is not None:
                yield Relation(found.name, domain, view, _left(view, found), found)


def _left(view: type[State], found: Finished) -> str:
    """Of when it is, and by which folds."""
    whose = "those of the code at hand" if same_folds(found, view) else "others than now"
    folds = f"by folds {found.folded.fingerprint[:8]}, {whose}"
    short = f"; {found.short:,} aggregates not to their end" if found.short else ""
    return f"{sql_name(view)} as of {when(found.folded)}, of the last rebuild, {folds}{short}"


def when(folded: Folded) -> str:
    """Up to when there are events in it."""
    if not folded.as_of_us:
        return "before the first event"
    return f"{datetime.fromtimestamp(folded.as_of_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


Whose = tuple[str, str]  # tenant and id of an aggregate


@dataclass
class Shelf:
    """An archive's relations, put into a connection."""

    duck: duckdb.DuckDBPyConnection
    archive: Path
    files: list[Path] = field(default_factory=list)  # that are read when somebody asks

    def events(self, domain: Domain, catalog: Catalog, whose: Whose | None = None) -> None:
        """`<domain>_events`, as of this moment; of `whose` alone, the days that hold any."""
        table = catalog.of(domain)  # read otherwise by now, it says nothing: raw does
        known = consumed_names(self.archive, table)
        tail = [one for one in raw_names(self.archive) if one not in known]
        there = {} if table is None else files_of(table)
        before = heads(self.archive, table)
        if whose is not None and before:
            there = self._holding(whose, there, before)
        paths = [(day, path_of(self.archive, one)) for day, some in there.items() for one in some]
        self.files += [path for _, path in paths]
        late = bool(tail) and self._tail(domain, tail, before, paths)
        parts = [f"FROM {domain.name}__tail"] if tail else []
        if paths:
            rows_of(self.duck, domain, [path for _, path in paths], f"{domain.name}__table")
            parts.append(f"FROM {domain.name}__table")
        if late:
            parts = [f"{part} ANTI JOIN {domain.name}__late USING (tenant, id)" for part in parts]
            parts.append(f"FROM {domain.name}__anew")
        if not parts:
            self.duck.register(f"{domain.name}__none", schema_of(domain).empty_table())
            parts = [f"FROM {domain.name}__none"]
        columns = ", ".join(f'"{name}"' for name in schema_of(domain).names)
        union = " UNION ALL ".join(f"(SELECT {columns} FROM ({part}))" for part in parts)
        self.duck.execute(f"CREATE VIEW {domain.name}_events AS {union}")

    def _holding(
        self, whose: Whose, there: Mapping[str, list[str]], before: Sequence[Path]
    ) -> dict[str, list[str]]:
        """The days between an aggregate's first and its last event."""
        found = self.duck.execute(
            f"""SELECT CAST(min(first_day) AS VARCHAR), CAST(max(last_day) AS VARCHAR)
            FROM {parquet(before)} WHERE tenant = ? AND id = ?""",
            list(whose),
        ).fetchone()
        first, last = found if found and found[0] else ("", "")
        return {day: files for day, files in there.items() if first <= day <= last}

    def rows(self, relation: Relation) -> None:
        """What a rebuild has left, file by file as it was written."""
        assert relation.rows is not None
        columns = ", ".join(f'"{name}"' for name in relation.rows.schema.names)
        source = f"{relation.name}__none"
        if relation.rows.files:
            source = parquet(relation.rows.files)
            self.files += relation.rows.files
        else:
            self.duck.register(source, relation.rows.schema.empty_table())
        self.duck.execute(f'CREATE VIEW "{relation.name}" AS SELECT {columns} FROM {source}')

    def view(self, relation: Relation) -> None:
        """A view, by its folds; and as it was: `<view>_at(moment)`, `<view>_at_version(n)`."""
        assert relation.view is not None
        try:
            self.duck.execute(f'CREATE VIEW "{relation.name}" AS {select(relation.view)}')
        except Unsupported:
            self._folded(relation)
            return
        events = f"{relation.domain.name}_events"
        bounds = {
            "at": ("__moment", "epoch_us(CAST(__moment AS TIMESTAMP))"),
            "at_version": ("__version", "CAST(__version AS BIGINT)"),
        }
        for suffix, (parameter, bound) in bounds.items():
            column = "at" if suffix == "at" else "version"
            source = f"{relation.name}_{suffix}_events"
            text = select(relation.view, source=source).replace(
                f'"{source}"', f'(SELECT * FROM {events} WHERE "{column}" <= {bound})'
            )
            name = f"{relation.name}_{suffix}"
            self.duck.execute(f'CREATE MACRO "{name}"({parameter}) AS TABLE {text}')

    def describe(self, relation: Relation) -> None:
        """What it and its columns are, for whoever asks the database."""
        self.duck.execute(f'COMMENT ON VIEW "{relation.name}" IS {quoted(relation.says)}')
        for name, says in columns_of(relation).items():
            self.duck.execute(f'COMMENT ON COLUMN "{relation.name}"."{name}" IS {quoted(says)}')

    def _tail(
        self, domain: Domain, names: Sequence[str], before: Sequence[Path],
        compacted: Sequence[tuple[str, Path]],
    ) -> bool:  # fmt: skip
        """What is not compacted yet, each event once and numbered; whether some move others up."""
        for name in names:
            looked_into(self.archive, name)
        new = Increment(self.duck, domain, self.archive)
        new.read(names)
        new.prove(before, compacted)
        new.number()
        if late := new.late():
            new.renumber(late, [path for _, path in compacted])
            self.duck.execute(f"CREATE TEMP TABLE {domain.name}__late AS FROM late")
            self.duck.execute(f"CREATE TEMP TABLE {domain.name}__anew AS FROM anew")
            self.duck.execute("CREATE OR REPLACE TEMP TABLE new AS FROM counted")
        self.duck.execute(f"CREATE TEMP TABLE {domain.name}__tail AS FROM new")
        return bool(late)

    def _folded(self, relation: Relation) -> None:
        """Where a fold is code, its rows are computed by it, now."""
        view, domain = relation.view, relation.domain
        assert view is not None
        rows = list(folded(self.duck, domain, view, f"{domain.name}_events"))
        self.duck.register(f"{relation.name}__rows", folded_by_code(view, rows))
        self.duck.execute(f'CREATE VIEW "{relation.name}" AS FROM {relation.name}__rows')


def folded(
    duck: duckdb.DuckDBPyConnection, domain: Domain, view: type[State], events: str
) -> Iterator[dict[str, Any]]:
    """The rows of a view, by its folds in Python."""
    found: Folding | None = None
    whose = None
    for tenant, id, type, record in records(duck, domain, events):
        if (tenant, id) != whose:
            if found is not None and whose is not None:
                yield from found.finished(tenant=whose[0], id=whose[1])
            found, whose = Folding(view), (tenant, id)
        assert found is not None
        found.advance(type, record)
    if found is not None and whose is not None:
        yield from found.finished(tenant=whose[0], id=whose[1])


def records(
    duck: duckdb.DuckDBPyConnection, domain: Domain, events: str
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(tenant, id, type, record) of events, an aggregate's side by side and in order."""
    fields = {
        event.__shape__.type: [one.name for one in event.__shape__.fields]
        for event in domain.events.values()
    }
    rows = duck.sql(f'FROM {events} ORDER BY tenant, id, "version"')
    for batch in batches(rows, 10_000):
        for row in batch.to_pylist():
            record = {name: row[name] for name in ("version", "at", "by", *fields[row["type"]])}
            yield row["tenant"], row["id"], row["type"], record


def columns_of(relation: Relation) -> Mapping[str, str]:
    """Each column, and what it says."""
    view, domain = relation.view, relation.domain
    if view is not None:
        own = {c.name: _declared(c) for c in view.__columns__.values() if not c.private}
        keys = ROW_SAYS if view.__keys__ else {k: v for k, v in ROW_SAYS.items() if k != "key"}
        if relation.rows is None:
            return {**keys, **own}
        known = {name: kept(view, name, says) for name, says in {**keys, **own}.items()}
        return {name: known.get(name, GONE) for name in relation.rows.schema.names}
    said = {name: ENVELOPE_SAYS[name] for name in envelope_of(domain)}
    for event in domain.events.values():
        for one in event.__shape__.fields:
            before = said.get(one.name)
            said[one.name] = f"{before}, {event.__name__}" if before else f"of {event.__name__}"
    return {"dt": "the day on which it arrived", **said}


def kept(view: type[State], name: str, says: str) -> str:
    """What a column of `<view>_rows` is: nobody has declared a type of what code has folded."""
    one = view.__columns__.get(name)
    return f"{says}, as JSON" if one is not None and one.kind.sort is Sort.PYTHON else says


def _declared(column: Column) -> str:
    """How it follows from events, in a few words."""
    if column.fold is not None:
        heard = [_heard(source.event, source.value) for source in column.fold.sources]
        if column.fold.row is not None:
            return f"rows of {column.fold.row.__name__}, by key"
        return (
            f"{column.fold.op} of {', '.join(dict.fromkeys(heard))}" if heard else "folded by code"
        )
    assert column.expr is not None
    names = dict.fromkeys(one.name for one in leaves(column.expr) if isinstance(one, Name))
    return f"computed from {', '.join(names)}"


def _heard(event: type[Event], value: Expr) -> str:
    name = event.__name__
    return f"{name}.{value.name}" if isinstance(value, Name) else name
