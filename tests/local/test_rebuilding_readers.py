"""Whoever reads while a view is promoted and gone back from: no mix, and never back in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from domains.tickets import Comment, Submit
from edge.caller import Caller
from local.promoting import Promoting
from local.rebuilding import Rebuilding
from mainstem._mark import Index, marks
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries.reader import Reader
from tests.protocol.plant import Plant, plant

TICKETS, READERS, READS = 20, 3, 3_000
MARKED = "UPDATE heads SET cells = json_set(cells, '$.description', 'of ' || generation)"
ANN = Caller("ann", frozenset())


@dataclass
class Reading:
    """One reader's thread: single rows and pages of a list, again and again."""

    reader: Reader
    sink: Sink
    over: threading.Event
    reads: int = 0
    wrong: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    builds: set[str] = field(default_factory=set)

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._row(f"t{self.reads % TICKETS}")
                self._page()
                self.reads += 2
        except Exception as error:  # noqa: BLE001  told by the test
            self.wrong.append(repr(error))

    def _row(self, id: str) -> None:
        seen = drive(self.reader.row(self.sink, ANN, id))
        self._never_back(id, seen.version)

    def _page(self) -> None:
        index = next(one for one in marks(self.sink.state, Index) if one.name == "newest")
        page = drive(self.reader.listed(self.sink, index, ANN, "[]", None, 100))
        told = {cast("Any", one.row).description for one in page.rows}
        self.builds |= told
        if len(told) != 1 or len(page.rows) < TICKETS:
            self.wrong.append(f"{len(page.rows)} rows of {sorted(told)}")
        for one in page.rows:
            self._never_back(one.id, one.version)

    def _never_back(self, id: str, version: int) -> None:
        before = self.versions.get(id, 0)
        if version < before:
            self.wrong.append(f"{id} was at {before}, and is at {version}")
        self.versions[id] = version


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets") as made:
        made.settle()
        for n in range(TICKETS):
            made.ask("tickets", Submit(title=f"It burns {n}"), f"t{n}")
        made.engine.catch_up()
        yield made


def test_nobody_reads_a_mix_and_nobody_goes_back(works: Plant) -> None:
    ports, sink = works.ports, works.into("tickets.Ticket").sink
    rebuilding, over = Rebuilding(ports, sink), threading.Event()
    rebuilding.start()
    ports.folder.views.write(lambda db: db.execute(MARKED))
    reader = Reader(ports.rows, ports.generations, ports.search, ports.journal, ports.clock)
    readings = [Reading(reader, sink, over) for _ in range(READERS)]
    threads = [threading.Thread(target=one.run) for one in readings]
    for thread in threads:
        thread.start()
    n = 0
    while sum(one.reads for one in readings) < READS and not any(one.wrong for one in readings):
        works.ask("tickets", Comment(text=f"bad {n}"), f"t{n % TICKETS}", by="bob")
        works.engine.catch_up()
        promoting = Promoting(rebuilding)
        promoting.rollback() if n % 2 else promoting.promote()
        n += 1
    over.set()
    for thread in threads:
        thread.join()
    assert [wrong for one in readings for wrong in one.wrong] == []
    assert {build for one in readings for build in one.builds} == {"of 1", "of 2"}
