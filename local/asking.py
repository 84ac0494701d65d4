"""Asking a folder's archive in SQL, from Python: what has happened until now is in the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from archive.asking import Asking
from archive.relations import columns_of
from local.adapters import Adapters, adapters
from local.archiving import ARCHIVE, Archiver
from local.locks import UP, holder
from mainstem.discovery import Domain, discover
from mainstem.protocol.drive import drive
from mainstem.protocol.sweep import sweep


@dataclass(frozen=True)
class Answer:
    """What a question has come to, in the form that is at hand."""

    table: pa.Table

    def rows(self) -> list[dict[str, Any]]:
        """As Python has it."""
        return self.table.to_pylist()  # type: ignore[no-any-return]

    def arrow(self) -> pa.Table:
        """As Arrow has it: no copy."""
        return self.table

    def pandas(self) -> Any:
        """As a DataFrame of pandas, which has to be installed."""
        return self.table.to_pandas()

    def polars(self) -> Any:
        """As a DataFrame of polars, which has to be installed."""
        import polars  # type: ignore[import-not-found, unused-ignore]

        return polars.from_arrow(self.table)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    def __repr__(self) -> str:
        return f"{self.table.num_rows:,} rows: {', '.join(self.table.column_names)}"


@dataclass(frozen=True)
class Connection:
    """A folder's archive, to read."""

    folder: Path
    domains: Mapping[str, Domain]

    def sql(self, question: str, parameters: Sequence[Any] = ()) -> Answer:
        """The answer; `?` in the question stands for a parameter each."""
        ports = adapters(self.folder, create=False)
        try:
            archived(ports)
        finally:
            ports.close()
        return Answer(self._asking.table(question, parameters))

    def describe(self) -> dict[str, Mapping[str, str]]:
        """All there is to ask: tables and views, and what each of their columns says."""
        return {one.name: columns_of(one) for one in self._asking.relations()}

    @property
    def _asking(self) -> Asking:
        return Asking(self.folder / ARCHIVE, self.domains)


def connected(folder: str | Path, domains: str | Path) -> Connection:
    """The connection to a folder that is there. Raises Unavailable, Flawed."""
    adapters(Path(folder), create=False).close()
    return Connection(Path(folder), discover(domains))


def archived(ports: Adapters) -> None:
    """What was committed until now is archived when this returns."""
    if holder(ports.folder.path, UP) is None:  # or whoever is up publishes it
        now = drive(ports.clock.now())
        while drive(sweep(ports.journal, ports.feed, now, 0)):
            pass
    Archiver(ports).catch_up()
