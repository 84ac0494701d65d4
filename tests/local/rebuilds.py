"""Rebuilds for tests: something to fold, code that folds it otherwise, and who builds it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from archive.places import RAW, raw_names
from archive.table import Catalog
from domains.tickets import Comment, Prioritize, Submit
from local.archiving import ARCHIVE, Archiver
from local.rebuilding import Rebuilding
from mainstem.discovery import Domain, discover
from mainstem.ports import Generation
from replay.diff import Diff, diff
from tests.cli.desk import DOMAINS
from tests.cli.desk import domains as folder_of
from tests.protocol.plant import Plant

TICKET, VISITOR = "tickets.Ticket", "clicks.Visitor"
INTENTS = "SELECT count(*) FROM intents"
FIRST = ("last(Prioritized.priority, default=", "first(Prioritized.priority, default=")
_VISITS = "class Visitor(Trade, View):\n"
_LEFT = "def left(n, happened):\n    return n // (happened.event.page != '/exit')\n\n\n"
WORSE = _VISITS, f"{_LEFT}{_VISITS}    worse = fold(0, {{Viewed: left}})\n"


def lively(works: Plant, tickets: int = 9, first: int = 0) -> None:
    """Some tickets and some visitors, shown as far as they are."""
    for n in range(first, first + tickets):
        works.ask("tickets", Submit(title=f"It burns {n}"), f"t{n}")
        works.ask("tickets", Comment(text="this is bad"), f"t{n}", by="bob")
        if n % 2:
            works.ask("tickets", Prioritize(priority="high"), f"t{n}")
            works.ask("tickets", Prioritize(priority="low"), f"t{n}")
    works.facts(*((f"v{n % 5}", "Viewed", {"page": f"/{n}", "ms": n}) for n in range(20)))
    works.engine.catch_up()


def unarchived(works: Plant) -> None:
    """What the archive has until now is gone from there."""
    Archiver(works.ports).catch_up()
    archive = works.ports.folder.path / ARCHIVE
    for name in raw_names(archive):
        (archive / RAW / name).unlink()


def pinned(works: Plant, domain: str = "tickets") -> set[str]:
    """The names that keep snapshots of its events."""
    with closing(Catalog(works.ports.folder.path / ARCHIVE)) as catalog:
        table = catalog.table(domain)
        assert table is not None
        return set(table.refs()) - {"main"}


def changed(place: Path, *change: str, name: str = "tickets") -> Mapping[str, Domain]:
    """The same domains, of which one says something else by now."""
    before, after = change
    text = (DOMAINS / f"{name}.py").read_text("utf-8")
    assert before in text
    others = {
        file.stem: file.read_text("utf-8")
        for file in DOMAINS.glob("[!_]*.py")
        if file.stem in ("clicks", "tickets")
    }
    text = text.replace(before, after)
    return discover(folder_of(place, **{**others, name: text}))


def of(works: Plant, sink: str = TICKET) -> Rebuilding:
    return Rebuilding(works.ports, works.into(sink).sink)


def by(works: Plant, found: Mapping[str, Domain]) -> Rebuilding:
    """The same view as other code folds it."""
    from mainstem.sink import sinks_of

    (sink,) = (one for one in sinks_of(found) if one.name == TICKET)
    return Rebuilding(works.ports, sink)


def against(works: Plant, new: Generation, sink: str = TICKET) -> Diff:
    into = works.into(sink)
    return diff(into.sink, works.ports.rows, into.generation, new)


def crashing(place: Path) -> Mapping[str, Domain]:
    text = (DOMAINS / "tickets.py").read_text("utf-8")
    text = text.replace("first, flag,", "first, flag, fold,", 1)
    text = text.replace(
        "    mood = total(Commented.mood)\n",
        "    mood = total(Commented.mood)\n    worse = fold(0, {Renamed: crash})\n",
    )
    text = text.replace("class Watcher(", "def crash(n: int, e: object) -> int:\n    return 1 // 0\n\n\nclass Watcher(")  # fmt: skip  # noqa: E501
    return discover(folder_of(place, tickets=text))
