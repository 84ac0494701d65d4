"""Compacting beside `mainstem up`: in another process, which may be ended at any moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.duck import SCRATCH
from archive.places import RAW, raw_names
from archive.table import Catalog
from domains.tickets import Submit
from local.archiving import ARCHIVE, checked
from local.asking import archived
from local.compacting import Compacting
from mainstem.ports import Unavailable
from tests.cli.desk import DOMAINS
from tests.protocol.plant import Plant, plant

pytestmark = pytest.mark.slow


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets") as made:
        made.settle()
        for n in range(3):
            made.ask("tickets", Submit(title="It burns"), f"t{n}")
        archived(made.ports)
        yield made


def events(works: Plant) -> int:
    catalog = Catalog(works.ports.folder.path / ARCHIVE)
    try:
        found = checked(works.ports, works.domains["tickets"], catalog)
    finally:
        catalog.close()
    assert found.findings == ()
    return found.events


def test_a_step_compacts_all_that_is_archived(works: Plant) -> None:
    assert Compacting(works.ports.folder.path, DOMAINS).step() == 0
    assert events(works) == 3


def test_what_it_meets_is_told(works: Plant) -> None:
    archive = works.ports.folder.path / ARCHIVE
    (name,) = raw_names(archive)
    (archive / RAW / name).write_bytes(b"PAR1")
    with pytest.raises(Unavailable, match=r"compaction: .*is truncated, or no Parquet"):
        Compacting(works.ports.folder.path, DOMAINS).step()


def test_where_it_can_write_nothing_it_says_so(works: Plant) -> None:
    """Unlike where another process compacts, what there was to do is not being done."""
    (works.ports.folder.path / ARCHIVE / SCRATCH).write_text("in the way")
    with pytest.raises(Unavailable, match=rf"compaction: .*{SCRATCH}"):
        Compacting(works.ports.folder.path, DOMAINS).step()


def test_it_ends_when_it_is_told_to_and_the_next_one_goes_on(works: Plant) -> None:
    compacting = Compacting(works.ports.folder.path, DOMAINS)
    step = threading.Thread(target=compacting.step)
    step.start()
    compacting.close()
    step.join()
    assert compacting.step() == 0  # nothing begins any more
    Compacting(works.ports.folder.path, DOMAINS).step()
    assert events(works) == 3
