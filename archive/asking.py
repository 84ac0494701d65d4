"""Asking the archive in SQL: to read, and nothing else.

Each question has a connection of its own, with the relations it names as they are at that moment.
It reaches no file but the archive's, no network and no extension, and has only so much memory and
time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.duck import connection, first_line, passed_on, quoted
from archive.relations import Relation, Shelf, finished_ones, relations
from archive.table import Catalog
from mainstem._refusal import Unfit
from mainstem.discovery import Domain, rows_name
from mainstem.ports import Unavailable

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SECONDS_MAX = 300.0
ROWS_A_BATCH = 50_000
EXPLAINED = re.compile(r"^\s*EXPLAIN\s+(ANALYZE\s+|\([^)]*\)\s*)?", re.IGNORECASE)
LOCKED = """
SET python_enable_replacements = false;
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET enable_external_access = false;
SET lock_configuration = true;
"""


class Wrong(Unfit):
    """A question that can't be answered, in the database's words."""


@dataclass(frozen=True)
class Asking:
    """What is needed to ask an archive."""

    archive: Path
    domains: Mapping[str, Domain]

    def table(self, question: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The answer. Raises Wrong, or Unavailable where it takes too long."""
        with self._prepared(question) as duck:
            return _answered(duck, question, parameters)

    @contextmanager
    def reader(self, question: str) -> Iterator[pa.RecordBatchReader]:
        """The answer part by part, however large it is."""
        with self._prepared(question) as duck, _in_time(duck), _in_words():
            yield duck.sql(question).to_arrow_reader(ROWS_A_BATCH)

    def history(self, domain: Domain, tenant: str, id: str) -> pa.Table:
        """The events of one aggregate, in order: of many days, those that hold any are read."""
        catalog = Catalog(self.archive)
        with connection(self.archive, f"history-{threading.get_ident()}") as duck:
            # Or it reads all pages of a row group, before it knows which ones it needs.
            duck.execute("SET disable_parquet_prefetching = true")
            try:
                Shelf(duck, self.archive).events(domain, catalog, (tenant, id))
            finally:
                catalog.close()
            events = f'FROM {domain.name}_events WHERE tenant = ? AND id = ? ORDER BY "version"'
            return duck.sql(events, params=[tenant, id]).to_arrow_table()

    def relations(self) -> list[Relation]:
        """All there are, with what they say; of rows, those that somebody has rebuilt."""
        with closing(Catalog(self.archive)) as catalog:
            rows = list(finished_ones(self.archive, catalog, self.domains))
        return [*relations(self.domains), *rows]

    @contextmanager
    def _prepared(self, question: str) -> Iterator[duckdb.DuckDBPyConnection]:
        _refuse_writing(question)
        every = list(relations(self.domains))
        rows = [rows_name(one.view) for one in every if one.view is not None]
        named = _named(question, [*(one.name for one in every), *rows])
        with connection(self.archive, f"ask-{threading.get_ident()}") as duck:
            with _in_words():
                files = self._put(duck, named)
            # No folder: what may be read there could be written, too.
            duck.execute(f"SET allowed_paths = [{', '.join(map(quoted, files))}]")
            duck.execute(LOCKED)
            yield duck

    def _put(self, duck: duckdb.DuckDBPyConnection, named: Collection[str]) -> list[Path]:
        """The relations of these names, and the files that they lie in."""
        wanted = [one for one in relations(self.domains) if one.name in named]
        shelf = Shelf(duck, self.archive)
        with closing(Catalog(self.archive)) as catalog:
            for name in dict.fromkeys(one.domain.name for one in wanted):
                shelf.events(self.domains[name], catalog)
            if named:
                wanted += finished_ones(self.archive, catalog, self.domains, named)
        for one in wanted:
            if one.rows is not None:
                shelf.rows(one)
            elif one.view is not None:
                shelf.view(one)
            shelf.describe(one)
        return shelf.files


def _answered(
    duck: duckdb.DuckDBPyConnection, question: str, parameters: Sequence[Any]
) -> pa.Table:
    with _in_time(duck), _in_words():
        return duck.sql(question, params=list(parameters) or None).to_arrow_table()


def _refuse_writing(question: str) -> None:
    """Takes one statement, that reads."""
    import duckdb

    try:
        statements = duckdb.extract_statements(question)
    except duckdb.Error as no:
        raise Wrong(first_line(no)) from None
    if len(statements) != 1:
        raise Wrong(f"one question at a time, and these are {len(statements)}")
    kind = statements[0].type
    if kind is duckdb.StatementType.EXPLAIN:  # it runs what it explains
        _refuse_writing(EXPLAINED.sub("", question, count=1))
    elif kind is not duckdb.StatementType.SELECT:
        raise Wrong(f"{kind.name} is no question: the archive is read here, and nothing else")


def _named(question: str, there: Sequence[str]) -> list[str]:
    """The relations that it may name: all of them, where it asks what there is."""
    words = question.lower()
    if any(one in words for one in ("show", "information_schema", "duckdb_", "describe")):
        return list(there)
    return [name for name in there if re.search(rf"\b{name}(_at|_at_version)?\b", words)]


@contextmanager
def _in_time(duck: duckdb.DuckDBPyConnection) -> Iterator[None]:
    over = threading.Event()

    def interrupt() -> None:
        over.set()
        duck.interrupt()

    timer = threading.Timer(SECONDS_MAX, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Wrong:
        if over.is_set():
            raise Unavailable(f"it takes more than {SECONDS_MAX:.0f} s; ask for less") from None
        raise
    finally:
        timer.cancel()


@contextmanager
def _in_words() -> Iterator[None]:
    import duckdb

    try:
        with passed_on():
            yield
    except duckdb.Error as no:
        raise Wrong(first_line(no)) from None
