"""Parts of what Spark has folded are those that DuckDB folds: rows, ends, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import duckdb
import pytest
from msgspec.structs import replace

from archive.table import Catalog
from domains import channels, tickets
from local.archiving import ARCHIVE, Archiver
from local.lanes import lanes_of
from mainstem import State
from mainstem.discovery import domain_of
from mainstem.envelope import Envelope
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from replay.cut import Cut
from replay.engines import Engine
from replay.pinned import Pinned, newest
from replay.sparked import Sparked
from tests.agreement.histories import of_domain
from tests.local.rebuilds import VISITOR, lively, of
from tests.protocol.plant import plant
from tests.spark.engine import archived
from tests.spark.rebuilds import real
from tests.spark.tried import HISTORIES

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spark", "real_one")]

HIGH = "\U0010ffff"
PARTS = [Part(("", ""), ("3", ""), 0, 0), Part(("3", ""), (HIGH, HIGH), 0, 0)]
Found = list[Folded | Dirty]


@pytest.fixture
def real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    real(monkeypatch)


def damaged(events: Sequence[Envelope]) -> Iterator[Envelope]:
    """Some are missing, and some are there twice."""
    chance = Random(7)
    for one in events:
        yield from [one] * chance.choice([0, 1, 1, 1, 1, 1, 2])


def every(engine: Engine | Sparked, parts: Sequence[Part]) -> Found:
    """Of each part in the order of ids, which DuckDB keeps only where it has to."""
    if isinstance(engine, Sparked):
        engine.make()
    found = (sorted(engine.fold(part), key=lambda one: one.aggregate) for part in parts)
    return [one for some in found for one in some]


@pytest.mark.parametrize("view", [tickets.Ticket, channels.Channel, channels.Message])
def test_parts_and_what_is_wrong_with_them_are_the_same(view: type[State], tmp_path: Path) -> None:
    domain = domain_of(tickets if view is tickets.Ticket else channels)
    events = of_domain(domain, HISTORIES)
    some = [*damaged(events), *(e for e in events if e.version in (1, 4))]
    files = archived(tmp_path / "events", domain, some)
    engine = Engine(duckdb.connect(), Pinned(tmp_path, domain, tuple(files), ()), view)
    found = every(Sparked(engine, tmp_path / "made"), PARTS)
    assert found == every(engine, PARTS)
    assert {type(one) for one in found} == {Folded, Dirty}


def test_as_many_as_there_should_be_and_not_the_ones_is_noticed(tmp_path: Path) -> None:
    domain = domain_of(tickets)
    whole = next(e for e in of_domain(domain, HISTORIES) if e.version == 1)
    events = [replace(whole, version=n) for n in (1, 1, 4, 4)]
    files = archived(tmp_path / "events", domain, events)
    engine = Engine(duckdb.connect(), Pinned(tmp_path, domain, tuple(files), ()), tickets.Ticket)
    (one,) = every(Sparked(engine, tmp_path / "made"), PARTS)
    assert isinstance(one, Dirty)
    assert one == every(engine, PARTS)[0]


def test_facts_count_as_far_as_their_lanes_and_those_that_wait_as_far_as_they_came(
    tmp_path: Path,
) -> None:
    with plant(tmp_path / "data", "clicks", "tickets") as works:
        works.settle()
        lively(works)
        into = works.into(VISITOR)
        lanes = lanes_of(works.ports.folder.views, into.generation)
        works.facts(*((f"v{n}", "Viewed", {"page": "/late", "ms": 1}) for n in range(9)))
        Archiver(works.ports).catch_up()
        of(works, VISITOR)._compact()
        archive = works.ports.folder.path / ARCHIVE
        catalog = Catalog(archive)
        pinned = newest(archive, into.sink.domain, catalog)
        catalog.close()
        first = Cut(lanes, {("main", "v1"): (0, 0), ("main", "v2"): (0, 0)})
        later = Cut(lanes, {("main", "v2"): (0, 0), ("main", "v3"): (0, 0)})
        made = tmp_path / "made"
        parts = pinned.parts(7)
        duck = duckdb.connect()
        by = [Engine(duck, pinned, into.sink.state, cut) for cut in (first, later)]
        before, after = (every(Sparked(one, made), parts) for one in by)
        assert [before, after] == [every(one, parts) for one in by]
        assert {one.aggregate.id for one in after} == {"v0", "v1", "v4"}
