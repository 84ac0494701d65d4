"""Archiving a folder: everything once a while has passed, nothing twice in the table, none lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from archive.places import RAW, raw_names
from archive.table import Catalog
from domains.tickets import Comment, Rename, Submit
from local import archiving
from local.archiving import ARCHIVE, LOCK, POSITIONS, Archiver, checked, compacted
from local.asking import archived
from local.locks import held
from local.up import RETENTION_US, _forget
from mainstem.ports import Corrupt, Unavailable
from tests.protocol.plant import Plant

MINUTE_US = 60_000_000


class Later:
    """The folder's clock, so much later."""

    def __init__(self, clock: Any, by_us: int) -> None:
        self.clock, self.by_us = clock, by_us

    async def now(self) -> int:
        found: int = await self.clock.now()
        return found + self.by_us


def asked(works: Plant, many: int = 3) -> None:
    for n in range(many):
        works.ask("tickets", Submit(title="It burns"), f"t{n}")
        works.ask("tickets", Rename(title="Fire"), f"t{n}")


def later(works: Plant, by_us: int) -> Archiver:
    clock: Any = Later(works.ports.clock, by_us)
    return Archiver(replace(works.ports, clock=clock))


def events(works: Plant, domain: str = "tickets") -> tuple[int, tuple[Any, ...]]:
    """How many are in the table, and what is wrong with it."""
    catalog = Catalog(works.ports.folder.path / ARCHIVE)
    try:
        found = checked(works.ports, works.domains[domain], catalog)
    finally:
        catalog.close()
    return found.events, found.findings


def test_what_is_young_waits_for_more(works: Plant) -> None:
    archive = works.ports.folder.path / ARCHIVE
    assert later(works, 0).due() == 0
    asked(works)
    assert later(works, MINUTE_US // 2).due() == 0
    assert raw_names(archive) == []
    assert later(works, 2 * MINUTE_US).due() == 6
    assert later(works, 2 * MINUTE_US).due() == 0
    assert len(raw_names(archive)) == 1


def test_many_do_not_wait(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "RECORDS_MAX", 5)
    asked(works)
    assert Archiver(works.ports).due() == 6


def test_what_a_crash_lets_it_write_twice_is_in_the_table_once(works: Plant) -> None:
    asked(works)
    archive = works.ports.folder.path / ARCHIVE
    Archiver(works.ports).catch_up()
    (archive / POSITIONS).unlink()  # as if it had ended just before it was written
    Archiver(works.ports).catch_up()
    assert len(raw_names(archive)) == 2
    assert sum(one.events for one in compacted(works.ports, works.domains)) == 6
    assert events(works) == (6, ())


def test_two_at_once_are_one(works: Plant) -> None:
    asked(works)
    archive = works.ports.folder.path / ARCHIVE
    archive.mkdir()
    with held(archive, LOCK) as mine:
        assert mine is not None
        assert Archiver(works.ports).step() == 0
    assert Archiver(works.ports).step() == 6


def test_whoever_reads_waits_for_whoever_archives(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or an answer would lack what was committed before it was asked for."""
    monkeypatch.setattr(archiving, "PATIENCE_S", 0.1)
    asked(works)
    archive = works.ports.folder.path / ARCHIVE
    archive.mkdir()
    with held(archive, LOCK), pytest.raises(Unavailable, match="has archived for too long"):
        archived(works.ports)
    archived(works.ports)
    assert Archiver(works.ports).oldest() is None


def test_where_it_was_has_to_be_readable(works: Plant) -> None:
    asked(works)
    Archiver(works.ports).catch_up()
    (works.ports.folder.path / ARCHIVE / POSITIONS).write_text("{")
    with pytest.raises(Corrupt, match=r"positions.json: is damaged; without it, all of the feed"):
        Archiver(works.ports).step()


def test_nothing_is_forgotten_before_it_is_archived(works: Plant) -> None:
    asked(works)
    clock: Any = Later(works.ports.clock, 2 * RETENTION_US)
    ports = replace(works.ports, clock=clock)
    _forget(ports)
    assert Archiver(works.ports).step() == 6
    asked(works, 4)
    _forget(ports)
    archived(works.ports)
    compacted(works.ports, works.domains)
    assert events(works) == (8, ())


def test_the_number_of_a_fact_is_that_of_its_row(works: Plant) -> None:
    look = ("Viewed", {"page": "/tea", "ms": 1})
    works.facts(*((f"v{n % 3}", *look) for n in range(20)))
    works.engine.catch_up()
    archived(works.ports)
    compacted(works.ports, works.domains)
    assert events(works, "clicks") == (20, ())
    assert works.version("clicks.Visitor", "v0") == 7


@pytest.mark.parametrize("compact", [False, True])
def test_a_last_event_that_never_came_is_found(works: Plant, compact: bool) -> None:
    """Nothing else would show it: what is there has no hole."""
    asked(works)
    archived(works.ports)
    works.ask("tickets", Comment(text="Help"), "t1")
    path = works.ports.folder.path / ARCHIVE / POSITIONS
    path.write_text(json.dumps(dict(works.ports.feed.ends())))  # it passed it over
    archived(works.ports)
    if compact:
        compacted(works.ports, works.domains)
    (found,) = events(works)[1]
    assert found == ("main/tickets/t1", "ends at version 2, and has 3")


def test_what_is_archived_is_where_its_hour_says(works: Plant) -> None:
    asked(works)
    archived(works.ports)
    (name,) = raw_names(works.ports.folder.path / ARCHIVE)
    table = pq.read_table(works.ports.folder.path / ARCHIVE / RAW / name)
    first = datetime.fromtimestamp(min(table["arrived"].to_pylist()) / 1e6, tz=UTC)
    assert name.startswith(f"{first:dt=%Y-%m-%d/hh=%H}/")


def test_a_fact_that_never_came_is_found_though_others_came_twice(works: Plant) -> None:
    look = ("Viewed", {"page": "/tea", "ms": 1})
    works.facts(*(("eve", *look) for _ in range(5)))
    works.engine.catch_up()
    archived(works.ports)
    compacted(works.ports, works.domains)
    path = works.ports.folder.path / ARCHIVE / POSITIONS
    path.write_text("{}")  # all of them come once more
    archived(works.ports)
    works.facts(("eve", *look))
    works.engine.catch_up()
    path.write_text(json.dumps(dict(works.ports.feed.ends())))  # it passed one over
    assert events(works, "clicks")[1] == (("main/clicks/eve", "ends at version 5, and has 6"),)
