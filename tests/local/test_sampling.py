"""A sample is folded beside rows that go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domains.channels import Create, Join, Send
from local.archiving import ARCHIVE, Archiver
from mainstem.aggregate import Aggregate
from mainstem.ports import Generation
from mainstem.ports.rows import Head
from replay.sample import Sampled, sampled
from replay.some import of_share
from tests.protocol.plant import Plant, plant

SUMMARY, MESSAGE = "channels.ChannelSummary", "channels.Message"


@dataclass
class Meanwhile:
    """The same rows, where something happens once somebody has looked how far one is."""

    rows: Any
    happens: Callable[[], object]

    async def read(
        self, generation: Generation, aggregate: Aggregate, keys: Collection[str]
    ) -> Head:
        found: Head = await self.rows.read(generation, aggregate, keys)
        if not keys:
            self.happens()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rows, name)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "channels") as made:
        made.settle()
        made.ask("channels", Create(name="tea"), "tea")
        made.ask("channels", Join(), "tea")
        made.ask("channels", Send(text="is it ready?"), "tea")
        made.engine.catch_up()
        Archiver(made.ports).catch_up()
        yield made


def _sampled(works: Plant, view: str, happens: Callable[[], object]) -> Sampled:
    into, archive = works.into(view), works.ports.folder.path / ARCHIVE
    rows: Any = Meanwhile(works.ports.rows, happens)
    return sampled(archive, into.sink, rows, into.generation, of_share(1.0), {})


@pytest.mark.parametrize("view", [SUMMARY, MESSAGE])
def test_a_row_that_goes_on_while_it_is_folded_is_no_difference(works: Plant, view: str) -> None:
    def happens() -> None:
        works.ask("channels", Send(text="it is"), "tea")
        works.engine.catch_up()

    found = _sampled(works, view, happens)
    assert (found.aggregates, found.diff.clean, found.diff.on_their_way) == (1, True, 1)


@pytest.mark.parametrize("view", [SUMMARY, MESSAGE])
def test_a_row_that_stands_is_compared(works: Plant, view: str) -> None:
    found = _sampled(works, view, lambda: None)
    assert (found.diff.same, found.diff.clean, found.diff.on_their_way) == (1, True, 0)
