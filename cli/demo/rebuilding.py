"""The demo's fifth step: a fold is changed, its view built anew, read, and gone back from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.adapters import Adapters
    from local.rebuilding import Rebuilding
    from mainstem.discovery import Domain
    from mainstem.ports import Generation
    from mainstem.protocol.consume import Into
    from mainstem.sink import Sink

CHANGED = "tickets.Ticket"
BEFORE = 'priority = last(Prioritized.priority, default="normal")'
AFTER = 'priority = first(Prioritized.priority, default="normal")'


@dataclass
class Rebuilt:
    """What was built, and what differs from what was read."""

    planned_s: float = 0.0
    seconds: float = 0.0
    events: int = 0
    rows: int = 0
    different: int = 0
    columns: list[str] = field(default_factory=list)
    wrong: str = ""


def rebuilt(ports: Adapters, domains: Mapping[str, Domain], folder: Path) -> Rebuilt:
    """Of tickets: which priority counts. In the end what was there before is read again."""
    from cli.demo.showing import PAGE
    from cli.rebuild_diff import save_page
    from local.promoting import Promoting
    from local.rebuilding import Rebuilding
    from mainstem.protocol.drive import drive
    from replay.declared import DECLARED, unheard
    from replay.diff import diff

    found = Rebuilt()
    old, new = (
        Rebuilding(ports, one) for one in (_sink(domains), _sink(_changed(folder, domains)))
    )
    found.planned_s = _planned(new)
    built, read = new.start(), _read(old)
    _measured(new, built, found)
    before = unheard(drive(ports.generations.noted(read, DECLARED)))
    differs = diff(new.sink, ports.rows, read, built, before)
    found.different, found.columns = differs.different, sorted(differs.columns)
    save_page(folder / PAGE, new.sink.name, differs, ports, domains)
    if differs.only_before or differs.only_after:
        found.wrong = "the rebuilt view has other rows"
    for step in (Promoting(new).promote, Promoting(old).rollback, Promoting(new).promote,
                 Promoting(old).rollback):  # fmt: skip
        step()
    if _read(old).number != read.number:
        found.wrong = f"generation {read.number} is not read again"
    return found


def same_when_rebuilt(ports: Adapters, into: Into) -> bool:
    """Whether a rebuild of it has the very rows that are read."""
    from local.promoting import Promoting
    from local.rebuilding import Rebuilding
    from replay.diff import diff

    rebuilding = Rebuilding(ports, into.sink)
    new = rebuilding.start()
    found = diff(into.sink, ports.rows, into.generation, new)
    Promoting(rebuilding).drop(new.number)
    return found.clean and not found.on_their_way


def _changed(folder: Path, domains: Mapping[str, Domain]) -> Mapping[str, Domain]:
    """The same domains from files beside them, of which one says something else."""
    from mainstem.discovery import discover

    place = folder / "changed"
    place.mkdir()
    for name, domain in domains.items():
        shutil.copy(domain.module.__file__ or "", place / f"{name}.py")
    (place / "__init__.py").touch()
    file = place / "tickets.py"
    text = file.read_text("utf-8")
    assert BEFORE in text, f"{file} folds priority otherwise than the demo expects"
    file.write_text(text.replace(BEFORE, AFTER), "utf-8")
    return discover(place)


def _sink(domains: Mapping[str, Domain]) -> Sink:
    from mainstem.sink import sinks_of

    return next(one for one in sinks_of(domains) if one.name == CHANGED)


def _planned(rebuilding: Rebuilding) -> float:
    from archive.table import Catalog
    from replay.pinned import newest
    from replay.plan import plan

    catalog = Catalog(rebuilding.archive)
    try:
        pinned = newest(rebuilding.archive, rebuilding.sink.domain, catalog)
    finally:
        catalog.close()
    return plan(rebuilding.sink, pinned, (), (), same=False).seconds


def _measured(rebuilding: Rebuilding, built: Generation, found: Rebuilt) -> None:
    at = rebuilding.stands(built)
    assert at is not None, f"{built} is no rebuild"
    found.events, found.rows, found.seconds = at.done.events, at.done.rows, at.seconds


def _read(rebuilding: Rebuilding) -> Generation:
    from local.settle import current

    found = current(rebuilding.ports, rebuilding.sink)
    assert found is not None, f"{rebuilding.sink.name} has no rows"
    return found
