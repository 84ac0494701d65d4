"""Views that nobody chose, over values that nobody would: all the way from the journal and back."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from archive.asking import Asking
from local import rebuilding
from local.archiving import ARCHIVE
from mainstem._same import same
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain, discover, rows_name, sql_name
from mainstem.envelope import Envelope, encode
from mainstem.ports import Claims, Generation, Record
from mainstem.protocol.answers import granted
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from mainstem.protocol.publish import publish
from replay.diff import every, shown
from tests.agreement import facts
from tests.agreement.histories import envelope
from tests.agreement.views import written
from tests.cli.desk import domains as folder_of
from tests.local.rebuilds import of
from tests.protocol.plant import Plant, key, plant

pytestmark = pytest.mark.slow

SEEDS = (5, 34)  # keyed maps, maps in maps, and rows by key are among them
VIEWS, EVENTS = 2, 40
WHOSE = [(tenant, id) for tenant in ("acme", "m", "main") for id in ("a b", "o'k", 'q"', "é")]
BEGUN = """

class Begun(State):
    tags = count(Untagged)


class Begin(Command[Begun], starts=True):
    def decide(self, begun: Begun) -> Iterator[Event]:
        yield Untagged(tag="")
"""


def domain(place: Path, seed: int, *, decided: bool) -> Mapping[str, Domain]:
    """Events with a field of every kind, and what a seed folds of them."""
    text = inspect.getsource(facts).replace("import Event, was", "import *")
    text = text.replace("from mainstem", "from collections.abc import Iterator\n\nfrom mainstem", 1)
    for n in range(VIEWS):
        one, _ = written(Random(seed * VIEWS + n))
        text += "\n\n" + re.sub(r"\b(Generated|Row\d)\b", rf"\1Of{n}", one)
    return discover(folder_of(place, made=text + BEGUN * decided))


def happen(works: Plant, rng: Random, versions: dict[tuple[str, str], int]) -> None:
    """Some events more, past everything that would write them as they are written today."""
    for _ in range(EVENTS):
        whose = rng.choice(WHOSE)
        versions[whose] = versions.get(whose, 0) + 1
        one = replace(envelope(rng, *whose, versions[whose]), domain="made")
        (decide if works.domains["made"].decided else tell)(works, one)


def decide(works: Plant, one: Envelope) -> None:
    aggregate = Aggregate(one.tenant, one.domain, one.id)
    record = Record(aggregate, one.version, (encode(one),), key(), one.at, granted(None))
    drive(works.ports.journal.commit(record, Claims(), None))
    drive(publish(works.ports.journal, works.ports.feed, aggregate))


def tell(works: Plant, one: Envelope) -> None:
    line = encode(replace(one, version=1))  # facts are numbered where they are applied
    works.ingest.send([Fact(Aggregate(one.tenant, one.domain, one.id), line)])


def read(works: Plant, sink: str, generation: Generation) -> list[dict[str, Any]]:
    """All of its rows, as they would be shown."""
    into, found = works.into(sink), every(works.ports.rows, generation)
    cells = ((one, msgspec.json.decode(one.cells)) for one in found)
    return [shown(into.sink, one.aggregate, one.key, said) for one, said in cells]


def asked(works: Plant, name: str, keyed: bool) -> list[dict[str, Any]]:
    question = f'FROM "{name}" ORDER BY tenant, id{", key" * keyed}'
    asking = Asking(works.ports.folder.path / ARCHIVE, works.domains)
    return asking.table(question).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("decided", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_rebuilt_is_what_is_read_and_what_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, decided: bool
) -> None:
    rng, versions = Random(seed), dict[tuple[str, str], int]()
    found = domain(tmp_path, seed, decided=decided)
    with plant(tmp_path / "data", found=found) as works:
        works.settle()
        for n in range(VIEWS):  # each is behind the increment that the one before has archived
            monkeypatch.setattr(rebuilding, "EVENTS_A_PART", rng.choice((1, 7, 1_000)))
            happen(works, rng, versions)
            works.engine.catch_up()
            sink, view = f"made.GeneratedOf{n}", found["made"].states[f"GeneratedOf{n}"]
            new = of(works, sink).start()
            before = read(works, sink, works.into(sink).generation)
            assert same(read(works, sink, new), before)
            rows = asked(works, rows_name(view), bool(view.__keys__))
            assert same(rows, asked(works, sql_name(view), bool(view.__keys__)))
            assert len(rows) == len(before)
